/**
 * Where MACs are: through which VTEPs each sends, when, and which VTEPs have several MACs in common.
 */
import type { SeenSender } from '../evidence/senders.js';
import type { Endpoint } from '../inventory/endpoints.js';
import type { Ways } from '../inventory/ways.js';
import { isVirtualRouter } from './addresses.js';
import type { Facts, TapFacts } from './facts.js';
import { MacTable } from './mac-table.js';
import { once, onceAt } from './once.js';
import { sendersAt } from './seen-senders.js';

/** A VTEP that a MAC sends through, as one tap saw it. */
export interface MacPlace {
  readonly vtep: string;
  firstFrame: number;
  lastFrame: number;
  firstNs: number;
  lastNs: number;
  /** What it sent from there: a row for each VTEP, or group, and each of its addresses. */
  readonly sent: SeenSender[];
}

/** A MAC in a VNI. */
export interface PlacedMac {
  readonly vni: number;
  /** 0..2^48-1 */
  readonly mac: number;
  readonly places: readonly MacPlace[];
}

/** A MAC in more places than this is shared: an anycast gateway. */
const MAX_PLACES = 4;

/** The MACs that a tap saw sending. **Cost** allocates once. */
export const macsAt = onceAt((facts, tap) => new MacsAt(facts, tap));

/** MACs by VNI, with numbers. Most are in one place, and nobody asks for it: places are made for those that are asked for. */
export class MacsAt {
  readonly #ways: Ways;
  readonly #senders: readonly SeenSender[];
  readonly #numbers: MacTable;
  /** By number, the first sender; by sender, the next one with the same number, -1 after the last. */
  readonly #first: number[];
  readonly #next: Int32Array;
  /** By number, the VTEP that it sent through, and another one; undefined without, null where there were more. */
  readonly #vteps: string[];
  readonly #others: (string | null | undefined)[];

  constructor({ ways }: Facts, tap: TapFacts) {
    this.#ways = ways;
    this.#senders = sendersAt(tap);
    this.#numbers = new MacTable(this.#senders.length);
    this.#first = [];
    this.#next = new Int32Array(this.#senders.length);
    this.#vteps = [];
    this.#others = [];
    // From the last one to the first: so each becomes the first one that is known.
    for (let index = this.#senders.length - 1; index >= 0; index--) {
      const { row } = this.#senders[index] as SeenSender;
      const mac = ways.innerMac(row);
      if (mac === 0) continue;
      const { vni, source } = ways.at(row);
      const number = this.#numbers.number(vni, mac);
      this.#next[index] = this.#first[number] ?? -1;
      this.#first[number] = index;
      const known = this.#vteps[number];
      if (known === undefined) {
        this.#vteps.push(source);
        this.#others.push(undefined);
      } else if (known !== source) {
        this.#addVtep(number, source);
      }
    }
  }

  /** How many MACs have a number. */
  get size(): number {
    return this.#first.length;
  }

  /** The number of a MAC in a VNI. @returns -1 where it was not seen sending */
  find(vni: number, mac: number): number {
    return this.#numbers.find(vni, mac);
  }

  /** Those that sent through several VTEPs, likely one after the other, in the order of first sight. */
  moving(): number[] {
    const moving: number[] = [];
    for (let number = 0; number < this.#first.length; number++) {
      if (this.#others[number] !== undefined && this.#isMoving(number)) moving.push(number);
    }
    return moving.sort((a, b) => (this.#first[a] as number) - (this.#first[b] as number));
  }

  /** The one VTEP that a MAC sent through, whether or not through `besides` too. @returns null where there is none, or several */
  onlyVtep(number: number, besides: string): string | null {
    const vtep = this.#vteps[number] as string;
    const other = this.#others[number];
    if (other === undefined) return vtep === besides ? null : vtep;
    if (vtep === besides) return other;
    return other === besides ? vtep : null;
  }

  /** Whether a VTEP got frames, by itself or in a group, that a MAC sent through `through`. */
  isHeard(number: number, vtep: string, through: string): boolean {
    for (let index = this.#first[number] as number; index >= 0; index = this.#next[index] as number) {
      const { source, destination, pair } = this.#ways.at((this.#senders[index] as SeenSender).row);
      if (source === through && (pair.isToGroup || destination === vtep)) return true;
    }
    return false;
  }

  /** Where a MAC is; null where routers share it, or it was not seen. **Cost** allocates. */
  placed(number: number): PlacedMac | null {
    if (number < 0) return null;
    const first = this.#senders[this.#first[number] as number] as SeenSender;
    const { vni } = this.#ways.at(first.row);
    const mac = this.#ways.innerMac(first.row);
    if (isVirtualRouter(mac)) return null;
    const places: MacPlace[] = [];
    for (let index = this.#first[number] as number; index >= 0; index = this.#next[index] as number) {
      const sender = this.#senders[index] as SeenSender;
      const vtep = this.#ways.at(sender.row).source;
      const place = places.find((known) => known.vtep === vtep);
      if (place !== undefined) add(place, sender);
      else if (places.length === MAX_PLACES) return null;
      else places.push({ vtep, ...spanOf(sender), sent: [sender] });
    }
    return { vni, mac, places };
  }

  /** Notes that a MAC sent through a VTEP too. */
  #addVtep(number: number, vtep: string): void {
    const other = this.#others[number];
    if (other === undefined) this.#others[number] = vtep;
    else if (other !== vtep) this.#others[number] = null;
  }

  /** Whether others than the first VTEP sent for a MAC, none of them while that did. */
  #isMoving(number: number): boolean {
    const at = this.#first[number] as number;
    const first = this.#senders[at] as SeenSender;
    const { source } = this.#ways.at(first.row);
    let isMoving = false;
    for (let index = this.#next[at] as number; index >= 0; index = this.#next[index] as number) {
      const sender = this.#senders[index] as SeenSender;
      if (this.#ways.at(sender.row).source === source) continue;
      if (!(sender.firstNs > first.lastNs || first.firstNs > sender.lastNs)) return false;
      isMoving = true;
    }
    return isMoving;
  }
}

function spanOf({ firstFrame, lastFrame, firstNs, lastNs }: SeenSender) {
  return { firstFrame, lastFrame, firstNs, lastNs };
}

function add(place: MacPlace, sender: SeenSender): void {
  place.firstFrame = Math.min(place.firstFrame, sender.firstFrame);
  place.lastFrame = Math.max(place.lastFrame, sender.lastFrame);
  place.firstNs = Math.min(place.firstNs, sender.firstNs);
  place.lastNs = Math.max(place.lastNs, sender.lastNs);
  place.sent.push(sender);
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

/** Whether a MAC announced itself from a VTEP, by gratuitous ARP or the like, at any tap. @param mac 0..2^48-1 */
export function isAnnounced(facts: Facts, vni: number, mac: number, vtep: string): boolean {
  return announcements(facts).has(`${vni} ${mac} ${vtep}`);
}

const announcements = once(({ taps, ways }: Facts): ReadonlySet<string> => {
  const rows = taps.flatMap(({ evidence }) => [...evidence.claimants.announcing]);
  return new Set(rows.map((row) => `${ways.at(row).vni} ${ways.innerMac(row)} ${ways.at(row).source}`));
});

/** Whether a MAC sends through a VTEP, in any VNI, at any tap. @param mac as text */
export function sendsThrough(facts: Facts, mac: string, vtep: string): boolean {
  return macsByVtep(facts).get(vtep)?.has(mac) ?? false;
}

/** Whether a MAC sends from several IPv4 addresses, as a router that puts in its own does: its way back may be another. */
export function isRouter(facts: Facts, vni: number, mac: string): boolean {
  return endpointsOf(facts, vni, mac).some(
    ({ addresses }) => addresses.filter((address) => !address.includes(':')).length > 1,
  );
}

/** The endpoints of a MAC, one for each VTEP that it sends through at any tap. @param mac as text */
export function endpointsOf({ endpoints }: Facts, vni: number, mac: string): readonly Endpoint[] {
  // They are in the order of VNI and MAC, and so is the text of MACs.
  let from = 0;
  let until = endpoints.length;
  while (from < until) {
    const middle = (from + until) >> 1;
    const one = endpoints[middle] as Endpoint;
    if (one.vni < vni || (one.vni === vni && one.mac < mac)) from = middle + 1;
    else until = middle;
  }
  while (endpoints[until]?.vni === vni && endpoints[until]?.mac === mac) until++;
  return endpoints.slice(from, until);
}

const macsByVtep = once(({ endpoints }: Facts): ReadonlyMap<string, ReadonlySet<string>> => {
  const vteps = new Map<string, Set<string>>();
  for (const { vtep, mac } of endpoints) {
    const macs = vteps.get(vtep);
    if (macs === undefined) vteps.set(vtep, new Set([mac]));
    else macs.add(mac);
  }
  return vteps;
});
