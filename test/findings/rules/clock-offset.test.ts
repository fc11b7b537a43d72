/** `clock-offset` by its numbers; on captures it is tested in loss.test.ts. */
import { expect, it } from 'vitest';
import type { Facts } from '../../../src/findings/facts.js';
import { clockOffset } from '../../../src/findings/rules/clock-offset.js';

/** A pairing of two taps, with the least latency each way, ns. */
type Trip = readonly [overlay: string, underlay: string, encapNs: number | null, decapNs: number | null];

/** What is told of tap `b`, whose clock is off, beside `a`, whose clock is not. */
function told(clockOffsetNs: number, clockDriftPpb = 0, trips: readonly Trip[] = []) {
  const least = (min: number | null) => (min === null ? null : { min });
  const facts = {
    taps: [
      { name: 'a', clockOffsetNs: 0, clockDriftPpb: 0 },
      { name: 'b', clockOffsetNs, clockDriftPpb },
    ],
    pairings: trips.map(([overlay, underlay, encapNs, decapNs]) => {
      return { overlay, underlay, latencyNs: { encap: least(encapNs), decap: least(decapNs) } };
    }),
  };
  return clockOffset.judge(facts as unknown as Facts).map(({ severity, message }) => `${severity}: ${message}`);
}

it.each([
  [1e6, 0, '1 ms ahead of that of a'],
  [-1e6, 0, '1 ms behind that of a'],
  [2e6, 999, '2 ms ahead of that of a'],
  [0, 1000, '0 µs ahead of that of a, and gains 1.0 µs a second'],
  [0, -1000, '0 µs ahead of that of a, and loses 1.0 µs a second'],
  [-5e6, -1e6, '5 ms behind that of a, and loses 1000.0 µs a second'],
])('%s ns, %s ppb', (offsetNs, driftPpb, text) => {
  expect(told(offsetNs, driftPpb)).toEqual([`info: The clock of b is ${text}; latencies are corrected by that.`]);
});

it('not below a millisecond and a microsecond a second', () => {
  expect(told(999_999, 999)).toEqual([]);
  expect(told(-999_999, -999)).toEqual([]);
});

it.each<[string, Trip[]]>([
  ['as the underlay tap', [['a', 'b', 40_000, 20_000]]],
  ['as the overlay tap', [['b', 'a', 40_000, 20_000]]],
  [
    'the least of several',
    [
      ['a', 'b', 80_000, 20_000],
      ['a', 'b', 40_000, 20_000],
    ],
  ],
  [
    'that of others does not count, nor one way alone, nor one that takes no time',
    [
      ['a', 'c', 100, 100],
      ['a', 'b', 10, null],
      ['a', 'b', null, 10],
      ['a', 'b', 50_000, -50_000],
      ['a', 'b', 40_000, 20_000],
    ],
  ],
])('what it may be wrong by is half of a way to and fro: %s', (_, trips) => {
  expect(told(3e9, 0, trips)).toEqual([
    'info: The clock of b is 3 s ahead of that of a (± 30 µs); latencies are corrected by that.',
  ]);
});
