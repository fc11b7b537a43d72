/**
 * `stale-mac`: a VTEP goes on sending frames for a MAC to a VTEP that does not hold it, though the MAC itself sends to it
 * through another.
 */
import type { FrameReference } from '../../correlate/report/correlation.js';
import type { SeenReceiver } from '../../evidence/receivers.js';
import { isGroupMac, macText } from '../../wire/address.js';
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { isRouter, type MacPlace, type MacsAt, macsAt, sendsThrough, shareOthers } from '../mac-places.js';
import { MacTable } from '../mac-table.js';
import { receiversAt, vtepsOf } from '../seen-senders.js';
import { duration, framesOf, MAX_EVIDENCE, plural } from '../wording.js';

/** A VTEP that heard from a MAC has this long to learn where it is, ns. */
const LEARN_NS = 1e9;

/** What a VTEP sent to another for one MAC, at one tap. */
interface Sent {
  readonly vni: number;
  readonly mac: number;
  readonly source: string;
  readonly destination: string;
  frames: number;
  firstNs: number;
  lastNs: number;
  readonly seen: Set<number>;
}

interface Stale {
  readonly sent: Sent;
  readonly holder: MacPlace;
  /** When the sender first heard of the MAC through the other VTEP. */
  readonly heardNs: number;
  readonly evidence: FrameReference[];
}

export const staleMac: Rule = {
  id: 'stale-mac',
  title: 'Frames go to a VTEP that their receiver is not behind',
  consequenceOf: ['vtep-source-mismatch'],
  judge(facts: Facts): Claim[] {
    const stales = new Map<string, Stale>();
    for (const tap of facts.taps) {
      const all = sentAt(facts, forSuspects(facts, macsAt(facts, tap), receiversAt(tap)));
      for (const [key, sent] of all) {
        const stale = staleOf(facts, tap, sent, all);
        const known = stales.get(key);
        if (stale !== null && (known === undefined || known.sent.frames < sent.frames)) stales.set(key, stale);
      }
    }
    return [...stales.values()].filter((stale) => areTwo(facts, stale)).map(claimOf);
  },
};

/** Whether the VTEP that is sent to and the one that holds the MAC are shown to be two: else it is likely one with two addresses. */
function areTwo(facts: Facts, { sent, holder }: Stale): boolean {
  const { senders, receivers } = vtepsOf(facts);
  return senders.has(sent.destination) || receivers.has(holder.vtep);
}

/**
 * What is sent for MACs that somebody sends for to one VTEP, and that it got frames of through another, the one place
 * where they are besides.
 */
function forSuspects({ ways }: Facts, macs: MacsAt, receivers: readonly SeenReceiver[]): SeenReceiver[] {
  const numbers = new Int32Array(receivers.length);
  const isSuspect = new Uint8Array(macs.size);
  // Of many senders one way it is asked once.
  const asked = new MacTable(receivers.length);
  for (let index = 0; index < receivers.length; index++) {
    const { row, mac } = receivers[index] as SeenReceiver;
    const way = ways.at(row);
    const number = macs.find(way.vni, mac);
    numbers[index] = number;
    if (number < 0 || way.pair.isToGroup || isSuspect[number] === 1) continue;
    const holder = macs.onlyVtep(number, way.destination);
    if (holder === null || holder === way.source) continue;
    if (asked.isNew(way.number, mac) && macs.isHeard(number, way.source, holder)) isSuspect[number] = 1;
  }
  return receivers.filter((_, index) => isSuspect[numbers[index] as number] === 1);
}

/** What VTEPs sent to each other, by MAC. */
function sentAt({ ways }: Facts, receivers: readonly SeenReceiver[]): Map<string, Sent> {
  const all = new Map<string, Sent>();
  for (const { row, mac, frames, firstFrame, lastFrame, firstNs, lastNs } of receivers) {
    const { vni, source, destination, pair } = ways.at(row);
    if (isGroupMac(mac) || pair.isToGroup) continue;
    const key = keyOf(vni, mac, source, destination);
    const sent = all.get(key) ?? { vni, mac, source, destination, frames: 0, firstNs, lastNs, seen: new Set() };
    all.set(key, sent);
    sent.frames += frames;
    sent.firstNs = Math.min(sent.firstNs, firstNs);
    sent.lastNs = Math.max(sent.lastNs, lastNs);
    if (sent.seen.size < MAX_EVIDENCE - 2) sent.seen.add(firstFrame).add(lastFrame);
  }
  return all;
}

function keyOf(vni: number, mac: number, source: string, destination: string): string {
  return `${vni} ${mac} ${source} ${destination}`;
}

function staleOf(facts: Facts, tap: TapFacts, sent: Sent, all: ReadonlyMap<string, Sent>): Stale | null {
  const { vni, mac, source, destination } = sent;
  const macs = macsAt(facts, tap);
  const places = macs.placed(macs.find(vni, mac))?.places ?? [];
  const [holder, ...more] = places.filter(({ vtep }) => vtep !== destination);
  if (holder === undefined || more.length > 0 || holder.vtep === source) return null;
  // So written that frames without a time prove nothing.
  const heardNs = heardAt(facts, holder, source);
  if (!(sent.lastNs - heardNs >= LEARN_NS && holder.lastNs > sent.firstNs)) return null;
  // What goes to both at once is flooded, or spread.
  const right = all.get(keyOf(vni, mac, source, holder.vtep));
  if (right !== undefined && right.firstNs <= sent.lastNs && right.lastNs >= sent.firstNs) return null;
  const before = places.find(({ vtep }) => vtep === destination);
  if (before === undefined ? sendsThrough(facts, macText(mac), destination) : !(before.lastNs < holder.firstNs))
    return null;
  if (shareOthers(facts, macText(mac), holder.vtep, destination) || isRouter(facts, vni, macText(mac))) return null;
  const frames = [...sent.seen, holder.firstFrame].sort((a, b) => a - b);
  return { sent, holder, heardNs, evidence: framesOf(tap.name, frames) };
}

/** When a VTEP first got a frame of a MAC's, by itself or in a group. @returns infinity where it got none */
function heardAt({ ways }: Facts, { sent }: MacPlace, vtep: string): number {
  const heard = sent.filter(({ row }) => ways.at(row).destination === vtep || ways.at(row).pair.isToGroup);
  return Math.min(...heard.map(({ firstNs }) => firstNs));
}

function claimOf({ sent, holder, heardNs, evidence }: Stale): Claim {
  const { vni, source, destination, frames, lastNs } = sent;
  const mac = macText(sent.mac);
  return {
    severity: 'warning',
    message: `${source} sends for MAC ${mac} in VNI ${vni} to ${destination}, though ${mac} sends through ${holder.vtep}: ${plural(frames, 'frame')}, the last ${duration(lastNs - heardNs)} after ${source} got its first one from there.`,
    evidence,
    fix: `Look up the MAC at ${source} (bridge fdb show, ovs-appctl fdb/show, vtep-ctl list-remote-macs) and delete or replace the entry that leads to ${destination}: bridge fdb replace ${mac} dev VXLAN dst ${holder.vtep}.`,
    about: { vni, vteps: [source, destination, holder.vtep] },
  };
}
