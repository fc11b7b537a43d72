/**
 * Holds a capture against a golden sequence, frame by frame: exact as long as it fits, an alignment once it does not.
 */
import type { Frame } from '../dissect/frame.js';
import { FrameView } from '../dissect/frame-view.js';
import { Alignment } from './alignment.js';
import { divergenceOf } from './divergence.js';
import type { Bound, Golden, Pattern, TapGolden } from './golden.js';
import { Seen } from './seen.js';
import { Course, firstThread, type Move, samePlace, type Thread, take } from './threads.js';
import type { Row, TapVerdict } from './verdict.js';

/** Frames kept from the start: a fault within them is aligned from the first frame on, as a wrong first sight needs. */
const KEPT_FRAMES = 512;
/** Frames that are aligned from the first fault on. */
const ALIGNED_FRAMES = 512;
/** Rows that a verdict has of what fits from the start. */
const MAX_ROWS = 2048;
/** Rows that it has of what fits before a later fault. */
const RECENT_ROWS = 8;
/** The most places that a capture may be at once. */
const MAX_THREADS = 64;

/** What a check may be told. */
export interface CheckOptions {
  /** Whether a failure is explained; true unless told. Without, no frame is kept. */
  readonly explain?: boolean;
  /** What names are bound to already: by another tap of the same golden. */
  readonly bound?: readonly Bound[];
}

/** A row of what fits, used again and again. */
interface Recent {
  frame: number;
  step: Row['step'];
  note: string | null;
  bound: readonly Bound[];
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
  readonly #rows: Row[];
  /** Behind `MAX_ROWS`, the last rows in turn: no row is made for each of a million frames. */
  readonly #recent: readonly Recent[];
  #kept: [FrameView, number][];
  #alignment: Alignment | null;
  #aligned = 0;
  #unaligned = 0;
  #frames = 0;
  #matched = 0;
  readonly #ignoredBy: Map<string, number>;
  #baseSeconds = Number.NaN;
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
    this.#rows = [];
    this.#recent = Array.from({ length: RECENT_ROWS }, () => ({ frame: 0, step: null, note: null, bound: [] }));
    this.#kept = [];
    this.#alignment = null;
    this.#ignoredBy = new Map();
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
    this.#startAlignment();
    if (view === null) this.#align(frame, timeNs);
    this.#kept = [];
  }

  /** The verdict, after the last frame. */
  finish(): TapVerdict {
    const ended = this.#threads.some(({ place }) => this.#course.choices(place).mayEnd);
    if (!this.#failed && ended) return this.#verdict(true, this.#rows, null);
    if (!this.#explain) return this.#verdict(false, [], null);
    // Where there is none yet, it fitted as far as it went: steps are missing at the end, or one before was taken for another.
    const alignment = this.#alignment ?? this.#startAlignment();
    const aligned = alignment.finish(this.#unaligned === 0);
    return this.#verdict(false, [...this.#rowsBefore(), ...aligned], aligned);
  }

  /** Begins to align: from the first frame, where all are kept, else from where the capture stands. */
  #startAlignment(): Alignment {
    const whole = this.#frames <= KEPT_FRAMES;
    const alignment = whole
      ? new Alignment(this.#golden, this.#tap, [this.#start], new Seen(this.#tap))
      : new Alignment(this.#golden, this.#tap, this.#threads, this.#seen);
    if (whole) {
      for (const [kept, time] of this.#kept) alignment.add(kept, time);
      this.#aligned = 1;
      this.#matched = 0;
      this.#ignoredBy.clear();
      this.#rows.length = 0;
    }
    this.#alignment = alignment;
    return alignment;
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

  #note(
    outcome: 'matched' | 'ignored',
    step: Row['step'],
    frame: Frame,
    view: FrameView | null,
    note: string | null,
  ): void {
    if (this.#rows.length < MAX_ROWS) {
      this.#rows.push({ outcome, step, frame: frame.number, view, fields: [], note, bound: this.bound });
      return;
    }
    const recent = this.#recent[this.#frames % RECENT_ROWS] as Recent;
    recent.frame = frame.number;
    recent.step = step;
    recent.note = note;
    recent.bound = this.bound;
  }

  /** Rows of what fitted before the alignment: the first, and the last. */
  #rowsBefore(): Row[] {
    const recent = this.#recent
      .filter(({ frame }) => frame > 0)
      .sort((a, b) => a.frame - b.frame)
      .map(({ step, ...rest }): Row => {
        return { ...rest, step, outcome: step === null ? 'ignored' : 'matched', view: null, fields: [] };
      });
    return [...this.#rows, ...recent];
  }

  /** @param aligned the rows of the alignment, the last ones; null without */
  #verdict(passed: boolean, rows: readonly Row[], aligned: readonly Row[] | null): TapVerdict {
    const ignoredBy = new Map(this.#ignoredBy);
    let matched = this.#matched;
    for (const { outcome, note } of aligned ?? []) {
      if (outcome === 'matched') matched++;
      else if (outcome === 'ignored' && note !== null) ignoredBy.set(note, (ignoredBy.get(note) ?? 0) + 1);
    }
    return {
      tap: this.#tap.tap ?? '',
      passed,
      frames: this.#frames,
      matched,
      ignored: [...ignoredBy.values()].reduce((sum, count) => sum + count, 0),
      ignoredBy,
      rows,
      ...divergenceOf(this.#golden, rows, this.#alignment?.seen ?? this.#seen),
      unaligned: this.#unaligned,
    };
  }
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
