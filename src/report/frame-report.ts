/**
 * What every way of showing frames looks like to the command that writes it.
 */
import type { Frame } from '../dissect/frame.js';
import type { TextSink } from './text-sink.js';

/** A way of showing frames. It fills a sink; the caller writes that out and empties it. */
export interface FrameReport {
  /** Goes before the first frame, also if there is none. */
  readonly head: string;
  /** Writes a frame, its line end included, into the sink. Called once a frame, in file order. */
  readonly frame: (frame: Frame, out: TextSink) => void;
  /** Goes behind the last frame, also if there is none. */
  readonly tail: string;
}
