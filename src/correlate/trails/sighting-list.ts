/**
 * The sightings of one trail as a list, each with its tap: what settlement goes through again and again.
 */
import type { Points } from '../taps/points.js';
import type { Sightings } from './sightings.js';
import type { Trails } from './trails.js';

/** One trail's sightings, gathered anew for each. */
export class SightingList {
  /** The sightings in the order in which they were taken in, the first `count` of these; and of each its tap. */
  readonly at: number[];
  readonly taps: number[];
  count: number;
  readonly #trails: Trails;
  readonly #sightings: Sightings;
  readonly #points: Points;

  constructor(trails: Trails, points: Points) {
    this.at = [];
    this.taps = [];
    this.count = 0;
    this.#trails = trails;
    this.#sightings = trails.sightings;
    this.#points = points;
  }

  /** Gathers those of a trail. **Cost** amortised no allocation. */
  gather(trail: number): void {
    const sightings = this.#sightings;
    let count = 0;
    for (let at = this.#trails.firstSighting(trail); at !== 0; at = sightings.after(at)) {
      this.at[count] = at;
      this.taps[count++] = this.#points.tap(sightings.endpoint(at) >> 1);
    }
    this.count = count;
  }

  /** Its tunnel's number; -1 of a bare frame. */
  tunnel(index: number): number {
    return this.#sightings.tunnel(this.at[index] as number);
  }

  isBare(index: number): boolean {
    return this.tunnel(index) < 0;
  }

  /** Whether one before `index` is in this tunnel. */
  hasBefore(index: number, tunnel: number): boolean {
    for (let before = 0; before < index; before++) if (this.tunnel(before) === tunnel) return true;
    return false;
  }

  /** A list of its own. **Cost** allocates. */
  copy(): SightingList {
    const copy = new SightingList(this.#trails, this.#points);
    for (let index = 0; index < this.count; index++) {
      copy.at.push(this.at[index] as number);
      copy.taps.push(this.taps[index] as number);
    }
    copy.count = this.count;
    return copy;
  }
}
