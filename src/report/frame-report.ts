/**
 * What every way of showing frames looks like to the command that writes it.
 */
import type { Frame } from '../dissect/frame.js';

/** A way of showing frames. It returns text; the caller writes. */
export interface FrameReport {
  /** Goes before the first frame, also if there is none. */
  readonly head: string;
  /** A frame's text, its line end included. Called once a frame, in file order. */
  readonly frame: (frame: Frame) => string;
  /** Goes behind the last frame, also if there is none. */
  readonly tail: string;
}
