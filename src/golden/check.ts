/**
 * Holds a capture against a golden sequence, frame by frame: exact as long as it fits, an alignment once it does not.
 */
import { type Frame, FrameView } from '../dissect/frame.js';
import { Alignment, type History } from './alignment.js';
import { divergenceOf } from './divergence.js';
import type { Bound, Golden, Pattern, TapGolden } from './golden.js';
import { Seen } from './seen.js';
import { Course, firstThread, type Move, samePlace, type Thread, take } from './threads.js';
import type { Row, TapVerdict } from './verdict.js';

/** Frames kept from the start: a fault within them is aligned from the first frame on, as a wrong first sight needs. */
const KEPT_FRAMES = 512;
/** Frames that are aligned from the first fault on. */
const ALIGNED_FRAMES = 512;
/** Rows that a verdict has of what fits. */
const MAX_ROWS = 2048;
/** The most places that a capture may be at once. */
const MAX_THREADS = 64;

/** What a check may be told. */
export interface CheckOptions {
  /** Whether a failure is explained; true unless told. Without, no frame is kept. */
  readonly explain?: boolean;
  /** What names are bound to already: by another tap of the same golden. */
  readonly bound?: readonly Bound[];
}

/**
 * One tap's check.
 *
 * **Cost** some small objects a frame; memory for some hundred frames, whatever the capture's length.
 */
export class GoldenCheck {
  readonly #golden: Golden;
  readonly #tap: TapGolden;
  readonly #explain: boolean;
  readonly #start: Thread;
  readonly #course: Course;
  readonly #seen: Seen;
  /** All that explain every frame so far: one, but for optional steps and repeats. */
  #threads: Thread[];
  #history: History | null;
  #rows: number;
  #kept: [FrameView, number][];
  #alignment: Alignment | null;
  #aligned: number;
  #unaligned: number;
  #frames: number;
  #matched: number;
  readonly #ignoredBy: Map<string, number>;
  #baseSeconds: number;
  /** What the frame just taken was: only read while it fits. */
  #failed: boolean;

  /** @param golden the whole; @param tap the part that is checked */
  constructor(golden: Golden, tap: TapGolden, options: CheckOptions = {}) {
    this.#golden = golden;
    this.#tap = tap;
    this.#explain = options.explain ?? true;
    this.#start = firstThread(tap, options.bound ?? golden.names.map(() => null));
    this.#course = new Course(tap);
    this.#seen = new Seen(tap);
    this.#threads = [this.#start];
    this.#history = null;
    this.#rows = 0;
    this.#kept = [];
    this.#alignment = null;
    this.#aligned = 0;
    this.#unaligned = 0;
    this.#frames = 0;
    this.#matched = 0;
    this.#ignoredBy = new Map();
    this.#baseSeconds = Number.NaN;
    this.#failed = false;
  }

  /** Whether a frame did not fit. */
  get failed(): boolean {
    return this.#failed;
  }

  /** What names are bound to, as far as it fits. */
  get bound(): readonly Bound[] {
    return this.#threads[0]?.bound ?? [];
  }

  /** Takes the capture's next frame. */
  add(frame: Frame): void {
    this.#frames++;
    if (Number.isNaN(this.#baseSeconds)) this.#baseSeconds = frame.seconds;
    const timeNs = (frame.seconds - this.#baseSeconds) * 1e9 + frame.nanoseconds;
    if (this.#failed) {
      this.#align(frame, timeNs);
      return;
    }
    const view = this.#explain && this.#frames <= KEPT_FRAMES ? pinned(frame) : null;
    if (view !== null) this.#kept.push([view, timeNs]);
    if (this.#fits(frame, timeNs, view)) {
      this.#seen.add(frame);
      return;
    }
    this.#failed = true;
    if (!this.#explain) return;
    if (view !== null) {
      this.#alignment = new Alignment(this.#golden, this.#tap, [this.#start], null, new Seen(this.#tap));
      for (const [kept, time] of this.#kept) this.#alignment.add(kept, time);
      this.#aligned = 1;
    } else {
      this.#alignment = new Alignment(this.#golden, this.#tap, this.#threads, this.#history, this.#seen);
      this.#align(frame, timeNs);
    }
    this.#kept = [];
  }

  /** The verdict, after the last frame. */
  finish(): TapVerdict {
    const ended = this.#threads.some(({ place }) => this.#course.choices(place).mayEnd);
    if (!this.#failed && ended) return this.#verdict(true, rowsOf(this.#history));
    if (!this.#explain) return this.#verdict(false, []);
    if (this.#alignment === null) {
      // It fitted as far as it went: steps are missing at the end, or one before was taken for another.
      const whole = this.#frames <= KEPT_FRAMES;
      const threads = whole ? [this.#start] : this.#threads;
      this.#alignment = new Alignment(
        this.#golden,
        this.#tap,
        threads,
        whole ? null : this.#history,
        whole ? new Seen(this.#tap) : this.#seen,
      );
      if (whole) for (const [view, time] of this.#kept) this.#alignment.add(view, time);
    }
    return this.#verdict(false, this.#alignment.finish(this.#unaligned === 0));
  }

  #align(frame: Frame, timeNs: number): void {
    if (this.#alignment === null || this.#aligned >= ALIGNED_FRAMES) {
      this.#unaligned++;
      return;
    }
    this.#aligned++;
    this.#alignment.add(pinned(frame), timeNs);
  }

  /** Moves on with a frame that fits. @returns whether it did */
  #fits(frame: Frame, timeNs: number, view: FrameView | null): boolean {
    const { absent, ignore } = this.#tap;
    for (let index = 0; index < absent.length; index++) if ((absent[index] as Pattern).test(frame)) return false;
    for (let index = 0; index < ignore.length; index++) {
      const { test, text } = ignore[index] as Pattern;
      if (!test(frame)) continue;
      this.#ignoredBy.set(text, (this.#ignoredBy.get(text) ?? 0) + 1);
      this.#note('ignored', null, frame, view, text);
      return true;
    }
    const next: Thread[] = [];
    let step: Row['step'] = null;
    for (let at = 0; at < this.#threads.length; at++) {
      const thread = this.#threads[at] as Thread;
      const { moves } = this.#course.choices(thread.place);
      for (let index = 0; index < moves.length; index++) {
        const move = moves[index] as Move;
        const moved = take(move, thread, this.#seen, frame, timeNs);
        if (moved === null) continue;
        step ??= move.step;
        if (next.length < MAX_THREADS && !holds(next, moved)) next.push(moved);
      }
    }
    if (next.length === 0) return false;
    this.#threads = next;
    this.#matched++;
    this.#note('matched', step, frame, view, null);
    return true;
  }

  #note(outcome: Row['outcome'], step: Row['step'], frame: Frame, view: FrameView | null, note: string | null): void {
    if (this.#rows >= MAX_ROWS) return;
    this.#rows++;
    const row: Row = { outcome, step, frame: frame.number, view, fields: [], note, bound: this.bound };
    this.#history = { row, before: this.#history };
  }

  #verdict(passed: boolean, rows: readonly Row[]): TapVerdict {
    const counts = this.#alignment === null || passed ? null : rows;
    const ignoredBy = counts === null ? this.#ignoredBy : countNotes(counts);
    return {
      tap: this.#tap.tap ?? '',
      passed,
      frames: this.#frames,
      matched: counts?.filter(({ outcome }) => outcome === 'matched').length ?? this.#matched,
      ignored: [...ignoredBy.values()].reduce((sum, count) => sum + count, 0),
      ignoredBy,
      rows,
      ...divergenceOf(this.#golden, rows, this.#alignment?.seen ?? this.#seen),
      unaligned: this.#unaligned,
    };
  }
}

function countNotes(rows: readonly Row[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { outcome, note } of rows)
    if (outcome === 'ignored' && note !== null) counts.set(note, (counts.get(note) ?? 0) + 1);
  return counts;
}

function rowsOf(history: History | null): Row[] {
  const rows: Row[] = [];
  for (let at = history; at !== null; at = at.before) rows.push(at.row);
  return rows.reverse();
}

/** Whether a thread is among some. */
function holds(threads: readonly Thread[], { place, bound }: Thread): boolean {
  return threads.some(
    (other) => samePlace(other.place, place) && other.bound.every((value, name) => value === bound[name]),
  );
}

function pinned(frame: Frame): FrameView {
  return (frame instanceof FrameView ? frame : new FrameView(frame, frame.stack, null)).pin();
}
