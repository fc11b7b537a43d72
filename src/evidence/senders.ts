/**
 * What one tap saw of each row of the inventory's traffic, so of each sender in each tunnel: when, with which outer TTL
 * and source port, how many flows, and which MACs it sent to. A row is one cache line here as it is there.
 */
import { LayerKind, type LayerStack } from '../wire/stack.js';
import { innerFlow } from './inner-flow.js';
import { Receivers, type SeenReceiver } from './receivers.js';

/** The most rows that are told apart. */
const MAX_ROWS = 65_536;
/** Flows are counted up to here. */
export const MAX_FLOWS = 16;

/** Integers of a row, and their places; doubles are counted in doubles. */
const SHIFT = 4;
const FIRST_FRAME = 0;
const LAST_FRAME = 1;
/** Source port, 16 bits, TTL, 8 bits, of the last frame. */
const OUTER = 2;
/** Least TTL, greatest TTL, 8 bits each; then flags and flows. */
const LEAST_TTL = 3;
const STATE = 4;
const FLOW = 5;
const FIRST_NS = 4;
const LAST_NS = 5;

/** States of a row: bits, with the number of flows above them. */
const PORTS_DIFFER = 1;
const FLOWS_SHIFT = 1;
const ONE_FLOW = 1 << FLOWS_SHIFT;

const MIN_ROWS = 64;
const IPV4_TTL = 8;
const IPV6_HOP_LIMIT = 7;

/** A sender in a tunnel, as one tap saw it. */
export interface SeenSender {
  /** Of the inventory. */
  readonly row: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly firstNs: number;
  readonly lastNs: number;
  readonly leastTtl: number;
  readonly greatestTtl: number;
  /** Outer source port; null where there were several. */
  readonly port: number | null;
  /** Inner flows, 16 at most, those of IP alone; counted only while the port is one. */
  readonly flows: number;
}

/** The senders that one tap saw. */
export class Senders {
  #words: Int32Array;
  #times: Float64Array;
  #rows = 0;
  /** Hashes of flows by row, from the second flow on. */
  readonly #flows: Map<number, Int32Array>;
  readonly #receivers: Receivers;

  constructor() {
    this.#words = new Int32Array(MIN_ROWS << SHIFT);
    this.#times = new Float64Array(this.#words.buffer);
    this.#flows = new Map();
    this.#receivers = new Receivers();
  }

  /**
   * Takes in a frame.
   *
   * @param row of its innermost VXLAN tunnel, 0 and up
   * @returns the number of the MAC that it was for, for `again`; -1 where it has none, or there is no room for one more
   *
   * **Cost** amortised no allocation.
   */
  see(frame: number, timeNs: number, stack: LayerStack, row: number): number {
    if (row >= this.#rows && !this.#makeRoom(row)) return -1;
    const { view, ats, kinds, bytes, tunnelIndex } = stack;
    const words = this.#words;
    const at = row << SHIFT;
    let ip = tunnelIndex - 2;
    while (kinds[ip] !== LayerKind.Ipv4 && kinds[ip] !== LayerKind.Ipv6) ip--;
    const ttlAt = (ats[ip] as number) + (kinds[ip] === LayerKind.Ipv4 ? IPV4_TTL : IPV6_HOP_LIMIT);
    const outer = view.getUint16(ats[tunnelIndex - 1] as number) | ((bytes[ttlAt] as number) << 16);
    if (words[at + FIRST_FRAME] === 0) this.#open(row, frame, timeNs, outer);
    else if (words[at + OUTER] !== outer) this.#noteOuter(at, outer);
    let receiver = -1;
    const inner = tunnelIndex + 1;
    if (inner < stack.depth && kinds[inner] === LayerKind.Ethernet) {
      const macAt = ats[inner] as number;
      receiver = this.#receivers.number(row, view.getUint16(macAt), view.getInt32(macAt + 2), frame, timeNs);
      const state = words[at + STATE] as number;
      if ((state & PORTS_DIFFER) === 0 && state < MAX_FLOWS << FLOWS_SHIFT) this.#noteFlow(row, stack, inner);
    }
    this.again(row, receiver, 1, frame, timeNs);
    return receiver;
  }

  /**
   * Counts frames that differ from one that was taken in by nothing that is kept of a sender.
   *
   * @param receiver as `see` gave it for that one
   * @param frames how many
   * @param frame the last of them @param timeNs its time
   *
   * **Cost** no allocation.
   */
  again(row: number, receiver: number, frames: number, frame: number, timeNs: number): void {
    if (row >= this.#rows) return;
    this.#receivers.count(receiver, frames, frame, timeNs);
    const at = row << SHIFT;
    if (frame < (this.#words[at + LAST_FRAME] as number)) return;
    this.#words[at + LAST_FRAME] = frame;
    this.#times[(at >> 1) + LAST_NS] = timeNs;
  }

  /** All senders, by row. **Cost** allocates. */
  list(): SeenSender[] {
    const senders: SeenSender[] = [];
    const [words, times] = [this.#words, this.#times];
    for (let row = 0; row < this.#rows; row++) {
      const at = row << SHIFT;
      if (words[at + FIRST_FRAME] === 0) continue;
      const state = words[at + STATE] as number;
      senders.push({
        row,
        firstFrame: words[at + FIRST_FRAME] as number,
        lastFrame: words[at + LAST_FRAME] as number,
        firstNs: times[(at >> 1) + FIRST_NS] as number,
        lastNs: times[(at >> 1) + LAST_NS] as number,
        leastTtl: (words[at + LEAST_TTL] as number) & 0xff,
        greatestTtl: (words[at + LEAST_TTL] as number) >>> 8,
        port: (state & PORTS_DIFFER) === 0 ? (words[at + OUTER] as number) & 0xffff : null,
        flows: state >> FLOWS_SHIFT,
      });
    }
    return senders;
  }

  /** All MACs that were sent to, in the order of first sight. **Cost** allocates. */
  receivers(): SeenReceiver[] {
    return this.#receivers.list();
  }

  #makeRoom(row: number): boolean {
    if (row >= MAX_ROWS) return false;
    this.#rows = row + 1;
    if (this.#rows << SHIFT <= this.#words.length) return true;
    let length = this.#words.length;
    while (length < this.#rows << SHIFT) length *= 2;
    const before = this.#words;
    this.#words = new Int32Array(length);
    this.#words.set(before);
    this.#times = new Float64Array(this.#words.buffer);
    return true;
  }

  #open(row: number, frame: number, timeNs: number, outer: number): void {
    const words = this.#words;
    const at = row << SHIFT;
    words[at + FIRST_FRAME] = frame;
    words[at + OUTER] = outer;
    words[at + LEAST_TTL] = (outer >>> 16) | ((outer >>> 16) << 8);
    this.#times[(at >> 1) + FIRST_NS] = timeNs;
  }

  /** Another TTL, another port, or both. */
  #noteOuter(at: number, outer: number): void {
    const words = this.#words;
    const ttls = words[at + LEAST_TTL] as number;
    const ttl = outer >>> 16;
    words[at + LEAST_TTL] = Math.min(ttls & 0xff, ttl) | (Math.max(ttls >>> 8, ttl) << 8);
    if (((words[at + OUTER] as number) & 0xffff) !== (outer & 0xffff)) {
      words[at + STATE] = (words[at + STATE] as number) | PORTS_DIFFER;
    }
    words[at + OUTER] = outer;
  }

  #noteFlow(row: number, stack: LayerStack, inner: number): void {
    const flow = innerFlow(stack, inner);
    const words = this.#words;
    const at = row << SHIFT;
    if (flow === 0 || flow === words[at + FLOW]) return;
    const flows = (words[at + STATE] as number) >> FLOWS_SHIFT;
    if (flows > 0) {
      const hashes = this.#flows.get(row) ?? new Int32Array(MAX_FLOWS);
      if (flows === 1) {
        hashes[0] = words[at + FLOW] as number;
        this.#flows.set(row, hashes);
      }
      for (let known = 0; known < flows; known++) {
        if (hashes[known] === flow) {
          words[at + FLOW] = flow;
          return;
        }
      }
      hashes[flows] = flow;
    }
    words[at + FLOW] = flow;
    words[at + STATE] = (words[at + STATE] as number) + ONE_FLOW;
  }
}
