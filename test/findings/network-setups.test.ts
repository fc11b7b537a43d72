/**
 * Verdicts on networks that are made up, one hypervisor of which is not set up as it should be: that is named, of the VTEP,
 * the VNI and the tap that it is true of, with its numbers, and nothing else that it does not explain.
 */
import fc from 'fast-check';
import { afterAll, expect, it } from 'vitest';
import { duration, number } from '../../src/findings/wording.js';
import { macText } from '../../src/wire/address.js';
import {
  type Carried,
  macOf,
  type Network,
  placesOf,
  type Setup,
  type Sighting,
  vniText,
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
const SECOND = 1e9;
const OTHER_VNI = 7000;

/** What is looked at, and how it came to be. */
interface World {
  readonly plan: Network;
  readonly how: View;
  readonly wires: Wires;
  readonly taps: readonly Seen[];
  /** The hypervisor at fault, and another one. */
  readonly host: number;
  readonly peer: number;
}

/** A setup that is wrong. */
interface Fault {
  setup(host: number, peer: number, plan: Network): Setup;
  /** What it may bring about besides: errors and warnings that are true of it. */
  readonly consequences: readonly string[];
  /** What is wrong with a finding that names it; empty where it is true. */
  wrongIn(words: Readonly<Record<string, string>>, world: World): string;
  readonly pattern: RegExp;
  /** What is told in its place, where that is known. */
  readonly causes?: readonly string[];
  /** Bytes that some of the messages are longer. */
  readonly moreLen?: number;
  /** Whether the taps prove it. */
  isProven(world: World): boolean;
}

const isBroadcast = ({ inner }: Carried): boolean => inner.destination === 0xffffffffffff;
const nicOf = ({ taps }: World, host: number): Seen | undefined => taps.find(({ place }) => place === `nic${host}`);
const isOneClock = ({ how }: World): boolean => how.aheadNs.every((ns) => ns === 0);

/** The encapsulations that a tap saw. */
function carriedAt(tap: Seen | undefined): { carried: Carried; timeNs: number }[] {
  const seen = tap === undefined || tap.isOverlay ? [] : tap.sightings;
  return seen.flatMap(({ carried, timeNs }: Sighting) => (carried === null ? [] : [{ carried, timeNs }]));
}

const FAULTS: Record<string, Fault> = {
  'bum-missing-vtep': {
    setup: (host, peer) => ({ lacks: (one, vtep) => one === host && vtep === peer }),
    // Where the list has nobody else, nothing is flooded at all.
    consequences: ['arp-unanswered', 'bum-not-encapsulated'],
    pattern:
      /^(?<source>\S+) sent (?<told>.*) in VNI (?<vni>\d+) at (?<tap>\S+), and none to (?<missing>[^;]+); likely its flood list lacks that VTEP/,
    wrongIn({ source, told, vni, tap, missing }, world) {
      const { host, peer } = world;
      if (source !== vtepText(host) || missing !== vtepText(peer) || tap !== `eth0-${host}`) return 'not there';
      const sent = new Map<string, number>();
      for (const { carried } of carriedAt(nicOf(world, host))) {
        if (carried.from !== host || String(carried.vni) !== vni || !isBroadcast(carried)) continue;
        const to = vtepText(carried.to);
        sent.set(to, (sent.get(to) ?? 0) + 1);
      }
      const expected = [...sent].map(([to, count]) => `${count} ${count === 1 ? 'broadcast' : 'broadcasts'} to ${to}`);
      return told === expected.join(', ').replace(/, ([^,]*)$/, ' and $1') || told === expected.join(', ')
        ? ''
        : `${expected}`;
    },
    isProven(world) {
      const { host, peer, taps, how, wires } = world;
      if (!isOneClock(world) || how.naming !== 'hosts') return false;
      const sent = carriedAt(nicOf(world, host)).filter(({ carried }) => carried.from === host);
      return [5000, 6000].some((vni) => {
        const floods = sent.filter(({ carried }) => carried.vni === vni && isBroadcast(carried));
        const reached = new Set(floods.map(({ carried }) => carried.to));
        if (![...reached].some((to) => floods.filter(({ carried }) => carried.to === to).length > 1)) return false;
        // That the tap is its own shows by what a VM's tap has in common with it.
        const isOwn = taps.some(
          (tap) =>
            tap.isOverlay &&
            tap.host === host &&
            sent.some(
              ({ carried }) => !carried.inner.isArp && tap.sightings.some(({ inner }) => inner === carried.inner),
            ) &&
            wires.vms.some(({ number, net }) => tap.place === `vm${number}` && vniText(net) === vni),
        );
        const lastNs = Math.max(...floods.map(({ timeNs }) => timeNs));
        const isThere = taps.some((tap) =>
          carriedAt(tap).some(
            ({ carried, timeNs }) =>
              carried.vni === vni && carried.to === peer && carried.from !== host && timeNs < lastNs - 1.1 * SECOND,
          ),
        );
        return isOwn && isThere;
      });
    },
  },

  'port-mismatch': {
    setup: (host) => ({ listens: (one) => one !== host }),
    consequences: ['arp-unanswered', 'bum-not-encapsulated', 'not-decapsulated', 'loss'],
    pattern:
      /^(?<reporter>\S+) says (?<count>\d+) times? that its UDP port 4789 is unreachable for VXLAN from (?<source>\S+) \(VNI (?<vnis>[^)]*)\), seen at (?<taps>[^;]*); nothing/,
    wrongIn({ reporter, count, source }, world) {
      const { host, wires } = world;
      if (reporter !== vtepText(host)) return 'another VTEP';
      const refused = wires.carried.filter(({ from, to }) => to === host && vtepText(from) === source);
      return Number(count) <= refused.length ? '' : `${refused.length} were refused`;
    },
    isProven: (world) =>
      // The error itself, and the frame that it quotes before it.
      world.taps.some(
        (tap) =>
          tap.place === `nic${world.host}` &&
          carriedAt(tap).some(({ carried, timeNs }) => carried.to === world.host && timeNs < tap.untilNs),
      ),
  },

  'vni-mismatch': {
    setup: (host) => ({ isKnown: true, vniOf: (one, net) => (one === host ? OTHER_VNI + net : vniText(net)) }),
    consequences: ['not-decapsulated'],
    pattern:
      /^Between (?<macs>\S+ behind (?<source>\S+) and \S+ behind (?<destination>\S+)), (?<out>\d+) frames? went out in VNI (?<vni>\d+) and (?<back>\d+) frames? came back in VNI (?<vni2>\d+), and neither/,
    wrongIn({ source, destination, out, back, vni, vni2 }, world) {
      const { host, taps } = world;
      const ends = [source, destination];
      if (!ends.includes(vtepText(host))) return 'another VTEP';
      const between = (from = '', to = '', one = ''): number =>
        Math.max(
          0,
          ...taps.map(
            (tap) =>
              carriedAt(tap).filter(
                ({ carried }) =>
                  vtepText(carried.from) === from && vtepText(carried.to) === to && String(carried.vni) === one,
              ).length,
          ),
        );
      const isRight =
        Number(out) <= between(source, destination, vni) && Number(back) <= between(destination, source, vni2);
      return isRight ? '' : `${between(source, destination, vni)} and ${between(destination, source, vni2)} there were`;
    },
    isProven: ({ host, taps }) =>
      taps.some((tap) => {
        const unicast = carriedAt(tap).map(({ carried }) => carried);
        return unicast.some(
          (there) =>
            there.from === host &&
            unicast.some(
              ({ to, inner }) =>
                to === host && inner.source === there.inner.destination && inner.destination === there.inner.source,
            ),
        );
      }),
  },
};

const MTU = 1300;
/** Of the IP packet in a tunnel. */
const packetLen = ({ inner }: Carried): number => inner.len - 14;
const isSameWay = (a: Carried, b: Carried): boolean =>
  a.inner.source === b.inner.source && a.inner.destination === b.inner.destination;

FAULTS['mtu-black-hole'] = {
  setup: (host, peer) => ({
    fault: (stage, carried) =>
      stage === 'wire' && carried.from === host && carried.to === peer && packetLen(carried) > MTU ? [] : null,
  }),
  moreLen: 1060,
  // Of few frames, or of a tap that is not shown to capture all the time, size is no reason.
  consequences: ['loss'],
  pattern:
    /^(?<count>\d+) frames? of VNI (?<vni>\d+) from (?<source>\S+) to (?<destination>\S+) vanished between \S+ and \S+( \(.*?\))? and no ICMP error says why: inner packets of up to (?<passed>\d+) bytes passed, those of (?<least>\d+)/,
  wrongIn({ count, vni, source, destination, passed, least }, { host, peer, wires }) {
    if (source !== vtepText(host) || destination !== vtepText(peer)) return 'another tunnel';
    if (Number(passed) > MTU || Number(least) <= MTU) return `${MTU} bytes pass`;
    const harmed = wires.harmed.filter(({ carried }) => String(carried.vni) === vni).length;
    return Number(count) <= harmed ? '' : `${harmed} were lost`;
  },
  isProven(world) {
    const [near, far] = [nicOf(world, world.host), nicOf(world, world.peer)];
    if (!isOneClock(world) || near === undefined || far === undefined) return false;
    const came = carriedAt(far);
    return [5000, 6000].some((vni) => {
      const lost = world.wires.harmed.filter(
        ({ carried, nowNs }) =>
          carried.vni === vni &&
          near.sightings.some((one) => one.carried === carried) &&
          came.some((one) => one.timeNs < nowNs) &&
          came.some((one) => one.timeNs > nowNs + SECOND / 100) &&
          came.some((one) => isSameWay(one.carried, carried)),
      );
      const passed = came.some(
        ({ carried }) =>
          carried.vni === vni && carried.from === world.host && carried.to === world.peer && packetLen(carried) >= 60,
      );
      return lost.length >= 3 && passed;
    });
  },
};

FAULTS['one-way-tunnel'] = {
  setup: (host, peer) => ({
    isKnown: true,
    fault: (stage, { from, to }) => (stage === 'wire' && from === host && to === peer ? [] : null),
  }),
  consequences: ['loss'],
  causes: ['loss'],
  pattern:
    /^(?<count>\d+) unicast frames? went from (?<source>\S+) to (?<destination>\S+) in VNI (?<vni>\d+), and none came back \(/,
  wrongIn({ count, source, destination, vni }, { taps }) {
    const most = (from = '', to = ''): number =>
      Math.max(
        ...taps.map(
          (tap) =>
            carriedAt(tap).filter(
              ({ carried }) =>
                vtepText(carried.from) === from &&
                vtepText(carried.to) === to &&
                String(carried.vni) === vni &&
                !isBroadcast(carried),
            ).length,
        ),
      );
    if (most(destination, source) > 0) return `${most(destination, source)} came back`;
    return most(source, destination) === Number(count) ? '' : `${most(source, destination)} went`;
  },
  isProven(world) {
    const { host, peer, taps } = world;
    if (taps.some(({ isOverlay, place }) => !isOverlay && place !== `nic${peer}`)) return false;
    const sent = carriedAt(nicOf(world, peer)).map(({ carried }) => carried);
    return [5000, 6000].some(
      (vni) => sent.filter((one) => one.vni === vni && one.from === peer && one.to === host).length > 1,
    );
  },
};

/** When a VM stops at its place, and when it goes on at another one, ns. */
const [LEFT, ARRIVED] = [2 * SECOND, 2.2 * SECOND];

/** A VM is moved, and does not say so. */
function moved(host: number, peer: number, plan: Network): Setup {
  const [from, to] = placesOf(plan, host, peer);
  if (from < 0) return {};
  const placeAt = (nowNs: number): number => (nowNs < LEFT ? from : nowNs < ARRIVED ? -1 : to);
  return {
    guestAt: (place) => (place === to ? from : place),
    sendsFrom: (vm, nowNs) => (vm === from ? placeAt(nowNs) : vm),
    hears: (place, nowNs) => (place !== from && place !== to) || place === placeAt(nowNs),
  };
}

/** When a tap saw the last frame of the VM that is moved from where it was, and the first one from where it is. */
function moveAt(tap: Seen, { plan, host, peer }: World): { vni: number; leftNs: number; arrivedNs: number } {
  const mac = macOf(placesOf(plan, host, peer)[0]);
  const sent = carriedAt(tap).filter(({ carried }) => carried.inner.source === mac);
  const times = (from: number): number[] =>
    sent.filter(({ carried }) => carried.from === from).map(({ timeNs }) => timeNs);
  const vni = sent[0]?.carried.vni ?? -1;
  return { vni, leftNs: Math.max(...times(host)), arrivedNs: Math.min(...times(peer)) };
}

FAULTS['mac-moved'] = {
  setup: moved,
  // Who has not heard of it goes on sending to where it was.
  consequences: ['loss', 'arp-unanswered'],
  pattern:
    /^MAC (?<mac>\S+) in VNI (?<vni>\d+) sent through (?<from>\S+), then, (?<gap>.*) later, through (?<to>\S+) alone, and did not announce that it moved \(at (?<at>\S+)\)/,
  wrongIn({ mac, vni, from, gap, to, at }, world) {
    const tap = world.taps.find(({ name }) => name === at);
    const [place] = placesOf(world.plan, world.host, world.peer);
    if (place < 0 || tap === undefined) return 'nothing moved there';
    if (mac !== macText(macOf(place)) || from !== vtepText(world.host) || to !== vtepText(world.peer)) return 'another';
    const move = moveAt(tap, world);
    const gapNs = move.arrivedNs - move.leftNs;
    return gap === duration(gapNs) && vni === String(move.vni) ? '' : `${duration(gapNs)} in ${move.vni}`;
  },
  isProven: (world) =>
    placesOf(world.plan, world.host, world.peer)[0] >= 0 &&
    world.taps.some((tap) => Number.isFinite(moveAt(tap, world).arrivedNs - moveAt(tap, world).leftNs)),
};

FAULTS['stale-mac'] = {
  setup: (host, peer, plan) => ({
    ...moved(host, peer, plan),
    isStuck: (one) => one !== host && one !== peer,
  }),
  consequences: ['loss', 'arp-unanswered', 'mac-moved'],
  pattern:
    /^(?<source>\S+) sends for MAC (?<mac>\S+) in VNI (?<vni>\d+) to (?<destination>\S+), though \S+ sends through (?<holder>[^:]+): (?<count>\S+) frames?, the last (?<late>.*) after \S+ got its first one from there/,
  wrongIn({ source, mac, vni, destination, holder, count, late }, world) {
    const { plan, host, peer, taps } = world;
    const [place] = placesOf(plan, host, peer);
    if (place < 0 || mac !== macText(macOf(place))) return 'another MAC';
    if (destination !== vtepText(host) || holder !== vtepText(peer)) return 'elsewhere';
    const ways = taps.map((tap) => staleAt(tap, source as string, world)).filter((way) => way.vni === Number(vni));
    return ways.some((way) => count === number(way.count) && late === duration(way.lastNs - way.heardNs))
      ? ''
      : `${ways.map((way) => `${way.count}, ${duration(way.lastNs - way.heardNs)}`)}`;
  },
  isProven: (world) =>
    world.taps.some(({ place, ...tap }) => {
      const source = Number(place.replace('nic', ''));
      if (tap.isOverlay || source === world.host || source === world.peer) return false;
      const { count, firstNs, lastNs, heardNs, sentNs } = staleAt({ place, ...tap }, vtepText(source), world);
      // One that sends no more may be nowhere.
      if (sentNs <= firstNs) return false;
      // That it was there before must be seen at the same tap.
      return count > 0 && lastNs - heardNs >= SECOND && Number.isFinite(moveAt({ place, ...tap }, world).leftNs);
    }),
};

/** What a tap saw one VTEP send for the VM to where it was, and when that VTEP first got a frame of it from where it is. */
function staleAt(tap: Seen, source: string, { plan, host, peer }: World) {
  const mac = macOf(placesOf(plan, host, peer)[0]);
  const all = carriedAt(tap);
  const sent = all.filter(
    ({ carried }) => carried.inner.destination === mac && vtepText(carried.from) === source && carried.to === host,
  );
  const heard = all.filter(
    ({ carried }) => carried.inner.source === mac && carried.from === peer && vtepText(carried.to) === source,
  );
  return {
    vni: sent[0]?.carried.vni ?? -1,
    count: sent.length,
    firstNs: Math.min(...sent.map(({ timeNs }) => timeNs)),
    lastNs: Math.max(...sent.map(({ timeNs }) => timeNs)),
    heardNs: Math.min(...heard.map(({ timeNs }) => timeNs)),
    /** When it last sent from where it is. */
    sentNs: Math.max(...heard.map(({ timeNs }) => timeNs)),
  };
}

const at = (...places: number[]): boolean[] => Array.from({ length: 12 }, (_, place) => places.includes(place));
/** Networks of which something false was said once, or nothing. Places are VMs, then, from the ninth on, NICs. */
const TRIED: Record<string, [Network, View, number, number, boolean][]> = {
  'bum-missing-vtep': [
    // Two VMs asked once each: that were two broadcasts of their VTEP, though one of each.
    [
      {
        ...{ seed: 0, routed: false, wireUs: 20, jitterUs: 0 },
        hosts: [{ vms: [0] }, { vms: [0, 0] }, { vms: [0, 0] }, { vms: [0] }],
        talks: [
          { kind: 'ping', from: 0, to: 4, count: 1, len: 1, startUs: 0, gapUs: 20 },
          { kind: 'ping', from: 3, to: 6, count: 1, len: 1, startUs: 0, gapUs: 20 },
        ],
      },
      {
        ...{ taps: at(), naming: 'hosts', aheadNs: [0, 0, 0, 0] },
        ...{ late: Array(12).fill(0), early: Array(12).fill(0) },
      },
      ...([2, 1, true] as const),
    ],
  ],
  'port-mismatch': [
    // One of two hosts had no tap of its own at its NIC.
    [
      {
        ...{ seed: 0, routed: false, wireUs: 20, jitterUs: 205 },
        hosts: [{ vms: [0] }, { vms: [1] }, { vms: [1, 0] }, { vms: [1, 1] }],
        talks: [{ kind: 'ping', from: 4, to: 4, count: 1, len: 1, startUs: 0, gapUs: 20 }],
      },
      {
        ...{ taps: at(2, 4, 5, 9), naming: 'hosts', aheadNs: [0, 0, 0, 0] },
        ...{ late: Array(12).fill(0), early: Array(12).fill(0) },
      },
      ...([1, 1, false] as const),
    ],
    // VMs of a third host heard a question before the copy for the host at fault came there: it was none of theirs.
    [
      {
        ...{ seed: 0, routed: true, wireUs: 20, jitterUs: 153 },
        hosts: [{ vms: [0, 0] }, { vms: [0, 0] }, { vms: [0] }],
        talks: [{ kind: 'ping', from: 4, to: 0, count: 1, len: 1, startUs: 0, gapUs: 20 }],
      },
      {
        ...{ taps: at(), naming: 'hosts', aheadNs: [0, 0, 0, 0] },
        ...{ late: Array(12).fill(0), early: Array(12).fill(0) },
      },
      ...([0, 2, true] as const),
    ],
    // A VM beside the one that asks heard the question, too: that is no decapsulation.
    [
      {
        ...{ seed: 0, routed: false, wireUs: 20, jitterUs: 0, hosts: [{ vms: [0, 0] }, { vms: [0] }] },
        talks: [{ kind: 'ping', from: 0, to: 0, count: 1, len: 1, startUs: 0, gapUs: 20 }],
      },
      {
        ...{ taps: at(0, 1, 8, 9), naming: 'hosts', aheadNs: [0, 0, 0, 0] },
        ...{ late: Array(12).fill(0), early: Array(12).fill(0) },
      },
      ...([3, 0, false] as const),
    ],
    // So was one that it heard after the question had left.
    [
      {
        ...{ seed: 6_532_938, routed: false, wireUs: 20, jitterUs: 0, hosts: [{ vms: [0] }, { vms: [0, 0] }] },
        talks: [{ kind: 'ping', from: 2, to: 4, count: 1, len: 1, startUs: 0, gapUs: 20 }],
      },
      {
        ...{ taps: at(), naming: 'hosts', aheadNs: [0, 0, 0, 0] },
        ...{ late: Array(12).fill(0), early: Array(12).fill(0) },
      },
      ...([0, 0, true] as const),
    ],
    // The NIC of the host at fault was taken for that of a host without a tap, which floods to others beside.
    [
      {
        ...{ seed: 0, routed: false, wireUs: 20, jitterUs: 0, hosts: [{ vms: [1] }, { vms: [1] }, { vms: [1] }] },
        talks: [
          { kind: 'ping', from: 1, to: 0, count: 1, len: 1, startUs: 0, gapUs: 20 },
          { kind: 'ping', from: 0, to: 3, count: 1, len: 1, startUs: 0, gapUs: 20 },
          { kind: 'ping', from: 0, to: 0, count: 1, len: 1, startUs: 0, gapUs: 20 },
        ],
      },
      {
        ...{ taps: at(0, 1, 2, 9, 10), naming: 'hosts', aheadNs: [0, 0, 0, 0] },
        ...{ late: Array(12).fill(0), early: Array(12).fill(0) },
      },
      ...([1, 0, false] as const),
    ],
  ],
};

/** The same as it shows most: one network, who talks talks again later, the other way, and all of it is looked at. */
function plainly(plan: Network, how: View): [Network, View] {
  const hosts = plan.hosts.map(({ vms }) => ({ vms: vms.map(() => 0) }));
  const later = plan.talks.map((talk) => {
    return { ...talk, from: talk.to, to: talk.from + 1, startUs: talk.startUs + 3_000_000, count: talk.count + 3 };
  });
  const all = { taps: Array(12).fill(true), late: Array(12).fill(0), early: Array(12).fill(0) };
  return [
    { ...plan, hosts, talks: [...plan.talks, ...later] },
    { ...how, ...all, naming: 'hosts', aheadNs: [0, 0, 0, 0] },
  ];
}

it.each(Object.keys(FAULTS))(
  '%s is told where it is, with its numbers',
  async (id) => {
    const fault = FAULTS[id] as Fault;
    await fc.assert(
      fc.asyncProperty(network, view, fc.nat(3), fc.nat(2), fc.boolean(), async (given, seen, from, to, isPlain) => {
        const [plan, how] = isPlain ? plainly(given, seen) : [given, seen];
        const count = plan.hosts.length;
        const host = from % count;
        const peer = (host + 1 + (to % (count - 1))) % count;
        const { moreLen = 0, causes = [] } = fault;
        const talks = plan.talks.map((talk, index) => (index % 2 === 0 ? talk : { ...talk, len: talk.len + moreLen }));
        const wires = new Wires({ ...plan, talks }, fault.setup(host, peer, plan));
        const taps = look(wires, how);
        fc.pre(taps.length > 0);
        const { findings } = await analyzeSeen(scratch, taps, how);
        const world = { plan, how, wires, taps, host, peer };
        const problems: string[] = [];
        let isTold = false;
        for (const { id: told, message, severity } of findings) {
          const words = told === id ? fault.pattern.exec(message)?.groups : undefined;
          if (words === undefined) {
            if (severity !== 'info' && !fault.consequences.includes(told)) problems.push(`${told}: ${message}`);
            continue;
          }
          isTold = true;
          const wrong = fault.wrongIn(words as Record<string, string>, world);
          if (wrong !== '') problems.push(`${wrong}, not ${message}`);
        }
        if (!isTold && !findings.some((one) => causes.includes(one.id)) && fault.isProven(world))
          problems.push(`${id} proven and not told: ${findings.map((one) => one.id)}`);
        expect(problems).toEqual([]);
      }),
      { numRuns: RUNS, ...seed, examples: TRIED[id] ?? [] },
    );
  },
  RUNS * 1000,
);
