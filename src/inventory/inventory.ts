/**
 * What the captures hold, all taps together: VTEPs, tunnels and the endpoints behind them. Counts are sightings: a
 * frame that two taps saw counts twice.
 */
import type { LayerStack } from '../wire/stack.js';
import { Addresses } from './addresses.js';
import { type Endpoint, Endpoints } from './endpoints.js';
import { isVxlan, TunnelKey } from './tunnel-key.js';
import { type Tunnel, Tunnels } from './tunnels.js';
import { type Vtep, Vteps } from './vteps.js';

/** The most IPv6 addresses that are told apart. */
const MAX_IPV6_ADDRESSES = 262_144;

/** Gathers VTEPs, tunnels and endpoints frame by frame; its memory is bounded by the limits of its tables. */
export class Inventory {
  readonly #addresses: Addresses;
  readonly #tunnels: Tunnels;
  readonly #vteps: Vteps;
  readonly #endpoints: Endpoints;
  readonly #key: TunnelKey;

  constructor() {
    this.#addresses = new Addresses(MAX_IPV6_ADDRESSES);
    this.#tunnels = new Tunnels();
    this.#vteps = new Vteps();
    this.#endpoints = new Endpoints();
    this.#key = new TunnelKey();
  }

  /** Counts the tunnels of one frame; a frame without one adds nothing. **Cost** amortised no allocation. */
  add(stack: LayerStack): void {
    for (let index = 1; index <= stack.tunnelIndex; index++) {
      if (isVxlan(stack.kinds[index]) && this.#key.read(stack, index, this.#addresses)) {
        this.#tunnels.add(this.#key, stack, index);
        this.#vteps.add(this.#key, stack);
        this.#endpoints.add(this.#key, stack, index + 1, this.#addresses);
      }
    }
  }

  /** Whether a MAC sent any inner frame. @param high its first 16 bits @param low its last 32 */
  hasInnerMac(high: number, low: number): boolean {
    return this.#endpoints.hasMac(high, low);
  }

  /** Tunnels, by VNI, source, destination, port. **Cost** allocates. */
  tunnels(): Tunnel[] {
    return this.#tunnels.list(this.#addresses);
  }

  /** VTEPs, by address. **Cost** allocates. */
  vteps(): Vtep[] {
    return this.#vteps.list(this.#tunnels, this.#addresses);
  }

  /** Endpoints, by VNI, MAC, VTEP. **Cost** allocates. */
  endpoints(): Endpoint[] {
    return this.#endpoints.list(this.#addresses);
  }

  /** Names of the tables that were full, so that something was left out; empty as a rule. */
  full(): string[] {
    const names: string[] = [];
    if (this.#tunnels.table.refused > 0) names.push('tunnels');
    if (this.#endpoints.table.refused > 0) names.push('endpoints');
    if (this.#addresses.refused + this.#endpoints.addressTable.refused > 0) names.push('addresses');
    return names;
  }
}
