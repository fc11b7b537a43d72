/**
 * Latencies: what is reported of them, and what is plausible by those seen so far.
 */

/** Values that are kept exactly; with more, a sample of this size. */
const SAMPLE = 4096;
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

/** Gathers latencies: percentiles are exact up to some thousand values, then of a sample, the same one every time. */
export class Latencies {
  #count: number;
  #sum: number;
  #min: number;
  #max: number;
  #random: number;
  #sample: Float64Array;

  constructor() {
    this.#count = 0;
    this.#sum = 0;
    this.#min = Number.POSITIVE_INFINITY;
    this.#max = Number.NEGATIVE_INFINITY;
    this.#random = 0x2545f491;
    this.#sample = new Float64Array(16);
  }

  /** Adds one. **Cost** amortised no allocation. */
  add(latencyNs: number): void {
    const count = this.#count++;
    this.#sum += latencyNs;
    if (latencyNs < this.#min) this.#min = latencyNs;
    if (latencyNs > this.#max) this.#max = latencyNs;
    if (count < SAMPLE) {
      if (count === this.#sample.length) this.#grow();
      this.#sample[count] = latencyNs;
      return;
    }
    let random = this.#random;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.#random = random;
    const place = Math.floor(((random >>> 0) / 0x1_0000_0000) * (count + 1));
    if (place < SAMPLE) this.#sample[place] = latencyNs;
  }

  /** What is reported; null where there is none. **Cost** allocates. */
  summary(): LatencySummary | null {
    if (this.#count === 0) return null;
    const sorted = this.#sample.slice(0, Math.min(this.#count, SAMPLE)).sort();
    const rank = (share: number): number => Math.round(sorted[Math.ceil(sorted.length * share) - 1] as number);
    return {
      count: this.#count,
      min: Math.round(this.#min),
      mean: Math.round(this.#sum / this.#count),
      p50: rank(0.5),
      p95: rank(0.95),
      max: Math.round(this.#max),
    };
  }

  #grow(): void {
    const grown = new Float64Array(this.#sample.length * 2);
    grown.set(this.#sample);
    this.#sample = grown;
  }
}

/** What latency is plausible: a smoothed mean and four deviations about it, as TCP's retransmission timer has it (RFC 6298). */
export class Plausible {
  /** ns; 0 until something was learnt. */
  mean: number;
  /** How far from the mean is plausible, ns. */
  bound: number;
  #pairs: number;
  #deviation: number;

  constructor() {
    this.mean = 0;
    this.bound = FIRST_BOUND_NS;
    this.#pairs = 0;
    this.#deviation = 0;
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
