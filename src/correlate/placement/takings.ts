/**
 * Takings: trails of small frames that go to the trail of the larger one that they are parts of. They are found first, all
 * of them, and taken then.
 */
import type { Bearings } from '../trails/bearings.js';
import { MAX_SIGHTINGS } from '../trails/sightings.js';
import type { Trails } from '../trails/trails.js';

/** What was found for one large frame, and where the data of each is in it. */
export class Takings {
  readonly #trails: Trails;
  readonly #bearings: Bearings;
  readonly #parts: Float64Array;
  readonly #offsets: Float64Array;
  readonly #lens: Float64Array;

  /** @param most how many there may be of one frame */
  constructor(trails: Trails, bearings: Bearings, most: number) {
    this.#trails = trails;
    this.#bearings = bearings;
    this.#parts = new Float64Array(most);
    this.#offsets = new Float64Array(most);
    this.#lens = new Float64Array(most);
  }

  /** Whether a trail may go to that of a frame which was seen here. **Cost** no allocation. */
  mayGo(part: number, tap: number, endpoint: number, tunnel: number): boolean {
    const trails = this.#trails;
    if (!trails.isOpen(part) || !this.#bearings.mayShare(part, tap, tunnel)) return false;
    return !trails.sightings.haveBeenAt(trails.firstSighting(part), endpoint, tunnel);
  }

  /** Whether a trail has a sighting of these bytes at this place already. **Cost** no allocation. */
  has(trail: number, endpoint: number, tunnel: number, offset: number, len: number): boolean {
    const { sightings } = this.#trails;
    let count = 0;
    for (let at = this.#trails.firstSighting(trail); at !== 0; at = sightings.after(at)) {
      if (++count === MAX_SIGHTINGS) return true;
      if (sightings.endpoint(at) !== endpoint || sightings.tunnel(at) !== tunnel) continue;
      const from = sightings.partOffset(at);
      const partLen = sightings.partLen(at);
      if (partLen === 0 || (from < offset + len && offset < from + partLen)) return true;
    }
    return false;
  }

  /** Puts a trail that was opened at a place on that of a larger one, which is long enough and lacks those bytes there. **Cost** no allocation. */
  takeAlong(trail: number, part: number, endpoint: number, tunnel: number, offset: number, len: number): void {
    const trails = this.#trails;
    if (!trails.isOpen(part) || offset + len > trails.spanLen(trail) || trails.openEndpoint(part) !== endpoint) return;
    if (trails.sightings.tunnel(trails.firstSighting(part)) !== tunnel) return;
    if (!this.has(trail, endpoint, tunnel, offset, len)) trails.absorb(trail, part, offset, len);
  }

  /** Notes one, the newest first. @param index of those that were found for this frame, from 0 */
  find(index: number, part: number, offset: number, len: number): void {
    this.#parts[index] = part;
    this.#offsets[index] = offset;
    this.#lens[index] = len;
  }

  /** Puts those that were noted last, so many of them, on a trail. **Cost** no allocation. */
  take(trail: number, count: number, tap: number, tunnel: number, timeNs: number): void {
    for (let index = count - 1; index >= 0; index--) {
      const part = this.#parts[index] as number;
      this.#bearings.lead(part, tap, tunnel, timeNs);
      this.#trails.absorb(trail, part, this.#offsets[index] as number, this.#lens[index] as number);
    }
  }
}
