import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as bytes from '../../src/wire/bytes.js';

test('the reads that there are', () => {
  expect(Object.keys(bytes).sort()).toEqual(['i32', 'u16', 'u24', 'u32', 'u48', 'u8']);
});

test('they agree with DataView, at any offset', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 8, maxLength: 40 }), fc.nat(), (held, seed) => {
      const at = seed % (held.length - 7);
      const view = new DataView(held.buffer, held.byteOffset);
      expect(bytes.u8(held, at)).toBe(view.getUint8(at));
      expect(bytes.u16(held, at)).toBe(view.getUint16(at));
      expect(bytes.u24(held, at)).toBe(view.getUint32(at) >>> 8);
      expect(bytes.u32(held, at)).toBe(view.getUint32(at));
      expect(bytes.i32(held, at)).toBe(view.getInt32(at));
      expect(bytes.u48(held, at)).toBe(Number(view.getBigUint64(at) >> 16n));
    }),
  );
});

test('the largest values stay unsigned', () => {
  const ones = new Uint8Array(8).fill(0xff);
  expect([bytes.u8(ones, 0), bytes.u16(ones, 0), bytes.u24(ones, 0), bytes.u32(ones, 0), bytes.u48(ones, 0)]).toEqual([
    2 ** 8 - 1,
    2 ** 16 - 1,
    2 ** 24 - 1,
    2 ** 32 - 1,
    2 ** 48 - 1,
  ]);
  expect(bytes.i32(ones, 0)).toBe(-1);
});
