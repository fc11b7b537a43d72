/**
 * Where MACs are: through which VTEPs each sends, when, and which VTEPs have several MACs in common.
 */
import type { Endpoint } from '../inventory/endpoints.js';
import { macText } from '../wire/address.js';
import { isVirtualRouter } from './addresses.js';
import type { Facts, TapFacts } from './facts.js';
import { sendersAt } from './seen-senders.js';

/** A VTEP that a MAC sends through, as one tap saw it. */
export interface MacPlace {
  readonly vtep: string;
  firstFrame: number;
  lastFrame: number;
  firstNs: number;
  lastNs: number;
  /** Whether any tap saw it announce itself from there, by gratuitous ARP or the like. */
  readonly isAnnounced: boolean;
  /** When it first sent to each VTEP, or group. */
  readonly towards: Map<string, number>;
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

const placed = new WeakMap<TapFacts, ReadonlyMap<string, PlacedMac>>();
const announcements = new WeakMap<Facts, ReadonlySet<string>>();
const routers = new WeakMap<Facts, ReadonlySet<string>>();
const held = new WeakMap<Facts, ReadonlyMap<string, ReadonlySet<string>>>();

/** Where MACs are at a tap, by `macKey`; those that routers share are left out. **Cost** allocates once. */
export function macPlacesAt(facts: Facts, tap: TapFacts): ReadonlyMap<string, PlacedMac> {
  const known = placed.get(tap);
  if (known !== undefined) return known;
  const announced = announcedPlaces(facts);
  const macs = new Map<string, { vni: number; mac: string; places: MacPlace[] }>();
  for (const sender of sendersAt(facts, tap)) {
    const { vni, innerMac, source, destination, firstFrame, lastFrame, firstNs, lastNs } = sender;
    if (innerMac === 0) continue;
    const key = macKey(vni, innerMac);
    const entry = macs.get(key) ?? { vni, mac: macText(innerMac), places: [] };
    macs.set(key, entry);
    let place = entry.places.find(({ vtep }) => vtep === source);
    if (place === undefined) {
      if (entry.places.length > MAX_PLACES) continue;
      const towards = new Map<string, number>();
      const isAnnounced = announced.has(`${key} ${source}`);
      place = { vtep: source, firstFrame, lastFrame, firstNs, lastNs, isAnnounced, towards };
      entry.places.push(place);
    }
    if (firstFrame < place.firstFrame) place.firstFrame = firstFrame;
    if (lastFrame > place.lastFrame) place.lastFrame = lastFrame;
    place.firstNs = Math.min(place.firstNs, firstNs);
    place.lastNs = Math.max(place.lastNs, lastNs);
    place.towards.set(destination, Math.min(place.towards.get(destination) ?? firstNs, firstNs));
  }
  for (const [key, { mac, places }] of macs) {
    if (places.length > MAX_PLACES || isVirtualRouter(mac)) macs.delete(key);
  }
  placed.set(tap, macs);
  return macs;
}

/** The key of a MAC in a VNI. @param mac 0..2^48-1 */
export function macKey(vni: number, mac: number): string {
  return `${vni} ${mac}`;
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

/** Keys of MACs and VTEPs through which they announced themselves. */
function announcedPlaces(facts: Facts): ReadonlySet<string> {
  const known = announcements.get(facts);
  if (known !== undefined) return known;
  const announced = new Set<string>();
  for (const { evidence } of facts.taps) {
    for (const row of evidence.claimants.announcing) {
      const { vni, innerMac, source } = facts.traffic(row);
      announced.add(`${macKey(vni, innerMac)} ${source}`);
    }
  }
  announcements.set(facts, announced);
  return announced;
}

/** Whether a MAC sends through a VTEP, in any VNI, at any tap. @param mac as text */
export function sendsThrough(facts: Facts, mac: string, vtep: string): boolean {
  return macsByVtep(facts).get(vtep)?.has(mac) ?? false;
}

/** Whether a MAC sends from several IPv4 addresses, as a router that puts in its own does: its way back may be another. */
export function isRouter(facts: Facts, vni: number, mac: string): boolean {
  const known =
    routers.get(facts) ?? new Set(facts.endpoints.filter(routes).map((router) => `${router.vni} ${router.mac}`));
  routers.set(facts, known);
  return known.has(`${vni} ${mac}`);
}

function routes({ addresses }: Endpoint): boolean {
  return addresses.filter((address) => !address.includes(':')).length > 1;
}

function macsByVtep(facts: Facts): ReadonlyMap<string, ReadonlySet<string>> {
  const known = held.get(facts);
  if (known !== undefined) return known;
  const vteps = new Map<string, Set<string>>();
  for (const { vtep, mac } of facts.endpoints) vteps.set(vtep, (vteps.get(vtep) ?? new Set()).add(mac));
  held.set(facts, vteps);
  return vteps;
}
