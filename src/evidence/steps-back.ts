/**
 * Times that run backwards: frames that bear an earlier time than the frame before them in the file.
 */
import type { Clock } from './clock.js';
import { FrameList } from './frame-list.js';

/** Steps back in the times of one tap. */
export class StepsBack {
  readonly frames: FrameList;
  /** The largest, ns; 0 without any. */
  largestNs: number;
  readonly #clock: Clock;
  #beforeNs = Number.NaN;

  constructor(clock: Clock) {
    this.frames = new FrameList();
    this.largestNs = 0;
    this.#clock = clock;
  }

  /** The time of the frame before, ns; NaN where it has none. */
  get beforeNs(): number {
    return this.#beforeNs;
  }

  /** Takes the time of a frame that is known to be no step back, nor are those that were not looked at before it. */
  seeForward(timeNs: number): void {
    this.#beforeNs = timeNs;
  }

  /** Looks at a frame's time. **Cost** one comparison. */
  see(frame: number): void {
    const { timeNs } = this.#clock;
    const beforeNs = this.#beforeNs;
    this.#beforeNs = timeNs;
    if (!(timeNs < beforeNs)) return;
    this.frames.add(frame);
    if (beforeNs - timeNs > this.largestNs) this.largestNs = beforeNs - timeNs;
  }
}
