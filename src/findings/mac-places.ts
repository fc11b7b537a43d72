/**
 * Where MACs are: through which VTEPs each sends, when, and which VTEPs have several MACs in common.
 */
import type { SeenSender } from '../evidence/senders.js';
import type { Endpoint } from '../inventory/endpoints.js';
import { KeyTable } from '../inventory/key-table.js';
import { macText } from '../wire/address.js';
import { isGroup, isVirtualRouter, macWords } from './addresses.js';
import type { Facts } from './facts.js';
import { once, onceAt } from './once.js';
import { receiversAt, sendersAt } from './seen-senders.js';

/** A VTEP that a MAC sends through, as one tap saw it. */
export interface MacPlace {
  readonly vtep: string;
  firstFrame: number;
  lastFrame: number;
  firstNs: number;
  lastNs: number;
  /** Whether any tap saw it announce itself from there, by gratuitous ARP or the like. */
  readonly isAnnounced: boolean;
  /** What it sent from there: a row for each VTEP, or group, and each of its addresses. */
  readonly sent: SeenSender[];
}

/** A MAC in a VNI. */
export interface PlacedMac {
  readonly vni: number;
  /** As text. */
  readonly mac: string;
  readonly places: readonly MacPlace[];
}

/** A MAC in more places than this is shared: an anycast gateway. */
const MAX_PLACES = 4;

/**
 * Where MACs are at a tap, by `MovableMacs.number`; those that routers share are left out. **Cost** allocates once.
 */
export const macPlacesAt = onceAt((facts, tap): ReadonlyMap<number, PlacedMac> => {
  const { ways } = facts;
  const movable = movableMacs(facts);
  const macs = new Map<number, { vni: number; mac: string; places: MacPlace[] }>();
  for (const sender of movable.size === 0 ? [] : sendersAt(tap)) {
    const { row, firstFrame, lastFrame, firstNs, lastNs } = sender;
    const { vni, source: vtep } = ways.at(row);
    const number = movable.number(vni, ways.innerMac(row));
    if (number < 0) continue;
    const entry = macs.get(number) ?? { vni, mac: macText(ways.innerMac(row)), places: [] };
    macs.set(number, entry);
    let place = entry.places.find((known) => known.vtep === vtep);
    if (place === undefined) {
      if (entry.places.length > MAX_PLACES) continue;
      const isAnnounced = announcedPlaces(facts).has(`${number} ${vtep}`);
      place = { vtep, firstFrame, lastFrame, firstNs, lastNs, isAnnounced, sent: [] };
      entry.places.push(place);
    }
    if (firstFrame < place.firstFrame) place.firstFrame = firstFrame;
    if (lastFrame > place.lastFrame) place.lastFrame = lastFrame;
    place.firstNs = Math.min(place.firstNs, firstNs);
    place.lastNs = Math.max(place.lastNs, lastNs);
    place.sent.push(sender);
  }
  for (const [number, { mac, places }] of macs) {
    if (places.length > MAX_PLACES || isVirtualRouter(mac)) macs.delete(number);
  }
  return macs;
});

/** The MACs with more than one VTEP to their name: they sent through it, or were sent to there. Most have one. */
export const movableMacs = once((facts: Facts) => new MovableMacs(facts));

class MovableMacs {
  readonly #table: KeyTable;
  /** By number, the one VTEP; null where there are several. */
  readonly #vteps: (string | null)[];
  /** How many there are. */
  size: number;

  constructor({ taps, ways }: Facts) {
    this.#table = new KeyTable();
    this.#vteps = [];
    this.size = 0;
    for (const tap of taps) {
      for (const { row } of sendersAt(tap)) {
        const mac = ways.innerMac(row);
        const { vni, source } = ways.at(row);
        if (mac !== 0) this.#put(this.#table.row(vni, ...macWords(mac)), source);
      }
    }
    for (const tap of taps) {
      for (const { row, mac } of receiversAt(tap)) {
        const { vni, destination, pair } = ways.at(row);
        if (pair.isToGroup || isGroup(mac)) continue;
        const number = this.#table.find(vni, ...macWords(mac));
        if (number >= 0) this.#put(number, destination);
      }
    }
  }

  /** The number of a MAC in a VNI, 0 and up; -1 where it is none of them. @param mac 0..2^48-1 */
  number(vni: number, mac: number): number {
    const number = this.#table.find(vni, ...macWords(mac));
    return number < 0 || this.#vteps[number] !== null ? -1 : number;
  }

  #put(number: number, vtep: string): void {
    const known = this.#vteps[number];
    if (known === vtep || known === null) return;
    this.#vteps[number] = known === undefined ? vtep : null;
    if (known !== undefined) this.size++;
  }
}

/** Whether two VTEPs both send for a MAC other than this one: they are likely multi-homed, or share a gateway. */
export function shareOthers(facts: Facts, mac: string, a: string, b: string): boolean {
  const vteps = macsByVtep(facts);
  const [less = new Set(), more = new Set()] = [vteps.get(a), vteps.get(b)].sort(
    (x, y) => (x?.size ?? 0) - (y?.size ?? 0),
  );
  for (const other of less) if (other !== mac && more.has(other)) return true;
  return false;
}

/** Numbers of movable MACs and VTEPs through which they announced themselves. */
const announcedPlaces = once((facts: Facts): ReadonlySet<string> => {
  const announced = new Set<string>();
  for (const { evidence } of facts.taps) {
    for (const row of evidence.claimants.announcing) {
      const { vni, source } = facts.ways.at(row);
      announced.add(`${movableMacs(facts).number(vni, facts.ways.innerMac(row))} ${source}`);
    }
  }
  return announced;
});

/** Whether a MAC sends through a VTEP, in any VNI, at any tap. @param mac as text */
export function sendsThrough(facts: Facts, mac: string, vtep: string): boolean {
  return macsByVtep(facts).get(vtep)?.has(mac) ?? false;
}

/** Whether a MAC sends from several IPv4 addresses, as a router that puts in its own does: its way back may be another. */
export function isRouter(facts: Facts, vni: number, mac: string): boolean {
  return routersOf(facts).has(`${vni} ${mac}`);
}

const routersOf = once(
  ({ endpoints }: Facts): ReadonlySet<string> =>
    new Set(endpoints.filter(routes).map(({ vni, mac }) => `${vni} ${mac}`)),
);

function routes({ addresses }: Endpoint): boolean {
  return addresses.filter((address) => !address.includes(':')).length > 1;
}

const macsByVtep = once(({ endpoints }: Facts): ReadonlyMap<string, ReadonlySet<string>> => {
  const vteps = new Map<string, Set<string>>();
  for (const { vtep, mac } of endpoints) vteps.set(vtep, (vteps.get(vtep) ?? new Set()).add(mac));
  return vteps;
});
