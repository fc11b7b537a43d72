/**
 * Filters: parsed once, compiled into closures over a frame's layers. A value is compared where it lies; no string is
 * made, save for the few fields that are text.
 *
 * A test holds if one of the field's values passes it; `!=` if there is one and all differ, as in Wireshark.
 */
import type { Frame } from '../dissect/frame.js';
import { VxdumpError } from '../errors.js';
import { compileField, compileProtocol, type Field } from './field.js';
import { FilterError, type FilterNode, type FilterValue, parseFilter } from './filter-syntax.js';
import {
  compareTest,
  type NumberTest,
  type Operand,
  operandRange,
  parseOperand,
  setTest,
  ValueError,
} from './value-test.js';

/** Whether a frame passes. **Cost** no allocation, save where a field is text. */
export type FrameTest = (frame: Frame) => boolean;

/**
 * Compiles a filter.
 *
 * @param text as a user typed it: `vxlan 5000 and inner.ip.src == 192.168.1.0/24`
 * @throws FilterError (E_FILTER), which knows where the fault is
 */
export function compileFilter(text: string): FrameTest {
  return compile(
    parseFilter(text, (name, at) => void presenceOf(name, at, text)),
    text,
  );
}

function presenceOf(name: string, at: number, text: string): Field {
  return compileProtocol(name) ?? fieldOf(name, at, text);
}

function compile(node: FilterNode, text: string): FrameTest {
  switch (node.kind) {
    case 'or':
    case 'and':
      return join(
        node.parts.map((part) => compile(part, text)),
        node.kind === 'or',
      );
    case 'not': {
      const test = compile(node.part, text);
      return (frame) => !test(frame);
    }
    case 'present': {
      const field = presenceOf(node.name, node.at, text);
      if (field.frameRow !== null) return presentFrameField(field);
      return (frame) => field.next(frame.stack, 0) >= 0;
    }
    case 'vni': {
      const field = compileField(node.name.replace('vxlan', 'vxlan.vni'));
      return anyValue(field, compareTest('uint', '==', operand(field, node.value, text)));
    }
    case 'compare': {
      const field = fieldOf(node.name, node.at, text);
      const { operator, value } = node;
      if (field.type === 'text') {
        if (operator !== '==' && operator !== '!=')
          throw new FilterError(`${node.name} is text: it has no order`, text, node.at);
        return textValue(field, new Set([value.text]), operator === '!=');
      }
      const test = understood(value, text, () => compareTest(field.type, operator, operand(field, value, text)));
      return operator === '!=' ? allValues(field, test) : anyValue(field, test);
    }
    case 'in': {
      const field = fieldOf(node.name, node.at, text);
      if (field.type === 'text') {
        const range = node.items.find(({ to }) => to !== null);
        if (range !== undefined) throw new FilterError(`${node.name} is text: it has no order`, text, range.from.at);
        return textValue(field, new Set(node.items.map(({ from }) => from.text)), false);
      }
      const operands = node.items.map(({ from, to }) => {
        const low = operand(field, from, text);
        if (to === null) return low;
        const high = operand(field, to, text);
        return understood(from, text, () => operandRange(low, high));
      });
      return anyValue(field, setTest(field.type, operands));
    }
  }
}

/** Two at a time where there are two: that is the common case, and calls are then of one shape. */
function join(tests: readonly FrameTest[], any: boolean): FrameTest {
  if (tests.length === 2) {
    const [first, second] = tests as [FrameTest, FrameTest];
    return any ? (frame) => first(frame) || second(frame) : (frame) => first(frame) && second(frame);
  }
  return (frame) => {
    for (let index = 0; index < tests.length; index++) if ((tests[index] as FrameTest)(frame) === any) return any;
    return !any;
  };
}

function anyValue(field: Field, test: NumberTest): FrameTest {
  if (field.frameRow !== null) return frameNumber(field, test);
  return ({ stack }) => {
    for (let at = field.next(stack, 0); at >= 0; at = field.next(stack, at + 1)) {
      if (test(field.number(stack, at), stack.bytes)) return true;
    }
    return false;
  };
}

function allValues(field: Field, test: NumberTest): FrameTest {
  if (field.frameRow !== null) return frameNumber(field, test);
  return ({ stack }) => {
    let at = field.next(stack, 0);
    if (at < 0) return false;
    for (; at >= 0; at = field.next(stack, at + 1)) {
      if (!test(field.number(stack, at), stack.bytes)) return false;
    }
    return true;
  };
}

/** A field of the frame itself has one value, or none. */
function frameNumber(field: Field, test: NumberTest): FrameTest {
  return (frame) => {
    const value = field.frameRow?.read(frame) ?? null;
    return typeof value === 'number' && test(value, frame.stack.bytes);
  };
}

function textValue(field: Field, wanted: ReadonlySet<string>, differs: boolean): FrameTest {
  return (frame) => {
    const value = field.frameRow?.read(frame) ?? null;
    return value !== null && wanted.has(String(value)) !== differs;
  };
}

function presentFrameField(field: Field): FrameTest {
  return (frame) => field.frameRow?.read(frame) !== null;
}

function fieldOf(name: string, at: number, text: string): Field {
  try {
    return compileField(name);
  } catch (error) {
    if (!(error instanceof VxdumpError)) throw error;
    throw new FilterError(error.message, text, at);
  }
}

function operand(field: Field, value: FilterValue, text: string): Operand {
  return understood(value, text, () => parseOperand(field.type, value.text));
}

/** What `read` gives; what is wrong with a value is said where the value stands. */
function understood<T>(value: FilterValue, text: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ValueError)) throw error;
    throw new FilterError(error.message, text, value.at);
  }
}
