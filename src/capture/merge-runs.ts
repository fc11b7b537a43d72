/**
 * Two sources side by side, as `mergeSources`, where somebody may take frames of both some at a time, in their order.
 */
import { type CorrectTime, type Cursor, least, look, openCursors, step, type TakeFrame } from './merge.js';
import type { FrameBatch, FrameSource } from './source.js';

/** Takes frames of two sources. */
export interface Runs {
  /**
   * How many frames of a source's batch, from `index` on, wait for a run: 0 where the one at `index` is to be taken by itself.
   *
   * @param greatestNs the greatest time of the source so far, that of the frame at `index` included
   */
  ahead(source: number, batch: FrameBatch, index: number, greatestNs: number): number;
  /**
   * Takes frames that wait, in the order of their times: until a source has none left, or one is to be taken by itself.
   *
   * @param limitNs where one source has some: when the other one's next frame comes
   * @returns whether it took any
   */
  run(limitNs: number): boolean;
  /** What the last run took of a source. */
  taken(source: number): number;
  /** The greatest time of a source since. */
  greatestNs(source: number): number;
}

/** Reads two sources to their ends. @param runs asked first; `take` gets what it leaves. Otherwise as `mergeSources` */
export async function mergeRuns(
  sources: readonly FrameSource[],
  correct: CorrectTime,
  baseSeconds: number,
  take: TakeFrame,
  runs: Runs,
  onBatch: (source: number) => Promise<void>,
): Promise<void> {
  const cursors = await openCursors(sources, correct, baseSeconds);
  while (cursors.length > 0) {
    if (!takeRun(cursors, correct, baseSeconds, runs)) {
      const cursor = least(cursors, null) as Cursor;
      take(cursor.source, cursor.batch, cursor.index, cursor.timeNs);
      cursor.index++;
      if (cursor.index < cursor.batch.count) step(cursor, correct, baseSeconds);
    }
    for (let place = cursors.length - 1; place >= 0; place--) {
      const cursor = cursors[place] as Cursor;
      if (cursor.index < cursor.batch.count) continue;
      await onBatch(cursor.source);
      if (!(await look(cursor, correct, baseSeconds))) cursors.splice(place, 1);
    }
  }
}

/** @returns whether any frame was taken */
function takeRun(cursors: readonly Cursor[], correct: CorrectTime, baseSeconds: number, runs: Runs): boolean {
  let limitNs = Number.POSITIVE_INFINITY;
  let firstNs = Number.POSITIVE_INFINITY;
  for (let index = 0; index < cursors.length; index++) {
    const cursor = cursors[index] as Cursor;
    if (runs.ahead(cursor.source, cursor.batch, cursor.index, cursor.keyNs) === 0) limitNs = cursor.keyNs;
    else if (cursor.keyNs < firstNs) firstNs = cursor.keyNs;
  }
  if (limitNs < firstNs || !runs.run(limitNs)) return false;
  for (let index = 0; index < cursors.length; index++) {
    const cursor = cursors[index] as Cursor;
    const taken = runs.taken(cursor.source);
    if (taken === 0) continue;
    cursor.keyNs = runs.greatestNs(cursor.source);
    cursor.index += taken - 1;
    // A frame without a time has that of the one before it.
    step(cursor, correct, baseSeconds);
    cursor.index++;
    if (cursor.index < cursor.batch.count) step(cursor, correct, baseSeconds);
  }
  return true;
}
