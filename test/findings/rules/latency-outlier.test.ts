/** `latency-outlier` by its numbers; on captures it is tested in loss.test.ts. */
import { expect, it } from 'vitest';
import type { Facts } from '../../../src/findings/facts.js';
import { latencyOutlier } from '../../../src/findings/rules/latency-outlier.js';

/** A hop of so many frames, half of which take 40 µs. Times are of the 95th of 100 and of the slowest, beyond that, ns. */
interface Hop {
  readonly count?: number;
  readonly p95Ns?: number;
  readonly slowestNs: number;
}

const P50 = 40_000;

function told({ count = 20, p95Ns = 0, slowestNs }: Hop, waitNs = 0) {
  const ends = { vni: 5000, source: '10.0.0.1', destination: '10.1.0.1', from: 'vm1', to: 'eth0' };
  const facts = {
    hops: [
      { ...ends, latencyNs: null },
      { ...ends, latencyNs: { count, p50: P50, p95: P50 + p95Ns, max: P50 + slowestNs } },
    ],
    pairings: [{ firstPackets: [{ waitNs: P50 + waitNs }] }],
  };
  return latencyOutlier.judge(facts as unknown as Facts);
}

it('10 ms beyond the middle, of twenty frames', () => {
  expect(told({ slowestNs: 10e6 })).toMatchObject([
    { severity: 'info', about: { vni: 5000, vteps: ['10.0.0.1', '10.1.0.1'] } },
  ]);
  expect(told({ slowestNs: 10e6 - 1 })).toEqual([]);
  expect(told({ slowestNs: 10e6, count: 19 })).toEqual([]);
});

it('more than twenty times as far from the middle as 95 of 100', () => {
  expect(told({ p95Ns: 1e6, slowestNs: 20e6 + 1 })).toHaveLength(1);
  expect(told({ p95Ns: 1e6, slowestNs: 20e6 })).toEqual([]);
});

it('not that of a first packet which waited for an address', () => {
  expect(told({ slowestNs: 10e6 }, 10e6)).toEqual([]);
  expect(told({ slowestNs: 10e6 }, 9e6)).toHaveLength(1);
});
