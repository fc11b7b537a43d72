import { describe, expect, test } from 'vitest';
import { Magic, magicOf } from '../../../src/capture/file/magic.js';

const ROWS = [
  ['d4c3b2a1', Magic.PcapLittle],
  ['a1b2c3d4', Magic.PcapBig],
  ['4d3cb2a1', Magic.PcapNanoLittle],
  ['a1b23c4d', Magic.PcapNanoBig],
  ['34cdb2a1', Magic.PcapModifiedLittle],
  ['a1b2cd34', Magic.PcapModifiedBig],
  ['0a0d0d0a', Magic.Pcapng],
  ['1f8b0800', Magic.Gzip],
  ['1f8b', Magic.Gzip],
  ['28b52ffd', Magic.Zstd],
  ['74686973', Magic.Unknown],
  ['00000000', Magic.Unknown],
  ['a1b2c3d5', Magic.Unknown],
  ['', Magic.Unknown],
  ['a1', Magic.Cut],
  ['a1b2', Magic.Cut],
  ['a1b23c', Magic.Cut],
  ['1f', Magic.Cut],
  ['0a0d0d', Magic.Cut],
  ['28b52f', Magic.Cut],
  ['a1b3', Magic.Unknown],
] as const;

describe('magicOf', () => {
  test.each(ROWS)('%s', (hex, expected) => {
    expect(magicOf(Buffer.from(hex, 'hex'))).toBe(expected);
  });
});
