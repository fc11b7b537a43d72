/**
 * Frames one by one: comfort on top of batches.
 */
import type { FrameSource } from './capture/source.js';
import type { DissectorOptions } from './dissect/dissector.js';
import { FrameCursor } from './dissect/frame-cursor.js';
import type { FrameView } from './dissect/frame-view.js';

/** What `frames` may be told. */
export interface FramesOptions extends DissectorOptions {
  /** The tap's name, for records; the source's path unless told. */
  readonly tap?: string;
  /** Ends the iteration, and closes the source, when it is aborted. */
  readonly signal?: AbortSignal;
}

/**
 * Dissects a source frame by frame.
 *
 * @param source iterated once; it closes itself at the end, and on `break`
 * @param options the tap's name, VXLAN ports
 * @returns views in file order
 * @throws `E_OPEN` where the source cannot be read any further; `signal.reason` where it was aborted
 *
 * **Cost** an object and a promise a frame: some 0.3 µs. A loop that must be fast takes the source's batches and a
 * `FrameCursor`. **Lifetime** each view until the next step; `pin` it to keep it.
 */
export async function* frames(
  source: FrameSource,
  options: FramesOptions = {},
): AsyncGenerator<FrameView, void, undefined> {
  const cursor = new FrameCursor(options.tap ?? source.path, options);
  try {
    for await (const batch of source) {
      for (let index = 0; index < batch.count; index++) {
        options.signal?.throwIfAborted();
        cursor.move(batch, index, source.interfaces);
        yield cursor.view();
      }
    }
  } finally {
    cursor.leave();
  }
}
