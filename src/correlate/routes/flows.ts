/**
 * Flows: inner flows between two endpoints in a tunnel. Within one, a frame is late where another one, sent after it, was
 * seen before it (RFC 4737, section 3.3). What routes need to know of each frame is kept beside that, so that one look-up
 * serves both.
 */

import { MAX_PROBES } from '../../inventory/open-addressing.js';
import { EtherType } from '../../wire/ether-type.js';
import { IpProtocol } from '../../wire/ip-protocol.js';

import {
  ADDRESSES,
  ENDPOINTS,
  FIRST_HOP,
  FLOW_SHIFT,
  FLOW_TUNNEL,
  FLOWS_AT,
  FLOWS_MASK,
  HASH,
  HOP,
  LAST_SENT,
  MAX_FLOWS,
  NO_HOP,
  PASSED,
  PATTERN,
} from '../tables/layout.js';
import type { PairingMemory } from '../tables/memory.js';

/** Slots at first, less one. */
const FIRST_MASK = 255;

/** A table of flows: open addressing, never more than half full. */
export class Flows {
  readonly #counts: Uint32Array;
  readonly #slots: Int32Array;
  #size = 0;

  constructor(memory: PairingMemory) {
    this.#counts = memory.counts;
    this.#slots = memory.int32(FLOWS_AT, (MAX_FLOWS * 2) << FLOW_SHIFT);
    this.#counts[FLOWS_MASK] = FIRST_MASK;
  }

  get #mask(): number {
    return this.#counts[FLOWS_MASK] as number;
  }

  /**
   * The number of a frame's flow.
   *
   * @param words its identity's, from `at` on
   * @param from the endpoint where it was seen first
   * @param to the one where it is seen now
   * @returns -1 where there is no place
   *
   * **Cost** amortised no allocation. **Lifetime** until the next call.
   */
  of(words: Int32Array, at: number, from: number, to: number, tunnel: number): number {
    const hash = flowHash(words, at);
    const addresses = words[at + 7] as number;
    const endpoints = (from << 16) | to;
    const flow = this.#find(hash, addresses, endpoints, tunnel);
    if (flow >= 0 && this.#slots[flow + HOP] !== 0) return flow;
    if (this.#size === MAX_FLOWS || (flow < 0 && this.#mask > MAX_FLOWS)) return -1;
    if (flow < 0 || this.#size * 2 > this.#mask) {
      this.#grow();
      return this.of(words, at, from, to, tunnel);
    }
    this.#size++;
    const slots = this.#slots;
    slots[flow + HASH] = hash;
    slots[flow + ADDRESSES] = addresses;
    slots[flow + ENDPOINTS] = endpoints;
    slots[flow + FLOW_TUNNEL] = tunnel;
    slots[flow + HOP] = NO_HOP;
    return flow;
  }

  /** Where a flow is, or the free slot that it would take; -1 where there is none near. */
  #find(hash: number, addresses: number, endpoints: number, tunnel: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    const mixed = mix(hash, addresses, endpoints, tunnel);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const at = ((mixed + probe) & mask) << FLOW_SHIFT;
      const isOurs =
        slots[at + HASH] === hash &&
        slots[at + ADDRESSES] === addresses &&
        slots[at + ENDPOINTS] === endpoints &&
        slots[at + FLOW_TUNNEL] === tunnel;
      if (isOurs || slots[at + HOP] === 0) return at;
    }
    return -1;
  }

  #grow(): void {
    const slots = this.#slots;
    const before = slots.slice(0, (this.#mask + 1) << FLOW_SHIFT);
    slots.fill(0, 0, before.length);
    const mask = this.#mask * 2 + 1;
    this.#counts[FLOWS_MASK] = mask;
    for (let from = 0; from < before.length; from += 1 << FLOW_SHIFT) {
      if (before[from + HOP] === 0) continue;
      const [hash, addresses] = [before[from + HASH] as number, before[from + ADDRESSES] as number];
      let index = mix(hash, addresses, before[from + ENDPOINTS] as number, before[from + FLOW_TUNNEL] as number) & mask;
      while (slots[(index << FLOW_SHIFT) + HOP] !== 0) index = (index + 1) & mask;
      for (let word = 0; word < 1 << FLOW_SHIFT; word++)
        slots[(index << FLOW_SHIFT) + word] = before[from + word] as number;
    }
  }

  /** Whether a frame comes behind one of its flow that was sent after it. @param sent its number where it was seen first */
  isLate(flow: number, sent: number): boolean {
    if (sent < this.lastSent(flow)) return true;
    this.#slots[flow + LAST_SENT] = sent;
    return false;
  }

  /** The number of the last frame that was sent, of those that came; 0 where none did. */
  lastSent(flow: number): number {
    return (this.#slots[flow + LAST_SENT] as number) >>> 0;
  }

  /** Its hop; -1 where it was not said. */
  hop(flow: number): number {
    const hop = this.#slots[flow + HOP] as number;
    return hop === NO_HOP ? -1 : hop - FIRST_HOP;
  }

  /** The tunnel that its frames go through. */
  tunnel(flow: number): number {
    return this.#slots[flow + FLOW_TUNNEL] as number;
  }

  /** The endpoint where they are seen first. */
  from(flow: number): number {
    return (this.#slots[flow + ENDPOINTS] as number) >>> 16;
  }

  /** Says what hop its frames pass, and what their pattern is. */
  lead(flow: number, hop: number, pattern: number): void {
    this.#slots[flow + HOP] = hop + FIRST_HOP;
    this.#slots[flow + PATTERN] = pattern;
  }

  /** Counts a frame as passed. */
  pass(flow: number): void {
    const at = flow + PASSED;
    this.#slots[at] = (this.#slots[at] as number) + 1;
  }

  /** Adds the frames that were counted as passed to counts by pattern. */
  addPassedTo(counts: Float64Array): void {
    const slots = this.#slots;
    const end = (this.#mask + 1) << FLOW_SHIFT;
    for (let flow = 0; flow < end; flow += 1 << FLOW_SHIFT) {
      if ((slots[flow + HOP] as number) < FIRST_HOP) continue;
      const pattern = slots[flow + PATTERN] as number;
      counts[pattern] = (counts[pattern] as number) + ((slots[flow + PASSED] as number) >>> 0);
    }
  }
}

/** A flow's words as the integer that leads to its slot. */
function mix(hash: number, addresses: number, endpoints: number, tunnel: number): number {
  const mixed = Math.imul(hash ^ addresses, 0x9e3779b1) ^ Math.imul(tunnel ^ endpoints, 0x85ebca6b);
  return mixed ^ (mixed >>> 15);
}

/** MACs, protocol, addresses and ports of a frame as one integer; of other than IP its type. */
function flowHash(words: Int32Array, at: number): number {
  const type = (words[at + 3] as number) >>> 16;
  let hash = type ^ Math.imul(words[at + 2] as number, 0x27d4eb2f);
  hash = Math.imul(hash ^ (words[at] as number), 0x165667b1) ^ (words[at + 1] as number);
  if (type === EtherType.Ipv4) {
    const protocol = (words[at + 5] as number) & 0xff;
    hash ^= Math.imul(protocol, 0x9e3779b1);
    hash = Math.imul(hash ^ (words[at + 6] as number), 0x85ebca6b) ^ (words[at + 8] as number);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    if (protocol === IpProtocol.Tcp || protocol === IpProtocol.Udp) hash ^= (words[at + 9] as number) & ~0xffff;
    else if (protocol === IpProtocol.Icmpv4) hash ^= (words[at + 9] as number) & 0xffff;
  } else if (type === EtherType.Ipv6) {
    for (let word = 6; word <= 13; word++) hash = Math.imul(hash ^ (words[at + word] as number), 0x85ebca6b);
    hash ^= (words[at + 14] as number) & ~0xffff;
  }
  return hash;
}
