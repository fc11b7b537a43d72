/**
 * Tests of a field's values: what a user wrote, by the field's type, compiled into functions of the number that a field
 * gives. Filters and expectations share it.
 *
 * A value is a number (decimal, or hexadecimal behind 0x), a MAC address or its first bytes (`02:42:0a`), an IPv4 or
 * IPv6 address or a prefix (`10.0.0.0/8`, `fd00::/8`), true or false for a flag, or text.
 */
import type { FieldType } from './table.js';

/** How a value is compared. */
export type Operator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** What a user wrote, understood: one value, or all from `low` to `high`. Numbers of one word; IPv6 has four. */
export interface Operand {
  readonly low: readonly number[];
  readonly high: readonly number[];
  /** Whether it was written as an address's first bits, which have no order. */
  readonly prefix: boolean;
}

/** Why a text is no value of a type, for people. */
export class ValueError extends Error {}

/** Tests a value as a field gives it: a number, or where the 16 bytes of an IPv6 address start. **Cost** no allocation. */
export type NumberTest = (value: number, bytes: Uint8Array) => boolean;

/**
 * Reads a value as a user wrote it.
 *
 * @param type any but `text`
 * @throws ValueError
 */
export function parseOperand(type: FieldType, text: string): Operand {
  switch (type) {
    case 'mac':
      return parseMac(text);
    case 'ipv4':
      return parseIpv4(text);
    case 'ipv6':
      return parseIpv6(text);
    case 'flag':
      if (text === 'true' || text === 'false') return exactly([text === 'true' ? 1 : 0]);
      return exactly([parseNumber(text)]);
    default:
      return exactly([parseNumber(text)]);
  }
}

/** All values from one to another. @throws ValueError where there is none between, or one is a prefix */
export function operandRange(from: Operand, to: Operand): Operand {
  if (from.prefix || to.prefix) throw new ValueError('a range goes from one whole address to another');
  if (compareWords(from.low, to.low) > 0) throw new ValueError('a range goes upwards');
  return { low: from.low, high: to.low, prefix: false };
}

/** Compares with one value. @throws ValueError for an order of prefixes */
export function compareTest(type: FieldType, operator: Operator, operand: Operand): NumberTest {
  if (operator === '==') return withinTest(type, operand);
  if (operator === '!=') {
    const same = withinTest(type, operand);
    return (value, bytes) => !same(value, bytes);
  }
  if (operand.prefix) throw new ValueError(`a prefix has no order: compare with == or !=, not ${operator}`);
  if (type === 'ipv6') return wordsOrder(operator, Uint32Array.from(operand.low));
  const bound = operand.low[0] as number;
  switch (operator) {
    case '<':
      return (value) => unsigned(type, value) < bound;
    case '<=':
      return (value) => unsigned(type, value) <= bound;
    case '>':
      return (value) => unsigned(type, value) > bound;
    default:
      return (value) => unsigned(type, value) >= bound;
  }
}

/** Tests whether a value is among some. */
export function setTest(type: FieldType, operands: readonly Operand[]): NumberTest {
  const [only] = operands;
  if (operands.length === 1 && only !== undefined) return withinTest(type, only);
  const singles = new Set<number>();
  const tests: NumberTest[] = [];
  for (const operand of operands) {
    if (type !== 'ipv6' && operand.low[0] === operand.high[0]) singles.add(operand.low[0] as number);
    else tests.push(withinTest(type, operand));
  }
  return (value, bytes) => {
    if (type !== 'ipv6' && singles.has(unsigned(type, value))) return true;
    for (let index = 0; index < tests.length; index++) if ((tests[index] as NumberTest)(value, bytes)) return true;
    return false;
  };
}

function withinTest(type: FieldType, { low, high }: Operand): NumberTest {
  if (type === 'ipv6') {
    const from = Uint32Array.from(low);
    const to = Uint32Array.from(high);
    return (at, bytes) => wordsAt(bytes, at, from) >= 0 && wordsAt(bytes, at, to) <= 0;
  }
  const from = low[0] as number;
  const to = high[0] as number;
  if (from === to) return (value) => unsigned(type, value) === from;
  return (value) => unsigned(type, value) >= from && unsigned(type, value) <= to;
}

function wordsOrder(operator: Operator, bound: Uint32Array): NumberTest {
  switch (operator) {
    case '<':
      return (at, bytes) => wordsAt(bytes, at, bound) < 0;
    case '<=':
      return (at, bytes) => wordsAt(bytes, at, bound) <= 0;
    case '>':
      return (at, bytes) => wordsAt(bytes, at, bound) > 0;
    default:
      return (at, bytes) => wordsAt(bytes, at, bound) >= 0;
  }
}

/** IPv4 addresses may come as signed integers. */
function unsigned(type: FieldType, value: number): number {
  return type === 'ipv4' ? value >>> 0 : value;
}

/** Compares the 16 bytes at `at` with four words. @returns below, at or above 0 */
function wordsAt(bytes: Uint8Array, at: number, words: Uint32Array): number {
  for (let index = 0; index < 4; index++) {
    const from = at + 4 * index;
    const word =
      (((bytes[from] as number) << 24) |
        ((bytes[from + 1] as number) << 16) |
        ((bytes[from + 2] as number) << 8) |
        (bytes[from + 3] as number)) >>>
      0;
    const difference = word - (words[index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

function compareWords(a: readonly number[], b: readonly number[]): number {
  for (const [index, word] of a.entries()) {
    const difference = word - (b[index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

function exactly(words: readonly number[]): Operand {
  return { low: words, high: words, prefix: false };
}

function parseNumber(text: string): number {
  if (!/^(0|[1-9]\d*|0x[0-9a-f]+)$/i.test(text)) throw new ValueError('a number, such as 5000 or 0x0800, belongs here');
  const value = Number(text);
  if (value > Number.MAX_SAFE_INTEGER) throw new ValueError('no field holds a number as large as this');
  return value;
}

function parseMac(text: string): Operand {
  if (!/^[0-9a-f]{2}([:-][0-9a-f]{2}){0,5}$/i.test(text)) {
    throw new ValueError('a MAC address, such as 02:42:0a:00:00:01, or its first bytes belong here');
  }
  const digits = text.replace(/[:-]/g, '');
  const low = Number.parseInt(digits.padEnd(12, '0'), 16);
  const high = Number.parseInt(digits.padEnd(12, 'f'), 16);
  return { low: [low], high: [high], prefix: low !== high };
}

function parseIpv4(text: string): Operand {
  const [address = '', bits, ...more] = text.split('/');
  const len = prefixLen(bits, 32);
  const value = ipv4Value(address);
  if (value === null || len === null || more.length > 0) {
    throw new ValueError('an IPv4 address, such as 10.0.0.1, or a prefix, such as 10.0.0.0/8, belongs here');
  }
  return prefixed([value], len, 32);
}

function parseIpv6(text: string): Operand {
  const [address = '', bits, ...more] = text.split('/');
  const len = prefixLen(bits, 128);
  const words = ipv6Words(address);
  if (words === null || len === null || more.length > 0) {
    throw new ValueError('an IPv6 address, such as fd00::1, or a prefix, such as fd00::/8, belongs here');
  }
  return prefixed(words, len, 128);
}

/** The first and the last value that share the first `len` bits. */
function prefixed(words: readonly number[], len: number, all: number): Operand {
  const mask = words.map((_, index) => {
    const bits = Math.min(32, Math.max(0, len - 32 * index));
    return bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
  });
  return {
    low: words.map((word, index) => (word & (mask[index] as number)) >>> 0),
    high: words.map((word, index) => (word | ~(mask[index] as number)) >>> 0),
    prefix: len < all,
  };
}

function prefixLen(text: string | undefined, all: number): number | null {
  if (text === undefined) return all;
  return /^(0|[1-9]\d{0,2})$/.test(text) && Number(text) <= all ? Number(text) : null;
}

function ipv4Value(text: string): number | null {
  const parts = text.split('.');
  if (parts.length !== 4) return null;
  let value = 0;
  for (const part of parts) {
    if (!/^(0|[1-9]\d{0,2})$/.test(part) || Number(part) > 255) return null;
    value = value * 256 + Number(part);
  }
  return value;
}

/** The four words of an IPv6 address (RFC 4291, section 2.2); null where it is none. */
function ipv6Words(text: string): number[] | null {
  const [head = '', tail, ...more] = text.split('::');
  if (more.length > 0) return null;
  const left = ipv6Groups(head);
  const right = tail === undefined ? [] : ipv6Groups(tail);
  if (left === null || right === null) return null;
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const groups = [...left, ...Array<number>(missing).fill(0), ...right];
  return [0, 2, 4, 6].map((at) => (groups[at] as number) * 65_536 + (groups[at + 1] as number));
}

function ipv6Groups(text: string): number[] | null {
  if (text === '') return [];
  const groups: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 ? ipv4Value(part) : null;
    if (embedded !== null) groups.push(embedded >>> 16, embedded & 0xffff);
    else if (/^[0-9a-f]{1,4}$/i.test(part)) groups.push(Number.parseInt(part, 16));
    else return null;
  }
  return groups;
}
