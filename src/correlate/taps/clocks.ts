/**
 * Clocks: what each tap's clock is ahead, and how fast it runs away. A clock that drifts makes one direction of a tunnel
 * look slower and slower and the other faster by as much; what makes both slower is the network.
 */
import { areOfOneHost } from './clock-offsets.js';
import { MOST_DRIFT, SIGNIFICANT } from './drift.js';
import type { LookedTap } from './first-look.js';
import { Direction } from './overlay-side.js';

/** The most that an estimate of a clock is held to be wrong by, ns. */
export const CLOCK_ERROR_NS = 10e6;
/** Pairs in each direction that an estimate is made of. */
const ENOUGH = 32;
/** The least that a clock must have run away by before it is called drift, ns. */
const LEAST_NS = 2000;

/** The clocks of all taps. */
export class Clocks {
  /** What each is ahead of the first tap's at the start, ns. */
  readonly offsetsNs: readonly number[];
  readonly #ahead: Float64Array;
  readonly #drift: Float64Array;
  readonly #since: Float64Array;
  readonly #taps: readonly LookedTap[];
  /** By tap, a number that taps have in common whose clocks were compared, each with the next one. */
  readonly #groups: readonly number[];
  /** By tap, whether its host has no underlay tap. */
  readonly #aloneOnHost: readonly boolean[];
  /** By overlay tap and underlay tap. */
  readonly #links: (Link | undefined)[];

  /** @param compared two taps each, of which frames both ways tell what their clocks differ by */
  constructor(
    taps: readonly LookedTap[],
    offsetsNs: readonly number[],
    compared: readonly (readonly [number, number])[],
  ) {
    this.offsetsNs = offsetsNs;
    this.#ahead = Float64Array.from(offsetsNs);
    this.#drift = new Float64Array(taps.length);
    this.#since = new Float64Array(taps.length);
    this.#taps = taps;
    this.#groups = groupsOf(taps, compared);
    this.#aloneOnHost = taps.map(({ host }) => !taps.some((tap) => tap.underlay && tap.host === host));
    this.#links = [];
  }

  /**
   * Whether times at an overlay tap and at an underlay tap tell which way a frame went: those of another host do not where
   * its own one has an underlay tap, too. **Cost** no allocation.
   */
  tellWay(overlay: number, underlay: number): boolean {
    if (this.areOfOneHost(overlay, underlay) || (this.#taps[overlay] as LookedTap).host === null) return true;
    return this.#aloneOnHost[overlay] as boolean;
  }

  /** Whether names put two taps on one host. **Cost** no allocation. */
  areOfOneHost(a: number, b: number): boolean {
    return areOfOneHost(this.#taps[a] as LookedTap, this.#taps[b] as LookedTap);
  }

  /** Whether it is known, not assumed, what two taps' clocks differ by. **Cost** no allocation. */
  areCompared(a: number, b: number): boolean {
    return this.#groups[a] === this.#groups[b];
  }

  /**
   * Whether times of one frame at two taps tell where it was first: where nothing shows what their clocks differ by, only
   * times that are close. **Cost** no allocation.
   *
   * @param apartNs how far the times are apart, either way
   */
  tellOrder(a: number, b: number, apartNs: number): boolean {
    return Math.abs(apartNs) <= CLOCK_ERROR_NS || this.areCompared(a, b);
  }

  /** A tap's time by the first tap's clock, ns. **Cost** no allocation. */
  corrected(tap: number, timeNs: number): number {
    const drift = this.#drift[tap] as number;
    const ahead = this.#ahead[tap] as number;
    return drift === 0 ? timeNs - ahead : timeNs - ahead - drift * (timeNs - (this.#since[tap] as number));
  }

  /** How fast an underlay tap's clock runs away from an overlay tap's, in parts per billion; 0 where none was found. */
  driftPpb(overlay: number, underlay: number): number {
    return Math.round(((this.#drift[underlay] as number) - (this.#drift[overlay] as number)) * 1e9);
  }

  /** Learns from a pair. **Cost** no allocation, save the first time. */
  learn(overlay: number, underlay: number, direction: Direction, timeNs: number, latencyNs: number): void {
    const [a, b] = [this.#taps[overlay] as LookedTap, this.#taps[underlay] as LookedTap];
    if (overlay === underlay || areOfOneHost(a, b) || b.clockOffsetNs !== null) return;
    const key = overlay * this.#taps.length + underlay;
    // An offset that was estimated made both directions alike; without one, what they differ by is the network's.
    const isEstimated = this.offsetsNs[overlay] !== this.offsetsNs[underlay];
    const link = this.#links[key] ?? new Link(isEstimated ? 0 : Number.NaN);
    this.#links[key] = link;
    link.add(direction, timeNs, latencyNs);
    if (link.isFull) this.#adjust(underlay, link, timeNs);
  }

  /** Whether the times of two taps are left as they are. **Cost** no allocation. */
  areUncorrected(a: number, b: number): boolean {
    const [ahead, drift] = [this.#ahead, this.#drift];
    return ahead[a] === 0 && ahead[b] === 0 && drift[a] === 0 && drift[b] === 0;
  }

  /** How many more pairs of a direction are learnt before clocks may be corrected: fewer than 1 where that waits for the other direction. */
  pairsLeft(overlay: number, underlay: number, direction: Direction): number {
    return ENOUGH - (this.#links[overlay * this.#taps.length + underlay]?.count(direction) ?? 0);
  }

  #adjust(tap: number, link: Link, nowNs: number): void {
    const { driftNow, aheadNs, isSignificant } = link.estimate(nowNs);
    link.restart();
    const drift = (this.#drift[tap] as number) + driftNow;
    if (!isSignificant || Math.abs(drift) > MOST_DRIFT) return;
    // What was found is by the corrected clock: put it on top, from now on.
    const raw = nowNs + (this.#ahead[tap] as number);
    this.#ahead[tap] =
      (this.#ahead[tap] as number) + (this.#drift[tap] as number) * (raw - (this.#since[tap] as number)) + aheadNs;
    this.#since[tap] = raw;
    this.#drift[tap] = drift;
  }
}

/** Numbers for taps, the same ones for those whose clocks were compared, are one, or were both told. */
function groupsOf(taps: readonly LookedTap[], compared: readonly (readonly [number, number])[]): number[] {
  const groups = taps.map((_, tap) => tap);
  const join = (a: number, b: number): void => {
    const [from, to] = [groups[a], groups[b] as number];
    for (const [tap, group] of groups.entries()) if (group === from) groups[tap] = to;
  };
  for (const [a, tap] of taps.entries()) {
    for (const [b, other] of taps.entries()) {
      const areTold = tap.clockOffsetNs !== null && other.clockOffsetNs !== null;
      if (areTold || areOfOneHost(tap, other)) join(a, b);
    }
  }
  for (const [a, b] of compared) join(a, b);
  return groups;
}

/** Latencies between two taps, both ways, as they change with time. */
class Link {
  readonly #out = new Line();
  readonly #back = new Line();
  /** Half of what out takes longer than back, where the link began: the network's, not a clock's. */
  #baseNs: number;

  /** @param baseNs NaN where it is to be found */
  constructor(baseNs: number) {
    this.#baseNs = baseNs;
  }

  get isFull(): boolean {
    return this.#out.count >= ENOUGH && this.#back.count >= ENOUGH;
  }

  add(direction: Direction, timeNs: number, latencyNs: number): void {
    if (direction === Direction.Encap) this.#out.add(timeNs, latencyNs);
    else if (direction === Direction.Decap) this.#back.add(timeNs, latencyNs);
  }

  /** Pairs of a direction since it was last estimated. */
  count(direction: Direction): number {
    return direction === Direction.Encap ? this.#out.count : this.#back.count;
  }

  /** What the clock drifts by, and what it has run ahead by since the link began. */
  estimate(nowNs: number): { driftNow: number; aheadNs: number; isSignificant: boolean } {
    const [out, back] = [this.#out, this.#back];
    const apart = (timeNs: number): number => (out.at(timeNs) - back.at(timeNs)) / 2;
    if (Number.isNaN(this.#baseNs)) this.#baseNs = apart(Math.max(out.firstNs, back.firstNs));
    const driftNow = (out.slope - back.slope) / 2;
    const aheadNs = apart(nowNs) - this.#baseNs;
    const opposite = out.slope > 0 !== back.slope > 0;
    const isSignificant =
      opposite &&
      Math.abs(out.slope) > SIGNIFICANT * out.slopeError &&
      Math.abs(back.slope) > SIGNIFICANT * back.slopeError &&
      Math.abs(aheadNs) > LEAST_NS;
    return { driftNow, aheadNs, isSignificant };
  }

  restart(): void {
    this.#out.restart();
    this.#back.restart();
  }
}

/** A line through points, by least squares. */
class Line {
  count: number;
  firstNs: number;
  #x = 0;
  #y = 0;
  #xx = 0;
  #xy = 0;
  #yy = 0;

  constructor() {
    this.count = 0;
    this.firstNs = 0;
  }

  add(timeNs: number, valueNs: number): void {
    if (this.count === 0) this.firstNs = timeNs;
    const x = timeNs - this.firstNs;
    this.count++;
    this.#x += x;
    this.#y += valueNs;
    this.#xx += x * x;
    this.#xy += x * valueNs;
    this.#yy += valueNs * valueNs;
  }

  get slope(): number {
    const spread = this.#spread;
    return spread === 0 ? 0 : (this.#xy - (this.#x * this.#y) / this.count) / spread;
  }

  get slopeError(): number {
    const spread = this.#spread;
    if (spread === 0 || this.count < 3) return Number.POSITIVE_INFINITY;
    const total = this.#yy - (this.#y * this.#y) / this.count;
    const left = Math.max(0, total - this.slope * this.slope * spread);
    return Math.sqrt(left / (this.count - 2) / spread);
  }

  at(timeNs: number): number {
    return this.#y / this.count + this.slope * (timeNs - this.firstNs - this.#x / this.count);
  }

  restart(): void {
    this.count = 0;
    this.#x = 0;
    this.#y = 0;
    this.#xx = 0;
    this.#xy = 0;
    this.#yy = 0;
  }

  get #spread(): number {
    return this.#xx - (this.#x * this.#x) / this.count;
  }
}
