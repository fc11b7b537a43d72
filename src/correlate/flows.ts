/**
 * Flows: inner flows between two endpoints in a tunnel. Within one, a frame is late where another one, sent after it, was
 * seen before it (RFC 4737, section 3.3). What routes need to know of each frame is kept beside that, so that one look-up
 * serves both.
 */
import { KeyTable } from '../inventory/key-table.js';
import { EtherType } from '../wire/ether-type.js';
import { IpProtocol } from '../wire/ip-protocol.js';

const MAX_FLOWS = 65_536;
/** Integers of a flow: the number of the last frame in order, its hop and its pattern, plus one each, and frames. */
const STRIDE = 4;
const LAST = 0;
const HOP = 1;
const PATTERN = 2;
const PASSED = 3;

/** Flows by number, from 0. */
export class Flows {
  readonly #table: KeyTable;
  readonly #own: Uint32Array;

  constructor() {
    this.#table = new KeyTable(MAX_FLOWS);
    this.#own = new Uint32Array(MAX_FLOWS * STRIDE);
  }

  /** Flows so far. */
  get size(): number {
    return this.#table.size;
  }

  /**
   * The number of a frame's flow.
   *
   * @param words its identity's, from `at` on
   * @param from the endpoint where it was seen first
   * @param to the one where it is seen now
   * @returns -1 where there is no place
   *
   * **Cost** amortised no allocation.
   */
  of(words: Int32Array, at: number, from: number, to: number, tunnel: number): number {
    return this.#table.row(flowHash(words, at), words[at + 7] as number, (from << 16) | to, tunnel);
  }

  /** Whether a frame comes behind one of its flow that was sent after it. @param sent its number where it was seen first */
  isLate(flow: number, sent: number): boolean {
    const at = flow * STRIDE + LAST;
    if (sent < (this.#own[at] as number)) return true;
    this.#own[at] = sent;
    return false;
  }

  /** Its hop; -1 where it was not said. */
  hop(flow: number): number {
    return (this.#own[flow * STRIDE + HOP] as number) - 1;
  }

  /** Its pattern. */
  pattern(flow: number): number {
    return (this.#own[flow * STRIDE + PATTERN] as number) - 1;
  }

  /** Says what hop its frames pass, and what their pattern is. */
  lead(flow: number, hop: number, pattern: number): void {
    this.#own[flow * STRIDE + HOP] = hop + 1;
    this.#own[flow * STRIDE + PATTERN] = pattern + 1;
  }

  /** Frames that were counted as passed. */
  passed(flow: number): number {
    return this.#own[flow * STRIDE + PASSED] as number;
  }

  /** Counts a frame as passed. */
  pass(flow: number): void {
    const at = flow * STRIDE + PASSED;
    this.#own[at] = (this.#own[at] as number) + 1;
  }
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
