/**
 * What the captures hold, all taps together: VTEPs, tunnels and the endpoints behind them. Counts are sightings: a
 * frame that two taps saw counts twice.
 */
import { senderProtocol } from '../wire/arp.js';
import { source as ipv4Source } from '../wire/ipv4.js';
import { destinationAt, sourceAt } from '../wire/ipv6.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import { isVxlan, vni, vniValid } from '../wire/vxlan.js';
import { Addresses, Family } from './addresses.js';
import { type Endpoint, listEndpoints } from './endpoints.js';
import { linkSourceAt } from './link-source.js';
import { innerMac, Traffic, Word } from './traffic.js';
import { listTunnels, type Tunnel } from './tunnels.js';
import { listVteps, type Vtep } from './vteps.js';

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
  #refused: number;

  constructor() {
    this.#addresses = new Addresses(MAX_IPV6_ADDRESSES);
    this.#traffic = new Traffic();
    this.#refused = 0;
  }

  /** Counts the tunnels of one frame; a frame without one adds nothing. **Cost** amortised no allocation. */
  add(stack: LayerStack): void {
    for (let index = 2; index <= stack.tunnelIndex; index++) {
      if (isVxlan(stack.kinds[index])) this.#addTunnel(stack, index);
    }
  }

  /** Tunnels, by VNI, source, destination, port. **Cost** allocates. */
  tunnels(): Tunnel[] {
    return listTunnels(this.#traffic, this.#addresses);
  }

  /** VTEPs, by address. **Cost** allocates. */
  vteps(): Vtep[] {
    return listVteps(this.#traffic, this.#addresses);
  }

  /** Endpoints, by VNI, MAC, VTEP. **Cost** allocates. */
  endpoints(): Endpoint[] {
    return listEndpoints(this.#traffic, this.#addresses);
  }

  /** MACs that sent an inner frame, 0..2^48-1 each. **Cost** allocates. */
  innerMacs(): Set<number> {
    const macs = new Set<number>();
    this.#traffic.forEach((word) => {
      macs.add(innerMac(word));
    });
    return macs;
  }

  /** Frames whose sender or tunnel found no place any more, because the tables were full; 0 as a rule. */
  get refused(): number {
    return this.#refused;
  }

  #addTunnel(stack: LayerStack, index: number): void {
    const { bytes, view } = stack;
    const at = stack.layerAt(index);
    if (!vniValid(bytes, at)) return;
    const { key } = this.#traffic;
    // VXLAN is only ever entered from UDP, and UDP from IP or one of its extension headers.
    let ip = index - 2;
    while (stack.kinds[ip] !== LayerKind.Ipv4 && stack.kinds[ip] !== LayerKind.Ipv6) ip--;
    const ipAt = stack.layerAt(ip);
    let family: number = Family.Ipv4;
    if (stack.kinds[ip] === LayerKind.Ipv4) {
      key[Word.Source] = view.getInt32(ipAt + IPV4_SOURCE);
      key[Word.Destination] = view.getInt32(ipAt + IPV4_DESTINATION);
    } else {
      family = Family.Ipv6;
      const source = this.#addresses.ipv6(bytes, sourceAt(bytes, ipAt));
      const destination = this.#addresses.ipv6(bytes, destinationAt(bytes, ipAt));
      if (source < 0 || destination < 0) {
        this.#refused++;
        return;
      }
      key[Word.Source] = source;
      key[Word.Destination] = destination;
    }
    key[Word.VniAndFamily] = vni(bytes, at) | (family << 24);
    const port = view.getUint16(stack.layerAt(index - 1) + UDP_DESTINATION_PORT);
    key[Word.PortAndKind] = port | (innerKind(stack, index) << 16);
    const macAt = ip === 0 ? -1 : linkSourceAt(stack, ip - 1);
    key[Word.OuterMacHigh] = macAt < 0 ? 0 : view.getUint16(macAt);
    key[Word.OuterMacLow] = macAt < 0 ? 0 : view.getInt32(macAt + 2);
    this.#setSender(stack, index + 1);
    if (this.#traffic.add(stack.wireLen)) return;
    // Full: what an endpoint sent counts on, under those of its addresses that are known.
    this.#refused++;
    key[Word.InnerMacHigh] = (key[Word.InnerMacHigh] as number) & 0xffff;
    key[Word.InnerAddress] = 0;
    this.#traffic.add(stack.wireLen);
  }

  /** Sets the key's inner MAC and address from the inner frame that starts at the layer `index`. */
  #setSender(stack: LayerStack, index: number): void {
    const { bytes, view } = stack;
    const { key } = this.#traffic;
    key[Word.InnerMacHigh] = 0;
    key[Word.InnerMacLow] = 0;
    key[Word.InnerAddress] = 0;
    if (stack.kind(index) !== LayerKind.Ethernet) return;
    const macAt = stack.layerAt(index) + ETHERNET_SOURCE;
    let high = view.getUint16(macAt);
    let above = index + 1;
    while (stack.kind(above) === LayerKind.Vlan || stack.kind(above) === LayerKind.ServiceVlan) above++;
    const at = above < stack.depth ? stack.layerAt(above) : 0;
    switch (stack.kind(above)) {
      case LayerKind.Ipv4:
        key[Word.InnerAddress] = ipv4Source(bytes, at);
        break;
      case LayerKind.Arp:
        key[Word.InnerAddress] = Math.max(0, senderProtocol(bytes, at));
        break;
      case LayerKind.Ipv6: {
        const address = this.#addresses.ipv6(bytes, sourceAt(bytes, at));
        if (address < 0 || this.#addresses.isUnspecified(address)) break;
        key[Word.InnerAddress] = address;
        high |= Family.Ipv6 << 16;
        break;
      }
      default:
        break;
    }
    key[Word.InnerMacHigh] = high;
    key[Word.InnerMacLow] = view.getInt32(macAt + 2);
  }
}

/** Kind of the last layer inside the tunnel header at `index`, quotations left out; a nested tunnel's header ends it. */
function innerKind(stack: LayerStack, index: number): number {
  const end = stack.quotedIndex < 0 ? stack.depth : stack.quotedIndex;
  for (let inner = index + 1; inner <= stack.tunnelIndex; inner++) {
    if (isVxlan(stack.kinds[inner])) return stack.kinds[inner] as number;
  }
  return stack.kinds[end - 1] as number;
}
