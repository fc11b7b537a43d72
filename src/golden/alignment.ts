/**
 * The cheapest way to read a capture as a golden sequence with faults: steps missing, frames extra, fields that differ.
 *
 * A beam over (place, bindings): every thread has what its faults cost, frames are taken one after the other, threads
 * that are at the same place with the same bindings merge, and those that fall far behind the best one end. Bindings are
 * part of a thread, so a wrong first sight costs what it makes wrong later, and the cheaper story wins.
 */
import type { FrameView } from '../dissect/frame-view.js';
import { BAND, Beam, type History, type Reading } from './beam.js';
import { compareStep } from './differences.js';
import type { Bound, Golden, Pattern, Step, TapGolden } from './golden.js';
import { Retelling } from './retelling.js';
import type { Seen } from './seen.js';
import { type Choices, Course, isLate, type Move, remembered, type Thread, take } from './threads.js';
import type { Row } from './verdict.js';

const MISSING_COST = 4;
/** More than a step missing: in a repeat, a request without its reply is no frame too many. */
const EXTRA_COST = 5;
/** Less than a step missing: what the last frame was, with the same values, has come twice. */
const AGAIN_COST = 3;
/** A frame that stands for its step with fields wrong: cheaper than a step missing and a frame extra, up to three fields. */
const FIELD_COST = 4;
const MAX_WRONG_FIELDS = 3;
/** Readings from which steps are taken for missing, at one place: a repeat that wants millions of rounds has no end. */
const MAX_MISSING = 4096;

/** An alignment in the making. */
export class Alignment {
  readonly #golden: Golden;
  readonly #tap: TapGolden;
  readonly #course: Course;
  /** What frames have shown so far. */
  readonly seen: Seen;
  #readings: Reading[];

  /** @param threads where to begin @param seen what frames before have shown */
  constructor(golden: Golden, tap: TapGolden, threads: readonly Thread[], seen: Seen) {
    this.#golden = golden;
    this.#tap = tap;
    this.#course = new Course(tap);
    this.seen = seen;
    this.#readings = threads.map((thread) => ({ thread, cost: 0, history: null }));
  }

  /** Takes the next frame, which must last. */
  add(view: FrameView, timeNs: number): void {
    const next = new Beam();
    const absent = this.#tap.absent.find(({ test }) => test(view)) ?? null;
    const ignored = this.#tap.ignore.find(({ test }) => test(view)) ?? null;
    for (const reading of this.#withMissing(BAND + EXTRA_COST, () => false)) {
      const row = (outcome: Row['outcome'], step: Step | null, rest: Partial<Row> = {}): History => ({
        row: { outcome, step, frame: view.number, view, fields: [], note: null, bound: reading.thread.bound, ...rest },
        before: reading.history,
      });
      const stay = (cost: number, history: History): void => {
        next.offer({ thread: reading.thread, cost: reading.cost + cost, history });
      };
      if (absent !== null) {
        stay(EXTRA_COST, row('extra', null, { note: absentNote(absent) }));
        continue;
      }
      if (ignored !== null) {
        stay(0, row('ignored', null, { note: ignored.text }));
        continue;
      }
      for (const move of this.#choices(reading).moves) {
        const thread = take(move, reading.thread, this.seen, view, timeNs);
        if (thread !== null) {
          next.offer({ thread, cost: reading.cost, history: row('matched', move.step, { bound: thread.bound }) });
          continue;
        }
        const { differences, bound } = this.#compare(move, view, reading.thread, timeNs);
        const wrong = differences.length;
        if (wrong > MAX_WRONG_FIELDS || 2 * wrong > move.step.conditions.length) continue;
        next.offer({
          thread: { place: move.to, bound, lastNs: timeNs, step: move.step },
          cost: reading.cost + FIELD_COST + wrong,
          history: row('field', move.step, { fields: differences, bound }),
        });
      }
      stay(this.#isAgain(reading.thread, view) ? AGAIN_COST : EXTRA_COST, row('extra', null));
    }
    this.#readings = next.best();
    this.seen.add(view);
  }

  /** The rows of the cheapest reading, in order, once the capture has ended. */
  finish(complete: boolean): Row[] {
    let best = this.#readings[0];
    if (complete) {
      const mayEnd = (reading: Reading): boolean => this.#choices(reading).mayEnd;
      const ends = this.#withMissing(Number.POSITIVE_INFINITY, mayEnd);
      best = ends.find(mayEnd) ?? ends.at(-1);
    }
    if (best === undefined) return [];
    const rows: Row[] = [];
    let known = best.thread.bound;
    for (let history = best.history; history !== null; history = history.before) {
      const { row } = history;
      // A name that was free there is known from where it was bound next.
      known = row.bound.map((value, name) => value ?? (known[name] as Bound));
      rows.push({ ...row, bound: known });
    }
    return new Retelling(this.#golden, this.#tap, this.seen).tell(rows.reverse());
  }

  #isAgain({ step, bound }: Thread, view: FrameView): boolean {
    return step !== null && compareStep(this.#golden, step, view, bound, this.seen).differences.length === 0;
  }

  #choices(reading: Reading): Choices {
    return this.#course.choices(reading.thread.place);
  }

  /**
   * The readings, and those that take steps for missing from there, cheapest first.
   *
   * @param limit what they may cost more than the best @param last where to stop
   */
  #withMissing(limit: number, last: (reading: Reading) => boolean): Reading[] {
    const all = new Beam();
    const least = this.#readings[0]?.cost ?? 0;
    /** By what they cost more than the best: costs are small whole numbers. */
    const queues: Reading[][] = [];
    const offer = (reading: Reading): void => {
      const more = reading.cost - least;
      if (more > limit || !all.offer(reading)) return;
      const queue = queues[more];
      if (queue === undefined) queues[more] = [reading];
      else queue.push(reading);
    };
    for (const reading of this.#readings) offer(reading);
    let tried = 0;
    for (let more = 0; more < queues.length; more++) {
      for (const reading of queues[more] ?? []) {
        if (++tried > MAX_MISSING || last(reading)) return all.all();
        for (const move of this.#choices(reading).moves) offer(missing(reading, move));
      }
    }
    return all.all();
  }

  #compare(move: Move, view: FrameView, from: Thread, timeNs: number): ReturnType<typeof compareStep> {
    const { step } = move;
    const { differences, bound } = compareStep(this.#golden, step, view, remembered(move, from.bound), this.seen);
    if (!isLate(step, from, timeNs)) return { differences, bound };
    const late = timeNs - from.lastNs;
    const delta = {
      field: 'frame.time_delta',
      expected: `within ${milliseconds(step.withinNs)}`,
      actual: Number.isNaN(late) ? null : milliseconds(late),
    };
    return { differences: [...differences, delta], bound };
  }
}

/** What an `absent` that a frame matches is called. */
export function absentNote({ text, because }: Pattern): string {
  return `must be absent: ${because ?? text}`;
}

/** A reading that takes a step for missing. */
function missing({ thread, cost, history }: Reading, move: Move): Reading {
  const { step } = move;
  const bound = remembered(move, thread.bound);
  const next = { ...thread, place: move.to, bound };
  if (step.optional) return { thread: next, cost, history };
  const row: Row = { outcome: 'missing', step, frame: null, view: null, fields: [], note: null, bound };
  return { thread: next, cost: cost + MISSING_COST, history: { row, before: history } };
}

function milliseconds(ns: number): string {
  return `${Number((ns / 1e6).toFixed(6))} ms`;
}
