import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TextSink } from '../../src/report/text-sink.js';
import { ipv4Text, macText } from '../../src/wire/address.js';

/** What a small sink holds after a write behind some other text. */
function written(write: (out: TextSink) => void): string {
  const out = new TextSink(4);
  out.text('abc');
  write(out);
  return out.toString().slice(3);
}

describe('a sink', () => {
  it('holds any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(written((out) => out.text(text))).toBe(text);
      }),
    );
    expect(written((out) => out.text('aä€😀'))).toBe('aä€😀');
  });

  it('holds any whole number', () => {
    fc.assert(
      fc.property(fc.maxSafeNat(), fc.nat({ max: 0xffff_ffff }), (large, small) => {
        expect(written((out) => out.uint(large))).toBe(String(large));
        expect(written((out) => out.uint(small))).toBe(String(small));
        expect(written((out) => out.padded(small, 10))).toBe(String(small).padStart(10, '0'));
        expect(written((out) => out.hex(small, 8))).toBe(small.toString(16).padStart(8, '0'));
      }),
    );
    for (const value of [0, 9, 10, 99, 100, 999_999_999, 1_000_000_000, 0xffff_ffff, 0x1_0000_0000]) {
      expect(written((out) => out.uint(value))).toBe(String(value));
    }
  });

  it('holds addresses as the wire room writes them', () => {
    fc.assert(
      fc.property(fc.nat({ max: 0xffff_ffff }), fc.nat({ max: 2 ** 48 - 1 }), (ip, mac) => {
        expect(written((out) => out.ipv4(ip))).toBe(ipv4Text(ip));
        expect(written((out) => out.mac(mac))).toBe(macText(mac));
      }),
    );
    for (const ip of [0, 0x0a000001, 0x640a0901, 0xffff_ffff])
      expect(written((out) => out.ipv4(ip))).toBe(ipv4Text(ip));
  });

  it('starts again when it was cleared', () => {
    const out = new TextSink();
    out.text('first');
    out.clear();
    out.text('x');
    expect(out.toString()).toBe('x');
  });
});
