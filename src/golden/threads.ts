/**
 * Where a capture stands in a golden sequence: a thread is a place, the rounds of the repeats around it, and what names
 * are bound to. Optional steps and repeats may make several; each is a value that is never changed.
 */
import type { Frame } from '../dissect/frame.js';
import { isNumeric } from '../fields/text.js';
import type { Bound, Condition, Step, TapGolden } from './golden.js';

/** A place in the sequence. */
export interface Thread {
  readonly node: number;
  /** Rounds done, by repeat. */
  readonly rounds: readonly number[];
  /** Which steps of the unordered group at `node` are done, a bit each. */
  readonly done: number;
  readonly bound: readonly Bound[];
  /** When its last frame came, ns; NaN before the first. */
  readonly lastNs: number;
}

/** What may come next: a step, and where that leads. */
export interface Move {
  readonly step: Step;
  readonly to: Thread;
}

/** What may come next at a thread, and whether the sequence may end there. */
export interface Choices {
  readonly moves: readonly Move[];
  readonly mayEnd: boolean;
}

/** The thread before the first step. @param bound what names are bound to already */
export function firstThread(golden: TapGolden, bound: readonly Bound[]): Thread {
  return { node: 0, rounds: golden.loops.map(() => 0), done: 0, bound, lastNs: Number.NaN };
}

/** What may come next. */
export function choices(golden: TapGolden, thread: Thread): Choices {
  const moves: Move[] = [];
  const mayEnd = follow(golden, thread, moves);
  return { moves, mayEnd };
}

/** Adds the moves from a thread. A repeat's round has a step that is not optional, so this ends. @returns whether the end is in reach */
function follow(golden: TapGolden, thread: Thread, moves: Move[]): boolean {
  const node = golden.nodes[thread.node];
  if (node === undefined) return true;
  switch (node.op) {
    case 'step': {
      const step = golden.steps[node.step] as Step;
      const to = { ...thread, node: thread.node + 1 };
      moves.push({ step, to });
      return step.optional && follow(golden, to, moves);
    }
    case 'enter': {
      const loop = golden.loops[node.loop] as TapGolden['loops'][number];
      const ends = loop.min === 0 && follow(golden, { ...thread, node: loop.exit }, moves);
      if (loop.max === 0) return ends;
      return follow(golden, round(thread, node.loop, 0, loop), moves) || ends;
    }
    case 'again': {
      const loop = golden.loops[node.loop] as TapGolden['loops'][number];
      const rounds = (thread.rounds[node.loop] as number) + 1;
      // Rounds past the least one are alike where nothing limits them: counting on would only tell threads apart.
      const counted = loop.max === Number.POSITIVE_INFINITY ? Math.min(rounds, loop.min) : rounds;
      const ends = rounds >= loop.min && follow(golden, { ...thread, node: loop.exit }, moves);
      if (rounds >= loop.max) return ends;
      return follow(golden, round(thread, node.loop, counted, loop), moves) || ends;
    }
    case 'unordered': {
      let left = false;
      for (const [place, index] of node.steps.entries()) {
        const bit = 1 << place;
        if ((thread.done & bit) !== 0) continue;
        const step = golden.steps[index] as Step;
        moves.push({ step, to: { ...thread, done: thread.done | bit } });
        if (!step.optional) left = true;
      }
      return !left && follow(golden, { ...thread, node: thread.node + 1, done: 0 }, moves);
    }
  }
}

/** The thread at the start of a repeat's round: what its names were bound to is forgotten. */
function round(thread: Thread, loop: number, rounds: number, { start, names }: TapGolden['loops'][number]): Thread {
  let bound = thread.bound;
  if (names.some((name) => bound[name] !== null))
    bound = bound.map((value, name) => (names.includes(name) ? null : value));
  return { ...thread, node: start, bound, rounds: thread.rounds.with(loop, rounds) };
}

/** Tries a move with a frame. @returns where it leads; null where a condition does not hold */
export function take({ step, to }: Move, frame: Frame, timeNs: number): Thread | null {
  if (timeNs - to.lastNs > step.withinNs) return null;
  let bound = to.bound as Bound[];
  for (let index = 0; index < step.conditions.length; index++) {
    const condition = step.conditions[index] as Condition;
    if (condition.test !== null) {
      if (!condition.test(frame)) return null;
      continue;
    }
    const known = bound[condition.name] as Bound;
    if (known !== null) {
      if (!hasValue(condition, frame, known)) return null;
      continue;
    }
    const value = firstValue(condition, frame);
    if (value === null) return null;
    if (bound === to.bound) bound = [...bound];
    bound[condition.name] = value;
  }
  return { node: to.node, rounds: to.rounds, done: to.done, bound, lastNs: timeNs };
}

/** The first value of a condition's field; null where the frame has none. */
export function firstValue({ field }: Condition, frame: Frame): Bound {
  if (field.frameRow !== null) return field.frameRow.read(frame);
  const position = field.next(frame.stack, 0);
  return position < 0 ? null : valueAt(field, frame, position);
}

/** Whether any value of a condition's field is this one. */
export function hasValue({ field }: Condition, frame: Frame, value: Bound): boolean {
  if (field.frameRow !== null) return field.frameRow.read(frame) === value;
  const { stack } = frame;
  for (let position = field.next(stack, 0); position >= 0; position = field.next(stack, position + 1)) {
    if (valueAt(field, frame, position) === value) return true;
  }
  return false;
}

function valueAt(field: Condition['field'], { stack }: Frame, position: number): number | string {
  return isNumeric(field.type) || field.type === 'mac' || field.type === 'ipv4'
    ? field.number(stack, position)
    : field.text(stack, position);
}
