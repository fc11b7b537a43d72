/**
 * The loop of `read`: frames from a source, through a report, to stdout.
 */
import type { FrameSource } from '../capture/source.js';
import type { FrameCursor } from '../dissect/frame-cursor.js';
import type { FrameTest } from '../fields/filter.js';
import type { FrameReport } from '../report/frame-report.js';
import { TextSink } from '../report/text-sink.js';
import type { Io } from './io.js';

/** Bytes that are gathered before they are written. */
const CHUNK_LEN = 65_536;

/** What became of the frames of a source. */
export interface FrameCounts {
  /** Frames that were read. */
  readonly read: number;
  /** Of those, frames that passed the filter. */
  readonly passed: number;
}

/** Counts the frames of a source that pass, `limit` at most. */
export async function countFrames(
  source: FrameSource,
  cursor: FrameCursor,
  accepts: FrameTest | null,
  limit: number,
): Promise<FrameCounts> {
  let read = 0;
  let passed = 0;
  for await (const batch of source) {
    if (accepts === null) {
      read += batch.count;
      passed = Math.min(read, limit);
    } else {
      for (let index = 0; index < batch.count && passed < limit; index++) {
        cursor.move(batch, index, source.interfaces);
        if (accepts(cursor)) passed++;
      }
      read = cursor.number;
    }
    if (passed >= limit) break;
  }
  return { read, passed };
}

/**
 * Prints the frames of a source that pass, `limit` at most; what a batch brought is out before the next one is waited for.
 *
 * @param cursor where frames are dissected
 * @param accepts the filter; null for every frame
 * @param begin gives the report, once the source knows its interfaces: with the first batch, or at the end without one
 */
export async function printFrames(
  source: FrameSource,
  cursor: FrameCursor,
  accepts: FrameTest | null,
  begin: () => Promise<FrameReport>,
  limit: number,
  io: Io,
): Promise<FrameCounts> {
  const sink = new TextSink();
  const flush = async (): Promise<void> => {
    await io.stdout.write(sink.written());
    sink.clear();
  };
  let report: FrameReport | null = null;
  let passed = 0;
  for await (const batch of source) {
    if (report === null) {
      report = await begin();
      sink.text(report.head);
    }
    for (let index = 0; index < batch.count && passed < limit; index++) {
      cursor.move(batch, index, source.interfaces);
      if (accepts !== null && !accepts(cursor)) continue;
      passed++;
      report.frame(cursor, sink);
      if (sink.length >= CHUNK_LEN) await flush();
    }
    await flush();
    if (passed >= limit) break;
  }
  if (report === null) {
    report = await begin();
    sink.text(report.head);
  }
  sink.text(report.tail);
  await flush();
  return { read: cursor.number, passed };
}
