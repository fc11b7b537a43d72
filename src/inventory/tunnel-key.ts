/**
 * Which tunnel a VXLAN layer belongs to: its VNI, and the addresses and port just outside it.
 */
import { i32 } from '../wire/bytes.js';
import { destination as ipv4Destination, source as ipv4Source } from '../wire/ipv4.js';
import { destinationAt, sourceAt } from '../wire/ipv6.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import { destinationPort } from '../wire/udp.js';
import { vni, vniValid } from '../wire/vxlan.js';
import { type Addresses, Family } from './addresses.js';

/** Whether a kind of layer is VXLAN, GPE included. */
export function isVxlan(kind: number | undefined): boolean {
  return kind === LayerKind.Vxlan || kind === LayerKind.VxlanGpe;
}

/** The tunnel of one VXLAN layer, as integers; reused from layer to layer. */
export class TunnelKey {
  /** 0..2^24-1. */
  vni: number;
  family: Family;
  /** An address as `Addresses` has it. */
  source: number;
  destination: number;
  /** UDP destination port. */
  port: number;
  /** Index of the outer IP layer. */
  ipIndex: number;

  constructor() {
    this.vni = 0;
    this.family = Family.Ipv4;
    this.source = 0;
    this.destination = 0;
    this.port = 0;
    this.ipIndex = 0;
  }

  /** VNI and family in one integer, as they stand in keys. */
  get vniAndFamily(): number {
    return this.vni | (this.family << 24);
  }

  /**
   * Reads the tunnel of the VXLAN layer at `index`.
   *
   * @returns false, and nothing is read, where the VNI is not valid or an IPv6 address finds no place any more
   *
   * **Cost** amortised no allocation.
   */
  read(stack: LayerStack, index: number, addresses: Addresses): boolean {
    const bytes = stack.bytes;
    const at = stack.layerAt(index);
    if (!vniValid(bytes, at)) return false;
    // VXLAN is only ever entered from UDP, and UDP from IP or one of its extension headers.
    let ip = index - 2;
    while (stack.kinds[ip] !== LayerKind.Ipv4 && stack.kinds[ip] !== LayerKind.Ipv6) ip--;
    const ipAt = stack.layerAt(ip);
    if (stack.kinds[ip] === LayerKind.Ipv4) {
      this.family = Family.Ipv4;
      this.source = ipv4Source(bytes, ipAt) | 0;
      this.destination = ipv4Destination(bytes, ipAt) | 0;
    } else {
      this.family = Family.Ipv6;
      this.source = addresses.ipv6(bytes, sourceAt(bytes, ipAt));
      this.destination = addresses.ipv6(bytes, destinationAt(bytes, ipAt));
      if (this.source < 0 || this.destination < 0) return false;
    }
    this.vni = vni(bytes, at);
    this.port = destinationPort(bytes, stack.layerAt(index - 1));
    this.ipIndex = ip;
    return true;
  }
}

/** A MAC's two parts, as they stand in keys. */
export function macHigh(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** See `macHigh`. */
export function macLow(bytes: Uint8Array, at: number): number {
  return i32(bytes, at + 2);
}
