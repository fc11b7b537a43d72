/** The time in front of a line, before 1970: the number of seconds is the same as in every record. */
import { expect, it } from 'vitest';
import type { Frame } from '../../src/dissect/frame.js';
import { compileField, fieldText } from '../../src/fields/field.js';
import { TextSink } from '../../src/report/text-sink.js';
import { TimeColumn, type TimeStyle } from '../../src/report/time-column.js';

function column(style: TimeStyle, times: readonly (readonly [number, number])[]): string[] {
  const of = new TimeColumn(style, 9);
  return times.map(([seconds, nanoseconds]) => {
    const out = new TextSink();
    of.write({ seconds, nanoseconds } as Frame, out);
    return String(out).trimEnd();
  });
}

const TIMES = [
  [-1_000_000_000, 0],
  [-1_000_000_000, 1],
  [-2, 500_000_000],
  [-1, 999_999_999],
  [-1, 999_999_998],
  [0, 1],
] as const;

it('counts fractions of epoch seconds towards 1970, as frame.time_epoch does', () => {
  const texts = column('epoch', TIMES);
  expect(texts).toEqual([
    '-1000000000.000000000',
    '-999999999.999999999',
    '-1.500000000',
    '-0.000000001',
    '-0.000000002',
    '0.000000001',
  ]);
  const field = compileField('frame.time_epoch');
  expect(TIMES.map(([seconds, nanoseconds]) => fieldText(field, { seconds, nanoseconds } as Frame))).toEqual(texts);
});

it('counts those of a clock forwards', () => {
  expect(column('date', [[-1, 999_999_999]])[0]).toMatch(/:59\.999999999$/);
});
