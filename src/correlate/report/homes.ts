/**
 * Which VTEPs MACs are behind: what decides whether an unpaired frame should have crossed.
 */

import type { Endpoint } from '../../inventory/endpoints.js';
import { isGroupMac } from '../../wire/address.js';
import type { OverlaySide } from '../taps/overlay-side.js';
import type { Tunnels } from '../taps/tunnels.js';

/** 01:80:c2:00:00:00 to 0f: a bridge keeps them (IEEE 802.1Q, table 8-1). */
const BRIDGE_GROUP = 0x0180c2000000;

/** VNIs by pair of VTEPs, either way, and by sender, of the tunnels that a tap saw. */
export type TunnelsSeen = ReadonlyMap<string, ReadonlySet<number>>;

/** The tunnels that a tap saw. @param saw whether it saw this one */
export function tunnelsSeen(tunnels: Tunnels, saw: (tunnel: number) => boolean): TunnelsSeen {
  const seen = new Map<string, Set<number>>();
  for (let tunnel = 0; tunnel < tunnels.size; tunnel++) {
    if (!saw(tunnel)) continue;
    const [a, b] = [tunnels.sender(tunnel), tunnels.receiver(tunnel)];
    for (const key of [`${a} ${b}`, `${b} ${a}`, a]) {
      const vnis = seen.get(key) ?? new Set();
      vnis.add(tunnels.vni(tunnel));
      seen.set(key, vnis);
    }
  }
  return seen;
}

/** Which VTEPs MACs are behind, by VNI. */
export class Homes {
  readonly #vteps: Map<number, Map<number, string[]>>;
  /** By MAC, ascending. */
  readonly #vnis: Map<number, number[]>;

  constructor(endpoints: readonly Endpoint[]) {
    this.#vteps = new Map();
    this.#vnis = new Map();
    for (const { vni, mac, vtep } of endpoints) {
      const macs = this.#vteps.get(vni) ?? new Map<number, string[]>();
      this.#vteps.set(vni, macs);
      const value = Number.parseInt(mac.replaceAll(':', ''), 16);
      const vteps = macs.get(value) ?? [];
      macs.set(value, vteps);
      vteps.push(vtep);
    }
    for (const vni of [...this.#vteps.keys()].sort((a, b) => a - b)) {
      for (const mac of this.#vteps.get(vni)?.keys() ?? []) {
        const vnis = this.#vnis.get(mac) ?? [];
        this.#vnis.set(mac, vnis);
        vnis.push(vni);
      }
    }
  }

  /** VNIs in which a frame may have been that crossed: its sender is in each of them, and so is who it is for. @returns ascending */
  vnis(source: number, destination: number): readonly number[] {
    const from = this.#vnis.get(source) ?? [];
    const to = isGroupMac(destination) ? from : (this.#vnis.get(destination) ?? []);
    return to.length < from.length ? to : from;
  }

  /** The VTEPs that a MAC sent through. */
  of(vni: number, mac: number): readonly string[] {
    return this.#vteps.get(vni)?.get(mac) ?? [];
  }

  /** Whether a frame should pass a tap: its ends are behind two VTEPs whose tunnel was seen there. A copy for another VTEP passes elsewhere. */
  crosses(vni: number, source: number, destination: number, side: OverlaySide, seen: TunnelsSeen): boolean {
    const from = this.of(vni, source);
    if (isGroupMac(destination)) {
      return from.some((vtep) =>
        side.isOwn(vtep) || side.vteps.size === 0
          ? seen.get(vtep)?.has(vni) === true
          : [...side.vteps].some((own) => seen.get(`${vtep} ${own}`)?.has(vni) === true),
      );
    }
    const to = this.of(vni, destination);
    return from.some((a) => to.some((b) => a !== b && seen.get(`${a} ${b}`)?.has(vni) === true));
  }
}

/** Whether bridges keep frames to this MAC. @param mac 0..2^48-1 */
export function isKeptByBridges(mac: number): boolean {
  return mac >= BRIDGE_GROUP && mac <= BRIDGE_GROUP + 15;
}
