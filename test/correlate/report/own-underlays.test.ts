import { expect, it } from 'vitest';
import { ownUnderlays } from '../../../src/correlate/report/own-underlays.js';
import type { TapPair } from '../../../src/correlate/taps/tap-pair.js';

const tap = (name: string, host: string | null = null) => ({
  ...{ name, host, overlay: name === 'inside', underlay: name !== 'inside', clockOffsetNs: null },
});
const pair = (underlay: number, p50: number, overlay = 0, vtep = '10.0.0.1'): TapPair =>
  ({
    ...{ overlay, underlay, side: { vteps: new Set([vtep]) } },
    rows: new Map([[5000, { latency: () => ({ encap: { p50 }, decap: null }) }]]),
  }) as never;

it('is the nearest tap, where all saw the same tunnels', () => {
  const taps = [tap('inside'), tap('far'), tap('near')];
  expect(ownUnderlays(taps, [pair(1, 200), pair(2, 100)], () => 2)).toEqual(new Map([[0, 2]]));
});

it('is the one that saw all tunnels, though clocks make another one look nearer', () => {
  const taps = [tap('inside'), tap('far'), tap('near')];
  const tunnels = (of: TapPair): number => (of.underlay === 2 ? 2 : 1);
  expect(ownUnderlays(taps, [pair(1, -200), pair(2, 100)], tunnels)).toEqual(new Map([[0, 2]]));
});

it('is the one of its host, whatever was seen', () => {
  const taps = [tap('inside', 'hv1'), tap('far', 'hv1'), tap('near', 'hv2')];
  expect(ownUnderlays(taps, [pair(1, 200), pair(2, 100)], ({ underlay }) => underlay)).toEqual(new Map([[0, 1]]));
});

it("is none that is another overlay tap's by its host's name, which is behind another VTEP", () => {
  const taps = [tap('inside', 'hv1'), tap('near', 'hv2'), tap('inside', 'hv2'), tap('far', 'hv3')];
  const [near, far] = [pair(1, 100), pair(3, 200)];
  expect(ownUnderlays(taps, [near, far, pair(1, 100, 2, '10.1.0.1')], () => 2)).toContainEqual([0, 3]);
  // Names that differ may be of one host: `vm1b_overlay` beside `vm1_overlay` and `vm1_underlay`.
  expect(ownUnderlays(taps, [near, far, pair(1, 100, 2)], () => 2)).toContainEqual([0, 1]);
});
