/**
 * All hops that frames passed, how long they took, and in which order endpoints lie on the way through a tunnel.
 */

import { KeyTable } from '../../inventory/key-table.js';
import { LatencyTable } from '../taps/latency.js';
import { Mark, type Sightings } from '../trails/sightings.js';
import type { Ends } from './ends.js';
import { Hop } from './hop.js';
import { asSeen } from './seen.js';

const MAX_HOPS = 65_536;

/** Hops by number, from 0. */
export class Hops {
  readonly #sightings: Sightings;
  readonly #ends: Ends;
  readonly #table: KeyTable;
  readonly #hops: Hop[];
  /** By hop. */
  readonly #latencies: LatencyTable;

  constructor(sightings: Sightings, ends: Ends) {
    this.#sightings = sightings;
    this.#ends = ends;
    this.#table = new KeyTable(MAX_HOPS);
    this.#hops = [];
    this.#latencies = new LatencyTable();
  }

  /** The number of a hop, a new one if need be; -1 where there is no place. **Cost** amortised no allocation. */
  of(tunnel: number, from: number, to: number): number {
    const number = this.#table.row(tunnel, from, to, 0);
    if (number === this.#hops.length) {
      this.#hops.push(new Hop(number, tunnel, from, to));
      this.#latencies.open();
    }
    return number;
  }

  /** The hop of a number. @returns undefined for -1 */
  at(number: number): Hop | undefined {
    return this.#hops[number];
  }

  /** The hop between two endpoints. @returns undefined where no frame passed it */
  between(tunnel: number, from: number, to: number): Hop | undefined {
    return this.#hops[this.#table.find(tunnel, from, to, 0)];
  }

  /** Counts a frame that passed a hop. @param from its sighting before that @param to the one behind. **Cost** amortised no allocation. */
  pass(number: number, from: number, to: number): void {
    const sightings = this.#sightings;
    this.passInOrder(number, sightings.timeNs(to) - sightings.timeNs(from));
    if ((sightings.marks(to) & ~sightings.marks(from) & Mark.Late) === 0) return;
    (this.#hops[number] as Hop).addReordered(asSeen(sightings, to));
  }

  /** Counts a frame that passed a hop, and came behind no later one. **Cost** amortised no allocation. */
  passInOrder(number: number, latencyNs: number): void {
    this.#latencies.add(number, latencyNs);
  }

  /** Brings what hops say of passed frames up to date, and forgets what they say of absent ones. **Cost** allocates. */
  renew(): void {
    for (const hop of this.#hops) {
      hop.forgetAbsent();
      hop.passed = this.#latencies.count(hop.row);
      hop.latencyNs = this.#latencies.summary(hop.row);
    }
  }

  /** All of them, by tunnel, in the order of the way. **Cost** allocates. */
  inOrder(): Hop[] {
    return [...this.#hops].sort((x, y) => x.tunnel - y.tunnel || this.compare(x.tunnel, x.from, y.from));
  }

  /** Which of two endpoints comes first on the way through a tunnel: overlay taps at its ends, then those of their hosts, the others as frames passed them. */
  compare(tunnel: number, a: number, b: number): number {
    if (a === b) return 0;
    const [endA, endB] = [this.#ends.of(tunnel, a), this.#ends.of(tunnel, b)];
    if (endA !== endB) return endA - endB;
    const forth = this.#passed(tunnel, a, b);
    const back = this.#passed(tunnel, b, a);
    return back - forth || a - b;
  }

  #passed(tunnel: number, from: number, to: number): number {
    const hop = this.between(tunnel, from, to);
    return hop === undefined ? 0 : this.#latencies.count(hop.row);
  }
}
