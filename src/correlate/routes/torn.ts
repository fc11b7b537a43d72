/**
 * Torn frames: where nothing compares the clocks of taps, what some of them saw of a frame may go on another trail than
 * what the others saw. Each trail lacks what the other one has then, and neither shows that anything was lost.
 */
import { Likeness } from '../identity/likeness.js';
import type { Clocks } from '../taps/clocks.js';
import type { Points } from '../taps/points.js';
import type { SightingList } from '../trails/sighting-list.js';
import type { Trails } from '../trails/trails.js';

/** The most trails of the same key that are looked at. */
const MAX_STEPS = 8;

/** Finds trails that may be halves of one frame. */
export class Torn {
  readonly #trails: Trails;
  readonly #points: Points;
  readonly #clocks: Clocks;

  constructor({ trails, points, clocks }: { trails: Trails; points: Points; clocks: Clocks }) {
    this.#trails = trails;
    this.#points = points;
    this.#clocks = clocks;
  }

  /**
   * Whether a trail that is settled may be one half of a frame; the other half is marked, so that it is said to be one, too.
   *
   * @param list its sightings
   *
   * **Cost** no allocation; nothing to speak of for a trail without likes.
   */
  isHalf(trail: number, list: SightingList): boolean {
    const trails = this.#trails;
    if (trails.isTorn(trail)) return true;
    // A copy is no half, but a frame of its own.
    if (!trails.hasLikes(trail) || trails.twin(trail) !== 0) return false;
    const opener = trails.openEndpoint(trail);
    let other = trails.newest(trails.key(trail));
    for (let steps = 0; other > trail && steps < MAX_STEPS; other = trails.older(other), steps++) {
      // Most are the same frame again, from the same place.
      if (trails.openEndpoint(other) === opener || !trails.isOpen(other) || trails.twin(other) !== 0) continue;
      if (!this.#areHalves(list, other) || trails.alike(trail, other) !== Likeness.Same) continue;
      trails.markTorn(other);
      return true;
    }
    return false;
  }

  /** Whether two trails were seen nowhere both, and by clocks that nothing compares. */
  #areHalves(list: SightingList, other: number): boolean {
    const { sightings } = this.#trails;
    let areCompared = true;
    for (let at = this.#trails.firstSighting(other); at !== 0; at = sightings.after(at)) {
      const [endpoint, tunnel] = [sightings.endpoint(at), sightings.tunnel(at)];
      const tap = this.#points.tap(endpoint >> 1);
      for (let index = 0; index < list.count; index++) {
        if (sightings.endpoint(list.at[index] as number) === endpoint && list.tunnel(index) === tunnel) return false;
        areCompared &&= this.#clocks.areCompared(list.taps[index] as number, tap);
      }
    }
    return !areCompared;
  }
}
