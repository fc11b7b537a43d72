/**
 * Latencies: what is reported of them, and what is plausible by those seen so far.
 */

/** Values of one row that are kept exactly; with more, a sample of this size. */
const SAMPLE = 4096;
/** Values that a row starts with room for. */
const FIRST_SAMPLE = 16;
/** Values that all rows of a table may keep, 8 MB: a row that finds no room any more goes on with what it has. */
const MAX_VALUES = 1 << 20;
/** Latencies that wait to be added: one after the other, what is fetched for one is fetched while the others are added. */
const LOG = 1024;
/** Where a row of the table has what, in doubles. */
const STRIDE = 8;
const COUNT = 0;
const SUM = 1;
const LEAST = 2;
const GREATEST = 3;
/** Where its sample starts among the values, and how many it has room for. */
const SAMPLE_AT = 4;
const ROOM = 5;
/** Pairs without which nothing is learnt. */
const LEAST_PAIRS = 4;
/** What is plausible until then, ns. */
const FIRST_BOUND_NS = 10e6;
/** Even where all latencies were alike, this much more, and half as much again, is plausible. */
const SLACK_NS = 10e3;
const LEAST_SHARE = 0.5;
const MEAN_GAIN = 1 / 32;
const DEVIATION_GAIN = 1 / 16;

/** Latencies of one direction, in ns. Negative ones show what clocks disagree by. */
export interface LatencySummary {
  readonly count: number;
  readonly min: number;
  readonly mean: number;
  readonly p50: number;
  readonly p95: number;
  readonly max: number;
}

/**
 * Gathers latencies row by row: percentiles are exact up to some thousand values, then of a sample, the same one every
 * time. A row is one cache line, and samples lie in one array, since many rows are written to in turn.
 */
export class LatencyTable {
  /** Rows so far, numbered from 0. */
  size: number;
  #rows: Float64Array;
  #values: Float64Array;
  #used = 0;
  readonly #logRows: Int32Array;
  readonly #logNs: Float64Array;
  #logged = 0;
  /** Samples that were outgrown, by the binary logarithm of their room. */
  readonly #free: number[][];

  constructor() {
    this.size = 0;
    this.#rows = new Float64Array(STRIDE * 16);
    this.#values = new Float64Array(FIRST_SAMPLE * 16);
    this.#logRows = new Int32Array(LOG);
    this.#logNs = new Float64Array(LOG);
    this.#free = [];
  }

  /** Opens a row. @returns its number. **Cost** amortised no allocation. */
  open(): number {
    const row = this.size++;
    const at = row * STRIDE;
    if (at === this.#rows.length) this.#rows = grown(this.#rows, at * 2);
    this.#rows[at + LEAST] = Number.POSITIVE_INFINITY;
    this.#rows[at + GREATEST] = Number.NEGATIVE_INFINITY;
    return row;
  }

  /** Adds a latency to a row. **Cost** amortised no allocation. */
  add(row: number, latencyNs: number): void {
    const at = this.#logged++;
    this.#logRows[at] = row;
    this.#logNs[at] = latencyNs;
    if (at === LOG - 1) this.#settle();
  }

  #settle(): void {
    const logged = this.#logged;
    this.#logged = 0;
    for (let index = 0; index < logged; index++) {
      const at = (this.#logRows[index] as number) * STRIDE;
      const latencyNs = this.#logNs[index] as number;
      const rows = this.#rows;
      const count = rows[at + COUNT] as number;
      rows[at + COUNT] = count + 1;
      rows[at + SUM] = (rows[at + SUM] as number) + latencyNs;
      if (latencyNs < (rows[at + LEAST] as number)) rows[at + LEAST] = latencyNs;
      if (latencyNs > (rows[at + GREATEST] as number)) rows[at + GREATEST] = latencyNs;
      if (count === rows[at + ROOM]) this.#widen(at);
      const room = rows[at + ROOM] as number;
      const place = count < room ? count : anyOf(count + 1);
      if (place < room) this.#values[(rows[at + SAMPLE_AT] as number) + place] = latencyNs;
    }
  }

  /** Latencies of a row. */
  count(row: number): number {
    if (this.#logged > 0) this.#settle();
    return this.#rows[row * STRIDE + COUNT] as number;
  }

  /** What is reported of a row; null where there is nothing. **Cost** allocates. */
  summary(row: number): LatencySummary | null {
    if (this.#logged > 0) this.#settle();
    const rows = this.#rows;
    const at = row * STRIDE;
    const count = rows[at + COUNT] as number;
    if (count === 0) return null;
    const from = rows[at + SAMPLE_AT] as number;
    // In place: a sample has no order.
    const sorted = this.#values.subarray(from, from + Math.min(count, rows[at + ROOM] as number)).sort();
    const rank = (share: number): number => Math.round(sorted[Math.ceil(sorted.length * share) - 1] as number);
    return {
      count,
      min: Math.round(rows[at + LEAST] as number),
      mean: Math.round((rows[at + SUM] as number) / count),
      p50: rank(0.5),
      p95: rank(0.95),
      max: Math.round(rows[at + GREATEST] as number),
    };
  }

  /** Doubles the room of a full sample, as far as there is any. */
  #widen(at: number): void {
    const rows = this.#rows;
    const room = rows[at + ROOM] as number;
    const wider = room === 0 ? FIRST_SAMPLE : room * 2;
    if (wider > SAMPLE) return;
    const to = this.#take(wider);
    if (to < 0) return;
    const from = rows[at + SAMPLE_AT] as number;
    this.#values.copyWithin(to, from, from + room);
    if (room > 0) this.#freeOf(room).push(from);
    rows[at + SAMPLE_AT] = to;
    rows[at + ROOM] = wider;
  }

  #take(room: number): number {
    const outgrown = this.#freeOf(room).pop();
    if (outgrown !== undefined) return outgrown;
    const from = this.#used;
    if (from + room > MAX_VALUES) return -1;
    this.#used += room;
    if (this.#used > this.#values.length) this.#values = grown(this.#values, this.#values.length * 2);
    return from;
  }

  #freeOf(room: number): number[] {
    const log = 31 - Math.clz32(room);
    const free = this.#free[log] ?? [];
    this.#free[log] = free;
    return free;
  }
}

function grown(values: Float64Array, length: number): Float64Array {
  const more = new Float64Array(length);
  more.set(values);
  return more;
}

/** A place among the first `count` of a row: one within its sample is taken (reservoir sampling). */
function anyOf(count: number): number {
  let hash = Math.imul(count ^ (count >>> 16), 0x7feb352d);
  hash = Math.imul(hash ^ (hash >>> 15), 0x846ca68b);
  return Math.floor((((hash ^ (hash >>> 16)) >>> 0) / 0x1_0000_0000) * count);
}

/** What latency is plausible: a smoothed mean and four deviations about it, as TCP's retransmission timer has it (RFC 6298). */
export class Plausible {
  /** ns; 0 until something was learnt. */
  mean: number;
  /** How far from the mean is plausible, ns. */
  bound: number;
  #pairs = 0;
  #deviation = 0;

  constructor() {
    this.mean = 0;
    this.bound = FIRST_BOUND_NS;
  }

  /** Writes what it knows to four doubles from `at` on, as placement/plain-pairs.as.ts has them. */
  lend(doubles: Float64Array, at: number): void {
    doubles[at] = this.#pairs;
    doubles[at + 1] = this.mean;
    doubles[at + 2] = this.bound;
    doubles[at + 3] = this.#deviation;
  }

  /** Takes over what `lend` wrote, and somebody has learnt since. */
  takeBack(doubles: Float64Array, at: number): void {
    this.#pairs = doubles[at] as number;
    this.mean = doubles[at + 1] as number;
    this.bound = doubles[at + 2] as number;
    this.#deviation = doubles[at + 3] as number;
  }

  /** Learns from a pair that nothing else explains. **Cost** no allocation. */
  learn(latencyNs: number): void {
    const pairs = ++this.#pairs;
    const off = latencyNs - this.mean;
    // The first ones weigh alike; one that waited for an address to be resolved must not shift the rest.
    const meanGain = Math.max(1 / pairs, MEAN_GAIN);
    const deviationGain = Math.max(1 / pairs, DEVIATION_GAIN);
    const step = pairs > LEAST_PAIRS ? Math.max(-this.bound, Math.min(off, this.bound)) : off;
    this.mean += step * meanGain;
    if (pairs > 1) this.#deviation += (Math.abs(step) - this.#deviation) * deviationGain;
    if (pairs >= LEAST_PAIRS) {
      this.bound = Math.max(4 * this.#deviation, LEAST_SHARE * Math.abs(this.mean)) + SLACK_NS;
    }
  }
}
