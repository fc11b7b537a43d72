/**
 * Finds every frame again wherever it was seen, over any number of taps. It takes in frames in the order of their
 * corrected times: each one goes on a trail, one that is there already or its own. Trails stay for a window's length and
 * are then settled; frames themselves are not kept.
 */
import { EtherType } from '../wire/ether-type.js';
import { isVxlan, type LayerStack } from '../wire/stack.js';
import { vniValid } from '../wire/vxlan.js';
import { Bearings } from './bearings.js';
import { Candidates } from './candidates.js';
import { Clocks } from './clocks.js';
import { EarlySettlement } from './early-settlement.js';
import { Ends } from './ends.js';
import type { FirstLook } from './first-look.js';
import { Flows } from './flows.js';
import { Flag, Identity } from './identity.js';
import { Lanes } from './lanes.js';
import { LatencyTable } from './latency.js';
import { Neighbours } from './neighbours.js';
import { Direction, OverlaySide } from './overlay-side.js';
import { type Pair, PairCounter } from './pair.js';
import { Parts } from './parts.js';
import { Points } from './points.js';
import { Presence } from './presence.js';
import { type FrameRecord, outerOf, takeIdentity } from './record.js';
import { Routes } from './routes.js';
import { Settlement } from './settlement.js';
import { Mark, type Sightings } from './sightings.js';
import { TapPair } from './tap-pair.js';
import { Trails } from './trails.js';
import { MAX_NUMBERED, type Tunnels } from './tunnels.js';

/** How long a frame waits to be seen elsewhere unless told otherwise, ns. */
export const DEFAULT_WINDOW_NS = 1e9;
/** Trails in the window: what there is room for at first, and at most. */
const FIRST_TRAILS = 1 << 13;
const MAX_TRAILS = 1 << 18;

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

/** Puts frames on trails as they come. */
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
  readonly #tooShort: number[];
  readonly #identity: Identity;
  readonly #trails: Trails;
  readonly #sightings: Sightings;
  readonly #lanes: Lanes;
  readonly #flows: Flows;
  readonly #neighbours: Neighbours;
  readonly #windowNs: number;
  readonly #bearings: Bearings;
  readonly #candidates: Candidates;
  readonly #parts: Parts;
  readonly #settlement: Settlement;
  /** Null unless there are one overlay tap and one underlay tap, and nobody is told each pair, in order. */
  readonly #early: EarlySettlement | null;
  /** Trails in the window of what may be one of several, or several in one. */
  #splits = 0;
  #nowNs = Number.NEGATIVE_INFINITY;

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
    this.#tooShort = taps.map(() => 0);
    this.#identity = new Identity();
    this.#trails = new Trails(FIRST_TRAILS, MAX_TRAILS);
    this.#sightings = this.#trails.sightings;
    this.#lanes = new Lanes();
    this.#flows = new Flows();
    this.#neighbours = new Neighbours(tunnels);
    this.#windowNs = options.windowNs ?? DEFAULT_WINDOW_NS;
    this.pairs = this.#pairTaps();
    const found = look?.compare(taps) ?? null;
    this.clocks = new Clocks(taps, found?.offsetsNs ?? taps.map((tap) => tap.clockOffsetNs ?? 0));
    const { clocks, pairs, points } = this;
    const [trails, sides, presences] = [this.#trails, this.#sides, this.#presences];
    this.#bearings = new Bearings({ trails, points, tunnels, sides, clocks });
    this.#candidates = new Candidates(trails, this.#bearings, this.#lanes, this.#identity);
    this.#parts = new Parts(trails, this.#bearings, this.#identity);
    const { onPair = () => {}, everyPair = false, onPath = null } = options;
    const ends = new Ends(
      points,
      sides,
      taps.map(({ host }) => host),
    );
    const routes = new Routes({ trails, points, tunnels, ends, sides, presences, flows: this.#flows, onPath });
    const neighbours = this.#neighbours;
    const counter = new PairCounter({ sightings: this.#sightings, neighbours, clocks, onPair, everyPair });
    this.routes = routes;
    this.#settlement = new Settlement({ trails, points, presences, routes, counter, pairs });
    const [only] = pairs;
    this.#early =
      only !== undefined && pairs.length === 1 && !everyPair
        ? new EarlySettlement({ trails, points, routes, counter, taps: only })
        : null;
    this.#sides.forEach((side, index) => {
      if (side === null) return;
      const findings = found?.overlays[index] ?? null;
      const vnis = options.vnis ?? findings?.vnis;
      if (vnis !== undefined && vnis.size > 0) side.ownVnis(vnis, options.vnis !== undefined);
      for (const [tunnel, direction] of findings?.directions ?? []) side.lead(tunnel, direction, true);
      for (const { underlay, direction, latencyNs } of findings?.latencies ?? []) {
        const [bare, encapsulated] = [index * 2, underlay * 2 + 1];
        const lane =
          direction === Direction.Encap ? this.#lanes.of(bare, encapsulated) : this.#lanes.of(encapsulated, bare);
        lane.learn(latencyNs);
      }
    });
  }

  /** Frames that a tap saw bare. */
  overlayFrames(tap: number): number {
    return this.#overlayFrames[tap] as number;
  }

  /** Whether an underlay tap saw a frame of this tunnel. */
  saw(tap: number, tunnel: number): boolean {
    return (this.#tunnelsSeen[tap] as Uint8Array)[tunnel] === 1;
  }

  /** Frames that too little was captured of. */
  tooShort(tap: number): number {
    return this.#tooShort[tap] as number;
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
      if (underlay) this.#neighbours.see(timeNs, stack);
      if (overlay) this.#addBare(tap, frame, timeNs, stack, interfaceId);
      return;
    }
    for (let index = 2; index <= stack.tunnelIndex; index++) {
      if (!isVxlan(stack.kinds[index]) || !vniValid(stack.bytes, stack.ats[index] as number)) continue;
      const tunnel =
        sender >= 0 && stack.tunnels === 1
          ? this.tunnels.numberOfSender(sender, stack, index)
          : this.tunnels.number(stack, index);
      if (tunnel >= 0) this.#addInner(tap, frame, timeNs, stack, index, interfaceId, tunnel);
    }
  }

  /** Takes in a record, so what another process saw of a frame; otherwise as `add`. **Cost** amortised no allocation. */
  addRecord(record: FrameRecord): void {
    const { tap, frame, timeNs, place, tunnel } = record;
    this.#advance(tap, timeNs);
    const { overlay, underlay } = this.#taps[tap] as CorrelatedTap;
    this.#makeRoom();
    takeIdentity(this.#identity, record);
    const point = this.points.at(tap, place.interfaceId, place.interfaceIndex, place.outgoing);
    if (tunnel === null) {
      if (!overlay) return;
      this.#noteBare(tap, frame);
      this.#take(tap, point * 2, frame, timeNs, -1, 0);
    } else if (underlay) {
      const number = this.tunnels.numberOf(tunnel.vni, tunnel.source, tunnel.destination);
      if (number < 0) return;
      (this.#tunnelsSeen[tap] as Uint8Array)[number] = 1;
      this.#take(tap, point * 2 + 1, frame, timeNs, number, tunnel.outer);
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
    if (timeNs <= this.#nowNs) return;
    this.#nowNs = timeNs;
    const before = timeNs - this.#windowNs;
    while (this.#trails.oldestNs < before) this.#letGo(false);
    if (this.#early !== null) this.#trails.letGoSettled(timeNs);
  }

  #advance(tap: number, timeNs: number): void {
    this.passTime(timeNs);
    (this.#presences[tap] as Presence).seen(timeNs);
  }

  #noteBare(tap: number, frame: number): void {
    this.#overlayFrames[tap] = (this.#overlayFrames[tap] as number) + 1;
    (this.#sides[tap] as OverlaySide).lastFrame = frame;
  }

  #addBare(tap: number, frame: number, timeNs: number, stack: LayerStack, interfaceId: number): void {
    this.#noteBare(tap, frame);
    this.#makeRoom();
    if (this.#identity.read(stack, 0)) {
      this.#take(tap, this.points.of(tap, interfaceId, stack) * 2, frame, timeNs, -1, 0);
    } else {
      this.#tooShort[tap] = (this.#tooShort[tap] as number) + 1;
    }
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
      this.#take(tap, endpoint, frame, timeNs, tunnel, outerOf(stack, index));
    } else {
      this.#tooShort[tap] = (this.#tooShort[tap] as number) + 1;
    }
  }

  /** Makes room for another trail, and has its identity read there. */
  #makeRoom(): void {
    const trails = this.#trails;
    while (trails.isFull) if (!trails.grow()) this.#letGo(true);
    trails.lend(this.#identity);
  }

  /** Puts the frame whose identity was read on its trail. */
  #take(tap: number, endpoint: number, frame: number, timeNs: number, tunnel: number, outer: number): void {
    const identity = this.#identity;
    if (tunnel < 0 && (identity.words[identity.at + 3] as number) >>> 16 === EtherType.Arp) {
      (this.#presences[tap] as Presence).seenArp();
    }
    const candidates = this.#candidates;
    const best = candidates.find(tap, endpoint, timeNs, tunnel, outer);
    if (best !== 0) {
      this.#join(best, tap, endpoint, frame, timeNs, tunnel, outer, candidates.areSeveral);
      return;
    }
    const { twin } = candidates;
    const hasParts = twin === 0 && identity.span.key !== 0;
    const isSplit = (identity.flags & Flag.Split) !== 0;
    const mayBeSplit = hasParts && (this.#splits > 0 || isSplit);
    // Of what is sent here a bare frame should have been there: it may have been a larger one, not too long for a wire.
    const mayBePart = mayBeSplit || (hasParts && tunnel >= 0 && this.#bearings.leadsOut(tunnel));
    if (mayBePart && this.#joinAsPart(tap, endpoint, frame, timeNs, tunnel, outer)) return;
    // What is bare here and new to us was sent here, or it was put together from what was encapsulated before.
    const joined = hasParts && !isSplit && tunnel < 0 ? this.#parts.findJoined(tap, endpoint, tunnel) : 0;
    const trail = this.#open(endpoint, frame, timeNs, tunnel, outer, twin);
    if (joined > 0) this.#parts.join(trail, joined, tap, tunnel, timeNs);
    else if (mayBeSplit) this.#parts.gather(trail, tap, endpoint, tunnel, timeNs);
  }

  #join(
    trail: number,
    tap: number,
    endpoint: number,
    frame: number,
    timeNs: number,
    tunnel: number,
    outer: number,
    ambiguous: boolean,
  ): void {
    const trails = this.#trails;
    const sightings = this.#sightings;
    const opener = trails.firstSighting(trail);
    const sighting = sightings.add(frame, timeNs, endpoint, tunnel, outer, trails.lastSighting(trail));
    this.#bearings.lead(trail, tap, tunnel, timeNs);
    trails.append(trail, sighting);
    if (tunnel >= 0 && trails.vni(trail) < 0) trails.setVni(trail, this.tunnels.vni(tunnel));
    const flow = ambiguous ? -1 : this.#learn(trail, opener, sighting, tap);
    if (ambiguous) sightings.mark(sighting, Mark.Ambiguous);
    this.#early?.settle(trail, opener, sighting, flow);
  }

  /** Learns from a sighting that belongs to a trail beyond doubt: what lies between, and its flow's order. @returns the flow's number, if any */
  #learn(trail: number, opener: number, sighting: number, tap: number): number {
    const trails = this.#trails;
    const sightings = this.#sightings;
    const openEndpoint = trails.openEndpoint(trail);
    const endpoint = sightings.endpoint(sighting);
    const latencyNs = sightings.timeNs(sighting) - trails.openNs(trail);
    const tunnel = sightings.tunnel(sighting);
    if (!this.#bearings.isForward(trail, tap, tunnel)) {
      this.#lanes.of(endpoint, openEndpoint).learn(-latencyNs);
      return -1;
    }
    this.#lanes.of(openEndpoint, endpoint).learn(latencyNs);
    const through = tunnel < 0 ? sightings.tunnel(opener) : tunnel;
    const flow = this.#flows.of(trails.words(), trails.at(trail), openEndpoint, endpoint, through);
    if (flow >= 0 && this.#flows.isLate(flow, sightings.frame(opener))) sightings.mark(sighting, Mark.Late);
    return flow;
  }

  /** Puts a frame on the trail of a larger one that it is a part of. @returns false where there is none */
  #joinAsPart(tap: number, endpoint: number, frame: number, timeNs: number, tunnel: number, outer: number): boolean {
    const trails = this.#trails;
    const isSplit = this.#splits > 0 || (this.#identity.flags & Flag.Split) !== 0;
    const trail = this.#parts.wholeOf(tap, endpoint, tunnel, isSplit);
    if (trail === 0) return false;
    const sighting = this.#sightings.add(frame, timeNs, endpoint, tunnel, outer, trails.lastSighting(trail));
    this.#sightings.becomePart(sighting, this.#parts.offset, this.#parts.len);
    this.#bearings.lead(trail, tap, tunnel, timeNs);
    trails.append(trail, sighting);
    if (tunnel >= 0 && trails.vni(trail) < 0) trails.setVni(trail, this.tunnels.vni(tunnel));
    this.#parts.follow(trail, endpoint, tunnel);
    return true;
  }

  /** Opens a trail. @returns its number */
  #open(endpoint: number, frame: number, timeNs: number, tunnel: number, outer: number, twin: number): number {
    const trails = this.#trails;
    const sighting = this.#sightings.add(frame, timeNs, endpoint, tunnel, outer, 0);
    const vni = tunnel < 0 ? -1 : this.tunnels.vni(tunnel);
    const trail = trails.open(this.#identity, sighting, vni, this.#nowNs, this.#candidates.newest);
    if (twin !== 0) this.#settlement.expectTwin(trail, twin);
    if ((this.#identity.flags & Flag.Split) !== 0) {
      this.#splits++;
      this.#parts.keep(trail);
    }
    return trail;
  }

  /** Lets the oldest trail go. @param pushed by the bound in frames, before its time */
  #letGo(pushed: boolean): void {
    const trails = this.#trails;
    const trail = trails.tail;
    if (this.#splits > 0) this.#parts.gatherLast(trail);
    if ((trails.flags(trail) & Flag.Split) !== 0) this.#splits--;
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
