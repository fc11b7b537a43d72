/**
 * Units: what eight bytes of a datagram hold, as one integer, for each of them (fragments are cut between units). They are
 * kept of each trail that is a fragment of IPv6 or may be cut into some, and show whether a fragment's bytes are the
 * datagram's: a whole one has no number to tell its fragments by (RFC 8200, section 4.5).
 */
import type { Span } from './span.js';

/** Trails and units that are remembered, the latest ones: both powers of two. A datagram of 64 KiB has 8,192. */
const TRAILS = 1024;
const UNITS = 1 << 18;
/** Integers of a trail: its number, where its units start, which one of the datagram's is the first, and how many. */
const STRIDE = 4;
const START = 1;
const FIRST = 2;
const COUNT = 3;

/** Units by trail: nothing until there are any. */
export class Units {
  #trails: Uint32Array;
  #units: Int32Array;
  /** Units that were written so far. */
  #written = 0;

  constructor() {
    this.#trails = new Uint32Array(0);
    this.#units = new Int32Array(0);
  }

  /** Remembers those of the frame that opened a trail. **Cost** no allocation but once. */
  keep(trail: number, span: Span): void {
    const { units, unitCount } = span;
    if (unitCount === 0) return;
    if (this.#units.length === 0) {
      this.#trails = new Uint32Array(TRAILS * STRIDE);
      this.#units = new Int32Array(UNITS);
    }
    const at = (trail & (TRAILS - 1)) * STRIDE;
    this.#trails[at] = trail;
    this.#trails[at + START] = this.#written;
    this.#trails[at + FIRST] = span.firstUnit;
    this.#trails[at + COUNT] = unitCount;
    for (let index = 0; index < unitCount; index++) {
      this.#units[(this.#written + index) & (UNITS - 1)] = units[index] as number;
    }
    this.#written = (this.#written + unitCount) >>> 0;
  }

  /**
   * Compares those that a trail and a frame have both.
   *
   * @returns how many there are; -1 where any differs
   *
   * **Cost** no allocation.
   */
  agree(trail: number, span: Span): number {
    const at = this.#find(trail);
    if (at < 0) return 0;
    return this.#compare(at, span.units, 0, span.firstUnit, span.unitCount);
  }

  /** Compares those that two trails have both; otherwise as `agree`. */
  agreeWith(trail: number, other: number): number {
    const trails = this.#trails;
    const [at, otherAt] = [this.#find(trail), this.#find(other)];
    if (at < 0 || otherAt < 0) return 0;
    const [start, first, count] = [trails[otherAt + START], trails[otherAt + FIRST], trails[otherAt + COUNT]];
    return this.#compare(at, this.#units, start as number, first as number, count as number);
  }

  /** Where a trail's are described; -1 where they are not there any more. */
  #find(trail: number): number {
    const at = (trail & (TRAILS - 1)) * STRIDE;
    if (this.#trails[at] !== trail) return -1;
    return (this.#written - (this.#trails[at + START] as number)) >>> 0 > UNITS ? -1 : at;
  }

  /** Compares a trail's with `count` others, which start at `otherStart` of a ring and are a datagram's from `otherFirst` on. */
  #compare(at: number, others: Int32Array, otherStart: number, otherFirst: number, count: number): number {
    const units = this.#units;
    const start = this.#trails[at + START] as number;
    const first = this.#trails[at + FIRST] as number;
    const from = Math.max(first, otherFirst);
    const end = Math.min(first + (this.#trails[at + COUNT] as number), otherFirst + count);
    for (let index = from; index < end; index++) {
      const unit = units[(start + index - first) & (UNITS - 1)];
      if (unit !== others[(otherStart + index - otherFirst) & (others.length - 1)]) return -1;
    }
    return Math.max(0, end - from);
  }
}
