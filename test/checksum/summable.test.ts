import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { fold } from '../../src/checksum/sum.js';
import { type Sum, summable, sumOf } from '../../src/checksum/summable.js';
import { internetSum } from '../helpers/frame-builder.js';

/** Whether sums are WebAssembly's. */
function isQuick(sum: Sum): boolean {
  return String(sum).includes('[native code]');
}

/** Summable bytes with `bytes` at `at`, and 0xff around them. */
function held(bytes: Uint8Array, at: number, len = at + bytes.length + 16): Uint8Array {
  const around = summable(len).fill(0xff);
  around.set(bytes, at);
  return around;
}

describe('bytes that are summed quickly', () => {
  test('any bytes, at any place: what adding word by word gives', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(17), (bytes, at) => {
        const sum = sumOf(held(bytes, at));
        expect(isQuick(sum)).toBe(true);
        expect(fold(sum(at, at + bytes.length))).toBe(internetSum(bytes));
      }),
    );
  });

  test('every length, of bytes that carry as much as they can', () => {
    for (const len of [...Array(70).keys(), 65_535, 65_536]) {
      const bytes = new Uint8Array(len).fill(0xff);
      expect(fold(sumOf(held(bytes, 3))(3, 3 + len)), `${len} bytes`).toBe(internetSum(bytes));
    }
  });

  test('at the very start and at the very end of the memory', () => {
    const whole = 65_536 - 16;
    for (let len = 0; len <= 40; len++) {
      const bytes = Uint8Array.from({ length: len }, (_, index) => 0xff - index);
      expect(fold(sumOf(held(bytes, 0, whole))(0, len)), `${len} first bytes`).toBe(internetSum(bytes));
      const last = sumOf(held(bytes, whole - len, whole));
      expect(fold(last(whole - len, whole)), `${len} last bytes`).toBe(internetSum(bytes));
    }
  });

  test('as they are when they are summed, not when that was asked for', () => {
    const bytes = summable(4);
    const sum = sumOf(bytes);
    expect(sum(0, 4)).toBe(0);
    bytes[1] = 7;
    expect(sum(0, 4)).toBe(7);
  });

  test('hundreds at a time, as long as one likes', () => {
    const many = Array.from({ length: 300 }, (_, index) => held(Uint8Array.of(index >> 8, index), 100_000));
    many.forEach((bytes, index) => {
      const sum = sumOf(bytes);
      expect(isQuick(sum)).toBe(true);
      expect(sum(100_000, 100_002)).toBe(index);
    });
  });
});

describe('other bytes', () => {
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  const text = Uint8Array.of(1, 2, 3, 4, 5);
  function claimPlain(bytes: Uint8Array, at: number): void {
    const sum = sumOf(bytes);
    expect(isQuick(sum)).toBe(false);
    expect(fold(sum(at, at + text.length))).toBe(internetSum(text));
  }

  test('sum to the same, by JavaScript', () => {
    claimPlain(Uint8Array.from([9, ...text, 9]), 1);
    claimPlain(Buffer.from([9, ...text, 9]), 1);
  });

  test('a part of summable ones is another array', () => {
    claimPlain(held(text, 5).subarray(2), 3);
  });

  test('there is no WebAssembly', () => {
    vi.stubGlobal('WebAssembly', undefined);
    claimPlain(held(text, 5), 5);
  });

  test('there is no room for its memory', () => {
    class Memory {
      constructor() {
        throw new RangeError('WebAssembly.Memory(): could not allocate memory');
      }
    }
    vi.stubGlobal('WebAssembly', { Memory });
    claimPlain(held(text, 5), 5);
  });

  test('the processor cannot add sixteen bytes at a time', () => {
    const bytes = held(text, 5);
    class Module {
      constructor() {
        throw new TypeError('WebAssembly.Module(): Wasm SIMD unsupported');
      }
    }
    vi.stubGlobal('WebAssembly', { Module });
    claimPlain(bytes, 5);
  });
});
