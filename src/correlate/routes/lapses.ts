/**
 * Lapses: times at which a tap's capture is known to have missed frames that passed it. A capture whose reader does not
 * keep up misses many in a row: that it did not see others around one that is known proves nothing of them. Nor does it of
 * as many as it has kept too little of to tell which they are.
 */
import type { Presence } from '../taps/presence.js';
import type { Absent } from './absentees.js';
import type { Seen } from './seen.js';

/** How far from a frame that was missed others may have been, ns: as long as a reader may take to make room again. */
const AROUND_NS = 100_000_000;
/** For how many others each one stands. Where more vanished around it, it was not the capture alone. */
const STANDS_FOR = 16;

/** What the captures of taps missed. */
export class Lapses {
  /** By tap. */
  readonly #presences: readonly Presence[];
  /** By tap, when; in order once it was asked for. */
  readonly #timesNs: Map<number, number[]>;
  readonly #inOrder: Set<number>;

  constructor(presences: readonly Presence[]) {
    this.#presences = presences;
    this.#timesNs = new Map();
    this.#inOrder = new Set();
  }

  /** A tap missed frames. **Cost** allocates. */
  add(tap: number, frames: readonly Seen[]): void {
    const timesNs = this.#timesNs.get(tap) ?? [];
    this.#timesNs.set(tap, timesNs);
    this.#inOrder.delete(tap);
    for (const { timeNs } of frames) timesNs.push(timeNs);
  }

  /**
   * Those of some frames that a tap may have seen, or its capture missed.
   *
   * @param frames in any order
   *
   * **Cost** allocates; the logarithm of what the tap missed for each frame.
   */
  around(tap: number, frames: readonly Absent[]): Set<Absent> {
    const timesNs = this.#timesOf(tap);
    const inOrder = [...frames].sort((a, b) => a.timeNs - b.timeNs);
    const { unread } = this.#presences[tap] as Presence;
    const missed = new Set<Absent>(inOrder.slice(0, unread));
    let lapse = 0;
    let left = STANDS_FOR;
    for (const frame of inOrder.slice(unread)) {
      const first = firstFrom(timesNs, frame.timeNs - AROUND_NS);
      if (first > lapse) {
        lapse = first;
        left = STANDS_FOR;
      }
      if (lapse === timesNs.length) break;
      if ((timesNs[lapse] as number) > frame.timeNs + AROUND_NS) continue;
      missed.add(frame);
      left--;
      if (left > 0) continue;
      lapse++;
      left = STANDS_FOR;
    }
    return missed;
  }

  #timesOf(tap: number): readonly number[] {
    const timesNs = this.#timesNs.get(tap) ?? [];
    if (!this.#inOrder.has(tap)) timesNs.sort((a, b) => a - b);
    this.#inOrder.add(tap);
    return timesNs;
  }
}

/** The place of the first of some times in order that is not before another one. */
function firstFrom(timesNs: readonly number[], timeNs: number): number {
  let [low, high] = [0, timesNs.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timesNs[middle] as number) < timeNs) low = middle + 1;
    else high = middle;
  }
  return low;
}
