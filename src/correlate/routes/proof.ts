/**
 * Proof: whether a tap shows that frames should have come to an endpoint of it. It does while it was capturing, and where
 * it is known to be behind the place that saw them.
 */
import type { Presence } from '../taps/presence.js';
import type { Absent } from './absentees.js';

/** What a tap shows of frames that were seen at a place before it. */
export class Proof {
  readonly #presence: Presence;
  readonly #isOrdered: boolean;
  readonly #takesNs: number;
  readonly #isOverlay: boolean;

  /**
   * @param presence when the tap was capturing
   * @param endpoint of the tap
   * @param isOrdered whether it is known to be behind the place
   * @param takesNs how long the way there takes: a frame at the end may have been on it yet when the capture ended
   */
  constructor(presence: Presence, endpoint: number, isOrdered: boolean, takesNs: number) {
    this.#presence = presence;
    this.#isOrdered = isOrdered;
    this.#takesNs = takesNs;
    this.#isOverlay = (endpoint & 1) === 0;
  }

  /** Whether a frame that left the place at a time should have come. */
  covers(timeNs: number): boolean {
    const presence = this.#presence;
    return this.#isOrdered && presence.covers(timeNs) && presence.covers(timeNs + this.#takesNs);
  }

  /** Whether this frame should have: the capture may have a filter that leaves out ARP. */
  holds({ timeNs, isArp }: Absent): boolean {
    return this.covers(timeNs) && !(isArp && this.#isOverlay && !this.#presence.takesArp);
  }
}
