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

/** Where in its values `Latencies` has what. */
const Value = { Sum: 0, Least: 1, Greatest: 2, Sample: 3 } as const;

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
  #random: number;
  /** Sum, least and greatest, then the sample: side by side, since many of these are written to in turn. */
  #values: Float64Array;

  constructor() {
    this.#count = 0;
    this.#random = 0x2545f491;
    this.#values = new Float64Array(Value.Sample + 13);
    this.#values[Value.Least] = Number.POSITIVE_INFINITY;
    this.#values[Value.Greatest] = Number.NEGATIVE_INFINITY;
  }

  /** Adds one. **Cost** amortised no allocation. */
  add(latencyNs: number): void {
    const count = this.#count++;
    const place = Value.Sample + (count < SAMPLE ? count : this.#chance(count));
    if (place === this.#values.length) this.#grow();
    const values = this.#values;
    values[Value.Sum] = (values[Value.Sum] as number) + latencyNs;
    if (latencyNs < (values[Value.Least] as number)) values[Value.Least] = latencyNs;
    if (latencyNs > (values[Value.Greatest] as number)) values[Value.Greatest] = latencyNs;
    if (place < Value.Sample + SAMPLE) values[place] = latencyNs;
  }

  /** What is reported; null where there is none. **Cost** allocates. */
  summary(): LatencySummary | null {
    if (this.#count === 0) return null;
    const values = this.#values;
    const sorted = values.slice(Value.Sample, Value.Sample + Math.min(this.#count, SAMPLE)).sort();
    const rank = (share: number): number => Math.round(sorted[Math.ceil(sorted.length * share) - 1] as number);
    return {
      count: this.#count,
      min: Math.round(values[Value.Least] as number),
      mean: Math.round((values[Value.Sum] as number) / this.#count),
      p50: rank(0.5),
      p95: rank(0.95),
      max: Math.round(values[Value.Greatest] as number),
    };
  }

  /** A place among all values so far: one within the sample is taken (reservoir sampling). */
  #chance(count: number): number {
    let random = this.#random;
    random ^= random << 13;
    random ^= random >>> 17;
    random ^= random << 5;
    this.#random = random;
    return Math.floor(((random >>> 0) / 0x1_0000_0000) * (count + 1));
  }

  #grow(): void {
    const grown = new Float64Array(Math.min((this.#values.length - Value.Sample) * 2, SAMPLE) + Value.Sample);
    grown.set(this.#values);
    this.#values = grown;
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
