/**
 * Places: where the records of trails lie. Trails are numbered in order, and a ring leads from numbers to places. A place
 * is taken again as soon as its trail is let go of: those in use stay few, and in the cache.
 */
import { IDENTITY_WORDS } from '../identity/identity.js';
import { moveRing } from './ring.js';

/** Integers of a record: what is kept of a trail besides, then its identity's words. */
export const WORDS = 14;
const STRIDE = WORDS + IDENTITY_WORDS;

/** Records of trails, numbered from 1: of those in `tail..next-1`, all that were not let go of before their turn. */
export class Places {
  /** The oldest trail that is there. */
  tail: number;
  /** The oldest young one: it may still go before its turn. */
  young: number;
  /** The number that the next one gets. */
  next: number;
  /** What is kept of each, from `at` on; `times` is the same memory, in doubles. */
  records: Int32Array;
  times: Float64Array;
  /** The most numbers, and places. */
  readonly most: number;
  #mask: number;
  /** By number, where its record is; 0 of one that was let go of. */
  #ring: Int32Array;
  /** By number, when it was opened, as the window counts. */
  #clocksNs: Float64Array;
  /** Places that were given back, `freeCount` of them, and where those begin that nobody had yet. */
  #free: Int32Array;
  #freeCount = 0;
  #unused = STRIDE;

  /** @param capacity numbers and places that there are at first, a power of two @param most the most that they grow to */
  constructor(capacity: number, most: number) {
    // Written twice: what has had one value only is compiled in, and these change late (docs/adr/0005).
    this.tail = 0;
    this.young = 0;
    this.records = new Int32Array(0);
    this.times = new Float64Array(0);
    this.tail = 1;
    this.young = 1;
    this.next = 1;
    this.records = new Int32Array(capacity * STRIDE);
    this.times = new Float64Array(this.records.buffer);
    this.most = most;
    this.#mask = capacity - 1;
    this.#ring = new Int32Array(capacity);
    this.#clocksNs = new Float64Array(capacity);
    this.#free = new Int32Array(capacity);
  }

  /** Trails that there are places for, and a little less. */
  get capacity(): number {
    return this.records.length / STRIDE;
  }

  /** Numbers that there is room for, from the oldest trail's on. */
  get numbers(): number {
    return this.#mask + 1;
  }

  /** Whether another trail finds no number. */
  get isFull(): boolean {
    return this.next - this.tail > this.#mask;
  }

  /** Whether another trail finds no place. */
  get isCrowded(): boolean {
    return this.#freeCount === 0 && this.#unused === this.records.length;
  }

  /** Makes room for twice as many numbers. @returns false where there are as many as may be. **Cost** allocates. */
  grow(): boolean {
    if (this.numbers === this.most) return false;
    const [ring, clocksNs, mask] = [this.#ring, this.#clocksNs, this.#mask];
    this.#mask = mask * 2 + 1;
    this.#ring = new Int32Array(ring.length * 2);
    this.#clocksNs = new Float64Array(ring.length * 2);
    moveRing(ring, mask, this.#ring, this.#mask, 1, this.tail, this.next);
    moveRing(clocksNs, mask, this.#clocksNs, this.#mask, 1, this.tail, this.next);
    return true;
  }

  /** Makes twice as many places. @returns false where there are as many as may be. **Cost** allocates. */
  widen(): boolean {
    if (this.capacity === this.most) return false;
    const [records, free] = [this.records, this.#free];
    this.records = new Int32Array(records.length * 2);
    this.records.set(records);
    this.times = new Float64Array(this.records.buffer);
    this.#free = new Int32Array(free.length * 2);
    this.#free.set(free);
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
    return this.#ring[trail & this.#mask] as number;
  }

  /** When a trail was opened, as the window counts; infinite of one that is to come. */
  clockNs(trail: number): number {
    return trail < this.next ? (this.#clocksNs[trail & this.#mask] as number) : Number.POSITIVE_INFINITY;
  }

  /** Where the next trail's record will be. There must be a number and a place. */
  nextAt(): number {
    return this.#freeCount === 0 ? this.#unused : (this.#free[this.#freeCount - 1] as number);
  }

  /** Gives the next trail its number and its place. @param clockNs when it is opened @returns the number */
  take(clockNs: number): number {
    const trail = this.next++;
    this.#ring[trail & this.#mask] = this.nextAt();
    this.#clocksNs[trail & this.#mask] = clockNs;
    if (this.#freeCount === 0) this.#unused += STRIDE;
    else this.#freeCount--;
    return trail;
  }

  /** Lets go of a trail; where it is the oldest one, of its number too. */
  letGo(trail: number): void {
    this.#free[this.#freeCount++] = this.at(trail);
    this.#ring[trail & this.#mask] = 0;
    while (this.tail < this.next && this.at(this.tail) === 0) this.tail++;
  }
}
