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
    const trails = this.#trails;
    const at = (trail & (TRAILS - 1)) * STRIDE;
    if (span.unitCount === 0 || trails[at] !== trail) return 0;
    const start = trails[at + START] as number;
    if ((this.#written - start) >>> 0 > UNITS) return 0;
    const first = trails[at + FIRST] as number;
    const from = Math.max(first, span.firstUnit);
    const end = Math.min(first + (trails[at + COUNT] as number), span.firstUnit + span.unitCount);
    for (let index = from; index < end; index++) {
      if (this.#units[(start + index - first) & (UNITS - 1)] !== span.units[index - span.firstUnit]) return -1;
    }
    return Math.max(0, end - from);
  }
}
