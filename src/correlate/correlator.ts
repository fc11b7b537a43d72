/**
 * Pairs what overlay taps and underlay taps saw, over any number of taps. It takes in sightings in the order of their
 * corrected times, keeps a window of each tap, and counts; frames themselves it does not keep.
 */
import { isVxlan, type LayerStack } from '../wire/stack.js';
import { vniValid } from '../wire/vxlan.js';
import type { FirstLook } from './first-look.js';
import { Identity } from './identity.js';
import { OverlaySide } from './overlay-side.js';
import { type Pair, Pairing } from './pairing.js';
import { Sightings } from './sightings.js';
import { MAX_NUMBERED, type Tunnels } from './tunnels.js';

/** How long a sighting waits for its twin unless told otherwise, ns. */
export const DEFAULT_WINDOW_NS = 1e9;
/** Sightings that all windows hold together. */
const MAX_SIGHTINGS = 1 << 19;
const MAX_SIGHTINGS_OF_TAP = 1 << 18;

/** A tap, as the correlator knows it. */
export interface CorrelatedTap {
  readonly name: string;
  /** Taps on one host share a clock. */
  readonly host: string | null;
  /** Whether its bare frames are paired. */
  readonly overlay: boolean;
  /** Whether its encapsulations are paired. */
  readonly underlay: boolean;
  /** What it was told that its clock is ahead, ns; null where it was not. */
  readonly clockOffsetNs: number | null;
}

/** What a correlator may be told. */
export interface CorrelatorOptions {
  readonly windowNs?: number;
  /** VNIs of all overlay taps; learnt where not given. */
  readonly vnis?: ReadonlySet<number>;
  /** Called with pairs when they are final: those of frames to a group, and all where `everyPair` is set. */
  readonly onPair?: (overlay: number, underlay: number, pair: Pair) => void;
  readonly everyPair?: boolean;
}

interface TapState {
  readonly overlay: Sightings | null;
  readonly underlay: Sightings | null;
  readonly side: OverlaySide | null;
  /** Pairings in which it is the overlay, and the underlay. */
  readonly asOverlay: Pairing[];
  readonly asUnderlay: Pairing[];
  /** 1 by tunnel where it saw one of its frames. */
  readonly tunnelsSeen: Uint8Array;
  overlayFrames: number;
  tooShort: number;
}

/** The taps that a pairing is of, by their numbers. */
export interface PairedTaps {
  readonly overlay: number;
  readonly underlay: number;
  readonly pairing: Pairing;
}

/** Pairs sightings as they come. */
export class Correlator {
  readonly tunnels: Tunnels;
  readonly pairings: readonly PairedTaps[];
  /** What each tap's clock is ahead of the first one's, ns: take it off before `add`. */
  readonly clockOffsetsNs: readonly number[];
  readonly #taps: readonly TapState[];
  readonly #identity: Identity;
  readonly #windowNs: number;
  #nowNs: number;

  /** @param look what was found before the run; null where there was no first look */
  constructor(
    taps: readonly CorrelatedTap[],
    tunnels: Tunnels,
    look: FirstLook | null,
    options: CorrelatorOptions = {},
  ) {
    this.tunnels = tunnels;
    this.#identity = new Identity();
    this.#windowNs = options.windowNs ?? DEFAULT_WINDOW_NS;
    this.#nowNs = Number.NEGATIVE_INFINITY;
    const roles = taps.reduce((sum, tap) => sum + Number(tap.overlay) + Number(tap.underlay), 0);
    const capacity = Math.min(MAX_SIGHTINGS_OF_TAP, MAX_SIGHTINGS >> Math.ceil(Math.log2(Math.max(1, roles))));
    this.#taps = taps.map((tap) => ({
      overlay: tap.overlay ? new Sightings(capacity) : null,
      underlay: tap.underlay ? new Sightings(capacity) : null,
      side: tap.overlay ? new OverlaySide(tunnels) : null,
      asOverlay: [],
      asUnderlay: [],
      tunnelsSeen: new Uint8Array(tap.underlay ? MAX_NUMBERED : 0),
      overlayFrames: 0,
      tooShort: 0,
    }));
    this.pairings = this.#pairTaps(options);
    const found = look?.compare(taps) ?? null;
    this.clockOffsetsNs = found?.offsetsNs ?? taps.map((tap) => tap.clockOffsetNs ?? 0);
    this.#taps.forEach(({ side }, index) => {
      if (side === null) return;
      const findings = found?.overlays[index] ?? null;
      const vnis = options.vnis ?? findings?.vnis;
      if (vnis !== undefined && vnis.size > 0) side.ownVnis(vnis, options.vnis !== undefined);
      for (const [tunnel, direction] of findings?.directions ?? []) side.lead(tunnel, direction, true);
      for (const { underlay, direction, latencyNs } of findings?.latencies ?? []) {
        this.pairing(index, underlay)?.learn(direction, latencyNs);
      }
    });
  }

  /** The pairing of two taps. */
  pairing(overlay: number, underlay: number): Pairing | undefined {
    return this.pairings.find((pair) => pair.overlay === overlay && pair.underlay === underlay)?.pairing;
  }

  /** Frames that a tap saw bare. */
  overlayFrames(tap: number): number {
    return (this.#taps[tap] as TapState).overlayFrames;
  }

  /** Whether an underlay tap saw a frame of this tunnel. */
  saw(tap: number, tunnel: number): boolean {
    return (this.#taps[tap] as TapState).tunnelsSeen[tunnel] === 1;
  }

  /** Frames that too little was captured of. */
  tooShort(tap: number): number {
    return (this.#taps[tap] as TapState).tooShort;
  }

  /** What is known of an overlay tap; null of another. */
  side(tap: number): OverlaySide | null {
    return (this.#taps[tap] as TapState).side;
  }

  /**
   * Takes in a frame.
   *
   * @param tap its tap's number
   * @param frame its number there, from 1
   * @param timeNs when it was seen, corrected by the tap's clock offset; of all taps in order as far as each one's own
   * times are
   *
   * **Cost** amortised no allocation.
   */
  add(tap: number, frame: number, timeNs: number, stack: LayerStack): void {
    const state = this.#taps[tap] as TapState;
    if (timeNs > this.#nowNs) {
      this.#nowNs = timeNs;
      this.#letGo(timeNs - this.#windowNs);
    }
    const { overlay, underlay } = state;
    if (overlay !== null && (underlay === null || stack.tunnelIndex < 0)) {
      state.overlayFrames++;
      if (this.#identity.read(stack, 0)) this.#addBare(state, overlay, frame, timeNs);
      else state.tooShort++;
    }
    if (underlay === null) return;
    for (let index = 2; index <= stack.tunnelIndex; index++) {
      if (!isVxlan(stack.kinds[index]) || !vniValid(stack.bytes, stack.ats[index] as number)) continue;
      const tunnel = this.tunnels.number(stack, index);
      if (tunnel < 0) continue;
      state.tunnelsSeen[tunnel] = 1;
      if (this.#identity.read(stack, index + 1)) this.#addInner(state, underlay, frame, timeNs, tunnel);
      else state.tooShort++;
    }
  }

  /** Ends the run: what still waits is counted. */
  finish(): void {
    this.#letGo(Number.POSITIVE_INFINITY);
  }

  #addBare(state: TapState, sightings: Sightings, frame: number, timeNs: number): void {
    if (sightings.next - sightings.tail === sightings.capacity) letGoOverlay(state, sightings, true);
    const sequence = sightings.add(this.#identity, frame, timeNs, this.#nowNs, -1);
    const pairings = state.asOverlay;
    for (let index = 0; index < pairings.length; index++) (pairings[index] as Pairing).overlaySeen(sequence);
  }

  #addInner(state: TapState, sightings: Sightings, frame: number, timeNs: number, tunnel: number): void {
    if (sightings.next - sightings.tail === sightings.capacity) letGoUnderlay(state, sightings, true);
    const sequence = sightings.add(this.#identity, frame, timeNs, this.#nowNs, tunnel);
    const pairings = state.asUnderlay;
    for (let index = 0; index < pairings.length; index++) (pairings[index] as Pairing).underlaySeen(sequence);
  }

  /** Lets go of all sightings before `beforeNs`. */
  #letGo(beforeNs: number): void {
    for (let index = 0; index < this.#taps.length; index++) {
      const state = this.#taps[index] as TapState;
      const { overlay, underlay } = state;
      if (overlay !== null) while (overlay.oldestNs < beforeNs) letGoOverlay(state, overlay, false);
      if (underlay !== null) while (underlay.oldestNs < beforeNs) letGoUnderlay(state, underlay, false);
    }
  }

  #pairTaps({ onPair, everyPair = false }: CorrelatorOptions): PairedTaps[] {
    const pairings: PairedTaps[] = [];
    this.#taps.forEach((over, o) => {
      this.#taps.forEach((under, u) => {
        if (over === under || over.overlay === null || over.side === null || under.underlay === null) return;
        const told = (pair: Pair): void => onPair?.(o, u, pair);
        const pairing = new Pairing(over.overlay, under.underlay, over.side, this.tunnels, told, everyPair);
        over.asOverlay.push(pairing);
        under.asUnderlay.push(pairing);
        pairings.push({ overlay: o, underlay: u, pairing });
      });
    });
    return pairings;
  }
}

function letGoOverlay(state: TapState, sightings: Sightings, pushed: boolean): void {
  const sequence = sightings.tail;
  for (let index = 0; index < state.asOverlay.length; index++) {
    (state.asOverlay[index] as Pairing).overlayLeaves(sequence, pushed);
  }
  sightings.letGo();
}

function letGoUnderlay(state: TapState, sightings: Sightings, pushed: boolean): void {
  const sequence = sightings.tail;
  for (let index = 0; index < state.asUnderlay.length; index++) {
    (state.asUnderlay[index] as Pairing).underlayLeaves(sequence, pushed);
  }
  sightings.letGo();
}
