/**
 * Taps that are paired: what comes of plain frames, which WebAssembly reads and pairs, must be what comes of them where
 * every frame is dissected and placed.
 */
import fc from 'fast-check';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { Analysis } from '../src/analysis.js';
import type { AnalyzeOptions } from '../src/analyze.js';
import { PlainPairs } from '../src/correlate/placement/plain-pairs.js';
import { type Fault, type Network, type Stage, type Talk, Wires } from './helpers/network.js';
import { analyzeSeen, look, network, type Seen, type View } from './helpers/network-taps.js';
import { Scratch } from './helpers/read-capture.js';

const scratch = new Scratch();
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});
afterAll(() => scratch.remove());

/** Every time the same few; many others are worth a try where somebody looks for faults: `RUNS=2000`. */
const { RUNS: runs, SEED: seeded = runs === undefined ? '1' : undefined } = process.env;
const RUNS = Number(runs ?? 15);
const seed = seeded === undefined ? {} : { seed: Number(seeded) };
const STAGES = ['encap', 'wire', 'decap'] as const;

/** What befalls every n-th frame at one stage: when it comes out, ns behind its time. */
interface Harm {
  readonly stage: Stage;
  readonly every: number;
  readonly fate: readonly number[];
}
const harm: fc.Arbitrary<Harm> = fc.record({
  stage: fc.constantFrom(...STAGES),
  every: fc.integer({ min: 2, max: 40 }),
  fate: fc.constantFrom([], [0, 30_000], [0, 3_000_000], [400_000], [0, 0, 90_000]),
});

function faultOf(harms: readonly Harm[]): Fault {
  const counts = harms.map(() => 0);
  return (stage) => {
    for (const [index, one] of harms.entries()) {
      if (one.stage !== stage) continue;
      const count = (counts[index] as number) + 1;
      counts[index] = count;
      if (count % one.every === 0) return one.fate;
    }
    return null;
  };
}

/** Talks with many messages, close to each other. */
const talk: fc.Arbitrary<Talk> = fc.record({
  kind: fc.constantFrom('ping', 'udp', 'tcp'),
  from: fc.nat(7),
  to: fc.nat(7),
  count: fc.integer({ min: 20, max: 200 }),
  len: fc.integer({ min: 1, max: 400 }),
  startUs: fc.integer({ min: 0, max: 20_000 }),
  gapUs: fc.integer({ min: 20, max: 5_000 }),
});
const busy: fc.Arbitrary<Network> = fc
  .tuple(network, fc.array(talk, { minLength: 1, maxLength: 4 }))
  .map(([plan, talks]) => ({ ...plan, talks }));

/** A VM and a NIC of its host or another one, or some places more. */
const places = fc.oneof(
  { weight: 3, arbitrary: fc.tuple(fc.nat(3), fc.nat(3)).map(([vm, nic]) => [vm, 8 + nic]) },
  { weight: 1, arbitrary: fc.uniqueArray(fc.oneof(fc.nat(3), fc.integer({ min: 8, max: 11 })), { minLength: 2 }) },
);
const view: fc.Arbitrary<View> = fc.record({
  taps: places.map((all) => Array.from({ length: 12 }, (_, place) => all.includes(place))),
  naming: fc.constantFrom('hosts', 'plain'),
  aheadNs: fc.array(
    fc.oneof({ weight: 4, arbitrary: fc.constant(0) }, fc.integer({ min: -5_000_000, max: 5_000_000 })),
    {
      minLength: 4,
      maxLength: 4,
    },
  ),
  late: fc.constant(Array(12).fill(0)),
  early: fc.constant(Array(12).fill(0)),
});
const options: fc.Arbitrary<AnalyzeOptions> = fc.record({
  windowNs: fc.constantFrom(1e9, 50e6, 14e6, 2e6),
  pairs: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
});

/** Networks of which it did not. */
const TRIED: [Network, View, Harm[], AnalyzeOptions][] = [
  // The last frame of a tap, which had been taken by itself, waited still, and was taken again.
  [
    {
      ...{ seed: 627_392_299, routed: true, wireUs: 1992, jitterUs: 7 },
      hosts: [{ vms: [0, 1] }, { vms: [1, 1] }, { vms: [0, 1] }, { vms: [0, 1] }],
      talks: [
        { kind: 'ping', from: 6, to: 5, count: 102, len: 105, startUs: 16_689, gapUs: 1380 },
        { kind: 'ping', from: 2, to: 7, count: 24, len: 106, startUs: 6553, gapUs: 4058 },
        { kind: 'tcp', from: 1, to: 0, count: 60, len: 360, startUs: 17_924, gapUs: 159 },
      ],
    },
    {
      ...{ naming: 'plain', aheadNs: [0, 0, 0, -3_922_373], late: Array(12).fill(0), early: Array(12).fill(0) },
      taps: Array.from({ length: 12 }, (_, place) => place === 1 || place === 10),
    },
    [{ stage: 'wire', every: 4, fate: [0, 3_000_000] }],
    { windowNs: 14e6, pairs: false },
  ],
];

/** An analysis, and how many of its frames were paired some at a time. */
async function quick(taps: readonly Seen[], how: View, told: AnalyzeOptions): Promise<[Analysis, number]> {
  let frames = 0;
  const run = vi.spyOn(PlainPairs.prototype, 'position');
  const analysis = await analyzeSeen(scratch, taps, how, told);
  for (const { value } of run.mock.results) frames += value as number;
  run.mockRestore();
  return [analysis, frames];
}

async function slow(taps: readonly Seen[], how: View, told: AnalyzeOptions): Promise<Analysis> {
  vi.stubGlobal('WebAssembly', undefined);
  try {
    return await analyzeSeen(scratch, taps, how, told);
  } finally {
    vi.unstubAllGlobals();
  }
}

/** An analysis without where its captures lay. */
function withoutPaths({ captures, ...analysis }: Analysis): unknown {
  return { ...analysis, captures: captures.map(({ path: _, ...capture }) => capture) };
}

test('networks that are made up', { timeout: 60_000 + RUNS * 3000 }, async () => {
  let paired = 0;
  await fc.assert(
    fc.asyncProperty(busy, view, fc.array(harm, { maxLength: 3 }), options, async (plan, how, harms, told) => {
      const taps = look(new Wires(plan, { fault: faultOf(harms) }), how);
      fc.pre(taps.length > 1);
      const [analysis, frames] = await quick(taps, how, told);
      paired += frames;
      expect(withoutPaths(analysis)).toEqual(withoutPaths(await slow(taps, how, told)));
    }),
    { numRuns: RUNS, examples: TRIED, ...seed },
  );
  expect(paired).toBeGreaterThan(RUNS * 10);
});
