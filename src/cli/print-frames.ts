/**
 * The loop of `read`: frames from a source, through a report, to stdout.
 */
import type { FrameSource } from '../capture/source.js';
import type { FrameCursor } from '../dissect/frame.js';
import type { FrameReport } from '../report/frame-report.js';
import { TextSink } from '../report/text-sink.js';
import type { Io } from './io.js';

/** Bytes that are gathered before they are written. */
const CHUNK_LEN = 65_536;

/** Counts the frames of a source, `limit` at most. */
export async function countFrames(source: FrameSource, limit: number): Promise<number> {
  let frames = 0;
  for await (const batch of source) {
    frames += batch.count;
    if (frames >= limit) return limit;
  }
  return frames;
}

/**
 * Prints the frames of a source, `limit` at most; what a batch brought is out before the next one is waited for.
 *
 * @param cursor where frames are dissected
 * @param begin gives the report, once the source knows its interfaces: with the first batch, or at the end without one
 * @returns how many were printed
 */
export async function printFrames(
  source: FrameSource,
  cursor: FrameCursor,
  begin: () => Promise<FrameReport>,
  limit: number,
  io: Io,
): Promise<number> {
  const sink = new TextSink();
  const flush = async (): Promise<void> => {
    await io.stdout.write(sink.written());
    sink.clear();
  };
  let report: FrameReport | null = null;
  for await (const batch of source) {
    if (report === null) {
      report = await begin();
      sink.text(report.head);
    }
    for (let index = 0; index < batch.count && cursor.number < limit; index++) {
      cursor.move(batch, index, source.interfaces);
      report.frame(cursor, sink);
      if (sink.length >= CHUNK_LEN) await flush();
    }
    await flush();
    if (cursor.number >= limit) break;
  }
  if (report === null) {
    report = await begin();
    sink.text(report.head);
  }
  sink.text(report.tail);
  await flush();
  return cursor.number;
}
