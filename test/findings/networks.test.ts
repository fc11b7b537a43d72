/** Verdicts on whole networks that are made up: of healthy ones nothing is bad, whatever is looked at. */
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { macOf, type Network, placesOf, type Setup, type Talk, Wires } from '../helpers/network.js';
import { analyzeSeen, look, network, type Seen, type View, view } from '../helpers/network-taps.js';
import { Scratch } from '../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

/** Every time the same few; many others are worth a try where somebody looks for faults: `RUNS=2000`. */
const { RUNS: runs, SEED: seeded = runs === undefined ? '1' : undefined } = process.env;
const RUNS = Number(runs ?? 20);
const seed = seeded === undefined ? {} : { seed: Number(seeded) };

/** How long a VM that is on two hypervisors sends by one of them at a time, ns. */
const TURN_NS = 50e6;

const talk: Talk = { kind: 'ping', from: 0, to: 0, count: 1, len: 1, startUs: 0, gapUs: 20 };
const still = { seed: 0, routed: false, wireUs: 20, jitterUs: 0 };
/** Places are VMs, then, from the ninth on, NICs. */
const view0: View = {
  taps: [],
  naming: 'hosts',
  aheadNs: [0, 0, 0, 0],
  late: Array(12).fill(0),
  early: Array(12).fill(0),
};
const at = (...places: number[]): boolean[] => Array.from({ length: 12 }, (_, place) => places.includes(place));

/** Networks of which something bad was said once. */
const TRIED: [Network, View][] = [
  // A host that asked for a VTEP's address was taken for all that send there: another one's frame is no first one for that.
  [
    {
      ...{ ...still, wireUs: 1479, hosts: [{ vms: [1] }, { vms: [1, 0] }, { vms: [1, 1] }, { vms: [0, 1] }] },
      talks: [
        { ...talk, from: 2, count: 5, startUs: 859_005, gapUs: 87_638 },
        { ...talk, count: 6, startUs: 1_120_689, gapUs: 172_663 },
      ],
    },
    { ...view0, taps: at(2, 11), naming: 'plain', late: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 478, 0] },
  ],
  // The copies for one peer, at its NIC, were all that the sender was taken to flood.
  [
    { ...still, hosts: [{ vms: [1] }, { vms: [1] }, { vms: [1] }], talks: [{ ...talk, to: 7 }, talk] },
    { ...view0, taps: at(0, 9, 10), aheadNs: [0, 0, 999_995_820, 0] },
  ],
  // So were those at the NIC of a host that has an overlay tap itself.
  [
    { ...still, hosts: [{ vms: [0] }, { vms: [0] }, { vms: [0] }], talks: [{ ...talk, from: 4, to: 3 }] },
    { ...view0, taps: at(1, 2, 8, 10), aheadNs: [-999_992_374, 0, 0, 0] },
  ],
  // What leaves by the NIC of a VM's host, of another VM, was taken to have come there for the VM, whose tap began late.
  [
    {
      ...{ seed: 351_974_496, routed: true, wireUs: 709, jitterUs: 21 },
      hosts: [{ vms: [0, 0] }, { vms: [1, 0] }, { vms: [0] }, { vms: [1] }],
      talks: [
        { kind: 'tcp', from: 1, to: 6, count: 9, len: 25, startUs: 929_014, gapUs: 138_391 },
        { kind: 'tcp', from: 2, to: 5, count: 3, len: 35, startUs: 17_253, gapUs: 182_401 },
      ],
    },
    {
      ...{ taps: at(0, 1, 5, 6, 8, 9, 11), naming: 'hosts', aheadNs: [-2_927_783, 0, 20, 825_452_079] },
      late: [128, 694, 0, 692, 0, 626, 0, 346, 0, 0, 0, 0],
      early: [0, 0, 0, 0, 0, 2, 0, 0, 658, 0, 0, 0],
    },
  ],
  // What a clock is off by, with nothing to compare it, was taken for a wait: of a frame that came, after an address was asked for.
  [
    {
      ...{ ...still, hosts: [{ vms: [1, 0] }, { vms: [0] }, { vms: [0] }, { vms: [0] }] },
      talks: [{ ...talk, from: 1, to: 1 }, { ...talk, from: 6, startUs: 427_047 }, talk],
    },
    { ...view0, taps: at(1, 2, 3, 4, 9, 10, 11), naming: 'plain', aheadNs: [427_085_147, -3_976_889, 344_738, 0] },
  ],
  // The peer's NIC, by its clock, saw frames before the sender's did: one that met no other was lost on its way there.
  [
    {
      ...{ ...still, hosts: [{ vms: [1] }, { vms: [1, 1] }, { vms: [1] }] },
      talks: [
        { ...talk, from: 1 },
        { ...talk, from: 5, to: 4, startUs: 10_099 },
      ],
    },
    { ...view0, taps: at(1, 9, 10), naming: 'plain', aheadNs: [0, 11_475_025, 1_351_334, 0] },
  ],
];

/** The same of networks whose bridges have forgotten where MACs are. */
const FORGOTTEN: [Network, View][] = [
  // A VM that got most of what another one sent was taken for the place that it sends from.
  [
    {
      ...{ ...still, hosts: [{ vms: [0, 0] }, { vms: [0, 0] }, { vms: [0, 0] }] },
      talks: [
        { ...talk, kind: 'udp', from: 7, count: 2, startUs: 110_367, gapUs: 61 },
        { ...talk, from: 1, to: 1, count: 8, startUs: 75_773, gapUs: 34_594 },
      ],
    },
    { ...view0, taps: at(0, 2, 8, 10), early: [0, 0, 0, 0, 0, 0, 653, 0, 0, 0, 0, 0] },
  ],
];

/** What is said of a network to be bad. */
async function badOf(plan: Network, how: View, setup: Setup = {}): Promise<string[]> {
  const seen = look(new Wires(plan, setup), how);
  fc.pre(seen.length > 0);
  const { findings } = await analyzeSeen(scratch, seen, how);
  return findings.filter(({ severity }) => severity !== 'info').map(({ id, message }) => `${id}: ${message}`);
}

it(
  'of a healthy network is neither an error nor a warning',
  async () => {
    await fc.assert(
      fc.asyncProperty(network, view, async (plan, how) => {
        expect(await badOf(plan, how)).toEqual([]);
      }),
      { numRuns: RUNS, ...seed, examples: TRIED },
    );
  },
  RUNS * 1000,
);

it(
  'so it is however little is kept of each frame',
  async () => {
    await fc.assert(
      fc.asyncProperty(network, view, fc.integer({ min: 80, max: 112 }), async (plan, how, snaplen) => {
        expect(await badOf(plan, { ...how, snaplen })).toEqual([]);
      }),
      { numRuns: RUNS, ...seed },
    );
  },
  RUNS * 1000,
);

it(
  'of one whose bridges have forgotten where MACs are is neither: what is for one VM is flooded to all, at first',
  async () => {
    await fc.assert(
      fc.asyncProperty(network, view, async (plan, how) => {
        expect(await badOf(plan, how, { isForgotten: true })).toEqual([]);
      }),
      { numRuns: RUNS, ...seed, examples: FORGOTTEN },
    );
  },
  RUNS * 1000,
);

/** A VM that has two hypervisors, and sends by turns: what is flooded comes to it by one of them alone. */
function onTwo(plan: Network): Setup {
  const [first, second] = placesOf(plan, 0, 1);
  if (first < 0) return {};
  return {
    guestAt: (place) => (place === second ? first : place),
    sendsFrom: (vm, nowNs) => (vm === first && Math.floor(nowNs / TURN_NS) % 2 === 1 ? second : vm),
    hears: (place, _nowNs, isFlood) => !isFlood || place !== second,
  };
}

/** Whether a tap shows that the VM sends by both in turns: who saw one of them after the other alone sees a move. */
function showsTurns({ isOverlay, sightings }: Seen, plan: Network): boolean {
  const mac = macOf(placesOf(plan, 0, 1)[0]);
  const hosts = sightings.flatMap(({ carried }) =>
    carried !== null && carried.inner.source === mac && !isOverlay ? [carried.from] : [],
  );
  return hosts.filter((host, at) => at > 0 && host !== hosts[at - 1]).length > 1;
}

it(
  'of a VM behind two VTEPs at once is neither',
  async () => {
    await fc.assert(
      fc.asyncProperty(network, async (plan) => {
        // All is looked at: what it sends to a VM beside one of its places is flooded from the other, again and again, and a
        // copy alone does not tell for whom it was.
        const how = { ...view0, taps: Array(12).fill(true) };
        const seen = look(new Wires(plan, onTwo(plan)), how);
        fc.pre(seen.length > 0 && placesOf(plan, 0, 1)[0] >= 0);
        const { findings } = await analyzeSeen(scratch, seen, how);
        const mayMove = !seen.some((tap) => showsTurns(tap, plan));
        expect(
          findings
            .filter(({ id, severity }) => severity !== 'info' && !(id === 'mac-moved' && mayMove))
            .map(({ id, message }) => `${id}: ${message}`),
        ).toEqual([]);
      }),
      { numRuns: RUNS, ...seed },
    );
  },
  RUNS * 1000,
);
