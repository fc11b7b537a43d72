/**
 * A step → the frame that it asks for, so that people can lay it beside the one that came. It is made from a frame that
 * comes near: what the step says is written into it, what it says nothing about stays.
 */
import { protocols } from '../dissect/frame.js';
import { FrameView } from '../dissect/frame-view.js';
import { walkFrom } from '../dissect/walk.js';
import type { Field } from '../fields/field.js';
import { parseOperand } from '../fields/value-test.js';
import { writeField } from '../fields/write-field.js';
import { LayerStack } from '../wire/stack.js';
import { compareStep } from './differences.js';
import type { Bound, Condition, Golden, Step } from './golden.js';
import type { Seen } from './seen.js';
import type { ExpectedFrame } from './verdict.js';

/** Frames that are tried. */
const MAX_MODELS = 8;

/** The frame that a step asks for, made from the frame at hand where that can be, else from the one of the others that is nearest; null where none will do. */
export function expectedFrame(
  golden: Golden,
  step: Step,
  bound: readonly Bound[],
  seen: Seen,
  atHand: FrameView | null,
  others: readonly FrameView[],
): ExpectedFrame | null {
  const made = atHand === null ? null : fromModel(step, bound, seen, atHand);
  if (made !== null) return made;
  const nearest = others
    .map((view) => ({ view, wrong: compareStep(golden, step, view, bound, seen).differences.length }))
    .sort((a, b) => a.wrong - b.wrong)
    .slice(0, MAX_MODELS);
  for (const { view } of nearest) {
    const frame = fromModel(step, bound, seen, view);
    if (frame !== null) return frame;
  }
  return null;
}

function fromModel(step: Step, bound: readonly Bound[], seen: Seen, model: FrameView): ExpectedFrame | null {
  const { stack } = model.pin();
  const words = new Map<string, string>();
  const standIns = new Map<string, number>();
  for (const condition of step.conditions) {
    const { field, expected } = condition;
    if (condition.test?.(model)) continue;
    const value = wantedWords(condition, bound, seen);
    if (value !== null) {
      if (!writeField(field, stack, value)) return null;
    } else if (condition.source < 0 || !seen.allows(condition, model)) {
      const number = standIns.get(expected) ?? standIns.size;
      standIns.set(expected, number);
      const standIn = standInFor(field, number);
      if (standIn === null || !writeField(field, stack, standIn)) return null;
      words.set(field.text(stack, field.next(stack, 0)), expected);
    }
  }
  // What was written may lead to other layers; then it is not the frame that was meant.
  const written = new LayerStack(stack.portKinds);
  written.reset(stack.bytes, stack.frameAt, stack.frameEnd - stack.frameAt, stack.wireLen);
  if (stack.depth > 0) walkFrom(written, stack.kind(0));
  return protocols(written) === protocols(stack) ? { view: new FrameView(model, written, null), words } : null;
}

/** The words of the value that a condition asks for; null where it is not one that is known. */
function wantedWords(condition: Condition, bound: readonly Bound[], seen: Seen): readonly number[] | null {
  const { field, test, name, source } = condition;
  if (test !== null) return condition.value;
  const values = source >= 0 ? seen.values(condition) : [bound[name] ?? null];
  const [value = null] = values;
  if (value === null || values.length > 1) return null;
  return typeof value === 'number' ? [value] : parseOperand(field.type, value).low;
}

/** A value that no frame has, for one that is not known; null for a field with too few. */
function standInFor({ type }: Field, number: number): readonly number[] | null {
  switch (type) {
    case 'mac':
      return [0xf273_7461_6e00 + number];
    case 'ipv4':
      return [0xf073_7400 + number];
    case 'ipv6':
      return [0x3fff_7374, 0, 0, number + 1];
    case 'uint':
      return [64_700 + number];
    default:
      return null;
  }
}
