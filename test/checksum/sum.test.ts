import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold, sum } from '../../src/checksum/sum.js';
import { internetSum } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';

/** `bytes` with 0xff around them: what reads past either end gets another sum. */
function held(bytes: Uint8Array, at: number): DataView {
  const around = new Uint8Array(at + bytes.length + 16).fill(0xff);
  around.set(bytes, at);
  return new DataView(around.buffer);
}

test('the example of RFC 1071, section 3', () => {
  const bytes = hex('00 01 f2 03 f4 f5 f6 f7');
  expect(fold(sum(held(bytes, 0), 0, bytes.length))).toBe(0xddf2);
});

test('any bytes, at any place: what adding word by word gives', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(7), (bytes, at) => {
      expect(fold(sum(held(bytes, at), at, at + bytes.length))).toBe(internetSum(bytes));
    }),
  );
});

test('every length from nothing on, of bytes that carry as much as they can', () => {
  for (let len = 0; len <= 70; len++) {
    const bytes = new Uint8Array(len).fill(0xff);
    expect(fold(sum(held(bytes, 3), 3, 3 + len)), `${len} bytes`).toBe(internetSum(bytes));
  }
});

test('sums can be added: nothing is lost in a long one', () => {
  for (const len of [65_535, 65_536, 65_537, 65_540, 200_001, 1 << 20]) {
    const bytes = Uint8Array.from({ length: len }, (_, index) => 0xff - (index % 5));
    expect(fold(sum(held(bytes, 1), 1, 1 + len)), `${len} bytes`).toBe(internetSum(bytes));
    expect(fold(sum(held(bytes, 0), 0, 100) + sum(held(bytes, 0), 100, len))).toBe(internetSum(bytes));
  }
});

test('only zeros sum to zero: minus zero is another', () => {
  expect(fold(0)).toBe(0);
  expect(fold(0xffff)).toBe(0xffff);
  expect(fold(0x1_fffe)).toBe(0xffff);
  expect(fold(0x0fff_ffff)).toBe(internetSum(hex('ff ff 0f ff')));
});
