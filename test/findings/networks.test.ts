/** Verdicts on whole networks that are made up: of healthy ones nothing is bad, whatever is looked at. */
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { type Network, type Talk, Wires } from '../helpers/network.js';
import { analyzeSeen, look, network, type View, view } from '../helpers/network-taps.js';
import { Scratch } from '../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

/** Many more are worth a try where somebody looks for faults: `RUNS=2000`. */
const RUNS = Number(process.env['RUNS'] ?? 20);
const seed = process.env['SEED'] === undefined ? {} : { seed: Number(process.env['SEED']) };

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
];

it(
  'of a healthy network is neither an error nor a warning',
  async () => {
    await fc.assert(
      fc.asyncProperty(network, view, async (plan, how) => {
        const seen = look(new Wires(plan), how);
        fc.pre(seen.length > 0);
        const { findings } = await analyzeSeen(scratch, seen, how);
        expect(
          findings.filter(({ severity }) => severity !== 'info').map(({ id, message }) => `${id}: ${message}`),
        ).toEqual([]);
      }),
      { numRuns: RUNS, ...seed, examples: TRIED },
    );
  },
  RUNS * 1000,
);
