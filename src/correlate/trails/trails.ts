/**
 * Trails: a trail is one frame, wherever it was seen. Its identity is kept once, in a record (places.ts); its sightings
 * are a list. One chain leads from a key to the trails that have it (chain.ts), another one from a flow to those that hold
 * stretches of it: what a large segment and its several small ones have in common. Most are whole soon, and let go of
 * before their turn: then only their outline stays (outlines.ts).
 */

import { FIRST_KEY_WORD, type Identity } from '../identity/identity.js';
import { Likeness, likenessOf } from '../identity/likeness.js';
import {
  CLOCK,
  DONE_AT,
  FIRST,
  FLAGS,
  KEY_CHAIN,
  KEY_SLOTS_AT,
  LAST,
  MAX_TRAILS,
  OLDEST,
  OLDEST_YOUNG,
  OPEN_ENDPOINT,
  OPEN_TIME,
  SPAN_CHAIN,
  SPAN_FROM,
  SPAN_LEN,
  SPAN_SLOTS_AT,
  TWIN,
  WORDS,
} from '../tables/layout.js';
import type { PairingMemory } from '../tables/memory.js';
import { Chain } from './chain.js';
import { Outlines } from './outlines.js';
import { Places } from './places.js';
import { widenRing } from './ring.js';
import { Sightings } from './sightings.js';

/** Copies further apart than this are no duplicates, ns. */
export const DUPLICATE_NS = 10e6;
/** A trail that was settled this soon, ns, is let go of so much later: what comes then is no duplicate. */
const SOON_NS = 2e6;
const SETTLED_NS = SOON_NS + DUPLICATE_NS;
/** They go some at a time, ns: what is fetched for one is fetched while the others go. */
const BATCH_NS = 1e6;
/** Sightings that there is room for, for each trail. */
const SIGHTINGS_PER_TRAIL = 2;
/**
 * Marks of a trail, beside its identity's flags: it was counted as soon as it was whole; others look like copies of it;
 * there was another one of its key: what comes late must find the nearest.
 */
const SETTLED = 1 << 28;
const HAS_COPIES = 1 << 29;
const HAS_LIKES = 1 << 30;
/** It may be one half of a frame, and another trail the other one. */
const TORN = 1 << 31;
/** In place of the VNI, of a trail whose sightings went over to another one. */
const ABSORBED = -2;

/** Trails, numbered from 1; those in `tail..next-1` are in the window. There is room for as many as it holds. */
export class Trails {
  readonly sightings: Sightings;
  readonly outlines: Outlines;
  readonly #times: Float64Array;
  readonly #places: Places;
  readonly #keys: Chain;
  readonly #spans: Chain;
  /**
   * By number, the first sighting of one that may go before its turn: all that nobody needs the record for. Negative
   * where it has more than two, 0 of others.
   */
  #done: Int32Array;

  /**
   * @param capacity the trails that there is room for at first, a power of two, some 300 bytes each with their sightings
   * @param most the most that it grows to, a power of two, 2^18 at most
   */
  constructor(memory: PairingMemory, capacity: number, most: number) {
    this.sightings = new Sightings(memory, capacity * SIGHTINGS_PER_TRAIL);
    this.outlines = new Outlines(memory);
    this.#times = memory.times;
    this.#times[CLOCK] = Number.NEGATIVE_INFINITY;
    this.#times[OLDEST] = Number.POSITIVE_INFINITY;
    this.#times[OLDEST_YOUNG] = Number.POSITIVE_INFINITY;
    this.#places = new Places(memory, capacity, most);
    this.#keys = new Chain(memory, KEY_SLOTS_AT, this.#places, KEY_CHAIN);
    this.#spans = new Chain(memory, SPAN_SLOTS_AT, this.#places, SPAN_CHAIN);
    this.#done = memory.int32(DONE_AT, MAX_TRAILS);
  }

  /** What time it is, as the window counts: it never runs back. */
  get clockNs(): number {
    return this.#times[CLOCK] as number;
  }

  set clockNs(timeNs: number) {
    this.#times[CLOCK] = timeNs;
  }

  /** When the oldest one was opened, by that clock; infinite where there is none. */
  get oldestNs(): number {
    return this.#times[OLDEST] as number;
  }

  /** The oldest trail that is there. */
  get tail(): number {
    return this.#places.tail;
  }

  /** The number that the next one gets. */
  get next(): number {
    return this.#places.next;
  }

  /** Whether the oldest trail has to be let go, or room be made, before another one is opened or a sighting is added. */
  get isFull(): boolean {
    const places = this.#places;
    return places.isFull || places.isCrowded || this.sightings.isFull;
  }

  /** Makes room for twice as many, of what is full. @returns false where there are as many as may be. **Cost** allocates. */
  grow(): boolean {
    const places = this.#places;
    const { sightings } = this;
    if (places.isFull) {
      const { numbersMask, tail, next, most } = places;
      if (numbersMask + 1 === most) return false;
      this.outlines.grow(tail, next);
      widenRing(this.#done, numbersMask, 1, tail, next);
      places.grow();
    }
    if (places.isCrowded) {
      if (!places.widen()) return false;
      this.#keys.clear();
      this.#spans.clear();
      for (let trail = places.tail; trail < places.next; trail++) if (places.at(trail) !== 0) this.#link(trail);
    }
    if (sightings.isFull) {
      if (sightings.capacity === places.most * SIGHTINGS_PER_TRAIL) return false;
      sightings.grow();
    }
    return true;
  }

  /** Lets go of all memory: nothing can be opened any more. */
  close(): void {
    this.sightings.close();
    this.outlines.close();
    this.#places.close();
    this.#done = new Int32Array(0);
    this.#keys.close();
    this.#spans.close();
  }

  /** Makes an identity be read to where the next trail keeps it. There must be room. **Lifetime** until the next trail is opened or let go, or `grow`. */
  lend(identity: Identity): void {
    identity.readTo(this.#places.records, this.#places.nextAt() + WORDS);
  }

  /**
   * Opens a trail with its first sighting.
   *
   * @param identity one that was lent to, and read since
   * @param vni -1 where it is not known yet
   * @param like the newest trail of its key so far; 0 without
   * @returns its number
   */
  open(identity: Identity, sighting: number, vni: number, like: number): number {
    const { clockNs } = this;
    const places = this.#places;
    const { records, times } = places;
    const trail = places.take(clockNs);
    const at = places.at(trail);
    const { span } = identity;
    if (trail === places.tail) this.#times[OLDEST] = clockNs;
    if (trail === places.young) this.#times[OLDEST_YOUNG] = clockNs;
    records[at + KEY_CHAIN] = identity.key;
    records[at + FLAGS] = like === 0 ? identity.flags : identity.flags | HAS_LIKES;
    if (like !== 0) this.#keep(like, HAS_LIKES);
    times[(at >> 1) + OPEN_TIME] = this.sightings.timeNs(sighting);
    records[at + OPEN_ENDPOINT] = this.sightings.endpoint(sighting);
    records[at + FIRST] = sighting;
    records[at + LAST] = sighting;
    records[at + TWIN] = 0;
    records[at + SPAN_CHAIN] = span.key;
    records[at + SPAN_FROM] = span.from;
    records[at + SPAN_LEN] = span.len;
    this.#done[trail & this.#places.numbersMask] = 0;
    this.outlines.draw(trail, vni, records, at + WORDS, span.len);
    this.#link(trail);
    return trail;
  }

  /** Makes a trail the newest one of its key, and of its stretch's flow. */
  #link(trail: number): void {
    const { records } = this.#places;
    const at = this.#at(trail);
    this.#keys.link(trail, records[at + KEY_CHAIN] as number);
    const spanKey = records[at + SPAN_CHAIN] as number;
    if (spanKey !== 0) this.#spans.link(trail, spanKey);
  }

  /** Appends a sighting. */
  append(trail: number, sighting: number): void {
    const { records } = this.#places;
    const at = this.#at(trail);
    const slot = trail & this.#places.numbersMask;
    const done = this.#done[slot] as number;
    this.sightings.link(records[at + LAST] as number, sighting);
    records[at + LAST] = sighting;
    if (done > 0) this.#done[slot] = -done;
  }

  /** Moves the sightings of one trail behind those of another that its stretch lies in, as `len` bytes of it from `offset` on. */
  absorb(trail: number, part: number, offset: number, len: number): void {
    const { sightings, outlines } = this;
    const { records, times } = this.#places;
    const from = this.#at(part);
    const to = this.#at(trail);
    const first = this.firstSighting(part);
    for (let sighting = first; sighting !== 0; sighting = sightings.after(sighting)) {
      sightings.becomePart(sighting, offset, len);
    }
    if ((times[(from >> 1) + OPEN_TIME] as number) < (times[(to >> 1) + OPEN_TIME] as number)) {
      times[(to >> 1) + OPEN_TIME] = times[(from >> 1) + OPEN_TIME] as number;
      records[to + OPEN_ENDPOINT] = records[from + OPEN_ENDPOINT] as number;
    }
    sightings.link(records[to + LAST] as number, first);
    records[to + LAST] = records[from + LAST] as number;
    if (outlines.vni(trail) === -1) outlines.setVni(trail, outlines.vni(part));
    outlines.setVni(part, ABSORBED);
    records[from + FIRST] = 0;
  }

  /** Lets go of the oldest trail. */
  letGo(): void {
    const places = this.#places;
    const { tail } = places;
    const first = this.firstSighting(tail);
    if (first !== 0) this.sightings.letGo(first);
    this.#release(tail);
    if (places.young <= tail) this.#grownUpTo(places.tail);
  }

  /** Lets go of trails before their turn, where nothing can come to them any more. */
  letGoSettled(): void {
    const { clockNs } = this;
    if (clockNs - (this.#times[OLDEST_YOUNG] as number) >= SETTLED_NS + BATCH_NS)
      this.#letGoYoung(clockNs - SETTLED_NS);
  }

  #letGoYoung(beforeNs: number): void {
    const places = this.#places;
    while ((this.#times[OLDEST_YOUNG] as number) <= beforeNs) {
      const trail = places.young;
      this.#grownUpTo(trail + 1);
      const first = this.#done[trail & this.#places.numbersMask] as number;
      if (first === 0) {
        this.#link(trail);
      } else {
        if (first > 0) this.sightings.letGoLine(first);
        else this.sightings.letGo(-first);
        this.#release(trail);
      }
    }
  }

  #grownUpTo(trail: number): void {
    this.#places.young = trail;
    this.#times[OLDEST_YOUNG] = this.#places.clockNs(trail);
  }

  #release(trail: number): void {
    const places = this.#places;
    const isOldest = trail === places.tail;
    places.letGo(trail);
    if (isOldest) this.#times[OLDEST] = places.clockNs(places.tail);
  }

  /** Lets a trail not go before its turn. @param mark says why */
  #keep(trail: number, mark: number): void {
    const { records } = this.#places;
    const at = this.#at(trail) + FLAGS;
    records[at] = (records[at] as number) | mark;
    this.#done[trail & this.#places.numbersMask] = 0;
  }

  /** Takes a trail's sightings away from it, the first one and those behind it: who does lets go of them. */
  takeSightings(trail: number): void {
    this.#places.records[this.#at(trail) + FIRST] = 0;
  }

  /** The newest trail with this key. @returns 0 where there is none. **Cost** no allocation. */
  newest(key: number): number {
    return this.#keys.newest(key);
  }

  /** The next older trail with the key of `trail`. @returns 0 where there is none. **Cost** no allocation. */
  older(trail: number): number {
    return this.#keys.older(trail);
  }

  /** The newest trail with a stretch of this flow. @returns 0 where there is none. **Cost** no allocation. */
  newestSpan(spanKey: number): number {
    return this.#spans.newest(spanKey);
  }

  /** The next older one. @returns 0 where there is none. **Cost** no allocation. */
  olderSpan(trail: number): number {
    return this.#spans.older(trail);
  }

  /** How a frame agrees with one that has its key. **Cost** no allocation. */
  likeness(identity: Identity, trail: number): Likeness {
    const { records } = this.#places;
    const at = this.#at(trail);
    if (this.wasAbsorbed(trail)) return Likeness.None;
    return likenessOf(identity.words, identity.at, identity.flags, records, at + WORDS, records[at + FLAGS] as number);
  }

  /** How two trails agree that have the same key. **Cost** no allocation. */
  alike(trail: number, other: number): Likeness {
    const { records } = this.#places;
    const [a, b] = [this.#at(trail), this.#at(other)];
    const [flagsA, flagsB] = [records[a + FLAGS] as number, records[b + FLAGS] as number];
    return likenessOf(records, a + WORDS, flagsA, records, b + WORDS, flagsB);
  }

  wasAbsorbed(trail: number): boolean {
    return this.vni(trail) === ABSORBED;
  }

  /** Its VNI; -1 where it is not known, so for as long as it was seen bare only. */
  vni(trail: number): number {
    return this.outlines.vni(trail);
  }

  setVni(trail: number, vni: number): void {
    this.outlines.setVni(trail, vni);
  }

  /** Gives a trail, opened by a cooked frame, which shows no MACs, those of its first sighting that does. Its flags go on saying that they are not its own. */
  takeMacs(trail: number, { words, at: from }: Identity): void {
    const { records } = this.#places;
    const to = this.at(trail);
    // Behind a router there are others: what is lost before that would be of another talk.
    if (records[to] !== 0) return;
    for (let word = 0; word < FIRST_KEY_WORD; word++) records[to + word] = words[from + word] as number;
  }

  /** When its first sighting was, and where. */
  openNs(trail: number): number {
    return this.#places.times[(this.#at(trail) >> 1) + OPEN_TIME] as number;
  }

  openEndpoint(trail: number): number {
    return this.#places.records[this.#at(trail) + OPEN_ENDPOINT] as number;
  }

  firstSighting(trail: number): number {
    return this.#places.records[this.#at(trail) + FIRST] as number;
  }

  lastSighting(trail: number): number {
    return this.#places.records[this.#at(trail) + LAST] as number;
  }

  /** An earlier trail that it looks like a copy of; 0 without. */
  twin(trail: number): number {
    return (this.#places.records[this.#at(trail) + TWIN] as number) >>> 0;
  }

  setTwin(trail: number, twin: number): void {
    this.#places.records[this.#at(trail) + TWIN] = twin;
    this.#keep(twin, HAS_COPIES);
  }

  /** Bits of `Flag` (identity.ts). */
  flags(trail: number): number {
    return this.#places.records[this.#at(trail) + FLAGS] as number;
  }

  /** Whether parts may come to it, or it to a larger one: it was neither absorbed nor settled. */
  isOpen(trail: number): boolean {
    return !this.wasAbsorbed(trail) && !this.isSettled(trail);
  }

  /** Whether it was settled before its time, being whole. */
  isSettled(trail: number): boolean {
    return (this.flags(trail) & SETTLED) !== 0;
  }

  /** Says that nothing else is expected to come to a trail behind its last sighting. */
  markSettled(trail: number): void {
    const { records } = this.#places;
    const at = this.#at(trail);
    const flags = records[at + FLAGS] as number;
    records[at + FLAGS] = flags | SETTLED;
    if ((flags & (HAS_COPIES | HAS_LIKES)) !== 0) return;
    const first = records[at + FIRST] as number;
    const last = records[at + LAST] as number;
    const tookNs = this.sightings.timeNs(last) - this.openNs(trail);
    if (tookNs <= SOON_NS) this.#done[trail & this.#places.numbersMask] = last === first + 1 ? first : -first;
  }

  /** Whether later trails have it as their twin. */
  hasCopies(trail: number): boolean {
    return (this.flags(trail) & HAS_COPIES) !== 0;
  }

  /** Whether there was another one of its key. */
  hasLikes(trail: number): boolean {
    return (this.flags(trail) & HAS_LIKES) !== 0;
  }

  /** Whether it was said to be one half of a frame. */
  isTorn(trail: number): boolean {
    return (this.flags(trail) & TORN) !== 0;
  }

  markTorn(trail: number): void {
    this.#keep(trail, TORN);
  }

  key(trail: number): number {
    return this.#places.records[this.#at(trail) + KEY_CHAIN] as number;
  }

  spanFrom(trail: number): number {
    return (this.#places.records[this.#at(trail) + SPAN_FROM] as number) >>> 0;
  }

  spanLen(trail: number): number {
    return (this.#places.records[this.#at(trail) + SPAN_LEN] as number) >>> 0;
  }

  /** Where its words start in `words()`. */
  at(trail: number): number {
    return this.#at(trail) + WORDS;
  }

  /** What holds the words of all trails. **Lifetime** until `grow`; of one's words, until the ring comes round. */
  words(): Int32Array {
    return this.#places.records;
  }

  #at(trail: number): number {
    return this.#places.at(trail);
  }
}
