/**
 * Joins: TCP segments that were put together from several, and fit a wire all the same. Nothing shows that they were: so
 * what is new at a place is held against the segments of its stream, whose sequence numbers tell.
 */
import type { Identity } from '../identity/identity.js';
import { portsAt } from '../identity/segment.js';
import { CLOCK_ERROR_NS } from '../taps/clocks.js';
import type { Bearings } from '../trails/bearings.js';
import type { Trails } from '../trails/trails.js';
import type { Takings } from './takings.js';

/** The most segments that are looked at to find those that one was put together from: what came behind them meanwhile, too. */
export const MAX_JOINED = 256;
/** So many segments, seen here alone, show that their stream is sent from here. */
const MAX_OWN = 2;
/** The most that are looked at for parts that came a moment ago. */
const MAX_FOLLOWED = 8;

/** Finds the parts of segments. */
export class Joins {
  readonly #trails: Trails;
  readonly #bearings: Bearings;
  readonly #identity: Identity;
  readonly #takings: Takings;

  /** @param identity what the frame at hand is read into */
  constructor(trails: Trails, bearings: Bearings, identity: Identity, takings: Takings) {
    this.#trails = trails;
    this.#bearings = bearings;
    this.#identity = identity;
    this.#takings = takings;
  }

  /**
   * Finds the TCP segments that the one at hand, which is not too long for a wire, was put together from: they are in the
   * window, one behind the other, and are all of it.
   *
   * @returns how many; 0 without
   *
   * **Cost** no allocation; of a stream that is seen here first, a look at the segment before.
   */
  find(tap: number, endpoint: number, tunnel: number): number {
    const trails = this.#trails;
    const { words, at, span } = this.#identity;
    if (portsAt(words, at) < 0) return 0;
    let rest = span.len;
    let count = 0;
    let own = 0;
    let part = trails.newestSpan(span.key);
    for (let steps = 0; part !== 0 && steps < MAX_JOINED; part = trails.olderSpan(part), steps++) {
      const offset = (trails.spanFrom(part) - span.from) | 0;
      // What comes behind, and what was sent once more.
      if (offset >= rest) continue;
      if (offset < 0) {
        // A stream that is sent from here; of one that comes in, this was put together a moment ago, or not seen before.
        const isOwn = trails.openEndpoint(part) === endpoint;
        if (isOwn && (trails.lastSighting(part) !== trails.firstSighting(part) || ++own === MAX_OWN)) return 0;
        continue;
      }
      const len = trails.spanLen(part);
      if (offset + len !== rest || len === span.len) return 0;
      if (!this.#takings.mayGo(part, tap, endpoint, tunnel)) return 0;
      this.#takings.find(count++, part, offset, len);
      rest = offset;
      if (rest === 0) return count;
    }
    return 0;
  }

  /**
   * Puts on the trail of a segment that was put together those of its parts that came before it, where the last one, which
   * is at hand and was put there, came behind it: a clock is off.
   *
   * **Cost** no allocation; none to speak of where all clocks are one.
   */
  follow(whole: number, endpoint: number, tunnel: number): void {
    const trails = this.#trails;
    const { words, at, span } = this.#identity;
    if (portsAt(words, at) < 0 || !this.#bearings.mayRunBack(0, endpoint, trails.openEndpoint(whole), false)) return;
    let part = trails.newestSpan(span.key);
    for (let steps = 0; part !== 0 && steps < MAX_FOLLOWED; part = trails.olderSpan(part), steps++) {
      const offset = (trails.spanFrom(part) - trails.spanFrom(whole)) >>> 0;
      const len = trails.spanLen(part);
      const apartNs = Math.abs(trails.openNs(part) - trails.openNs(whole));
      if (len >= trails.spanLen(whole) || apartNs > CLOCK_ERROR_NS) continue;
      this.#takings.takeAlong(whole, part, endpoint, tunnel, offset, len);
    }
  }
}
