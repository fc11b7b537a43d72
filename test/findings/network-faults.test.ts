/**
 * Verdicts on networks that are made up, with one fault each: it is named where the taps prove it, at its hop and with its
 * number, and nothing else is said to be wrong that it does not explain.
 */
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import type { Finding } from '../../src/findings/finding.js';
import { frame } from '../helpers/frame-builder.js';
import {
  type Carried,
  type Fault,
  type Inner,
  macOf,
  type Network,
  type Sighting,
  type Stage,
  type Talk,
  vtepText,
  Wires,
} from '../helpers/network.js';
import { analyzeSeen, look, network, type Seen, type View, view } from '../helpers/network-taps.js';
import { Scratch } from '../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

/** Every time the same few; many others are worth a try where somebody looks for faults: `RUNS=2000`. */
const { RUNS: runs, SEED: seeded = runs === undefined ? '1' : undefined } = process.env;
const RUNS = Number(runs ?? 10);
const seed = seeded === undefined ? {} : { seed: Number(seeded) };
const STAGES = ['encap', 'wire', 'decap'] as const;
const MS = 1e6;

/** What befalls every n-th frame of a tunnel, at one stage. */
interface Harm {
  readonly stage: Stage;
  readonly from: number;
  readonly to: number;
  readonly every: number;
  readonly phase: number;
}
const harm: fc.Arbitrary<Harm> = fc.record({
  stage: fc.constantFrom(...STAGES),
  from: fc.nat(3),
  to: fc.nat(2),
  every: fc.integer({ min: 2, max: 7 }),
  phase: fc.nat(6),
});

/** The hypervisors of a harm, of those that there are. */
function endsOf({ hosts }: Network, { from, to }: Harm): [number, number] {
  const first = from % hosts.length;
  return [first, (first + 1 + (to % (hosts.length - 1))) % hosts.length];
}

function faultOf(plan: Network, one: Harm, fate: readonly number[]): Fault {
  const [first, second] = endsOf(plan, one);
  let count = 0;
  return (stage, { from, to }) =>
    stage === one.stage && from === first && to === second && count++ % one.every === one.phase % one.every
      ? fate
      : null;
}

/** The taps on the way of a frame, in order, each with the stages before it. */
function wayOf(wires: Wires, taps: readonly Seen[], { from, to, inner }: Carried): { tap: Seen; stages: number }[] {
  const sender = wires.vms.find(({ number }) => macOf(number) === inner.source);
  const receivers = wires.vms.filter(
    ({ number, host, net }) =>
      host === to && net === sender?.net && (inner.asked >= 0 || macOf(number) === inner.destination),
  );
  // What is flooded is heard beside its sender, too.
  const senders = wires.vms.filter(
    (vm) => vm === sender || (inner.asked >= 0 && vm.host === from && vm.net === sender?.net),
  );
  const [near, far] = [senders, receivers].map((vms) => vms.map(({ number }) => `vm${number}`)) as [string[], string[]];
  const places = [near, [`nic${from}`], [`nic${to}`], far];
  return places.flatMap((those, stages) =>
    taps.filter(({ place }) => those.includes(place)).map((tap) => ({ tap, stages })),
  );
}

function sees(tap: Seen, carried: Carried): boolean {
  return tap.sightings.some((one) => (tap.isOverlay ? one.inner === carried.inner : one.carried === carried));
}

/** Hops at which taps show what a fault did: to how many frames at most, and to how many unicast ones at least. */
function hopsOf(
  wires: Wires,
  taps: readonly Seen[],
  how: View,
  isShown: (from: Seen, to: Seen, how: View, carried: Carried) => boolean,
): Map<string, { harmed: number; proven: number }> {
  const hops = new Map<string, { harmed: number; proven: number }>();
  for (const { carried, stage, nowNs } of wires.harmed) {
    const way = wayOf(wires, taps, carried);
    const passed = STAGES.indexOf(stage);
    const before = way.filter(({ tap, stages }) => stages <= passed && sees(tap, carried));
    const behind = way.filter(({ stages }) => stages > passed);
    // Where the nearest tap did not run then, the next one stands for it.
    for (const { tap: from, stages: last } of before) {
      for (const { tap: to, stages: next } of behind) {
        const key = keyOf(carried.vni, from.name, to.name);
        const hop = hops.get(key) ?? { harmed: 0, proven: 0 };
        hops.set(key, hop);
        hop.harmed++;
        const isNearest = last === before.at(-1)?.stages && next === behind[0]?.stages;
        const areKnown = isOfKnownNetwork(from, taps) && isOfKnownNetwork(to, taps);
        if (isNearest && areKnown && isProven(carried, stage, nowNs, to) && isShown(from, to, how, carried))
          hop.proven++;
      }
    }
  }
  return hops;
}

/** Whether it shows of which network a tap is: that of a VM by a frame of it in a tunnel, and by no question that is asked again. */
function isOfKnownNetwork(tap: Seen, taps: readonly Seen[]): boolean {
  const inTunnels = taps.filter(({ isOverlay }) => !isOverlay).flatMap(({ sightings }) => sightings);
  const telling = inTunnels.flatMap(({ inner }) => (inner === null || inner.isArp ? [] : [inner]));
  return !tap.isOverlay || telling.some((inner) => tap.sightings.some((one) => one.inner === inner));
}

/** Whether a tap shows that a unicast frame should have come to it as it was sent. */
function isProven(carried: Carried, stage: Stage, nowNs: number, to: Seen): boolean {
  // Other frames like it show that they pass that tap, and frames before and after that it captures.
  const others = to.sightings.filter(({ inner, carried: other }) => inner !== null && isAlike(other, carried));
  const before = to.sightings.some(({ timeNs }) => timeNs < nowNs - 10 * MS);
  const after = to.sightings.some(({ timeNs }) => timeNs > nowNs + 10 * MS);
  // What is lost before the first one passes may have waited for an address.
  const isLate = stage !== 'encap' || others.some(({ timeNs }) => timeNs < nowNs);
  return !carried.inner.isArp && before && after && isLate && others.length > 0;
}

function isAlike(a: Carried | null, b: Carried): boolean {
  const isSameWay = a !== null && a.from === b.from && a.to === b.to;
  return isSameWay && a.inner.source === b.inner.source && a.inner.destination === b.inner.destination;
}

/** Inner addresses, and ports, or what a ping has for them. */
function flowOf({ parts }: Inner): string {
  const bytes = frame(...parts);
  return [23, ...(bytes[23] === 1 ? [34, 38, 39] : [34, 35, 36, 37])].map((at) => bytes[at]).join(' ');
}

/** Whether a later frame of its flow overtook one between two taps. */
function isOvertaken(from: Seen, to: Seen, carried: Carried): boolean {
  const flow = flowOf(carried.inner);
  const isMine = ({ inner }: Sighting): boolean => inner === carried.inner;
  const [left, came] = [from.sightings.findIndex(isMine), to.sightings.findIndex(isMine)];
  if (left < 0 || came < 0) return false;
  return from.sightings.slice(left + 1).some((later) => {
    const isAlike = later.inner !== null && later.inner.source === carried.inner.source;
    if (!isAlike || later.inner.destination !== carried.inner.destination || flowOf(later.inner) !== flow) return false;
    const at = to.sightings.findIndex(({ inner }) => inner === later.inner);
    return at >= 0 && at < came;
  });
}

/** Whether a frame is neither a tap's first nor its last one: its copy may have passed there, too, before or behind those. */
function hasSeenAround({ sightings }: Seen, { inner }: Carried): boolean {
  return sightings[0]?.inner !== inner && sightings.at(-1)?.inner !== inner;
}

const LIKELY = /, (\d+) of them likely/;
/** Findings, by the fault that they name: where the words have the number, the VNI, the tunnel and the two taps. */
const FAULTS = {
  loss: {
    fate: [],
    pattern:
      /^(?<count>\d+) of .* of VNI (?<vni>\d+) from (?<source>\S+) to (?<destination>\S+) vanished between (?<from>\S+) and (?<to>[^, .]+)/,
    isShown: () => true,
  },
  duplicates: {
    fate: [0, 60_000],
    pattern:
      /^(?<count>\d+) of .* of VNI (?<vni>\d+) (?:from (?<source>\S+) to (?<destination>\S+) came to (?<to>\S+) more often than (?<from>\S+) saw|came more than once between (?<from2>\S+) and (?<to2>[^ .]+))/,
    // Between an overlay tap and its own underlay, where names tell that it is, or between two underlay taps.
    isShown: (from: Seen, to: Seen, how: View, carried: Carried) =>
      hasSeenAround(from, carried) &&
      (from.isOverlay || to.isOverlay ? from.host === to.host && how.naming === 'hosts' : true),
  },
  reordering: {
    fate: [3 * MS],
    pattern:
      /^(?<count>\d+) of .* of VNI (?<vni>\d+) from (?<source>\S+) to (?<destination>\S+) came to (?<to>\S+) behind later ones of their flow, which they had left (?<from>\S+) before/,
    isShown: (from: Seen, to: Seen, _how: View, carried: Carried) => isOvertaken(from, to, carried),
  },
} as const;

const bad = (findings: readonly Finding[]): Finding[] => findings.filter(({ severity }) => severity !== 'info');
/** Two taps' names in one order, as findings name them in either. */
const keyOf = (vni: unknown, ...taps: unknown[]): string => [vni, ...taps.map(String).sort()].join(' ');

const still = { seed: 0, routed: false, wireUs: 20, jitterUs: 0 };
const ping: Talk = { kind: 'ping', from: 0, to: 0, count: 1, len: 1, startUs: 0, gapUs: 20 };
/** Places are VMs, then, from the ninth on, NICs. */
const at = (...places: number[]): boolean[] => Array.from({ length: 12 }, (_, place) => places.includes(place));
const always = { aheadNs: [0, 0, 0, 0], late: Array(12).fill(0), early: Array(12).fill(0) };
/** Networks of which something false was said once. */
const TRIED: Record<keyof typeof FAULTS, [Network, View, Harm][]> = {
  loss: [
    // A VM heard nothing but the same question again and again, so that its network was not known, and each was two frames.
    [
      {
        ...still,
        seed: 394_486_745,
        hosts: [{ vms: [1] }, { vms: [0] }, { vms: [0, 0] }],
        talks: [{ ...ping, from: 2 }, ping],
      },
      { ...always, taps: at(2, 3, 9, 10), naming: 'hosts' },
      { stage: 'encap', from: 1, to: 0, every: 2, phase: 0 },
    ],
    // A VM whose clock nothing tells heard floods alone: a difference of clocks was taken for the way that they went.
    [
      {
        ...still,
        seed: 1_839_462_802,
        hosts: [{ vms: [0, 1] }, { vms: [1, 1] }, { vms: [1, 0] }],
        talks: [
          { ...ping, from: 4, to: 6, count: 9, startUs: 1_137_530, gapUs: 32_245 },
          { ...ping, kind: 'tcp', from: 2, count: 9, startUs: 879_434, gapUs: 90_524 },
        ],
      },
      { ...always, taps: at(0, 1, 3, 7, 8), naming: 'plain', aheadNs: [0, -211_509_668, 0, 0] },
      { stage: 'encap', from: 2, to: 2, every: 5, phase: 0 },
    ],
    // A question was heard beside its sender some microseconds after its encapsulation had left.
    [
      {
        seed: 590_355_153,
        routed: true,
        wireUs: 1991,
        jitterUs: 289,
        hosts: [{ vms: [0] }, { vms: [0, 0] }, { vms: [1, 1] }],
        talks: [
          { ...ping, from: 6, to: 3, len: 75, startUs: 114_093 },
          { ...ping, from: 4, to: 4, count: 9, len: 398, startUs: 14_357, gapUs: 95_594 },
          { ...ping, kind: 'udp', from: 2, to: 4, count: 12, len: 223, startUs: 830_510, gapUs: 192_458 },
          { ...ping, kind: 'tcp', from: 7, to: 1, count: 7, len: 39, startUs: 1_378_163, gapUs: 118_266 },
          { ...ping, kind: 'udp', from: 1, count: 8, len: 317, startUs: 1_460_577, gapUs: 18_903 },
          { ...ping, kind: 'udp', from: 4, to: 1, count: 8, len: 36, startUs: 1_102_125, gapUs: 174_733 },
        ],
      },
      { ...always, taps: at(1, 2, 8, 9), naming: 'hosts', late: [0, 62, 482, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
      { stage: 'wire', from: 0, to: 2, every: 6, phase: 0 },
    ],
    // An answer was lost, and the next one, the same a second later, went half with it: at one tap, before its window ended.
    [
      { ...still, jitterUs: 298, hosts: [{ vms: [0, 0] }, { vms: [0] }], talks: [{ ...ping, to: 3 }] },
      { ...always, taps: at(2, 8, 9), naming: 'hosts', early: [0, 0, 601, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
      { stage: 'encap', from: 3, to: 0, every: 3, phase: 6 },
    ],
    // A host whose clock nothing compares saw a copy of a question first: what half of the taps saw went with that.
    [
      {
        ...{ ...still, hosts: [{ vms: [0, 0] }, { vms: [0, 0] }, { vms: [0] }, { vms: [0] }] },
        talks: [
          { ...ping, to: 6 },
          { ...ping, startUs: 1_893_282 },
        ],
      },
      { ...always, taps: at(0, 8, 9, 10), naming: 'hosts', aheadNs: [0, 0, -946_784_662, 0] },
      { stage: 'decap', from: 2, to: 1, every: 4, phase: 5 },
    ],
    // The tap at the NIC between began later: the one behind it shows the loss.
    [
      {
        ...{ ...still, hosts: [{ vms: [1] }, { vms: [1] }] },
        talks: [
          { ...ping, count: 2, gapUs: 9882 },
          { ...ping, count: 2, startUs: 11_641, gapUs: 17_363 },
        ],
      },
      { ...always, taps: at(0, 1, 8), naming: 'hosts', late: [0, 0, 342, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
      { stage: 'decap', from: 3, to: 0, every: 3, phase: 2 },
    ],
  ],
  duplicates: [
    // A question came twice, and the tap of who answered began behind the first answer.
    [
      { ...still, hosts: [{ vms: [1] }, { vms: [1] }], talks: [{ ...ping, from: 2 }] },
      { ...always, taps: at(1, 8), naming: 'hosts', late: [0, 310, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0] },
      { stage: 'encap', from: 0, to: 0, every: 2, phase: 0 },
    ],
    // Of the two answers the first one waited for an address, and the other one's encapsulation was taken for its copy.
    [
      { ...still, hosts: [{ vms: [1] }, { vms: [1] }], talks: [{ ...ping, from: 2, count: 4, gapUs: 129 }] },
      { ...always, taps: at(1, 8), naming: 'hosts' },
      { stage: 'encap', from: 0, to: 0, every: 4, phase: 0 },
    ],
    // Of the two answers one was said to have overtaken the other.
    [
      { ...still, hosts: [{ vms: [0] }, { vms: [0] }], talks: [ping] },
      { ...always, taps: at(1, 8, 9), naming: 'hosts' },
      { stage: 'encap', from: 0, to: 0, every: 2, phase: 0 },
    ],
    // An answer waited, its copy was made behind that: what came of it was taken for the copy's, and what came of both for three.
    [
      {
        ...{ ...still, wireUs: 900, hosts: [{ vms: [0] }, { vms: [0] }] },
        talks: [{ ...ping, kind: 'tcp', count: 9 }],
      },
      { ...always, taps: at(1, 8, 9), naming: 'hosts' },
      { stage: 'encap', from: 1, to: 0, every: 2, phase: 0 },
    ],
    // A question was heard beside its sender once, and left twice.
    [
      {
        ...{ ...still, hosts: [{ vms: [0, 0] }, { vms: [0] }] },
        talks: [
          { ...ping, from: 1, to: 1, count: 4, gapUs: 50_000 },
          { ...ping, startUs: 300_000 },
          { ...ping, from: 1, to: 1, startUs: 600_000 },
        ],
      },
      { ...always, taps: at(1, 8), naming: 'hosts' },
      { stage: 'encap', from: 0, to: 0, every: 6, phase: 5 },
    ],
  ],
  reordering: [
    // A NIC's capture began between a frame and those that overtook it before it came there.
    [
      {
        ...{ seed: 1_353_297_966, routed: true, wireUs: 25, jitterUs: 96, hosts: [{ vms: [1, 0] }, { vms: [1] }] },
        talks: [
          { ...ping, kind: 'udp', from: 4, count: 6, len: 245, startUs: 15, gapUs: 159_991 },
          { ...ping, kind: 'udp', from: 2, to: 7, count: 5, len: 398, startUs: 20, gapUs: 35 },
        ],
      },
      { ...always, taps: at(0, 1, 8, 9), naming: 'hosts', late: [0, 0, 0, 500, 0, 0, 0, 0, 0, 0, 0, 0] },
      { stage: 'wire', from: 1, to: 1, every: 3, phase: 4 },
    ],
  ],
};

it.each(Object.keys(FAULTS) as (keyof typeof FAULTS)[])(
  '%s is told at its hop, with its number',
  async (kind) => {
    const { fate, pattern } = FAULTS[kind];
    await fc.assert(
      fc.asyncProperty(network, view, harm, async (plan, how, one) => {
        const wires = new Wires(plan, { fault: faultOf(plan, one, fate) });
        const taps = look(wires, how);
        fc.pre(taps.length > 0);
        const { findings } = await analyzeSeen(scratch, taps, how);
        const hops = hopsOf(wires, taps, how, FAULTS[kind].isShown);
        const ends = endsOf(plan, one).map(vtepText);
        const problems: string[] = [];
        const told = new Map<string, number>();
        for (const { id, message } of bad(findings)) {
          const words = id === kind ? pattern.exec(message)?.groups : undefined;
          if (words === undefined) {
            if (!isExplained(kind, id, one, wires)) problems.push(`${id}: ${message}`);
            continue;
          }
          const {
            count,
            vni,
            source = ends[0],
            destination = ends[1],
            from = words['from2'],
            to = words['to2'],
          } = words;
          const key = keyOf(vni, from, to);
          told.set(key, (told.get(key) ?? 0) + Number(count));
          const most = hops.get(key)?.harmed ?? 0;
          // Where the other tap may not have been capturing, some are likely only.
          const claimed = Number(count) - Number(LIKELY.exec(message)?.[1] ?? 0);
          if (source !== ends[0] || destination !== ends[1] || claimed > most) problems.push(`${most}, not ${message}`);
        }
        // Clocks that differ may leave open what came first, and a cause stands for its consequences.
        // Frames that are bare everywhere are not compared.
        const areCompared = taps.some(({ isOverlay }) => !isOverlay);
        if (areCompared && how.aheadNs.every((ns) => ns === 0) && !bad(findings).some(({ id }) => id !== kind)) {
          for (const [key, { proven }] of hops) {
            if (proven > (told.get(key) ?? 0)) problems.push(`${key}: ${proven} proven, ${told.get(key) ?? 0} told`);
          }
        }
        expect(problems).toEqual([]);
      }),
      { numRuns: RUNS, ...seed, examples: TRIED[kind] },
    );
  },
  RUNS * 1000,
);

/** Whether a fault explains a finding of another kind. */
function isExplained(kind: keyof typeof FAULTS, id: string, { stage }: Harm, { harmed }: Wires): boolean {
  if (kind !== 'loss') return false;
  const hasArp = harmed.some(({ carried }) => carried.inner.isArp);
  if (id === 'arp-unanswered') return hasArp;
  return stage === 'encap' && (id === 'first-packet-wait' || (hasArp && id.startsWith('bum-')));
}
