/**
 * Which conditions of a step a frame does not meet, with expected and actual values.
 */
import type { Frame } from '../dissect/frame.js';
import { fieldValues } from '../fields/field.js';
import { isNumeric } from '../fields/text.js';
import { ipv4Text, macText } from '../wire/address.js';
import type { Bound, Condition, Golden, Step } from './golden.js';
import type { Seen } from './seen.js';
import { firstValue, hasValue } from './threads.js';
import type { FieldDifference } from './verdict.js';

/** A step held against a frame. */
export interface Comparison {
  readonly differences: readonly FieldDifference[];
  /** What names are bound to afterwards: those that were free, and that the frame has a value for. */
  readonly bound: readonly Bound[];
}

/** Compares. **Cost** allocates: it is for frames that do not fit. */
export function compareStep(
  golden: Golden,
  step: Step,
  frame: Frame,
  before: readonly Bound[],
  seen: Seen,
): Comparison {
  const bound = [...before];
  const differences: FieldDifference[] = [];
  for (const condition of step.conditions) {
    const { field, test, name, source } = condition;
    if (test !== null) {
      if (!test(frame))
        differences.push({ field: field.name, expected: literal(condition), actual: actual(condition, frame) });
      continue;
    }
    if (source >= 0) {
      if (!seen.allows(condition, frame)) {
        const values = seen.values(condition).map((value) => shown(condition, value));
        const expected = values.join(' or ') || condition.expected;
        differences.push({ field: field.name, expected, actual: actual(condition, frame) });
      }
      continue;
    }
    const known = bound[name] as Bound;
    const $name = golden.names[name] as string;
    if (known === null) {
      const value = firstValue(condition, frame);
      if (value === null)
        differences.push({ field: field.name, expected: condition.expected, actual: null, name: $name });
      else bound[name] = value;
    } else if (!hasValue(condition, frame, known)) {
      differences.push({
        field: field.name,
        expected: shown(condition, known),
        actual: actual(condition, frame),
        name: $name,
      });
    }
  }
  return { differences, bound };
}

/** One number, whatever name it was given, is a number, as the frame's is. */
function literal({ field, expected, value }: Condition): number | string {
  return value !== null && isNumeric(field.type) ? (value[0] as number) : expected;
}

function actual({ field }: Condition, frame: Frame): number | string | null {
  const values = fieldValues(field, frame);
  return values.length > 1 ? values.join(', ') : (values[0] ?? null);
}

/** A condition for people: with what its name is bound to, where it is. */
export function conditionText(condition: Condition, bound: readonly Bound[]): string {
  const { field, expected, name } = condition;
  const known = bound[name] ?? null;
  return `${field.name}: ${known === null ? expected : `${shown(condition, known)} (${expected})`}`;
}

function shown({ field }: Condition, value: number | string): number | string {
  if (field.type === 'mac') return macText(value as number);
  return field.type === 'ipv4' ? ipv4Text(value as number) : value;
}
