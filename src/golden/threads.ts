/**
 * Where a capture stands in a golden sequence: a thread is a place, the rounds of the repeats around it among it, and
 * what names are bound to. Optional steps and repeats may make several; each is a value that is never changed.
 */
import type { Frame } from '../dissect/frame.js';
import type { Bound, Condition, Loop, Step, TapGolden } from './golden.js';
import type { Seen } from './seen.js';
import { valueAt } from './value-at.js';

/** A place in the sequence. */
export interface Place {
  readonly node: number;
  /** Rounds done, by repeat. */
  readonly rounds: readonly number[];
  /** Which steps of the unordered group at `node` are done, a bit each. */
  readonly done: number;
}

/** A place, and how the capture came there. */
export interface Thread {
  readonly place: Place;
  readonly bound: readonly Bound[];
  /** When its last frame came, ns; NaN before the first. */
  readonly lastNs: number;
  /** The step that its last frame stands for; null before the first. */
  readonly step: Step | null;
}

/** What may come next: a step, and where that leads. */
export interface Move {
  readonly step: Step;
  readonly to: Place;
  /** Names that are forgotten on the way: each round of a repeat binds its own anew. */
  readonly forgotten: readonly number[];
}

/** What may come next at a place, and whether the sequence may end there. */
export interface Choices {
  readonly moves: readonly Move[];
  readonly mayEnd: boolean;
}

/** The thread before the first step. @param bound what names are bound to already */
export function firstThread(golden: TapGolden, bound: readonly Bound[]): Thread {
  return { place: { node: 0, rounds: golden.loops.map(() => 0), done: 0 }, bound, lastNs: Number.NaN, step: null };
}

/** What may come next, place by place. **Memory** the last place of each node: a repeat without an end comes to the same ones. */
export class Course {
  readonly #golden: TapGolden;
  readonly #known: { readonly place: Place; readonly choices: Choices }[] = [];

  constructor(golden: TapGolden) {
    this.#golden = golden;
  }

  /** What may come next. **Cost** no allocation where the last place at that node was the same. */
  choices(place: Place): Choices {
    const known = this.#known[place.node];
    if (known !== undefined && samePlace(known.place, place)) return known.choices;
    const moves: Move[] = [];
    const mayEnd = follow(this.#golden, place, NONE, moves);
    const choices = { moves, mayEnd };
    this.#known[place.node] = { place, choices };
    return choices;
  }
}

/** Whether two places are the same one. */
export function samePlace(a: Place, b: Place): boolean {
  if (a === b) return true;
  if (a.node !== b.node || a.done !== b.done) return false;
  for (let loop = 0; loop < a.rounds.length; loop++) if (a.rounds[loop] !== b.rounds[loop]) return false;
  return true;
}

const NONE: readonly number[] = [];

/** Adds the moves from a place. A repeat's round has a step that is not optional, so this ends. @returns whether the end is in reach */
function follow(golden: TapGolden, place: Place, forgotten: readonly number[], moves: Move[]): boolean {
  const node = golden.nodes[place.node];
  if (node === undefined) return true;
  switch (node.op) {
    case 'step': {
      const step = golden.steps[node.step] as Step;
      const to = at(place, place.node + 1);
      moves.push({ step, to, forgotten });
      return step.optional && follow(golden, to, forgotten, moves);
    }
    case 'enter': {
      const loop = golden.loops[node.loop] as Loop;
      const ends = loop.min === 0 && follow(golden, at(place, loop.exit), forgotten, moves);
      if (loop.max === 0) return ends;
      return follow(golden, round(place, node.loop, loop, 0), together(forgotten, loop.names), moves) || ends;
    }
    case 'again': {
      const loop = golden.loops[node.loop] as Loop;
      const rounds = (place.rounds[node.loop] as number) + 1;
      // Rounds past the least one are alike where nothing limits them: counting on would only tell places apart.
      const counted = loop.max === Number.POSITIVE_INFINITY ? Math.min(rounds, loop.min) : rounds;
      const ends = rounds >= loop.min && follow(golden, at(place, loop.exit), forgotten, moves);
      if (rounds >= loop.max) return ends;
      return follow(golden, round(place, node.loop, loop, counted), together(forgotten, loop.names), moves) || ends;
    }
    case 'unordered': {
      let left = false;
      for (const [bitAt, index] of node.steps.entries()) {
        const bit = 1 << bitAt;
        if ((place.done & bit) !== 0) continue;
        const step = golden.steps[index] as Step;
        moves.push({ step, to: { ...place, done: place.done | bit }, forgotten });
        if (!step.optional) left = true;
      }
      return !left && follow(golden, { ...place, node: place.node + 1, done: 0 }, forgotten, moves);
    }
  }
}

/** The place at another node. Not spread: a repeat that counts comes here at every frame. */
function at({ rounds, done }: Place, node: number): Place {
  return { node, rounds, done };
}

/** The place at the start of a repeat's round. */
function round(place: Place, loop: number, { start }: Loop, count: number): Place {
  if (place.rounds[loop] === count) return at(place, start);
  const counted = place.rounds.slice();
  counted[loop] = count;
  return { node: start, rounds: counted, done: place.done };
}

function together(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.length === 0 ? b : [...a, ...b];
}

/** What is bound after a move, before its frame binds more. */
export function remembered({ forgotten }: Move, bound: readonly Bound[]): readonly Bound[] {
  let kept = bound as Bound[];
  for (let index = 0; index < forgotten.length; index++) {
    const name = forgotten[index] as number;
    if (kept[name] === null) continue;
    if (kept === bound) kept = bound.slice();
    kept[name] = null;
  }
  return kept;
}

/** Whether a frame breaks a step's `within`: a frame without a time does, as nothing shows that it came in time. */
export function isLate({ withinNs }: Step, from: Thread, timeNs: number): boolean {
  if (withinNs === Number.POSITIVE_INFINITY || from.step === null) return false;
  return Number.isNaN(timeNs) || timeNs - from.lastNs > withinNs;
}

/** Tries a move with a frame. @returns where it leads; null where a condition does not hold. **Cost** two small objects where it does */
export function take(move: Move, from: Thread, seen: Seen, frame: Frame, timeNs: number): Thread | null {
  const { step } = move;
  if (isLate(step, from, timeNs)) return null;
  const { conditions } = step;
  let index = 0;
  for (; index < conditions.length; index++) {
    const { test } = conditions[index] as Condition;
    if (test === null) break;
    if (!test(frame)) return null;
  }
  for (; index < conditions.length; index++) {
    const condition = conditions[index] as Condition;
    if (condition.source < 0) break;
    if (!seen.allows(condition, frame)) return null;
  }
  let bound = remembered(move, from.bound) as Bound[];
  for (; index < conditions.length; index++) {
    const condition = conditions[index] as Condition;
    const known = bound[condition.name] as Bound;
    if (known !== null) {
      if (!hasValue(condition, frame, known)) return null;
      continue;
    }
    const value = firstValue(condition, frame);
    if (value === null) return null;
    if (bound === from.bound) bound = from.bound.slice();
    bound[condition.name] = value;
  }
  return { place: move.to, bound, lastNs: timeNs, step };
}

/** The first value of a condition's field; null where the frame has none. */
export function firstValue({ field }: Condition, frame: Frame): Bound {
  if (field.frameRow !== null) return field.frameRow.read(frame);
  const position = field.next(frame.stack, 0);
  return position < 0 ? null : valueAt(field, frame.stack, position);
}

/** Whether any value of a condition's field is this one. */
export function hasValue({ field }: Condition, frame: Frame, value: Bound): boolean {
  if (field.frameRow !== null) return field.frameRow.read(frame) === value;
  const { stack } = frame;
  for (let position = field.next(stack, 0); position >= 0; position = field.next(stack, position + 1)) {
    if (valueAt(field, stack, position) === value) return true;
  }
  return false;
}
