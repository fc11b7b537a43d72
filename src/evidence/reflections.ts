/**
 * Frames to groups that a VTEP sends back to the VTEP that they came from. Announcements are left out: gateways that
 * share a MAC send the same ones.
 */
import type { Addresses } from '../inventory/addresses.js';
import * as arp from '../wire/arp.js';
import * as icmpv6 from '../wire/icmpv6.js';
import * as ipv6 from '../wire/ipv6.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import { vni } from '../wire/vxlan.js';
import { FrameList } from './frame-list.js';

/** Frames that are remembered, a power of two; rows that are told apart. */
const SLOTS = 1024;
const MAX_ROWS = 1024;
const SLOT_WORDS = 3;
/** What comes back later than this was sent anew, ns. */
const REFLECTION_NS = 50e6;
/** Bytes that tell one frame from another. */
const COMPARED_LEN = 96;

/** The frames that one tap saw come back. */
export class Reflections {
  /** By row of the inventory: who sent them back, to whom, and the MAC that they are from. */
  readonly byRow: Map<number, FrameList>;
  readonly #addresses: Addresses;
  /** Hash, VNI and source of what was seen last, by hash. */
  readonly #slots: Int32Array;
  readonly #times: Float64Array;

  constructor(addresses: Addresses) {
    this.byRow = new Map();
    this.#addresses = addresses;
    this.#slots = new Int32Array(SLOTS * SLOT_WORDS);
    this.#times = new Float64Array(SLOTS).fill(Number.NEGATIVE_INFINITY);
  }

  /** Takes in a frame to a group inside VXLAN. @param row of its tunnel, 0 and up. **Cost** no allocation, save for what comes back. */
  see(frame: number, timeNs: number, stack: LayerStack, row: number): void {
    const { kinds, ats, bytes, view, tunnelIndex } = stack;
    if (announces(stack)) return;
    let ip = tunnelIndex - 2;
    while (kinds[ip] !== LayerKind.Ipv4 && kinds[ip] !== LayerKind.Ipv6) ip--;
    const ipAt = ats[ip] as number;
    let source = 0;
    let destination = 0;
    if (kinds[ip] === LayerKind.Ipv4) {
      source = view.getInt32(ipAt + 12);
      destination = view.getInt32(ipAt + 16);
    } else {
      source = this.#addresses.ipv6(bytes, ipv6.sourceAt(bytes, ipAt));
      destination = this.#addresses.ipv6(bytes, ipv6.destinationAt(bytes, ipAt));
    }
    const network = vni(bytes, ats[tunnelIndex] as number);
    const hash = hashOf(stack, tunnelIndex + 1) ^ Math.imul(network, 0x9e3779b1);
    const slot = hash & (SLOTS - 1);
    const at = slot * SLOT_WORDS;
    const slots = this.#slots;
    const isFresh = timeNs - (this.#times[slot] as number) <= REFLECTION_NS;
    if (!isFresh || slots[at] !== hash || slots[at + 1] !== network) {
      slots[at] = hash;
      slots[at + 1] = network;
      slots[at + 2] = source;
      this.#times[slot] = timeNs;
    } else if (destination === slots[at + 2] && source !== destination) {
      const known = this.byRow.get(row);
      if (known === undefined && this.byRow.size === MAX_ROWS) return;
      const frames = known ?? new FrameList();
      this.byRow.set(row, frames);
      frames.add(frame);
    }
  }
}

/** Whether a frame announces its sender: a gratuitous ARP, a router's or a neighbour's advertisement. */
function announces({ kinds, ats, bytes, depth }: LayerStack): boolean {
  const at = ats[depth - 1] as number;
  if (kinds[depth - 1] === LayerKind.Arp) return isGratuitous(bytes, at);
  if (kinds[depth - 1] !== LayerKind.Icmpv6) return false;
  const type = icmpv6.type(bytes, at);
  return type === icmpv6.Type.RouterAdvertisement || type === icmpv6.Type.NeighborAdvertisement;
}

function isGratuitous(bytes: Uint8Array, at: number): boolean {
  const sender = arp.senderProtocol(bytes, at);
  return sender < 0 || sender === arp.targetProtocol(bytes, at);
}

/** A hash of the frame that the layer at `index` is the first of. */
function hashOf({ view, bytes, ats, ends }: LayerStack, index: number): number {
  const from = ats[index] as number;
  const end = Math.min(ends[index] as number, from + COMPARED_LEN);
  let hash = end - from;
  let at = from;
  for (; at + 4 <= end; at += 4) hash = mix(hash, view.getInt32(at));
  for (; at < end; at++) hash = mix(hash, bytes[at] as number);
  return hash;
}

function mix(hash: number, value: number): number {
  const mixed = Math.imul(hash ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
