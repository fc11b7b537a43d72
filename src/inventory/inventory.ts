/**
 * What the captures hold, all taps together: VTEPs, tunnels and the endpoints behind them. Counts are sightings: a
 * frame that two taps saw counts twice.
 */
import { senderProtocol } from '../wire/arp.js';
import { destinationAt, sourceAt } from '../wire/ipv6.js';
import { isVxlan, LayerKind, type LayerStack } from '../wire/stack.js';
import { vni, vniValid } from '../wire/vxlan.js';
import { Addresses, Family } from './addresses.js';
import { type Endpoint, listEndpoints } from './endpoints.js';
import { KeyTable } from './key-table.js';
import { linkSourceAt } from './link-source.js';
import { Traffic, Word } from './traffic.js';
import { listTunnels, type Tunnel } from './tunnels.js';
import { listVteps, type Vtep } from './vteps.js';
import { Ways } from './ways.js';

/** The most IPv6 addresses that are told apart. */
const MAX_IPV6_ADDRESSES = 262_144;
const ETHERNET_SOURCE = 6;
const IPV4_SOURCE = 12;
const IPV4_DESTINATION = 16;
const UDP_DESTINATION_PORT = 2;

/** Gathers tunnels and who sends through them, frame by frame; its memory is bounded by the limits of its tables. */
export class Inventory {
  readonly #addresses: Addresses;
  readonly #traffic: Traffic;
  #ways: Ways | null;

  constructor() {
    this.#addresses = new Addresses(MAX_IPV6_ADDRESSES);
    this.#traffic = new Traffic();
    this.#ways = null;
  }

  /**
   * Counts the tunnels of one frame; a frame without one adds nothing.
   *
   * @returns the number of who sent through the innermost tunnel, for `ways`; -1 where there is none
   *
   * **Cost** amortised no allocation.
   */
  add(stack: LayerStack): number {
    let row = -1;
    for (let index = 2; index <= stack.tunnelIndex; index++) {
      if (isVxlan(stack.kinds[index])) row = this.#addTunnel(stack, index);
    }
    return row;
  }

  /** Adds frames and bytes to a row; no frame is the rest of a datagram whose first fragment was counted. @param row as `add` gave it, -1 for none */
  grow(row: number, frames: number, bytes: number): void {
    if (row >= 0) this.#traffic.grow(row, frames, bytes);
  }

  /** Which way what `add` numbered went, and who sent it. **Cost** allocates, once for the same rows: lists go along it. */
  ways(): Ways {
    const known = this.#ways;
    if (known !== null && known.order.length === this.#traffic.rows) return known;
    const ways = new Ways(this.#traffic, this.#addresses);
    this.#ways = ways;
    return ways;
  }

  /** Tunnels, by VNI, source, destination, port. **Cost** allocates. */
  tunnels(): Tunnel[] {
    return listTunnels(this.#traffic, this.#addresses, this.ways());
  }

  /** VTEPs, by address. **Cost** allocates. */
  vteps(): Vtep[] {
    return listVteps(this.#traffic, this.#addresses, this.ways());
  }

  /** Endpoints, by VNI, MAC, VTEP. **Cost** allocates. */
  endpoints(): Endpoint[] {
    return listEndpoints(this.#traffic, this.#addresses, this.ways());
  }

  /** MACs that sent an inner frame, by their first 16 bits and the other 32. **Cost** allocates. */
  innerMacs(): KeyTable {
    const traffic = this.#traffic;
    const macs = KeyTable.sized(traffic.rows);
    for (let row = 0; row < traffic.rows; row++) {
      macs.row(traffic.word(row, Word.InnerMacHigh) & 0xffff, traffic.word(row, Word.InnerMacLow), 0, 0);
    }
    return macs;
  }

  /** Frames whose sender or tunnel found no place any more, because the tables were full; 0 as a rule. */
  get refused(): number {
    return this.#traffic.refused + this.#addresses.refused;
  }

  #addTunnel(stack: LayerStack, index: number): number {
    const { bytes, view, ats, kinds } = stack;
    const at = ats[index] as number;
    if (!vniValid(bytes, at)) return -1;
    // VXLAN is only ever entered from UDP, and UDP from IP or one of its extension headers.
    let ip = index - 2;
    while (kinds[ip] !== LayerKind.Ipv4 && kinds[ip] !== LayerKind.Ipv6) ip--;
    const ipAt = ats[ip] as number;
    let family: number = Family.Ipv4;
    let source = 0;
    let destination = 0;
    if (kinds[ip] === LayerKind.Ipv4) {
      source = view.getInt32(ipAt + IPV4_SOURCE);
      destination = view.getInt32(ipAt + IPV4_DESTINATION);
    } else {
      family = Family.Ipv6;
      source = this.#addresses.ipv6(bytes, sourceAt(bytes, ipAt));
      destination = this.#addresses.ipv6(bytes, destinationAt(bytes, ipAt));
      if (source < 0 || destination < 0) return -1;
    }
    const { key } = this.#traffic;
    key[Word.VniAndFamily] = vni(bytes, at) | (family << 24);
    key[Word.Source] = source;
    key[Word.Destination] = destination;
    const port = view.getUint16((ats[index - 1] as number) + UDP_DESTINATION_PORT);
    const last =
      stack.tunnelIndex === index && stack.quotedIndex < 0
        ? (kinds[stack.depth - 1] as number)
        : innerKind(stack, index);
    key[Word.PortAndKind] = port | (last << 16);
    // The common case is written out: this runs for every frame.
    let macAt = -1;
    if (ip > 0)
      macAt =
        kinds[ip - 1] === LayerKind.Ethernet ? (ats[ip - 1] as number) + ETHERNET_SOURCE : linkSourceAt(stack, ip - 1);
    key[Word.OuterMacHigh] = macAt < 0 ? 0 : view.getUint16(macAt);
    key[Word.OuterMacLow] = macAt < 0 ? 0 : view.getInt32(macAt + 2);
    this.#writeSender(stack, index + 1);
    return this.#traffic.add(stack.wireLen);
  }

  /** Writes who sent the inner frame that starts at the layer `index`. */
  #writeSender(stack: LayerStack, index: number): void {
    const { view, ats, kinds, depth } = stack;
    const { key } = this.#traffic;
    if (index >= depth || kinds[index] !== LayerKind.Ethernet) {
      key[Word.InnerMacHigh] = 0;
      key[Word.InnerMacLow] = 0;
      key[Word.InnerAddress] = 0;
      return;
    }
    const macAt = (ats[index] as number) + ETHERNET_SOURCE;
    let above = index + 1;
    while (above < depth && (kinds[above] === LayerKind.Vlan || kinds[above] === LayerKind.ServiceVlan)) above++;
    let family: number = Family.Ipv4;
    let address = 0;
    if (above < depth) {
      const at = ats[above] as number;
      switch (kinds[above]) {
        case LayerKind.Ipv4:
          address = view.getInt32(at + IPV4_SOURCE);
          break;
        case LayerKind.Arp:
          address = Math.max(0, senderProtocol(stack.bytes, at));
          break;
        case LayerKind.Ipv6:
          address = this.#addresses.ipv6(stack.bytes, sourceAt(stack.bytes, at));
          if (address < 0 || this.#addresses.isUnspecified(address)) address = 0;
          else family = Family.Ipv6;
          break;
        default:
          break;
      }
    }
    key[Word.InnerMacHigh] = view.getUint16(macAt) | (family << 16);
    key[Word.InnerMacLow] = view.getInt32(macAt + 2);
    key[Word.InnerAddress] = address;
  }
}

/** Kind of the last layer inside the tunnel header at `index`, quotations left out; a nested tunnel's header ends it. */
function innerKind(stack: LayerStack, index: number): number {
  for (let inner = index + 1; inner <= stack.tunnelIndex; inner++) {
    if (isVxlan(stack.kinds[inner])) return stack.kinds[inner] as number;
  }
  return stack.kinds[(stack.quotedIndex < 0 ? stack.depth : stack.quotedIndex) - 1] as number;
}
