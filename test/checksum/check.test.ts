import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { assemblyMemory } from '../../src/assembly/memory.js';
import { type Check, checkOf } from '../../src/checksum/check.js';
import { internetSum } from '../helpers/frame-builder.js';

const HEADER_LEN = 20;

/** Whether it is WebAssembly that checks. */
function isQuick(check: Check): boolean {
  return String(check).includes('[native code]');
}

/** Bytes in such memory, with `bytes` at `at`, and 0xff around them. */
function held(bytes: Uint8Array, at: number, len = at + bytes.length + 16): Uint8Array {
  const around = assemblyMemory(len).fill(0xff);
  around.set(bytes, at);
  return around;
}

/** Bytes whose first word makes their sum right; one that is not carries as much as it can. */
function right(bytes: Uint8Array, start = 0): Uint8Array {
  const made = Uint8Array.from(bytes).fill(0, 0, 2);
  const sum = ~internetSum(made, start) & 0xffff;
  return made.fill(sum >> 8, 0, 1).fill(sum & 0xff, 1, 2);
}

/** Two headers and a segment, all right. */
const frame = fc
  .record({
    first: fc.uint8Array({ minLength: HEADER_LEN, maxLength: HEADER_LEN }),
    second: fc.uint8Array({ minLength: HEADER_LEN, maxLength: HEADER_LEN }),
    segment: fc.uint8Array({ minLength: 2, maxLength: 200 }),
    start: fc.nat(0xffff),
  })
  .map(({ first, second, segment, start }) => ({
    bytes: Uint8Array.from([...right(first), ...right(second), ...right(segment, start)]),
    start,
  }))
  // All zeros sum to 0, which is no minus zero: never a header.
  .filter(({ bytes }) => bytes.subarray(0, 20).some(Boolean) && bytes.subarray(20, 40).some(Boolean));

/** Whether `frame` at `at` is right. */
function checked(bytes: Uint8Array, at: number, len: number, start: number, check = checkOf(bytes)): number {
  return check(at, at + HEADER_LEN, at + 2 * HEADER_LEN, at + len, start);
}

describe('WebAssembly checks', () => {
  test('what is right is, at any place', () => {
    fc.assert(
      fc.property(frame, fc.nat(17), ({ bytes, start }, at) => {
        const memory = held(bytes, at);
        expect(isQuick(checkOf(memory))).toBe(true);
        expect(checked(memory, at, bytes.length, start)).toBe(1);
        expect(checked(Uint8Array.from(memory), at, bytes.length, start)).toBe(1);
      }),
    );
  });

  test('any other value of any byte is wrong', () => {
    fc.assert(
      fc.property(frame, fc.nat(), fc.integer({ min: 1, max: 254 }), ({ bytes, start }, place, by) => {
        const changed = Uint8Array.from(bytes);
        const at = place % bytes.length;
        changed[at] = (changed[at] as number) ^ by;
        const part = changed.subarray(at < 20 ? 0 : at < 40 ? 20 : 40, at < 20 ? 20 : at < 40 ? 40 : undefined);
        // 0x0000 and 0xffff are the same to a sum.
        const isRight = internetSum(part, at < 40 ? 0 : start) === 0xffff ? 1 : 0;
        expect(checked(held(changed, 3), 3, bytes.length, start)).toBe(isRight);
        expect(checked(changed, 0, bytes.length, start)).toBe(isRight);
      }),
    );
  });

  test('every length, of bytes that carry as much as they can', () => {
    for (const len of [...Array.from({ length: 70 }, (_, index) => index + 2), 65_535, 65_534]) {
      const bytes = right(new Uint8Array(len).fill(0xff), 0xffff);
      const headers = right(new Uint8Array(HEADER_LEN).fill(0xff));
      const memory = held(Uint8Array.from([...headers, ...headers, ...bytes]), 1);
      expect(checked(memory, 1, 40 + len, 0xffff), `${len} bytes`).toBe(1);
      expect(checked(memory, 1, 40 + len, 0xfffe), `${len} bytes`).toBe(0);
    }
  });

  test('at the very start and at the very end of the memory', () => {
    const whole = 65_536 - 16;
    const header = right(new Uint8Array(HEADER_LEN).fill(0xab));
    for (const at of [0, whole - HEADER_LEN]) {
      const check = checkOf(held(header, at, whole));
      for (let len = 0; len <= HEADER_LEN; len++) {
        const start = ~internetSum(header.subarray(0, len)) & 0xffff;
        expect(check(at, at, at, at + len, start), `${len} bytes at ${at}`).toBe(1);
      }
    }
    const last = checkOf(held(header, whole - HEADER_LEN, whole));
    for (let len = 0; len <= HEADER_LEN; len++) {
      const start = ~internetSum(header.subarray(HEADER_LEN - len)) & 0xffff;
      expect(last(whole - HEADER_LEN, whole - HEADER_LEN, whole - len, whole, start), `last ${len} bytes`).toBe(1);
    }
  });

  test('is as it is when it is checked, not when that was asked for', () => {
    const bytes = assemblyMemory(20);
    const check = checkOf(bytes);
    expect(check(0, 0, 0, 20, 0)).toBe(0);
    bytes.set([0xff, 0xff], 4);
    expect(check(0, 0, 0, 20, 0)).toBe(1);
  });

  test('has one check, however often it is asked for: frames in it and elsewhere come by turns', () => {
    const memory = assemblyMemory(20);
    expect(checkOf(memory)).toBe(checkOf(memory));
    const plain = new Uint8Array(20);
    expect(checkOf(plain)).toBe(checkOf(plain));
  });

  test('may be hundreds at a time', () => {
    const header = right(new Uint8Array(HEADER_LEN).fill(7));
    const many = Array.from({ length: 300 }, (_, index) => held(header, 100_000 + index));
    many.forEach((bytes, index) => {
      const check = checkOf(bytes);
      expect(isQuick(check)).toBe(true);
      expect(check(100_000 + index, 100_000 + index, 100_000 + index, 100_020 + index, 0)).toBe(1);
    });
  });
});

describe('JavaScript checks', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const header = right(Uint8Array.from({ length: HEADER_LEN }, (_, index) => index));
  function claimPlain(bytes: Uint8Array, at: number): void {
    const check = checkOf(bytes);
    expect(isQuick(check)).toBe(false);
    expect(check(at, at, at, at + HEADER_LEN, 0)).toBe(1);
    for (const wrong of [at - 1, at + 1]) {
      expect(check(wrong, at, at, at + HEADER_LEN, 0)).toBe(0);
      expect(check(at, wrong, at, at + HEADER_LEN, 0)).toBe(0);
    }
    expect(check(at, at, at, at + HEADER_LEN, 1)).toBe(0);
  }

  test('other bytes', () => {
    claimPlain(Uint8Array.from([9, ...header, 9, 9, 9]), 1);
    claimPlain(Buffer.from([9, ...header, 9, 9, 9]), 1);
  });

  test('a part of such memory, which is another array', () => {
    claimPlain(held(header, 5).subarray(2), 3);
  });

  test('where there is no WebAssembly', () => {
    vi.stubGlobal('WebAssembly', undefined);
    claimPlain(held(header, 5), 5);
  });

  test('where there is no room for its memory', () => {
    class Memory {
      constructor() {
        throw new RangeError('WebAssembly.Memory(): could not allocate memory');
      }
    }
    vi.stubGlobal('WebAssembly', { Memory });
    claimPlain(held(header, 5), 5);
  });

  test('where the processor cannot add sixteen bytes at a time', () => {
    const bytes = held(header, 5);
    class Module {
      constructor() {
        throw new TypeError('WebAssembly.Module(): Wasm SIMD unsupported');
      }
    }
    vi.stubGlobal('WebAssembly', { Module });
    claimPlain(bytes, 5);
  });
});
