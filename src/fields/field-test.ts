/**
 * Tests of a frame by one of its fields: `10.0.0.0/8`, `02:42:0a`, `1..5`, `request`, several of them. Goldens are made
 * of these; the values are value-test.ts's.
 */
import type { Frame } from '../dissect/frame.js';
import { VxdumpError } from '../errors.js';
import { LAYER_NAMES } from '../wire/stack.js';
import type { Field } from './field.js';
import { VALUE_NAMES } from './value-names.js';
import { type Operand, operandRange, parseOperand, setTest, ValueError } from './value-test.js';

/** Judges a frame. **Cost** no allocation, but for text fields of the frame itself. */
export type FieldTest = (frame: Frame) => boolean;

/**
 * Compiles: whether any value that the field has in a frame equals any literal.
 *
 * @param literals values as value-test.ts reads them, ranges `a..b`, and names that the field's values go by
 * @throws `E_VALUE` where the field has no such values
 */
export function compileFieldTest(field: Field, literals: readonly string[]): FieldTest {
  if (field.type === 'text') return textTest(field, literals);
  const test = setTest(
    field.type,
    literals.map((literal) => operandOf(field, literal)),
  );
  const { frameRow } = field;
  if (frameRow !== null) {
    return (frame) => {
      const value = frameRow.read(frame);
      return typeof value === 'number' && test(value, frame.stack.bytes);
    };
  }
  return ({ stack }) => {
    for (let position = field.next(stack, 0); position >= 0; position = field.next(stack, position + 1)) {
      if (test(field.number(stack, position), stack.bytes)) return true;
    }
    return false;
  };
}

/** The words of the one value that literals mean: four of an IPv6 address, else one; null for a range, a prefix, several, text. */
export function soleValue(field: Field, literals: readonly string[]): readonly number[] | null {
  const [literal] = literals;
  if (field.type === 'text' || literals.length !== 1 || literal === undefined) return null;
  const { low, high } = operandOf(field, literal);
  return low.every((word, index) => word === high[index]) ? low : null;
}

function operandOf(field: Field, literal: string): Operand {
  const names = VALUE_NAMES.get(field.name.replace(/^(inner|outer)\.|#\d+$/g, ''));
  const one = (text: string): Operand => parseOperand(field.type, String(names?.get(text.toLowerCase()) ?? text));
  try {
    const [from = '', to, ...more] = literal.split('..');
    if (more.length > 0) throw new ValueError('a range has two ends');
    return to === undefined ? one(literal) : operandRange(one(from), one(to));
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    const known = names === undefined ? '' : `; names are ${[...names.keys()].join(', ')}`;
    throw new VxdumpError('E_VALUE', `${field.name} '${literal}': ${error.message}${known}`);
  }
}

function textTest(field: Field, literals: readonly string[]): FieldTest {
  if (field.name === 'frame.protocols') {
    const stacks = literals.map((literal) =>
      // A frame of which nothing was entered has no names.
      literal === '' ? [] : literal.split(':').map((name) => NAMES.indexOf(name)),
    );
    return ({ stack }) => {
      for (let index = 0; index < stacks.length; index++) {
        if (isStack(stack, stacks[index] as readonly number[])) return true;
      }
      return false;
    };
  }
  return (frame) => literals.includes(String(field.frameRow?.read(frame) ?? ''));
}

const NAMES: readonly string[] = LAYER_NAMES;
/** By kind: the first kind of that name. Some kinds share one. */
const FIRST_OF_NAME = Uint8Array.from(NAMES, (name) => NAMES.indexOf(name));

/** Layer by layer: no text is made. @param kinds the first of each name; -1 for a name that no layer has */
function isStack(stack: Frame['stack'], kinds: readonly number[]): boolean {
  if (stack.depth !== kinds.length) return false;
  for (let index = 0; index < kinds.length; index++) {
    if (FIRST_OF_NAME[stack.kinds[index] as number] !== kinds[index]) return false;
  }
  return true;
}
