/**
 * The order of frames within a flow: one is late where another of its flow, sent after it, was seen before it (RFC 4737,
 * section 3.3).
 */
import { KeyTable } from '../inventory/key-table.js';

const MAX_FLOWS = 65_536;
const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_IPV6 = 0x86dd;
/** IP protocols whose ports, or identifier, tell flows apart. */
const ICMP = 1;
const TCP = 6;
const UDP = 17;

/** Flows, and the last frame of each that was seen behind another endpoint. */
export class FlowOrder {
  readonly #flows: KeyTable;
  readonly #last: Float64Array;

  constructor() {
    this.#flows = new KeyTable(MAX_FLOWS);
    this.#last = new Float64Array(MAX_FLOWS);
  }

  /**
   * Whether a frame comes behind one of its flow that was sent after it.
   *
   * @param words its identity's, from `at` on
   * @param from the endpoint where it was seen first
   * @param to the one where it is seen now
   * @param sent its number at the first
   *
   * **Cost** amortised no allocation.
   */
  isLate(words: Int32Array, at: number, from: number, to: number, tunnel: number, sent: number): boolean {
    const flow = this.#flows.row(flowHash(words, at), words[at + 7] as number, (from << 16) | to, tunnel);
    if (flow < 0) return false;
    if (sent < (this.#last[flow] as number)) return true;
    this.#last[flow] = sent;
    return false;
  }
}

/** Protocol, addresses and ports of a frame as one integer; of other than IP its type. */
function flowHash(words: Int32Array, at: number): number {
  const type = (words[at + 3] as number) >>> 16;
  let hash = type ^ Math.imul(words[at + 2] as number, 0x27d4eb2f);
  if (type === ETHER_TYPE_IPV4) {
    const protocol = (words[at + 5] as number) & 0xff;
    hash ^= Math.imul(protocol, 0x9e3779b1);
    hash = Math.imul(hash ^ (words[at + 6] as number), 0x85ebca6b) ^ (words[at + 8] as number);
    hash = Math.imul(hash ^ (hash >>> 15), 0xc2b2ae35);
    if (protocol === TCP || protocol === UDP) hash ^= (words[at + 9] as number) & ~0xffff;
    else if (protocol === ICMP) hash ^= (words[at + 9] as number) & 0xffff;
  } else if (type === ETHER_TYPE_IPV6) {
    for (let word = 6; word <= 13; word++) hash = Math.imul(hash ^ (words[at + word] as number), 0x85ebca6b);
    hash ^= (words[at + 14] as number) & ~0xffff;
  }
  return hash;
}
