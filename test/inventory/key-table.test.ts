import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KeyTable } from '../../src/inventory/key-table.js';
import { MAX_PROBES } from '../../src/inventory/open-addressing.js';
import { wordFor } from '../helpers/meeting.js';

const word = fc.oneof(fc.integer(), fc.integer({ min: 0, max: 3 }));

describe('KeyTable', () => {
  it('numbers keys in the order in which they came, as a map does', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(word, word, word, word), { maxLength: 600 }), (keys) => {
        const table = new KeyTable(1_000);
        const rows = new Map<string, number>();
        for (const key of keys) {
          const text = key.join();
          expect(table.find(...key)).toBe(rows.get(text) ?? -1);
          if (!rows.has(text)) rows.set(text, rows.size);
          const row = table.row(...key);
          expect(row).toBe(rows.get(text));
          expect([table.word(row, 0), table.word(row, 1), table.word(row, 2), table.word(row, 3)]).toEqual(key);
        }
        expect(table.size).toBe(rows.size);
        for (const [text, row] of rows) {
          expect([0, 1, 2, 3].map((n) => table.word(row, n as 0 | 1 | 2 | 3)).join()).toBe(text);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('takes unsigned and signed words for the same', () => {
    const table = new KeyTable(10);
    expect(table.row(0xffff_ffff, 0x8000_0000, 0, 0)).toBe(0);
    expect(table.row(-1, -0x8000_0000, 0, 0)).toBe(0);
  });

  it('refuses more rows than its limit, counts that, and keeps those that it has', () => {
    const table = new KeyTable(3);
    for (let key = 0; key < 5; key++) table.row(key, 0, 0, 0);
    expect([table.size, table.refused]).toEqual([3, 2]);
    expect([table.row(1, 0, 0, 0), table.row(4, 0, 0, 0)]).toEqual([1, -1]);
  });

  it('refuses keys that were chosen to meet, goes on with those that it took, and has room for all others', () => {
    const table = new KeyTable(10_000);
    const meeting = (a: number): [number, number, number, number] => [
      a,
      wordFor(0x85ebca6b, Math.imul(a, 0x9e3779b1)),
      0,
      0,
    ];
    for (let a = 0; a < 1_000; a++) expect(table.row(...meeting(a))).toBe(a < MAX_PROBES ? a : -1);
    expect([table.size, table.refused]).toEqual([MAX_PROBES, 1_000 - MAX_PROBES]);
    const others = Array.from({ length: 4_000 }, (_, d) => table.row(1, 2, 3, d + 1));
    expect(others.filter((row) => row < 0).length).toBeLessThan(20);
    for (let a = 0; a < 1_000; a++) expect(table.find(...meeting(a))).toBe(a < MAX_PROBES ? a : -1);
    expect(others.map((_, d) => table.find(1, 2, 3, d + 1))).toEqual(others);
  });
});
