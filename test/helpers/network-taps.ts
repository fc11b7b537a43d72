/** Taps of a made-up network: which of its places are looked at, from when to when, by which clocks, under which names. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import type { Analysis } from '../../src/analysis.js';
import { type AnalyzeOptions, analyze } from '../../src/analyze.js';
import { NANO, pcap } from './capture-writer.js';
import type { Network, Sighting, Talk, Wires } from './network.js';
import type { Scratch } from './read-capture.js';

/** Where times start, s. */
const START = 1_700_000_000;

/** How a network is looked at. */
export interface View {
  /** By place, VMs first: whether there is a tap; taken as far as they go round. */
  readonly taps: readonly boolean[];
  /** `host:tap=`, `tap=`. */
  readonly naming: 'hosts' | 'plain';
  /** By host, what its clock is ahead, ns. */
  readonly aheadNs: readonly number[];
  /** By place, what its capture misses at its start and at its end, in thousandths of the whole. */
  readonly late: readonly number[];
  readonly early: readonly number[];
  /** Bytes kept of each frame; all unless given. */
  readonly snaplen?: number;
}

/** A tap, and what it saw. */
export interface Seen {
  readonly name: string;
  readonly place: string;
  readonly host: number;
  readonly isOverlay: boolean;
  readonly sightings: readonly Sighting[];
  readonly fromNs: number;
  readonly untilNs: number;
}

const talk: fc.Arbitrary<Talk> = fc.record({
  kind: fc.constantFrom('ping', 'udp', 'tcp'),
  from: fc.nat(7),
  to: fc.nat(7),
  count: fc.integer({ min: 1, max: 12 }),
  len: fc.integer({ min: 1, max: 400 }),
  startUs: fc.integer({ min: 0, max: 2_000_000 }),
  gapUs: fc.integer({ min: 20, max: 200_000 }),
});

export const network: fc.Arbitrary<Network> = fc.record({
  seed: fc.nat(),
  hosts: fc.array(fc.record({ vms: fc.array(fc.nat(1), { minLength: 1, maxLength: 2 }) }), {
    minLength: 2,
    maxLength: 4,
  }),
  routed: fc.boolean(),
  wireUs: fc.integer({ min: 20, max: 2000 }),
  jitterUs: fc.integer({ min: 0, max: 300 }),
  talks: fc.array(talk, { minLength: 1, maxLength: 6 }),
});

const seldom = (most: number): fc.Arbitrary<number> =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.integer({ min: 0, max: most }) });

export const view: fc.Arbitrary<View> = fc.record({
  taps: fc.array(fc.boolean(), { minLength: 12, maxLength: 12 }),
  naming: fc.constantFrom('hosts', 'plain'),
  aheadNs: fc.array(
    fc.oneof(
      fc.constant(0),
      fc.integer({ min: -5_000_000, max: 5_000_000 }),
      fc.integer({ min: -5_000_000_000, max: 5_000_000_000 }),
    ),
    { minLength: 4, maxLength: 4 },
  ),
  late: fc.array(seldom(700), { minLength: 12, maxLength: 12 }),
  early: fc.array(seldom(700), { minLength: 12, maxLength: 12 }),
});

/** What the taps of a view saw. */
export function look(wires: Wires, how: View): Seen[] {
  const all = [...wires.seen.values()].flat();
  const end = Math.max(0, ...all.map(({ timeNs }) => timeNs));
  return [...wires.seen].flatMap(([place, sightings], index) => {
    const isOverlay = place.startsWith('vm');
    // Places of VMs and of NICs have bits of their own, so that a tap more or less leaves the others alone.
    const number = Number(place.replace(/\D+/, ''));
    const bit = isOverlay ? number : 8 + number;
    if (!how.taps[bit % how.taps.length]) return [];
    const host = isOverlay ? (wires.vms[number] as { host: number }).host : number;
    const fromNs = (end * (how.late[index % 12] as number)) / 1000;
    const untilNs = end - (end * (how.early[index % 12] as number)) / 1000;
    const name = isOverlay ? place : `eth0-${number}`;
    const within = sightings.filter(({ timeNs }) => timeNs >= fromNs && timeNs <= untilNs);
    return [{ name, place, host, isOverlay, sightings: within, fromNs, untilNs }];
  });
}

let runs = 0;

/** Writes what taps saw, and analyses it. */
export async function analyzeSeen(
  scratch: Scratch,
  taps: readonly Seen[],
  how: View,
  options: AnalyzeOptions = {},
): Promise<Analysis> {
  const folder = join(scratch.path, `network-${runs++ % 2}`);
  mkdirSync(folder, { recursive: true });
  return analyze(
    taps.map(({ name, place, host, sightings }) => {
      const path = join(folder, `${place}.pcap`);
      const records = sightings.map(({ timeNs, bytes }) => {
        const ns = timeNs + (how.aheadNs[host] as number) + 10e9;
        const kept = bytes.subarray(0, how.snaplen);
        return {
          bytes: kept,
          wireLen: bytes.length,
          seconds: START + Math.floor(ns / 1e9),
          fraction: ns - Math.floor(ns / 1e9) * 1e9,
        };
      });
      writeFileSync(path, pcap(records, { magic: NANO }));
      return `${how.naming === 'hosts' ? `hv${host}:` : ''}${name}=${path}`;
    }),
    options,
  );
}
