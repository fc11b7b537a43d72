/**
 * Absentees: frames that some endpoint of their way did not see, as far as a report tells of them one by one, and what is
 * known of the others.
 */
import type { Presence } from '../taps/presence.js';
import { MAX_LISTED } from '../taps/tap-pair.js';
import type { Seen } from './seen.js';

/** The most frames that are listed while nothing shows that any endpoint should have seen them. */
const MAX_LISTED_EARLY = 4;

/** A frame that not every endpoint of its way saw, where it was seen last. */
export interface Absent extends Seen {
  /** Where it was seen before that, in the order of its way. */
  readonly before: readonly Seen[];
  readonly isArp: boolean;
}

/** Frames between two MACs that were seen at the same endpoints, where these were not all. */
export class Absentees {
  /** Those that nobody acknowledged, and those that their receivers did, where they were seen last: the first 1,000 of each. */
  readonly vanished: Absent[];
  readonly acknowledged: Absent[];
  /** All that were acknowledged. */
  acknowledgedCount: number;
  /** When the first and the last one was seen of those that are listed nowhere. */
  #firstNs = Number.POSITIVE_INFINITY;
  #lastNs = Number.NEGATIVE_INFINITY;

  constructor() {
    this.vanished = [];
    this.acknowledged = [];
    this.acknowledgedCount = 0;
  }

  /** The same without some that are listed as vanished. **Cost** allocates. */
  without(frames: ReadonlySet<Absent>): Absentees {
    const rest = new Absentees();
    rest.vanished.push(...this.vanished.filter((frame) => !frames.has(frame)));
    rest.acknowledged.push(...this.acknowledged);
    rest.acknowledgedCount = this.acknowledgedCount;
    rest.#firstNs = this.#firstNs;
    rest.#lastNs = this.#lastNs;
    return rest;
  }

  /** Whether one more would be listed. @param early while no endpoint is known to lack it */
  hasPlace(early: boolean): boolean {
    return this.vanished.length < (early ? MAX_LISTED_EARLY : MAX_LISTED);
  }

  /** Counts one that is not listed. **Cost** no allocation. */
  pass(timeNs: number): void {
    this.#firstNs = Math.min(this.#firstNs, timeNs);
    this.#lastNs = Math.max(this.#lastNs, timeNs);
  }

  /** Adds one that was acknowledged. */
  acknowledge(seen: Absent): void {
    this.acknowledgedCount++;
    if (this.acknowledged.length < MAX_LISTED) this.acknowledged.push(seen);
  }

  /** How many of `count` in all were seen last while a tap was capturing: of those that are listed nowhere all, where some may have been. */
  countWhile(presence: Presence, count: number): number {
    const listed = [...this.vanished, ...this.acknowledged];
    const unlisted = presence.overlaps(this.#firstNs, this.#lastNs) ? count - listed.length : 0;
    return listed.filter(({ timeNs }) => presence.covers(timeNs)).length + unlisted;
  }

  /**
   * Of frames that are listed nowhere, those that a tap is not shown to have been capturing at the time of: none of them,
   * or all, where only a part may be.
   *
   * @param count all that vanished
   * @param isCaptured whether the tap would have shown a frame that was seen last at a time
   */
  unprovenUnlisted(count: number, isCaptured: (timeNs: number) => boolean): number {
    return isCaptured(this.#firstNs) && isCaptured(this.#lastNs) ? 0 : count - this.vanished.length;
  }
}
