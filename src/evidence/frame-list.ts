/**
 * Frames that show the same thing: how many there were, and which came first.
 */

/** The most frame numbers that are kept. */
export const MAX_FRAMES = 100;

/** Frames of one tap, counted; the numbers of the first 100 are kept. */
export class FrameList {
  count: number;
  /** In the order in which they came. */
  readonly frames: number[];

  constructor() {
    this.count = 0;
    this.frames = [];
  }

  /** Adds a frame. @param frame its number, from 1. **Cost** amortised no allocation. */
  add(frame: number): void {
    if (this.count < MAX_FRAMES) this.frames.push(frame);
    this.count++;
  }
}
