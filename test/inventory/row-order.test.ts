import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rowsInOrder } from '../../src/inventory/row-order.js';

const LARGEST = 2 ** 35 - 1;
const value = fc.oneof(fc.nat(3), fc.integer({ min: LARGEST - 3, max: LARGEST }), fc.nat({ max: LARGEST }));

describe('rowsInOrder', () => {
  it('sorts by the last column, then by the one before it, and keeps the order of equal rows', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(value, value), { maxLength: 300 }), (rows) => {
        const columns = [0, 1].map((column) => Float64Array.from(rows, (row) => row[column as 0 | 1]));
        const expected = [...rows.keys()].sort((a, b) => {
          const [one, other] = [rows[a], rows[b]] as [[number, number], [number, number]];
          return one[1] - other[1] || one[0] - other[0] || a - b;
        });
        expect([...rowsInOrder(...columns)]).toEqual(expected);
      }),
    );
  });

  it('has none without rows', () => {
    expect(rowsInOrder(new Float64Array(0))).toHaveLength(0);
  });
});
