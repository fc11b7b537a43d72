/**
 * Endpoints: the hosts behind VTEPs, told by VNI, MAC and the VTEP that they send through.
 */
import { macText } from '../wire/address.js';
import { senderProtocol } from '../wire/arp.js';
import { source as ipv4Source } from '../wire/ipv4.js';
import { sourceAt } from '../wire/ipv6.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import { type Addresses, Family } from './addresses.js';
import { Counters, KeyTable } from './key-table.js';
import { macHigh, macLow, type TunnelKey } from './tunnel-key.js';

/** A host behind a VTEP. One that moved has a row for each VTEP. */
export interface Endpoint {
  readonly vni: number;
  readonly mac: string;
  /** Addresses that it sent from; a router's MAC has those of all that it forwards. */
  readonly addresses: readonly string[];
  readonly vtep: string;
  /** Frames that it sent. */
  readonly frames: number;
}

/** The most endpoints that are told apart. */
export const MAX_ENDPOINTS = 262_144;
/** The most addresses that are remembered, of all endpoints together. */
export const MAX_ENDPOINT_ADDRESSES = 262_144;

const ETHERNET_SOURCE = 6;

/** Gathers endpoints from inner frames. */
export class Endpoints {
  /** Keyed (VNI and family of the VTEP, VTEP, MAC high, MAC low). */
  readonly table: KeyTable;
  /** Keyed (endpoint's row, family, address, 0). */
  readonly addressTable: KeyTable;
  readonly #frames: Counters;
  /** Keyed (MAC high, MAC low, 0, 0). */
  readonly #macs: KeyTable;

  constructor() {
    this.table = new KeyTable(MAX_ENDPOINTS);
    this.addressTable = new KeyTable(MAX_ENDPOINT_ADDRESSES);
    this.#frames = new Counters(1);
    this.#macs = new KeyTable(MAX_ENDPOINTS);
  }

  /** Notes who sent the inner frame whose Ethernet layer is at `index`; without one there is nobody to note. **Cost** amortised no allocation. */
  add(key: TunnelKey, stack: LayerStack, index: number, addresses: Addresses): void {
    if (stack.kind(index) !== LayerKind.Ethernet) return;
    const bytes = stack.bytes;
    const at = stack.layerAt(index) + ETHERNET_SOURCE;
    const high = macHigh(bytes, at);
    const low = macLow(bytes, at);
    const before = this.table.size;
    const row = this.table.row(key.vniAndFamily, key.source, high, low);
    if (row < 0) return;
    if (row === before) this.#macs.row(high, low, 0, 0);
    this.#frames.add(row, 0, 1);
    let above = index + 1;
    while (stack.kind(above) === LayerKind.Vlan || stack.kind(above) === LayerKind.ServiceVlan) above++;
    this.#addAddress(row, stack, above, addresses);
  }

  /** Whether a MAC sent any inner frame. */
  hasMac(high: number, low: number): boolean {
    return this.#macs.has(high, low, 0, 0);
  }

  /** All endpoints, by VNI, MAC, VTEP. **Cost** allocates. */
  list(addresses: Addresses): Endpoint[] {
    const { table } = this;
    const own = this.#addressesByRow(addresses);
    return Array.from({ length: table.size }, (_, row) => row)
      .sort(
        (a, b) =>
          (table.word(a, 0) & 0xff_ffff) - (table.word(b, 0) & 0xff_ffff) ||
          mac(table, a) - mac(table, b) ||
          addresses.compare(table.word(a, 0) >>> 24, table.word(a, 1), table.word(b, 0) >>> 24, table.word(b, 1)),
      )
      .map((row) => ({
        vni: table.word(row, 0) & 0xff_ffff,
        mac: macText(mac(table, row)),
        addresses: own[row] ?? [],
        vtep: addresses.text(table.word(row, 0) >>> 24, table.word(row, 1)),
        frames: this.#frames.get(row, 0),
      }));
  }

  #addAddress(row: number, stack: LayerStack, index: number, addresses: Addresses): void {
    const bytes = stack.bytes;
    switch (stack.kind(index)) {
      case LayerKind.Arp: {
        const address = senderProtocol(bytes, stack.layerAt(index));
        if (address > 0) this.addressTable.row(row, Family.Ipv4, address, 0);
        break;
      }
      case LayerKind.Ipv4: {
        const address = ipv4Source(bytes, stack.layerAt(index));
        if (address > 0) this.addressTable.row(row, Family.Ipv4, address, 0);
        break;
      }
      case LayerKind.Ipv6: {
        const address = addresses.ipv6(bytes, sourceAt(bytes, stack.layerAt(index)));
        if (address >= 0 && !addresses.isUnspecified(address)) this.addressTable.row(row, Family.Ipv6, address, 0);
        break;
      }
      default:
        break;
    }
  }

  #addressesByRow(addresses: Addresses): string[][] {
    const table = this.addressTable;
    const own: string[][] = [];
    const order = Array.from({ length: table.size }, (_, row) => row).sort((a, b) =>
      addresses.compare(table.word(a, 1), table.word(a, 2), table.word(b, 1), table.word(b, 2)),
    );
    for (const row of order) {
      const list = own[table.word(row, 0)] ?? [];
      list.push(addresses.text(table.word(row, 1), table.word(row, 2)));
      own[table.word(row, 0)] = list;
    }
    return own;
  }
}

function mac(table: KeyTable, row: number): number {
  return table.word(row, 2) * 0x1_0000_0000 + (table.word(row, 3) >>> 0);
}
