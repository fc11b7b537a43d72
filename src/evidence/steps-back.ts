/**
 * Times that run backwards: frames that bear an earlier time than the frame before them in the file.
 */
import { FrameList } from './frame-list.js';

/** Steps back in the times of one tap. */
export class StepsBack {
  readonly frames: FrameList;
  /** The largest, ns; 0 without any. */
  largestNs: number;
  #beforeNs: number;

  constructor() {
    this.frames = new FrameList();
    this.largestNs = 0;
    this.#beforeNs = Number.NaN;
  }

  /** Looks at a frame's time, NaN where it has none. **Cost** one comparison. */
  see(frame: number, timeNs: number): void {
    const beforeNs = this.#beforeNs;
    this.#beforeNs = timeNs;
    if (!(timeNs < beforeNs)) return;
    this.frames.add(frame);
    if (beforeNs - timeNs > this.largestNs) this.largestNs = beforeNs - timeNs;
  }
}
