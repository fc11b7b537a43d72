/**
 * Pairs the sightings of one overlay tap with those of one underlay tap, one to one; a frame to a group with one copy
 * per tunnel. The rules are those of the design's "Pairing": identity decides who may pair, causality and the latency
 * learnt so far who does.
 */
import { KeyTable } from '../inventory/key-table.js';
import { Likeness } from './identity.js';
import { Latencies, type LatencySummary, Plausible } from './latency.js';
import { Direction, type OverlaySide } from './overlay-side.js';
import type { Sightings } from './sightings.js';
import type { Tunnels } from './tunnels.js';

/** The most steps along a chain of equal keys: what bounds the time that identical frames take. */
const MAX_STEPS = 32;
/** Copies further apart than this are no duplicates, ns. */
const DUPLICATE_NS = 10e6;
/** The most frames that a row lists of each kind. */
export const MAX_LISTED = 1000;
const MAX_FLOWS = 65_536;
const MAX_UNPAIRED_GROUPS = 65_536;
/** Ranks what a router passed on behind what is the same. */
const ROUTED_RANK_NS = 1e18;

/** Marks of a sighting. */
const AMBIGUOUS = 1;
const DUPLICATE = 2;
const FIRST_COPY = 4;

/** A pair, as it is told to who asks for pairs. */
export interface Pair {
  readonly overlayFrame: number;
  readonly underlayFrame: number;
  readonly tunnel: number;
  readonly direction: Direction;
  readonly latencyNs: number;
  readonly ambiguous: boolean;
  /** Of a frame to a group: it may have more pairs. */
  readonly toGroup: boolean;
}

/** Counts of one VNI. */
export class PairingRow {
  matched = 0;
  duplicated = 0;
  reordered = 0;
  ambiguous = 0;
  readonly encap = new Latencies();
  readonly decap = new Latencies();
  /** Frames behind `duplicated` and `reordered`: negative numbers are the overlay's. The first `MAX_LISTED`. */
  readonly duplicates: number[] = [];
  readonly reorderings: number[] = [];

  latency(): { encap: LatencySummary | null; decap: LatencySummary | null } {
    return { encap: this.encap.summary(), decap: this.decap.summary() };
  }
}

/** Unpaired sightings with the same two MACs (and tunnel), counted together: whether they were missed shows at the end. */
export class Unpaired {
  readonly groups = new KeyTable(MAX_UNPAIRED_GROUPS);
  readonly counts: number[] = [];
  readonly frames: number[][] = [];

  /** Counts one. */
  add(sightings: Sightings, sequence: number, tunnel: number): void {
    const words = sightings.words();
    const at = sightings.at(sequence);
    const group = sightings.hasMacs(sequence)
      ? this.groups.row(words[at] as number, words[at + 1] as number, words[at + 2] as number, tunnel)
      : this.groups.row(0, 0, 0, tunnel);
    if (group < 0) return;
    this.counts[group] = (this.counts[group] ?? 0) + 1;
    const listed = this.frames[group] ?? [];
    this.frames[group] = listed;
    if (listed.length < MAX_LISTED) listed.push(sightings.frame(sequence));
  }
}

/** One overlay tap against one underlay tap. `onPair` is told every pair, or only those of frames to a group. */
export class Pairing {
  readonly overlay: Sightings;
  readonly underlay: Sightings;
  readonly side: OverlaySide;
  readonly rows: Map<number, PairingRow>;
  readonly unpairedOverlay: Unpaired;
  readonly unpairedUnderlay: Unpaired;
  /** Sightings that the bound in frames pushed out unpaired. */
  expired: number;
  readonly #tunnels: Tunnels;
  readonly #onPair: (pair: Pair) => void;
  readonly #everyPair: boolean;
  readonly #rowOfTunnel: (PairingRow | undefined)[];
  readonly #encap: Plausible;
  readonly #decap: Plausible;
  /** By the overlay sighting's place: the last underlay sighting paired with it, 0 without; and marks. */
  readonly #overlayMate: Uint32Array;
  readonly #overlayMarks: Uint8Array;
  /** Tunnels of the twins of overlay sightings that are marked as duplicates. */
  readonly #twinTunnels: Map<number, number>;
  /** By the underlay sighting's place: the overlay sighting, its frame number and time; and marks. */
  readonly #underlayMate: Uint32Array;
  readonly #underlayMarks: Uint8Array;
  readonly #mateFrame: Uint32Array;
  readonly #mateTime: Float64Array;
  readonly #overlayMask: number;
  readonly #underlayMask: number;
  readonly #flows: KeyTable;
  readonly #flowLast: Float64Array;

  constructor(
    overlay: Sightings,
    underlay: Sightings,
    side: OverlaySide,
    tunnels: Tunnels,
    onPair: (pair: Pair) => void,
    everyPair: boolean,
  ) {
    this.overlay = overlay;
    this.underlay = underlay;
    this.side = side;
    this.rows = new Map();
    this.unpairedOverlay = new Unpaired();
    this.unpairedUnderlay = new Unpaired();
    this.expired = 0;
    this.#tunnels = tunnels;
    this.#onPair = onPair;
    this.#everyPair = everyPair;
    this.#rowOfTunnel = [];
    this.#encap = new Plausible();
    this.#decap = new Plausible();
    this.#overlayMate = new Uint32Array(overlay.capacity);
    this.#overlayMarks = new Uint8Array(overlay.capacity);
    this.#twinTunnels = new Map();
    this.#underlayMate = new Uint32Array(underlay.capacity);
    this.#underlayMarks = new Uint8Array(underlay.capacity);
    this.#mateFrame = new Uint32Array(underlay.capacity);
    this.#mateTime = new Float64Array(underlay.capacity);
    this.#overlayMask = overlay.capacity - 1;
    this.#underlayMask = underlay.capacity - 1;
    this.#flows = new KeyTable(MAX_FLOWS);
    this.#flowLast = new Float64Array(MAX_FLOWS);
  }

  /** Learns from a pair that was found before the run. */
  learn(direction: Direction, latencyNs: number): void {
    (direction === Direction.Decap ? this.#decap : this.#encap).learn(latencyNs);
  }

  /** A frame was seen at the underlay tap: looks for its overlay frame. **Cost** amortised no allocation. */
  underlaySeen(u: number): void {
    const { overlay, underlay, side } = this;
    const place = u & this.#underlayMask;
    this.#underlayMate[place] = 0;
    this.#underlayMarks[place] = 0;
    const tunnel = underlay.tunnel(u);
    if (!side.owns(tunnel)) return;
    const first = overlay.newest(underlay.key(u));
    const toGroup = underlay.toGroup(u);
    if (toGroup && !side.involves(tunnel)) return;
    const direction = side.direction(tunnel);
    const plausible = direction === Direction.Decap ? this.#decap : this.#encap;
    const timeNs = underlay.timeNs(u);
    let free = 0;
    let freeOff = Number.POSITIVE_INFINITY;
    let takenOff = Number.POSITIVE_INFINITY;
    let candidates = 0;
    for (let o = first, steps = 0; o !== 0 && steps < MAX_STEPS; o = overlay.older(o), steps++) {
      const latencyNs = latency(direction, timeNs - overlay.timeNs(o));
      const offNs = Math.abs(latencyNs - plausible.mean);
      // Older ones are further away still.
      if (latencyNs > plausible.mean + plausible.bound && Math.min(freeOff, takenOff) < offNs) break;
      const isPlausible = offNs <= plausible.bound;
      if (latencyNs < 0 && !isPlausible) continue;
      const likeness = underlay.likeness(u, overlay, o);
      if (likeness === Likeness.None) continue;
      const rank = likeness === Likeness.Routed ? offNs + ROUTED_RANK_NS : offNs;
      const taken = toGroup ? this.#hasCopy(o, u, tunnel) : this.#overlayMate[o & this.#overlayMask] !== 0;
      if (isPlausible) candidates++;
      if (taken) takenOff = Math.min(takenOff, rank);
      else if (rank < freeOff) {
        free = o;
        freeOff = rank;
      }
    }
    if (free !== 0 && (freeOff <= takenOff || freeOff <= plausible.bound)) {
      this.#match(free, u, candidates > 1, true);
    } else if (this.#twin(u, false) !== 0) {
      // Unless an overlay frame of its own turns up.
      this.#underlayMarks[place] = DUPLICATE;
    }
  }

  /** A frame was seen at the overlay tap: looks for an encapsulation that came before it. **Cost** amortised no allocation. */
  overlaySeen(o: number): void {
    const { overlay, underlay, side } = this;
    const place = o & this.#overlayMask;
    this.#overlayMate[place] = 0;
    this.#overlayMarks[place] = 0;
    const first = underlay.newest(overlay.key(o));
    if (first === 0) return;
    const toGroup = overlay.toGroup(o);
    const timeNs = overlay.timeNs(o);
    let free = 0;
    let freeOff = Number.POSITIVE_INFINITY;
    let taken = 0;
    let takenOff = Number.POSITIVE_INFINITY;
    let candidates = 0;
    let others = 0;
    let bound = 0;
    for (let u = first, steps = 0; u !== 0 && steps < MAX_STEPS; u = underlay.older(u), steps++) {
      const tunnel = underlay.tunnel(u);
      if (!side.owns(tunnel)) continue;
      const direction = side.direction(tunnel);
      const plausible = direction === Direction.Encap ? this.#encap : this.#decap;
      const latencyNs = latency(direction, underlay.timeNs(u) - timeNs);
      const offNs = Math.abs(latencyNs - plausible.mean);
      if (latencyNs > plausible.mean + plausible.bound && Math.min(freeOff, takenOff) < offNs) break;
      const isPlausible = offNs <= plausible.bound;
      if ((latencyNs < 0 && !isPlausible) || (toGroup && !side.involves(tunnel))) continue;
      const likeness = overlay.likeness(o, underlay, u);
      if (likeness === Likeness.None) continue;
      const rank = likeness === Likeness.Routed ? offNs + ROUTED_RANK_NS : offNs;
      if (isPlausible) candidates++;
      if (this.#underlayMate[u & this.#underlayMask] !== 0) {
        if (rank < takenOff) {
          taken = u;
          takenOff = rank;
        }
      } else {
        others++;
        if (rank < freeOff) {
          free = u;
          freeOff = rank;
          bound = plausible.bound;
        }
      }
    }
    if (free !== 0 && (freeOff <= takenOff || freeOff <= bound)) {
      this.#match(o, free, candidates > 1, false);
      if (others > 1) this.#markTwins(free);
    } else if (taken !== 0 && side.direction(underlay.tunnel(taken)) === Direction.Decap) {
      const mateTimeNs = this.#mateTime[taken & this.#underlayMask] as number;
      if (Math.abs(timeNs - mateTimeNs) <= DUPLICATE_NS) {
        this.#overlayMarks[place] = DUPLICATE;
        this.#twinTunnels.set(o, underlay.tunnel(taken));
      }
    }
  }

  /** The oldest overlay sighting leaves the window. @param pushed by the bound in frames, before its time */
  overlayLeaves(o: number, pushed: boolean): void {
    const place = o & this.#overlayMask;
    const twinTunnel = (this.#overlayMarks[place] as number) & DUPLICATE ? this.#twinTunnels.get(o) : undefined;
    if (twinTunnel !== undefined) this.#twinTunnels.delete(o);
    if (this.#overlayMate[place] !== 0) return;
    if (pushed) this.expired++;
    if (twinTunnel !== undefined) {
      const row = this.row(twinTunnel);
      row.duplicated++;
      if (row.duplicates.length < MAX_LISTED) row.duplicates.push(-this.overlay.frame(o));
    } else if (!isTooBig(this.overlay.words(), this.overlay.at(o)) && !this.#isForeign(o)) {
      this.unpairedOverlay.add(this.overlay, o, 0);
    }
  }

  /** The oldest underlay sighting leaves the window. @param pushed by the bound in frames, before its time */
  underlayLeaves(u: number, pushed: boolean): void {
    const place = u & this.#underlayMask;
    const tunnel = this.underlay.tunnel(u);
    if (this.#underlayMate[place] === 0 && (this.#underlayMarks[place] as number) & DUPLICATE) {
      // Of two copies the later one is the duplicate, whichever was paired.
      const later = this.side.direction(tunnel) === Direction.Decap ? this.#twin(u, true) : 0;
      if (later !== 0 && this.#mayBePaired(u, later)) this.#moveMate(later, u);
    }
    if (this.#underlayMate[place] !== 0) {
      this.#settle(u, tunnel);
    } else if (this.side.owns(tunnel)) {
      if (pushed) this.expired++;
      if ((this.#underlayMarks[place] as number) & DUPLICATE) {
        const row = this.row(tunnel);
        row.duplicated++;
        if (row.duplicates.length < MAX_LISTED) row.duplicates.push(this.underlay.frame(u));
      } else {
        this.unpairedUnderlay.add(this.underlay, u, tunnel);
      }
    }
  }

  /** The counts of a tunnel's VNI. */
  row(tunnel: number): PairingRow {
    const known = this.#rowOfTunnel[tunnel];
    if (known !== undefined) return known;
    const row = this.rowOfVni(this.#tunnels.vni(tunnel));
    this.#rowOfTunnel[tunnel] = row;
    return row;
  }

  rowOfVni(vni: number): PairingRow {
    const known = this.rows.get(vni);
    if (known !== undefined) return known;
    const row = new PairingRow();
    this.rows.set(vni, row);
    return row;
  }

  #match(o: number, u: number, ambiguous: boolean, atUnderlay: boolean): void {
    const { overlay, underlay, side } = this;
    const place = u & this.#underlayMask;
    const overlayPlace = o & this.#overlayMask;
    const tunnel = underlay.tunnel(u);
    const differenceNs = underlay.timeNs(u) - overlay.timeNs(o);
    if (side.direction(tunnel) === Direction.Unknown) {
      side.lead(tunnel, differenceNs >= 0 ? Direction.Encap : Direction.Decap, !underlay.toGroup(u));
    }
    const direction = side.direction(tunnel);
    const firstCopy = this.#overlayMate[overlayPlace] === 0;
    this.#overlayMate[overlayPlace] = u;
    this.#underlayMate[place] = o;
    this.#mateFrame[place] = overlay.frame(o);
    this.#mateTime[place] = overlay.timeNs(o);
    this.#underlayMarks[place] = (ambiguous ? AMBIGUOUS : 0) | (firstCopy ? FIRST_COPY : 0);
    if (!ambiguous) {
      this.learn(direction, latency(direction, differenceNs));
      if (atUnderlay === (direction === Direction.Encap)) this.#follow(o, u, tunnel, atUnderlay);
    }
  }

  /** Whether a frame of a flow comes behind one that was sent after it (RFC 4737, 3.3). */
  #follow(o: number, u: number, tunnel: number, atUnderlay: boolean): void {
    const { overlay, underlay } = this;
    const words = underlay.words();
    const at = underlay.at(u);
    const flow = this.#flows.row(flowHash(words, at), words[at + 7] as number, words[at + 2] as number, tunnel);
    if (flow < 0) return;
    const sent = atUnderlay ? overlay.frame(o) : underlay.frame(u);
    if (sent >= (this.#flowLast[flow] as number)) {
      this.#flowLast[flow] = sent;
      return;
    }
    const row = this.row(tunnel);
    row.reordered++;
    if (row.reorderings.length < MAX_LISTED) row.reorderings.push(atUnderlay ? underlay.frame(u) : -overlay.frame(o));
  }

  /** A pair is final: counts it. */
  #settle(u: number, tunnel: number): void {
    const place = u & this.#underlayMask;
    const marks = this.#underlayMarks[place] as number;
    const row = this.row(tunnel);
    const direction = this.side.direction(tunnel);
    const latencyNs = latency(direction, this.underlay.timeNs(u) - (this.#mateTime[place] as number));
    if ((marks & FIRST_COPY) !== 0) row.matched++;
    if ((marks & AMBIGUOUS) !== 0) row.ambiguous++;
    (direction === Direction.Decap ? row.decap : row.encap).add(latencyNs);
    if (this.#everyPair || this.underlay.toGroup(u)) {
      this.#onPair({
        overlayFrame: this.#mateFrame[place] as number,
        underlayFrame: this.underlay.frame(u),
        tunnel,
        direction,
        latencyNs,
        ambiguous: (marks & AMBIGUOUS) !== 0,
        toGroup: this.underlay.toGroup(u),
      });
    }
  }

  /** Whether an overlay frame to a group has its copy in this tunnel already. */
  #hasCopy(o: number, u: number, tunnel: number): boolean {
    if (this.#overlayMate[o & this.#overlayMask] === 0) return false;
    const { underlay } = this;
    for (
      let copy = underlay.older(u), steps = 0;
      copy !== 0 && steps < MAX_STEPS;
      copy = underlay.older(copy), steps++
    ) {
      if (this.#underlayMate[copy & this.#underlayMask] === o && underlay.tunnel(copy) === tunnel) return true;
    }
    return false;
  }

  /**
   * A copy of `u` in the same tunnel, not far from it in time, that is paired; or itself a duplicate, unless only one
   * seen `later` is asked for.
   *
   * @returns 0 where there is none
   */
  #twin(u: number, later: boolean): number {
    const { underlay } = this;
    const tunnel = underlay.tunnel(u);
    const timeNs = underlay.timeNs(u);
    for (let twin = underlay.newest(underlay.key(u)), steps = 0; twin !== 0 && steps < MAX_STEPS; steps++) {
      if (later && twin <= u) return 0;
      const near = Math.abs(underlay.timeNs(twin) - timeNs) <= DUPLICATE_NS;
      if (
        twin !== u &&
        near &&
        (this.#underlayMate[twin & this.#underlayMask] !== 0 ||
          (!later && this.#underlayMarks[twin & this.#underlayMask] === DUPLICATE)) &&
        underlay.tunnel(twin) === tunnel &&
        underlay.likeness(u, underlay, twin) === Likeness.Same
      ) {
        return twin;
      }
      twin = underlay.older(twin);
    }
    return 0;
  }

  /**
   * Whether an unpaired overlay frame has a twin in a VNI that is not known to be its tap's: nobody can say that it was
   * lost. Where that goes on with one VNI, it is the tap's too, and was not there at the first look.
   */
  #isForeign(o: number): boolean {
    const { overlay, underlay, side } = this;
    if (side.vnis === null) return false;
    for (
      let u = underlay.newest(overlay.key(o)), steps = 0;
      u !== 0 && steps < MAX_STEPS;
      u = underlay.older(u), steps++
    ) {
      if (overlay.likeness(o, underlay, u) !== Likeness.Same || side.owns(underlay.tunnel(u))) continue;
      if (!overlay.toGroup(o)) side.suspect(this.#tunnels.vni(underlay.tunnel(u)), overlay.frame(overlay.next - 1));
      return true;
    }
    return false;
  }

  /** Whether the overlay frame of `later` may as well be that of `u`, decapsulated. */
  #mayBePaired(u: number, later: number): boolean {
    const latencyNs = (this.#mateTime[later & this.#underlayMask] as number) - this.underlay.timeNs(u);
    return Math.abs(latencyNs - this.#decap.mean) <= this.#decap.bound;
  }

  /** Marks copies in the tunnel of `u`, just paired: they are duplicates unless an overlay frame of their own turns up. */
  #markTwins(u: number): void {
    const { underlay } = this;
    const tunnel = underlay.tunnel(u);
    const timeNs = underlay.timeNs(u);
    for (let twin = underlay.newest(underlay.key(u)), steps = 0; twin !== 0 && steps < MAX_STEPS; steps++) {
      const place = twin & this.#underlayMask;
      if (
        this.#underlayMate[place] === 0 &&
        underlay.tunnel(twin) === tunnel &&
        Math.abs(underlay.timeNs(twin) - timeNs) <= DUPLICATE_NS &&
        underlay.likeness(u, underlay, twin) === Likeness.Same
      ) {
        this.#underlayMarks[place] = DUPLICATE;
      }
      twin = underlay.older(twin);
    }
  }

  /** Hands the overlay frame of one underlay sighting to another, and leaves the first marked as a duplicate. */
  #moveMate(from: number, to: number): void {
    const [a, b] = [from & this.#underlayMask, to & this.#underlayMask];
    this.#underlayMate[b] = this.#underlayMate[a] as number;
    this.#mateFrame[b] = this.#mateFrame[a] as number;
    this.#mateTime[b] = this.#mateTime[a] as number;
    // The copies explain each other: nothing is ambiguous any more.
    this.#underlayMarks[b] = (this.#underlayMarks[a] as number) & ~AMBIGUOUS;
    this.#underlayMate[a] = 0;
    this.#underlayMarks[a] = DUPLICATE;
  }
}

/** From the tap that saw a frame first to the other, by the tunnel's direction; without one, the distance. */
function latency(direction: Direction, underlayMinusOverlayNs: number): number {
  if (direction === Direction.Encap) return underlayMinusOverlayNs;
  return direction === Direction.Decap ? -underlayMinusOverlayNs : Math.abs(underlayMinusOverlayNs);
}

/** An ICMP "too big" without a twin: the tunnel made it itself. */
function isTooBig(words: Int32Array, at: number): boolean {
  const type = (words[at + 3] as number) >>> 16;
  if (type === 0x0800)
    return ((words[at + 5] as number) & 0xff) === 1 && ((words[at + 8] as number) & 0xffff) === 0x0304;
  return type === 0x86dd && (words[at + 5] as number) >>> 24 === 58 && ((words[at + 13] as number) & 0xff00) === 0x0200;
}

/** Protocol, addresses and ports of the inner frame as one integer; of other than IP its type. */
function flowHash(words: Int32Array, at: number): number {
  const type = (words[at + 3] as number) >>> 16;
  let hash = type;
  if (type === 0x0800) {
    hash ^= Math.imul((words[at + 5] as number) & 0xff, 0x9e3779b1);
    hash = Math.imul(hash ^ (words[at + 6] as number), 0x85ebca6b) ^ (words[at + 8] as number);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    const port = (words[at + 5] as number) & 0xff;
    if (port === 6 || port === 17) hash ^= (words[at + 9] as number) & ~0xffff;
    else if (port === 1) hash ^= (words[at + 9] as number) & 0xffff;
  } else if (type === 0x86dd) {
    for (let word = 6; word <= 13; word++) hash = Math.imul(hash ^ (words[at + word] as number), 0x85ebca6b);
    hash ^= (words[at + 14] as number) & ~0xffff;
  }
  return hash;
}
