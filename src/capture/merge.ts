/**
 * Several sources side by side: frame by frame in the order of their times. Each source keeps its own order; its place
 * among the others is the greatest of its corrected times so far.
 */
import type { FrameBatch, FrameSource } from './source.js';

/** Takes one frame. @param timeNs since the base, corrected; a frame without a time has that of the frame before it */
export type TakeFrame = (source: number, batch: FrameBatch, index: number, timeNs: number) => void;

/** Gives a source's time, in ns since the base, by the clock that all are ordered by. */
export type CorrectTime = (source: number, timeNs: number) => number;

/** Where one of several sources stands. */
export interface Cursor {
  readonly source: number;
  readonly batches: AsyncIterator<FrameBatch>;
  batch: FrameBatch;
  index: number;
  timeNs: number;
  /** The greatest time so far. */
  keyNs: number;
}

/**
 * Reads sources to their ends.
 *
 * @param correct gives a source's time by the clock that all are to be ordered by, ns since the base
 * @param baseSeconds what times are counted from: near enough, they are exact to the nanosecond (104 days)
 * @param onBatch called when all of a source's batch was taken; reading waits for it
 *
 * **Cost** a promise a batch, nothing per frame.
 */
export async function mergeSources(
  sources: readonly FrameSource[],
  correct: CorrectTime,
  baseSeconds: number,
  take: TakeFrame,
  onBatch: (source: number) => Promise<void>,
): Promise<void> {
  const cursors = await openCursors(sources, correct, baseSeconds);
  while (cursors.length > 0) {
    const cursor = least(cursors, null) as Cursor;
    const next = least(cursors, cursor);
    const limit = next?.keyNs ?? Number.POSITIVE_INFINITY;
    const { batch, source } = cursor;
    const firstOfEqual = next === null || source < next.source;
    // It stays in front until its key passes the next one's.
    let key = 0;
    do {
      take(source, batch, cursor.index, cursor.timeNs);
      cursor.index++;
      if (cursor.index >= batch.count) break;
      key = step(cursor, correct, baseSeconds);
    } while (key < limit || (key === limit && firstOfEqual));
    if (cursor.index < batch.count) continue;
    await onBatch(cursor.source);
    if (!(await look(cursor, correct, baseSeconds))) cursors.splice(cursors.indexOf(cursor), 1);
  }
}

/** Cursors on the first frames of all sources that have any. */
export async function openCursors(
  sources: readonly FrameSource[],
  correct: CorrectTime,
  baseSeconds: number,
): Promise<Cursor[]> {
  const cursors: Cursor[] = [];
  for (const [source, frames] of sources.entries()) {
    const batches = frames[Symbol.asyncIterator]();
    const first = await batches.next();
    if (first.done === true) continue;
    const cursor = {
      source,
      batches,
      batch: first.value,
      index: 0,
      timeNs: Number.NEGATIVE_INFINITY,
      keyNs: Number.NEGATIVE_INFINITY,
    };
    if (await look(cursor, correct, baseSeconds)) cursors.push(cursor);
  }
  return cursors;
}

/** Makes sure that the cursor stands on a frame. @returns false at the source's end */
export async function look(cursor: Cursor, correct: CorrectTime, baseSeconds: number): Promise<boolean> {
  while (cursor.index >= cursor.batch.count) {
    const next = await cursor.batches.next();
    if (next.done === true) return false;
    cursor.batch = next.value;
    cursor.index = 0;
  }
  step(cursor, correct, baseSeconds);
  return true;
}

/** Reads the time of the frame that the cursor stands on. @returns the cursor's key */
export function step(cursor: Cursor, correct: CorrectTime, baseSeconds: number): number {
  const { source, batch, index } = cursor;
  const seconds = (batch.seconds[index] as number) - baseSeconds;
  const timeNs = correct(source, seconds * 1e9 + (batch.nanoseconds[index] as number));
  if (!Number.isNaN(timeNs)) cursor.timeNs = timeNs;
  else if (cursor.timeNs === Number.NEGATIVE_INFINITY) cursor.timeNs = 0;
  if (cursor.timeNs > cursor.keyNs) cursor.keyNs = cursor.timeNs;
  return cursor.keyNs;
}

/** The cursor with the smallest key; of equal ones the first. @param but one that does not count */
export function least(cursors: readonly Cursor[], but: Cursor | null): Cursor | null {
  let found: Cursor | null = null;
  for (const cursor of cursors) if (cursor !== but && (found === null || cursor.keyNs < found.keyNs)) found = cursor;
  return found;
}
