/**
 * What one tap saw of each row of the inventory's traffic, so of each sender in each tunnel: when, with which outer TTL
 * and source port, how many flows, and which MACs it sent to. A row is one cache line here as it is there.
 */
import { KeyTable } from '../inventory/key-table.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';

/** The most rows, and the most pairs of a row and a MAC that it sent to, that are told apart. */
const MAX_ROWS = 65_536;
const MAX_RECEIVERS = 65_536;
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
/** The MAC that the last frame was for, and how many in a row were. */
const MAC_HIGH = 6;
const MAC_LOW = 7;
const FIRST_NS = 4;
const LAST_NS = 5;
const RUN = 12;
const RECEIVER = 13;

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

/** A MAC that a sender sent to. */
export interface SeenReceiver {
  readonly row: number;
  /** 0..2^48-1 */
  readonly mac: number;
  readonly frames: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly firstNs: number;
  readonly lastNs: number;
}

/** The senders that one tap saw. */
export class Senders {
  #words: Int32Array;
  #times: Float64Array;
  #rows: number;
  /** Hashes of flows by row, from the second flow on. */
  readonly #flows: Map<number, Int32Array>;
  readonly #receivers: KeyTable;
  /** By receiver: frames, first and last frame; first and last time. */
  readonly #counts: number[];
  readonly #receiverTimes: number[];

  constructor() {
    this.#words = new Int32Array(MIN_ROWS << SHIFT);
    this.#times = new Float64Array(this.#words.buffer);
    this.#rows = 0;
    this.#flows = new Map();
    this.#receivers = new KeyTable(MAX_RECEIVERS);
    this.#counts = [];
    this.#receiverTimes = [];
  }

  /** Takes in a frame. @param row of its innermost VXLAN tunnel, 0 and up. **Cost** amortised no allocation; some 10 ns. */
  see(frame: number, timeNs: number, stack: LayerStack, row: number): void {
    if (row >= this.#rows && !this.#makeRoom(row)) return;
    const { view, ats, kinds, bytes, tunnelIndex } = stack;
    const words = this.#words;
    const at = row << SHIFT;
    let ip = tunnelIndex - 2;
    while (kinds[ip] !== LayerKind.Ipv4 && kinds[ip] !== LayerKind.Ipv6) ip--;
    const ttlAt = (ats[ip] as number) + (kinds[ip] === LayerKind.Ipv4 ? IPV4_TTL : IPV6_HOP_LIMIT);
    const outer = view.getUint16(ats[tunnelIndex - 1] as number) | ((bytes[ttlAt] as number) << 16);
    if (words[at + FIRST_FRAME] === 0) this.#open(row, frame, timeNs, outer);
    else if (words[at + OUTER] !== outer) this.#noteOuter(at, outer);
    const inner = tunnelIndex + 1;
    if (inner < stack.depth && kinds[inner] === LayerKind.Ethernet) {
      const macAt = ats[inner] as number;
      const high = view.getUint16(macAt);
      const low = view.getInt32(macAt + 2);
      if (words[at + MAC_HIGH] !== high || words[at + MAC_LOW] !== low || words[at + RUN] === 0) {
        this.#turnTo(row, high, low, frame, timeNs);
      }
      words[at + RUN] = (words[at + RUN] as number) + 1;
      const state = words[at + STATE] as number;
      if ((state & PORTS_DIFFER) === 0 && state < MAX_FLOWS << FLOWS_SHIFT) this.#noteFlow(row, stack, inner);
    }
    words[at + LAST_FRAME] = frame;
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

  /** All MACs that were sent to, by row in the order of first sight. **Cost** allocates. */
  receivers(): SeenReceiver[] {
    for (let row = 0; row < this.#rows; row++) this.#settle(row);
    const receivers: SeenReceiver[] = [];
    for (let receiver = 0; receiver < this.#receivers.size; receiver++) {
      const [count, time] = [receiver * 3, receiver * 2];
      receivers.push({
        row: this.#receivers.word(receiver, 0),
        mac: this.#receivers.word(receiver, 1) * 0x1_0000_0000 + (this.#receivers.word(receiver, 2) >>> 0),
        frames: this.#counts[count] as number,
        firstFrame: this.#counts[count + 1] as number,
        lastFrame: this.#counts[count + 2] as number,
        firstNs: this.#receiverTimes[time] as number,
        lastNs: this.#receiverTimes[time + 1] as number,
      });
    }
    return receivers;
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

  /** The sender turns to another MAC. */
  #turnTo(row: number, high: number, low: number, frame: number, timeNs: number): void {
    this.#settle(row);
    const words = this.#words;
    const at = row << SHIFT;
    const known = this.#receivers.size;
    const receiver = this.#receivers.row(row, high, low, 0);
    if (receiver === known) {
      this.#counts.push(0, frame, frame);
      this.#receiverTimes.push(timeNs, timeNs);
    }
    words[at + MAC_HIGH] = high;
    words[at + MAC_LOW] = low;
    words[at + RECEIVER] = receiver;
  }

  /** Credits the frames in a row to the MAC that they were for. */
  #settle(row: number): void {
    const words = this.#words;
    const at = row << SHIFT;
    const run = words[at + RUN] as number;
    const receiver = words[at + RECEIVER] as number;
    words[at + RUN] = 0;
    if (run === 0 || receiver < 0) return;
    this.#counts[receiver * 3] = (this.#counts[receiver * 3] as number) + run;
    this.#counts[receiver * 3 + 2] = words[at + LAST_FRAME] as number;
    this.#receiverTimes[receiver * 2 + 1] = this.#times[(at >> 1) + LAST_NS] as number;
  }

  #noteFlow(row: number, stack: LayerStack, inner: number): void {
    const flow = flowOf(stack, inner);
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

/** A hash of the inner flow: addresses, and ports where there are some. @returns 0 where it is not IP, or has none to tell */
function flowOf({ view, kinds, ats, depth }: LayerStack, inner: number): number {
  let ip = inner + 1;
  while (ip < depth && (kinds[ip] === LayerKind.Vlan || kinds[ip] === LayerKind.ServiceVlan)) ip++;
  if (ip + 1 >= depth) return 0;
  const at = ats[ip] as number;
  let hash = 0;
  if (kinds[ip] === LayerKind.Ipv4) {
    hash = Math.imul(view.getInt32(at + 12), 0x9e3779b1) ^ Math.imul(view.getInt32(at + 16), 0x85ebca6b);
  } else if (kinds[ip] === LayerKind.Ipv6) {
    for (let word = 8; word < 40; word += 4) hash = Math.imul(hash ^ view.getInt32(at + word), 0x9e3779b1);
  } else {
    return 0;
  }
  const kind = kinds[ip + 1];
  if (kind === LayerKind.Tcp || kind === LayerKind.Udp)
    hash ^= Math.imul(view.getInt32(ats[ip + 1] as number), 0xc2b2ae35);
  hash ^= hash >>> 15;
  return hash === 0 ? 1 : hash;
}
