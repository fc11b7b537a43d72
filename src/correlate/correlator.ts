/**
 * Finds every frame again wherever it was seen, over any number of taps. It takes in frames in the order of their
 * corrected times: each one goes on a trail, one that is there already or its own. Trails stay for a window's length and
 * are then settled; frames themselves are not kept.
 */
import { isVxlan, type LayerStack } from '../wire/stack.js';
import { vniValid } from '../wire/vxlan.js';
import { Identity, isArp } from './identity/identity.js';
import * as record from './identity/plain-record.js';
import { Placement } from './placement/placement.js';
import { type PlainPairParts, PlainPairs } from './placement/plain-pairs.js';
import { type FrameRecord, outerOf, takeIdentity } from './record.js';
import { Ends } from './routes/ends.js';
import { Flows } from './routes/flows.js';
import { Routes } from './routes/routes.js';
import { EarlySettlement } from './settlement/early-settlement.js';
import { type Pair, PairCounter } from './settlement/pair.js';
import { Settlement } from './settlement/settlement.js';
import { MAX_TRAILS } from './tables/layout.js';
import { PairingMemory } from './tables/memory.js';
import { Clocks } from './taps/clocks.js';
import type { FirstLook } from './taps/first-look.js';
import { Lanes } from './taps/lanes.js';
import { LatencyTable } from './taps/latency.js';
import { Neighbours } from './taps/neighbours.js';
import { Direction, OverlaySide } from './taps/overlay-side.js';
import { Points } from './taps/points.js';
import { Presence } from './taps/presence.js';
import { TapPair } from './taps/tap-pair.js';
import { MAX_NUMBERED, type Tunnels } from './taps/tunnels.js';
import { Bearings } from './trails/bearings.js';
import type { Sightings } from './trails/sightings.js';
import { Trails } from './trails/trails.js';

/** How long a frame waits to be seen elsewhere unless told otherwise, ns. */
export const DEFAULT_WINDOW_NS = 1e9;
/** Trails in the window that there is room for at first. */
const FIRST_TRAILS = 1 << 13;

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
  readonly onPair?: (pair: Pair) => void;
  readonly everyPair?: boolean;
  /** Told the sightings of every frame in the order of its way, one tunnel at a time. */
  readonly onPath?: (tunnel: number, path: Uint32Array, sightings: Sightings) => void;
}

/** Takes in frames as they come. */
export class Correlator {
  readonly tunnels: Tunnels;
  readonly points: Points;
  readonly pairs: readonly TapPair[];
  readonly routes: Routes;
  readonly clocks: Clocks;
  readonly #taps: readonly CorrelatedTap[];
  readonly #sides: readonly (OverlaySide | null)[];
  readonly #presences: readonly Presence[];
  /** By tap and tunnel, 1 where it saw one of its frames. */
  readonly #tunnelsSeen: readonly Uint8Array[];
  readonly #overlayFrames: number[];
  readonly #identity: Identity;
  readonly #trails: Trails;
  readonly #neighbours: Neighbours;
  readonly #windowNs: number;
  readonly #placement: Placement;
  readonly #settlement: Settlement;
  /** Whether trails are settled before their time: where there are one overlay tap and one underlay tap, and nobody is told each pair, in order. */
  readonly #settlesEarly: boolean;
  /** What plain frames are paired by some at a time; null where there are not one overlay tap and one underlay tap. */
  readonly #plainParts: PlainPairParts | null;
  /** Null until somebody asks for it. */
  #plainPairs: PlainPairs | null = null;

  /** @param look what was found before the run; null where there was no first look */
  constructor(
    taps: readonly CorrelatedTap[],
    tunnels: Tunnels,
    look: FirstLook | null,
    options: CorrelatorOptions = {},
  ) {
    this.tunnels = tunnels;
    this.points = new Points(taps.length);
    this.#taps = taps;
    this.#sides = taps.map((tap) => (tap.overlay ? new OverlaySide(tunnels) : null));
    this.#presences = taps.map(() => new Presence());
    this.#tunnelsSeen = taps.map((tap) => new Uint8Array(tap.underlay ? MAX_NUMBERED : 0));
    this.#overlayFrames = taps.map(() => 0);
    this.#identity = new Identity();
    const memory = new PairingMemory();
    this.#trails = new Trails(memory, FIRST_TRAILS, MAX_TRAILS);
    this.#neighbours = new Neighbours(tunnels);
    this.#windowNs = options.windowNs ?? DEFAULT_WINDOW_NS;
    this.pairs = this.#pairTaps();
    const found = look?.compare(taps) ?? null;
    this.clocks = new Clocks(
      taps,
      found?.offsetsNs ?? taps.map((tap) => tap.clockOffsetNs ?? 0),
      found?.compared ?? [],
    );
    const { clocks, pairs, points } = this;
    const [trails, sides, presences, lanes] = [this.#trails, this.#sides, this.#presences, new Lanes()];
    const { onPair = () => {}, everyPair = false, onPath = null } = options;
    const [flows, neighbours] = [new Flows(memory), this.#neighbours];
    const hosts = taps.map(({ host }) => host);
    const ends = new Ends(points, sides, hosts);
    const routes = new Routes({ trails, points, tunnels, ends, sides, presences, clocks, flows, onPath });
    const counter = new PairCounter({ sightings: trails.sightings, neighbours, clocks, onPair, everyPair });
    const settlement = new Settlement({ trails, points, presences, routes, counter, pairs });
    this.#settlesEarly = pairs.length === 1 && !everyPair;
    const early = this.#settlesEarly
      ? new EarlySettlement({ trails, points, routes, counter, taps: pairs[0] as TapPair })
      : null;
    const bearings = new Bearings({ trails, points, tunnels, sides, clocks });
    const identity = this.#identity;
    this.routes = routes;
    this.#settlement = settlement;
    const windowNs = this.#windowNs;
    this.#placement = new Placement({
      memory,
      trails,
      tunnels,
      identity,
      bearings,
      lanes,
      flows,
      settlement,
      early,
      windowNs,
    });
    const [only] = pairs;
    const arePlain = this.#settlesEarly && taps.length === 2 && only?.overlay !== only?.underlay;
    this.#plainParts = arePlain
      ? {
          ...{ memory, taps: only as TapPair, points, clocks, lanes, flows, routes, neighbours, presences, windowNs },
          passTime: (timeNs) => this.passTime(timeNs),
          onBare: (count, frame) => this.#noteBare((only as TapPair).overlay, count, frame),
        }
      : null;
    this.#sides.forEach((side, tap) => {
      if (side === null) return;
      const findings = found?.overlays[tap] ?? null;
      const vnis = options.vnis ?? findings?.vnis;
      if (vnis !== undefined && vnis.size > 0) side.ownVnis(vnis, options.vnis !== undefined);
      for (const [tunnel, direction] of findings?.directions ?? []) side.lead(tunnel, direction, true);
      for (const { underlay, direction, latencyNs } of findings?.latencies ?? []) {
        const [bare, inner] = [tap * 2, underlay * 2 + 1];
        const lane = direction === Direction.Encap ? lanes.of(bare, inner) : lanes.of(inner, bare);
        lane.learn(latencyNs);
      }
    });
  }

  /**
   * What takes in plain frames some at a time, besides `add` and `addPlain`.
   *
   * @returns null where there are not one overlay tap and one underlay tap, where every pair is told, and without WebAssembly
   *
   * **Cost** some 100 µs the first time; to be asked for before the first frame.
   */
  plainPairs(): PlainPairs | null {
    if (this.#plainParts !== null) this.#plainPairs ??= PlainPairs.of(this.#plainParts);
    return this.#plainPairs;
  }

  /** Frames that a tap saw bare. */
  overlayFrames(tap: number): number {
    return this.#overlayFrames[tap] as number;
  }

  /** Whether an underlay tap saw a frame of this tunnel. */
  saw(tap: number, tunnel: number): boolean {
    return (this.#tunnelsSeen[tap] as Uint8Array)[tunnel] === 1;
  }

  /** Frames of a tap of which too little was captured to tell which they are. */
  unread(tap: number): number {
    return (this.#presences[tap] as Presence).unread;
  }

  /**
   * Takes in a frame.
   *
   * @param tap its tap's number
   * @param frame its number there, from 1
   * @param timeNs when it was seen, corrected by the tap's clock offset; of all taps in order as far as each one's own
   * times are
   * @param interfaceId of the capture
   * @param sender the row of who sent it in an inventory, the same one for all taps; -1 where there is none
   *
   * **Cost** amortised no allocation.
   */
  add(tap: number, frame: number, timeNs: number, stack: LayerStack, interfaceId: number, sender = -1): void {
    this.#advance(tap, timeNs);
    const { overlay, underlay } = this.#taps[tap] as CorrelatedTap;
    if (stack.tunnelIndex < 0 || !underlay) {
      if (underlay) this.#neighbours.see(tap, timeNs, stack);
      if (overlay) this.#addBare(tap, frame, timeNs, stack, interfaceId);
      return;
    }
    for (let index = 2; index <= stack.tunnelIndex; index++) {
      if (!isVxlan(stack.kinds[index]) || !vniValid(stack.bytes, stack.ats[index] as number)) continue;
      const tunnel =
        sender >= 0 && stack.tunnels === 1
          ? this.tunnels.numberOfSender(sender, stack, index)
          : this.tunnels.number(stack, index);
      if (tunnel < 0) continue;
      this.#addInner(tap, frame, timeNs, stack, index, interfaceId, tunnel);
      if (sender >= 0 && stack.tunnels === 1) this.#plainPairs?.know(sender, tunnel);
    }
  }

  /**
   * Takes in a plain frame, otherwise as `add`.
   *
   * @param records what was read of it, as identity/plain-record.ts has it, from `at` on
   *
   * **Cost** amortised no allocation.
   */
  addPlain(tap: number, timeNs: number, records: Int32Array, at: number): void {
    this.#advance(tap, timeNs);
    const frame = (records[at + record.FRAME] as number) >>> 0;
    const sender = records[at + record.SENDER] as number;
    if (sender < 0 && !(this.#taps[tap] as CorrelatedTap).overlay) return;
    this.#makeRoom();
    this.#identity.take(records, at);
    if (sender < 0) {
      this.#noteBare(tap, 1, frame);
      this.#placement.place(tap, tap * 2, frame, timeNs, -1, 0);
      return;
    }
    const tunnel = this.tunnels.ofSender(sender);
    if (tunnel < 0) return;
    (this.#tunnelsSeen[tap] as Uint8Array)[tunnel] = 1;
    this.#placement.place(tap, tap * 2 + 1, frame, timeNs, tunnel, records[at + record.OUTER] as number);
    this.#plainPairs?.know(sender, tunnel);
  }

  /** Takes in a record, so what another process saw of a frame; otherwise as `add`. **Cost** amortised no allocation. */
  addRecord(seen: FrameRecord): void {
    const { tap, frame, timeNs, place, tunnel } = seen;
    this.#advance(tap, timeNs);
    const { overlay, underlay } = this.#taps[tap] as CorrelatedTap;
    this.#makeRoom();
    takeIdentity(this.#identity, seen);
    const point = this.points.at(tap, place.interfaceId, place.interfaceIndex, place.outgoing);
    if (tunnel === null) {
      if (!overlay) return;
      this.#noteBare(tap, 1, frame);
      this.#placeBare(tap, point, frame, timeNs);
    } else if (underlay) {
      const number = this.tunnels.numberOf(tunnel.vni, tunnel.source, tunnel.destination);
      if (number < 0) return;
      (this.#tunnelsSeen[tap] as Uint8Array)[number] = 1;
      this.#placement.place(tap, point * 2 + 1, frame, timeNs, number, tunnel.outer);
    }
  }

  /** Takes in that a tap was capturing from one time to another, corrected as those of frames: what it did not see then was not there. */
  ran(tap: number, fromNs: number, untilNs: number): void {
    (this.#presences[tap] as Presence).ran(fromNs, untilNs);
  }

  /** Ends the run: what still waits is settled. */
  finish(): void {
    while (this.#trails.tail < this.#trails.next) this.#letGo(false);
    this.#trails.close();
  }

  /** Lets time pass: what is older than the window is settled. @param timeNs as of frames; one that is past does nothing */
  passTime(timeNs: number): void {
    const trails = this.#trails;
    if (timeNs <= trails.clockNs) return;
    trails.clockNs = timeNs;
    const before = timeNs - this.#windowNs;
    while (trails.oldestNs < before) this.#letGo(false);
    if (this.#settlesEarly) trails.letGoSettled();
  }

  #advance(tap: number, timeNs: number): void {
    this.passTime(timeNs);
    (this.#presences[tap] as Presence).seen(timeNs);
  }

  /** @param count of frames, of which the last one is `frame` */
  #noteBare(tap: number, count: number, frame: number): void {
    this.#overlayFrames[tap] = (this.#overlayFrames[tap] as number) + count;
    (this.#sides[tap] as OverlaySide).lastFrame = frame;
  }

  #addBare(tap: number, frame: number, timeNs: number, stack: LayerStack, interfaceId: number): void {
    this.#noteBare(tap, 1, frame);
    this.#makeRoom();
    if (this.#identity.read(stack, 0)) {
      this.#placeBare(tap, this.points.of(tap, interfaceId, stack), frame, timeNs);
    } else {
      (this.#presences[tap] as Presence).unread++;
    }
  }

  #placeBare(tap: number, point: number, frame: number, timeNs: number): void {
    const { words, at } = this.#identity;
    if (isArp(words, at)) (this.#presences[tap] as Presence).seenArp();
    this.#placement.place(tap, point * 2, frame, timeNs, -1, 0);
  }

  #addInner(
    tap: number,
    frame: number,
    timeNs: number,
    stack: LayerStack,
    index: number,
    interfaceId: number,
    tunnel: number,
  ): void {
    (this.#tunnelsSeen[tap] as Uint8Array)[tunnel] = 1;
    this.#makeRoom();
    if (this.#identity.read(stack, index + 1)) {
      const endpoint = this.points.of(tap, interfaceId, stack) * 2 + 1;
      this.#placement.place(tap, endpoint, frame, timeNs, tunnel, outerOf(stack, index));
    } else {
      (this.#presences[tap] as Presence).unread++;
    }
  }

  /** Makes room for another trail, and has its identity read there. */
  #makeRoom(): void {
    const trails = this.#trails;
    while (trails.isFull) if (!trails.grow()) this.#letGo(true);
    trails.lend(this.#identity);
  }

  /** Lets the oldest trail go. @param pushed by the bound in frames, before its time */
  #letGo(pushed: boolean): void {
    const trails = this.#trails;
    const trail = trails.tail;
    this.#placement.leave(trail);
    this.#settlement.settle(trail, pushed);
    trails.letGo();
  }

  #pairTaps(): TapPair[] {
    const pairs: TapPair[] = [];
    const latencies = new LatencyTable();
    this.#sides.forEach((side, overlay) => {
      if (side === null) return;
      this.#taps.forEach((tap, underlay) => {
        if (tap.underlay) pairs.push(new TapPair(overlay, underlay, side, this.tunnels, latencies));
      });
    });
    return pairs;
  }
}
