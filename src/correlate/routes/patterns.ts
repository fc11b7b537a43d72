/**
 * Patterns: at which endpoints frames between two MACs in a tunnel were seen. All that were seen at the same ones are one
 * pattern, and counted together: which of those are missing some is known once the last frame has come.
 */
import { KeyTable } from '../../inventory/key-table.js';
import { isArp } from '../identity/identity.js';
import type { OverlaySide } from '../taps/overlay-side.js';
import type { Sightings } from '../trails/sightings.js';
import type { Trails } from '../trails/trails.js';
import { Absentees } from './absentees.js';
import { Acknowledgements } from './acknowledgements.js';
import type { Flows } from './flows.js';
import type { Path } from './path.js';
import { Peers } from './peers.js';
import { asSeen } from './seen.js';
import { endpointsOf, type Talk, type View, type WayParts, Ways } from './ways.js';

const MAX_MAC_PAIRS = 65_536;
const MAX_PATTERNS = 131_072;
/** Endpoints that are bits of one integer: frames are not missed at later ones. */
const MAX_BITS = 31;
/** What `ofMacs` has of a pair of MACs. */
const STRIDE = 3;
const SEEN = 0;
const SEEN_LAST = 1;
const PATTERN = 2;

/** Frames between two MACs that were not seen everywhere. */
export interface PartlySeen {
  readonly tunnel: number;
  readonly count: number;
  /** Endpoints that saw them, and those on their way. */
  readonly seenAt: readonly number[];
  readonly everywhere: readonly number[];
  readonly frames: Absentees;
}

/** What patterns are found by. */
export interface PatternParts extends WayParts {
  readonly trails: Trails;
  /** By tap; null of one whose bare frames are not paired. */
  readonly sides: readonly (OverlaySide | null)[];
}

/** Counts frames by pattern. */
export class Patterns {
  readonly #parts: PatternParts;
  readonly #trails: Trails;
  readonly #sightings: Sightings;
  readonly #acknowledgements: Acknowledgements;
  /** Two MACs, or what stands for them, in a tunnel. */
  readonly #macPairs: KeyTable;
  readonly #peers: Peers;
  /** By pair of MACs: endpoints that saw any of its frames, those of the last one, and that one's pattern. */
  readonly #ofMacs: Int32Array;
  readonly #table: KeyTable;
  /** By pattern. */
  readonly #counts: Float64Array;
  /** By pattern, those that were not seen everywhere. */
  readonly #absentees: (Absentees | undefined)[];
  /** Endpoints that saw anything, and the same once every tap has one: nobody lacks what these saw. */
  #endpoints = 0;
  #everybody = -1;

  constructor(parts: PatternParts) {
    this.#parts = parts;
    this.#trails = parts.trails;
    this.#sightings = parts.trails.sightings;
    this.#acknowledgements = new Acknowledgements(parts.trails);
    this.#macPairs = new KeyTable(MAX_MAC_PAIRS);
    this.#peers = new Peers();
    this.#ofMacs = new Int32Array(MAX_MAC_PAIRS * STRIDE);
    this.#table = new KeyTable(MAX_PATTERNS);
    this.#counts = new Float64Array(MAX_PATTERNS);
    this.#absentees = [];
  }

  /** Counts a frame that took a path. @param tunnel -1 of one that was seen bare only. **Cost** amortised no allocation. */
  add(trail: number, tunnel: number, path: Path): void {
    const macs = this.#macPair(trail, tunnel);
    if (macs < 0) return;
    let seen = 0;
    for (let index = 0; index < path.count; index++) seen |= bitOf(this.#sightings.endpoint(path.at[index] as number));
    const before = this.#ofMacs[macs * STRIDE + SEEN] as number;
    const pattern = this.#count(macs, seen);
    if ((seen & ~this.#endpoints) !== 0) this.#meet(seen);
    if (pattern < 0 || seen === this.#everybody) return;
    this.#remember(pattern, trail, path, tunnel >= 0 && (before & ~seen) === 0);
  }

  #meet(seen: number): void {
    this.#endpoints |= seen;
    let count = 0;
    for (let left = this.#endpoints; left !== 0; left &= left - 1) count++;
    if (count >= this.#parts.presences.length) this.#everybody = this.#endpoints;
  }

  /** Counts a frame that two endpoints saw, and no other one did. @returns its pattern; -1 where there is no place. **Cost** no allocation. */
  addPassed(trail: number, tunnel: number, from: number, to: number): number {
    const macs = this.#macPair(trail, tunnel);
    return macs < 0 ? -1 : this.#count(macs, bitOf(from) | bitOf(to));
  }

  #macPair(trail: number, tunnel: number): number {
    const [trails, peers] = [this.#trails, this.#peers];
    peers.read(trails.words(), trails.at(trail), trails.flags(trail));
    const { words } = peers;
    return this.#macPairs.row(words[0] as number, words[1] as number, words[2] as number, tunnel);
  }

  /** Counts a frame between two MACs, by the endpoints that saw it. @returns its pattern; -1 where there is no place */
  #count(macs: number, seen: number): number {
    const ofMacs = this.#ofMacs;
    const own = macs * STRIDE;
    const before = ofMacs[own + SEEN] as number;
    ofMacs[own + SEEN] = before | seen;
    if (before === 0 || ofMacs[own + SEEN_LAST] !== seen) {
      ofMacs[own + PATTERN] = this.#table.row(macs, seen, 0, 0);
      ofMacs[own + SEEN_LAST] = seen;
    }
    const pattern = ofMacs[own + PATTERN] as number;
    if (pattern >= 0) this.#counts[pattern] = (this.#counts[pattern] as number) + 1;
    return pattern;
  }

  /** Remembers a frame that was not seen everywhere. @param early while nobody is known to lack it */
  #remember(pattern: number, trail: number, path: Path, early: boolean): void {
    const absentees = this.#absentees[pattern] ?? new Absentees();
    this.#absentees[pattern] = absentees;
    const sightings = this.#sightings;
    const last = path.count - 1;
    const timeNs = sightings.timeNs(path.at[last] as number);
    const hasPlace = absentees.hasPlace(early);
    if (early && !hasPlace) {
      absentees.pass(timeNs);
      return;
    }
    const absent = {
      ...asSeen(sightings, path.at[last] as number),
      before: Array.from(path.at.subarray(0, last), (at) => asSeen(sightings, at)),
      isArp: isArp(this.#trails.words(), this.#trails.at(trail)),
    };
    if (this.#acknowledgements.has(trail, (vni) => this.#mayBeOf(trail, absent.endpoint, vni))) {
      absentees.acknowledge(absent);
    } else if (hasPlace) {
      absentees.vanished.push(absent);
    } else {
      absentees.pass(timeNs);
    }
  }

  /** Whether a trail of a VNI may be of the network of a trail that was seen at an endpoint. */
  #mayBeOf(trail: number, endpoint: number, vni: number): boolean {
    const { sides, points } = this.#parts;
    const own = this.#trails.vni(trail);
    if (own >= 0) return own === vni;
    return sides[points.tap(endpoint >> 1)]?.ownsVni(vni) ?? true;
  }

  /** Frames that were not seen wherever others between their MACs were. @param flows what was counted there belongs here. **Cost** allocates. */
  *partlySeen(flows: Flows): Generator<PartlySeen, void, undefined> {
    const table = this.#table;
    const counts = this.#counts.slice(0, table.size);
    flows.addPassedTo(counts);
    const talks = this.#talks(counts);
    const ways = new Ways(this.#parts, talks);
    for (let pattern = 0; pattern < table.size; pattern++) {
      const seen = table.word(pattern, 1);
      const talk = ways.of(talks[table.word(pattern, 0)] as Talk, seen);
      if (talk === null || (seen & ~talk.seen) !== 0 || (talk.seen & ~seen) === 0) continue;
      const onWay = ways.endpoints(talk, seen);
      if ((onWay & ~seen) === 0) continue;
      yield {
        tunnel: talk.tunnel,
        count: counts[pattern] as number,
        seenAt: endpointsOf(seen),
        everywhere: endpointsOf(onWay),
        frames: this.#absentees[pattern] ?? new Absentees(),
      };
    }
  }

  /** By pair of MACs, what its frames show. @param counts by pattern */
  #talks(counts: Float64Array): Talk[] {
    const table = this.#macPairs;
    const talks = Array.from({ length: table.size }, (_, macs) => {
      const [first, middle, last] = [table.word(macs, 0), table.word(macs, 1), table.word(macs, 2)];
      return {
        source: (middle & 0xffff) * 2 ** 32 + (last >>> 0),
        destination: (first >>> 0) * 2 ** 16 + (middle >>> 16),
        tunnel: table.word(macs, 3),
        views: [] as View[],
        seen: this.#ofMacs[macs * STRIDE + SEEN] as number,
      };
    });
    for (let pattern = 0; pattern < counts.length; pattern++) {
      const { views } = talks[this.#table.word(pattern, 0)] as { views: View[] };
      views.push({
        count: counts[pattern] as number,
        seen: this.#table.word(pattern, 1),
        frames: this.#absentees[pattern],
      });
    }
    return talks;
  }
}

/** An endpoint as a bit; 0 where there is none for it. */
function bitOf(endpoint: number): number {
  return endpoint < MAX_BITS ? 1 << endpoint : 0;
}
