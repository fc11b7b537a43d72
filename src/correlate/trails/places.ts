/**
 * Places: where the records of trails lie. Trails are numbered in order, and a ring leads from numbers to places. A place
 * is taken again as soon as its trail is let go of: those in use stay few, and in the cache.
 */
import {
  CLOCKS_AT,
  FREE_PLACES,
  FREE_PLACES_AT,
  MAX_TRAILS,
  NEXT,
  NUMBERS_MASK,
  PLACES_END,
  RECORD,
  RECORDS_AT,
  RING_AT,
  TAIL,
  UNUSED_PLACE,
  YOUNG,
} from '../tables/layout.js';
import type { PairingMemory } from '../tables/memory.js';
import { widenRing } from './ring.js';

/** Records of trails, numbered from 1: of those in `tail..next-1`, all that were not let go of before their turn. */
export class Places {
  /** What is kept of each, from `at` on; `times` is the same memory, in doubles. */
  records: Int32Array;
  times: Float64Array;
  /** The most numbers, and places. */
  readonly most: number;
  readonly #counts: Uint32Array;
  /** By number, where its record is; 0 of one that was let go of. */
  #ring: Int32Array;
  /** By number, when it was opened, as the window counts. */
  #clocksNs: Float64Array;
  /** Places that were given back. */
  #free: Int32Array;

  /** @param capacity numbers and places that there are at first, a power of two @param most the most that they grow to */
  constructor(memory: PairingMemory, capacity: number, most: number) {
    const { counts } = memory;
    // Written twice: what has had one value only is compiled in, and these change at the end (docs/adr/0005).
    this.records = new Int32Array(0);
    this.times = new Float64Array(0);
    this.records = memory.int32(RECORDS_AT, MAX_TRAILS * RECORD);
    this.times = memory.float64(RECORDS_AT, (MAX_TRAILS * RECORD) / 2);
    this.most = most;
    this.#counts = counts;
    this.#ring = memory.int32(RING_AT, MAX_TRAILS);
    this.#clocksNs = memory.float64(CLOCKS_AT, MAX_TRAILS);
    this.#free = memory.int32(FREE_PLACES_AT, MAX_TRAILS);
    counts[TAIL] = 1;
    counts[YOUNG] = 1;
    counts[NEXT] = 1;
    counts[NUMBERS_MASK] = capacity - 1;
    // 0 is no place.
    counts[UNUSED_PLACE] = RECORD;
    counts[PLACES_END] = capacity * RECORD;
  }

  /** The oldest trail that is there. */
  get tail(): number {
    return this.#counts[TAIL] as number;
  }

  /** The oldest young one: it may still go before its turn. */
  get young(): number {
    return this.#counts[YOUNG] as number;
  }

  set young(trail: number) {
    this.#counts[YOUNG] = trail;
  }

  /** The number that the next one gets. */
  get next(): number {
    return this.#counts[NEXT] as number;
  }

  /** Trails that there are places for, and a little less. */
  get capacity(): number {
    return (this.#counts[PLACES_END] as number) / RECORD;
  }

  /** Numbers that there is room for, from the oldest trail's on, less one. */
  get numbersMask(): number {
    return this.#counts[NUMBERS_MASK] as number;
  }

  /** Whether another trail finds no number. */
  get isFull(): boolean {
    return this.next - this.tail > this.numbersMask;
  }

  /** Whether another trail finds no place. */
  get isCrowded(): boolean {
    const counts = this.#counts;
    return counts[FREE_PLACES] === 0 && counts[UNUSED_PLACE] === counts[PLACES_END];
  }

  /** Makes room for twice as many numbers. @returns false where there are as many as may be */
  grow(): boolean {
    const mask = this.numbersMask;
    if (mask + 1 === this.most) return false;
    widenRing(this.#ring, mask, 1, this.tail, this.next);
    widenRing(this.#clocksNs, mask, 1, this.tail, this.next);
    this.#counts[NUMBERS_MASK] = mask * 2 + 1;
    return true;
  }

  /** Makes twice as many places. @returns false where there are as many as may be */
  widen(): boolean {
    if (this.capacity === this.most) return false;
    this.#counts[PLACES_END] = (this.#counts[PLACES_END] as number) * 2;
    return true;
  }

  /** Lets go of all memory. */
  close(): void {
    this.records = new Int32Array(0);
    this.times = new Float64Array(0);
    this.#ring = new Int32Array(0);
    this.#clocksNs = new Float64Array(0);
    this.#free = new Int32Array(0);
  }

  /** Where the record of a trail is; 0 where it was let go of before its turn. */
  at(trail: number): number {
    return this.#ring[trail & this.numbersMask] as number;
  }

  /** When a trail was opened, as the window counts; infinite of one that is to come. */
  clockNs(trail: number): number {
    return trail < this.next ? (this.#clocksNs[trail & this.numbersMask] as number) : Number.POSITIVE_INFINITY;
  }

  /** Where the next trail's record will be. There must be a number and a place. */
  nextAt(): number {
    const counts = this.#counts;
    const free = counts[FREE_PLACES] as number;
    return (free === 0 ? counts[UNUSED_PLACE] : this.#free[free - 1]) as number;
  }

  /** Gives the next trail its number and its place. @param clockNs when it is opened @returns the number */
  take(clockNs: number): number {
    const counts = this.#counts;
    const trail = this.next;
    counts[NEXT] = trail + 1;
    this.#ring[trail & this.numbersMask] = this.nextAt();
    this.#clocksNs[trail & this.numbersMask] = clockNs;
    if (counts[FREE_PLACES] === 0) counts[UNUSED_PLACE] = (counts[UNUSED_PLACE] as number) + RECORD;
    else counts[FREE_PLACES] = (counts[FREE_PLACES] as number) - 1;
    return trail;
  }

  /** Lets go of a trail; where it is the oldest one, of its number too. */
  letGo(trail: number): void {
    const counts = this.#counts;
    const free = counts[FREE_PLACES] as number;
    this.#free[free] = this.at(trail);
    counts[FREE_PLACES] = free + 1;
    this.#ring[trail & this.numbersMask] = 0;
    let { tail } = this;
    while (tail < this.next && this.at(tail) === 0) tail++;
    counts[TAIL] = tail;
  }
}
