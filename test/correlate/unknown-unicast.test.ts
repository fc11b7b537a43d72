/** What is sent to a MAC that its VTEP has not learnt goes to all VTEPs: copies for others are not those of the tap that gets it. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, type Timed } from '../helpers/analyze-taps.js';
import { Scratch } from '../helpers/read-capture.js';
import { HV1, HV2, HV3, pings, VM1, VM2, VM3 } from '../helpers/tunnelled.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

/** What the two VMs of the first two hosts say to each other, at the tap of the first one and at both NICs. */
const TALK = Array.from({ length: 8 }, (_, n) => ({ n, outwards: n % 2 === 0, us: 10_000 + n * 1000 }));
const between = (at: 'vm' | 'nic', delay: number): Timed[] =>
  TALK.map(({ n, outwards, us: sent }): Timed => {
    const [source, destination] = outwards ? [VM1, VM2] : [VM2, VM1];
    const way = outwards ? { from: HV1, to: HV2 } : { from: HV2, to: HV1 };
    return [sent + (outwards ? delay : -delay), pings(at === 'vm' ? null : way, source, destination, n)];
  });

/** Frames of a third host's VM to the first one, flooded. */
function flooded(times: readonly number[], numbers: readonly number[]) {
  const copy = (delay: number, to: number | null): Timed[] =>
    times.map((us, n) => [
      us + delay,
      pings(to === null ? null : { from: HV3, to }, VM3, VM1, 900 + (numbers[n] ?? 0)),
    ]);
  return { inside: copy(300, null), near: copy(260, HV1), far: copy(250, HV2) };
}

const NAMES = [
  ['vm1_overlay', 'vm1_underlay', 'vm2_underlay'],
  ['vm', 'near', 'far'],
] as const;
const FLOODS = [
  ['once', [5000], [0]],
  ['again', [5000, 25_000], [0, 0]],
  ['later', [30_000, 31_000], [0, 1]],
] as const;

it.each(FLOODS.flatMap(([when, times, numbers]) => NAMES.map((names) => ({ when, times, numbers, names }))))(
  'pairs the one copy that is for the tap: sent $when, at $names',
  async ({ times, numbers, names: [vm, near, far] }) => {
    const flood = flooded(times, numbers);
    const inOrder = (...frames: Timed[]): Timed[] => frames.sort(([a], [b]) => a - b);
    const taps = {
      [vm]: inOrder(...between('vm', 0), ...flood.inside),
      [near]: inOrder(...between('nic', 30), ...flood.near),
      [far]: inOrder(...between('nic', 200), ...flood.far),
    };
    const { correlation, findings } = await analyzeTaps(scratch, taps, { pairs: true });
    const pairs = correlation?.pairs ?? [];
    expect(pairs.filter(({ underlay }) => underlay.tap === far)).toHaveLength(TALK.length);
    expect(pairs.filter(({ underlay }) => underlay.tap === near)).toHaveLength(TALK.length + times.length);
    const hops = correlation?.hops.filter(({ source }) => source === '10.2.0.1');
    expect(hops?.map((hop) => [hop.destination, hop.from, hop.to, hop.lost])).toEqual([['10.0.0.1', near, vm, 0]]);
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
  },
);
