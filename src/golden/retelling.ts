/**
 * Retelling: what the cheapest reading of a capture says, in the words of people. A step missing here and its frame extra
 * there is one frame out of order, or one with wrong fields; an extra frame is told with the step that it is most like.
 */
import type { FrameView } from '../dissect/frame-view.js';
import { compareStep } from './differences.js';
import type { Golden, TapGolden } from './golden.js';
import type { Seen } from './seen.js';
import type { Row } from './verdict.js';

/** Extra frames that are held against every step. */
const MAX_NAMED = 50;

/** Tells rows anew. */
export class Retelling {
  readonly #golden: Golden;
  readonly #tap: TapGolden;
  readonly #seen: Seen;

  /** @param seen what the whole capture has shown */
  constructor(golden: Golden, tap: TapGolden, seen: Seen) {
    this.#golden = golden;
    this.#tap = tap;
    this.#seen = seen;
  }

  /** The same story in fewer words. @param rows all of a reading, in order */
  tell(rows: readonly Row[]): Row[] {
    let named = 0;
    return this.#joined(this.#swapped(rows)).map((row) =>
      row.outcome === 'extra' && row.note === null && named++ < MAX_NAMED ? this.#nearest(row) : row,
    );
  }

  /** Two rounds of a repeat, one without its first and one without its second frame, are one with both in the wrong order. */
  #swapped(rows: readonly Row[]): Row[] {
    const told: Row[] = [];
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] as Row;
      const [second, first, gone] = rows.slice(at + 1, at + 4);
      if (
        second !== undefined &&
        first !== undefined &&
        [row, second, first, gone].map((each) => each?.outcome).join() === 'missing,matched,matched,missing' &&
        this.#fits(row, first) &&
        this.#fits(gone as Row, second)
      ) {
        told.push({ ...first, outcome: 'order' }, second);
        at += 3;
      } else told.push(row);
    }
    return told;
  }

  /** Whether a row's frame is the one that another row misses. */
  #fits({ step, bound }: Row, { view, step: taken }: Row): boolean {
    if (step === null || step !== taken || view === null) return false;
    return compareStep(this.#golden, step, view, bound, this.#seen).differences.length === 0;
  }

  /** A step missing and the nearest extra frame that stands for it are one row. */
  #joined(rows: readonly Row[]): Row[] {
    const told: (Row | null)[] = [...rows];
    for (const [at, missing] of rows.entries()) {
      if (missing.outcome !== 'missing' || missing.step === null) continue;
      const step = missing.step;
      const extras = rows
        .map((row, index) => ({ row, index }))
        .filter(({ row, index }) => row.outcome === 'extra' && row.note === null && told[index]?.outcome === 'extra')
        .sort((a, b) => Math.abs(a.index - at) - Math.abs(b.index - at));
      for (const { row, index } of extras) {
        const { differences } = compareStep(this.#golden, step, row.view as FrameView, missing.bound, this.#seen);
        const [first, last] = [Math.min(at, index), Math.max(at, index)];
        if (differences.length === 0) {
          told[first] = { ...row, outcome: 'order', step, fields: differences };
          told[last] = null;
          break;
        }
        const beside = rows.slice(first + 1, last).every(({ outcome }) => outcome === 'ignored');
        if (beside && 2 * differences.length <= step.conditions.length) {
          told[index] = { ...row, outcome: 'field', step, fields: differences };
          told[at] = null;
          break;
        }
      }
    }
    return told.filter((row) => row !== null);
  }

  /** An extra frame with the step that it is most like, if any. */
  #nearest(row: Row): Row {
    let best = row;
    let least = Number.POSITIVE_INFINITY;
    for (const step of this.#tap.steps) {
      const { differences } = compareStep(this.#golden, step, row.view as FrameView, row.bound, this.#seen);
      if (2 * differences.length > step.conditions.length || differences.length >= least) continue;
      least = differences.length;
      best = { ...row, step, fields: differences };
    }
    return best;
  }
}
