/**
 * Flows under way: frames in a plain tunnel that have all their addresses, MACs, ports and the outer TTL in common; of ARP,
 * the address that it is sent from. The first one is looked at whole; those that follow show nothing else of their sender,
 * so they only count, here, and are told to the tables at the end. What this gains stands in docs/adr/0012-flows.md.
 *
 * A flow is one cache line, and an eighth of one for its bytes; flows lie side by side, and slots lead to them, so that what
 * is touched stays small: time goes into waiting for memory. When there is no room for one more, all are told and let go;
 * those that go on open again.
 */
import * as common from '../dissect/common-layout.js';
import type { Inventory } from '../inventory/inventory.js';
import { MAX_PROBES, spread } from '../inventory/open-addressing.js';
import { senderProtocol } from '../wire/arp.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import type { Clock } from './clock.js';
import {
  BYTES_AT,
  DESTINATION_FACTOR,
  FLOW_SHIFT,
  FLOWS_AT,
  FRAMES,
  KEY_DESTINATION,
  KEY_INNER_DESTINATION,
  KEY_INNER_MACS,
  KEY_INNER_SOURCE,
  KEY_LEN,
  KEY_MAC,
  KEY_OUTER_PORTS,
  KEY_PORTS,
  KEY_REST,
  KEY_SOURCE,
  KEY_VNI,
  LAST_FRAME,
  LAST_NS,
  LINK_FACTOR,
  MAX_FLOWS,
  NETWORK_FACTOR,
  PORTS_FACTOR,
  ROWS_AT,
  SLOT_COUNT,
  SLOT_MASK,
  SLOTS_AT,
  SOURCE_FACTOR,
} from './plain-layout.js';
import type { Senders } from './senders.js';

/** Bytes to the next cache line, 16 bytes into one. */
const LINE_REST = 48;

/** Layers of a plain frame: Ethernet, IPv4, UDP, VXLAN, Ethernet, perhaps a tag, then ARP, or IPv4 and layer 4. */
const IP = 1;
const UDP = 2;
const VXLAN = 3;
const INNER = 4;
/** Where the last byte of a VXLAN header is. */
const RESERVED = 7;

/** The flows of one tap. */
export class Flows {
  readonly #inventory: Inventory;
  readonly #senders: Senders;
  readonly #clock: Clock;
  #slots: Uint16Array;
  #words: Int32Array;
  /** The same, for the doubles among them. */
  #times: Float64Array;
  #bytes: Float64Array;
  /** By flow, as `open` was told. */
  #rows: Int32Array;
  readonly #receivers: Int32Array;
  #size = 0;
  /** Of the frame that `count` was given last: its key, and whether it may be of a flow. */
  readonly #key: Int32Array;
  #isPlain: boolean;

  constructor(inventory: Inventory, senders: Senders, clock: Clock) {
    this.#inventory = inventory;
    this.#senders = senders;
    this.#clock = clock;
    // What is never touched takes no memory.
    this.#slots = new Uint16Array(SLOT_COUNT);
    this.#words = onCacheLines(MAX_FLOWS << FLOW_SHIFT);
    this.#times = doublesOf(this.#words);
    this.#bytes = new Float64Array(MAX_FLOWS);
    this.#rows = new Int32Array(MAX_FLOWS);
    this.#receivers = new Int32Array(MAX_FLOWS);
    this.#key = new Int32Array(KEY_LEN);
    this.#isPlain = false;
  }

  /**
   * Counts a frame of a flow that is open.
   *
   * @returns the row of its sender in the inventory; -1 where it is of none, and to be looked at whole
   *
   * **Cost** no allocation.
   */
  count(frame: number, stack: LayerStack): number {
    const key = this.#key;
    this.#isPlain = stack.isCommon ? writeCommonKey(key, stack) : writeKey(key, stack);
    if (!this.#isPlain) return -1;
    const hash = hashOf(key);
    const slots = this.#slots;
    const words = this.#words;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const number = (slots[(hash + probe) & SLOT_MASK] as number) - 1;
      if (number < 0) return -1;
      const at = number << FLOW_SHIFT;
      if (!isAt(words, at, key)) continue;
      words[at + FRAMES] = (words[at + FRAMES] as number) + 1;
      words[at + LAST_FRAME] = frame;
      this.#times[(at + LAST_NS) >> 1] = this.#clock.timeNs;
      this.#bytes[number] = (this.#bytes[number] as number) + stack.wireLen;
      return this.#rows[number] as number;
    }
    return -1;
  }

  /**
   * Opens a flow for the frame that `count` has just not found, if it may have one, and there is a place. That frame was
   * counted already.
   *
   * @param row of its sender in the inventory, 0 and up
   * @param receiver as `Senders` numbers it
   *
   * **Cost** amortised no allocation.
   */
  open(row: number, receiver: number): void {
    if (!this.#isPlain) return;
    if (this.#size === MAX_FLOWS) this.#letGo();
    const slot = this.#freeSlot();
    if (slot < 0) return;
    const number = this.#size++;
    this.#slots[slot] = number + 1;
    this.#words.set(this.#key, number << FLOW_SHIFT);
    this.#rows[number] = row;
    this.#receivers[number] = receiver;
  }

  /** Lets the flows lie in this memory from now on, at `plain-layout`'s places. */
  moveTo(memory: ArrayBuffer): void {
    const [slots, words, bytes, rows] = [this.#slots, this.#words, this.#bytes, this.#rows];
    this.#slots = new Uint16Array(memory, SLOTS_AT, SLOT_COUNT);
    this.#slots.set(slots);
    this.#words = new Int32Array(memory, FLOWS_AT, MAX_FLOWS << FLOW_SHIFT);
    this.#words.set(words.subarray(0, this.#size << FLOW_SHIFT));
    this.#times = doublesOf(this.#words);
    this.#bytes = new Float64Array(memory, BYTES_AT, MAX_FLOWS);
    this.#bytes.set(bytes.subarray(0, this.#size));
    this.#rows = new Int32Array(memory, ROWS_AT, MAX_FLOWS);
    this.#rows.set(rows.subarray(0, this.#size));
  }

  /** Tells the inventory and the senders of all frames that they were not told of yet. */
  settle(): void {
    const words = this.#words;
    for (let number = 0; number < this.#size; number++) {
      const at = number << FLOW_SHIFT;
      const frames = words[at + FRAMES] as number;
      if (frames === 0) continue;
      const row = this.#rows[number] as number;
      const lastFrame = words[at + LAST_FRAME] as number;
      const lastNs = this.#times[(at + LAST_NS) >> 1] as number;
      this.#inventory.grow(row, frames, this.#bytes[number] as number);
      this.#senders.again(row, this.#receivers[number] as number, frames, lastFrame, lastNs);
      words[at + FRAMES] = 0;
      this.#bytes[number] = 0;
    }
  }

  #letGo(): void {
    this.settle();
    this.#size = 0;
    this.#slots.fill(0);
  }

  /** The free slot that a flow with `key` would take. @returns -1 where too many have met there */
  #freeSlot(): number {
    const hash = hashOf(this.#key);
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const slot = (hash + probe) & SLOT_MASK;
      if (this.#slots[slot] === 0) return slot;
    }
    return -1;
  }
}

/** As many integers, of which the first starts a cache line: large pieces of memory start 16 bytes into a page (glibc, 64 bits). */
function onCacheLines(length: number): Int32Array {
  return new Int32Array(new ArrayBuffer(length * 4 + LINE_REST), LINE_REST, length);
}

function doublesOf({ buffer, byteOffset, length }: Int32Array): Float64Array {
  return new Float64Array(buffer, byteOffset, length >> 1);
}

/** The layer of the inner IPv4 or ARP, in a frame of the one shape that flows have, without a bit that counts by itself. @returns -1 in all others */
function plainNetwork({ view, kinds, ats, depth, tunnelIndex }: LayerStack): number {
  if (tunnelIndex !== VXLAN || kinds[VXLAN] !== LayerKind.Vxlan) return -1;
  if (kinds[0] !== LayerKind.Ethernet || kinds[IP] !== LayerKind.Ipv4) return -1;
  const vxlan = ats[VXLAN] as number;
  if (!isPlainHeader(view, vxlan)) return -1;
  // Behind VXLAN there is nothing but Ethernet.
  const above = kinds[INNER + 1] as number;
  const network = above === LayerKind.Vlan || above === LayerKind.ServiceVlan ? INNER + 2 : INNER + 1;
  const layersAbove = depth - network;
  if (layersAbove === 2) return kinds[network] === LayerKind.Ipv4 ? network : -1;
  return layersAbove === 1 && kinds[network] === LayerKind.Arp ? network : -1;
}

/** Whether a VXLAN header has its I flag and its VNI, and nothing else; the flags are the first byte in memory. */
function isPlainHeader(view: DataView, vxlan: number): boolean {
  return view.getInt32(vxlan, true) === common.I_FLAG && view.getUint8(vxlan + RESERVED) === 0;
}

/** As `writeKey`, of a frame of the common shape: most are. Written out: words that both share cost 2 % of `analyze`. */
function writeCommonKey(key: Int32Array, { view, kinds, depth, frameAt }: LayerStack): boolean {
  if (!isPlainHeader(view, frameAt + common.VXLAN)) return false;
  const last = kinds[depth - 1] as number;
  key[KEY_VNI] = view.getInt32(frameAt + common.VXLAN + common.VNI, true);
  key[KEY_SOURCE] = view.getInt32(frameAt + common.IP + common.SOURCE, true);
  key[KEY_DESTINATION] = view.getInt32(frameAt + common.IP + common.DESTINATION, true);
  key[KEY_OUTER_PORTS] = view.getInt32(frameAt + common.UDP, true);
  key[KEY_MAC] = view.getInt32(frameAt + common.MAC_SOURCE, true);
  key[KEY_REST] =
    view.getUint16(frameAt + common.MAC_SOURCE + 4, true) |
    (view.getUint8(frameAt + common.IP + common.TIME_TO_LIVE) << 16) |
    (last << 24);
  key[KEY_INNER_MACS] = view.getInt32(frameAt + common.INNER, true);
  key[KEY_INNER_MACS + 1] = view.getInt32(frameAt + common.INNER + 4, true);
  key[KEY_INNER_MACS + 2] = view.getInt32(frameAt + common.INNER + 8, true);
  key[KEY_INNER_SOURCE] = view.getInt32(frameAt + common.INNER_IP + common.SOURCE, true);
  key[KEY_INNER_DESTINATION] = view.getInt32(frameAt + common.INNER_IP + common.DESTINATION, true);
  key[KEY_PORTS] = last === LayerKind.Icmpv4 ? 0 : view.getInt32(frameAt + common.INNER_L4, true);
  return true;
}

/** Writes all of a plain frame that tables and senders tell apart. @returns false where it is none */
function writeKey(key: Int32Array, stack: LayerStack): boolean {
  const network = plainNetwork(stack);
  if (network < 0) return false;
  const { view, bytes, kinds, ats, portKinds } = stack;
  const ethernet = ats[0] as number;
  const ip = ats[IP] as number;
  const inner = ats[INNER] as number;
  const networkAt = ats[network] as number;
  const isArp = kinds[network] === LayerKind.Arp;
  const last = kinds[isArp ? network : network + 1] as number;
  key[KEY_VNI] = view.getInt32((ats[VXLAN] as number) + common.VNI, true);
  key[KEY_SOURCE] = view.getInt32(ip + common.SOURCE, true);
  key[KEY_DESTINATION] = view.getInt32(ip + common.DESTINATION, true);
  key[KEY_OUTER_PORTS] = view.getInt32(ats[UDP] as number, true);
  key[KEY_MAC] = view.getInt32(ethernet + common.MAC_SOURCE, true);
  key[KEY_REST] =
    view.getUint16(ethernet + common.MAC_SOURCE + 4, true) |
    ((bytes[ip + common.TIME_TO_LIVE] as number) << 16) |
    (last << 24);
  key[KEY_INNER_MACS] = view.getInt32(inner, true);
  key[KEY_INNER_MACS + 1] = view.getInt32(inner + 4, true);
  key[KEY_INNER_MACS + 2] = view.getInt32(inner + 8, true);
  if (isArp) {
    key[KEY_INNER_SOURCE] = senderProtocol(bytes, networkAt);
    key[KEY_INNER_DESTINATION] = 0;
    key[KEY_PORTS] = 0;
    return true;
  }
  key[KEY_INNER_SOURCE] = view.getInt32(networkAt + common.SOURCE, true);
  key[KEY_INNER_DESTINATION] = view.getInt32(networkAt + common.DESTINATION, true);
  const hasPorts = last === LayerKind.Tcp || last === LayerKind.Udp;
  // A tunnel that ends before its header: a frame with the same ports may have all of it, and is no plain one.
  if (last === LayerKind.Udp && portKinds[view.getUint16((ats[network + 1] as number) + 2)] !== LayerKind.None)
    return false;
  key[KEY_PORTS] = hasPorts ? view.getInt32(ats[network + 1] as number, true) : 0;
  return true;
}

/** Whether the slot at `at` has this key. Written out: a loop costs twice as much. */
function isAt(words: Int32Array, at: number, key: Int32Array): boolean {
  return (
    words[at] === key[0] &&
    words[at + 1] === key[1] &&
    words[at + 2] === key[2] &&
    words[at + 3] === key[3] &&
    words[at + 4] === key[4] &&
    words[at + 5] === key[5] &&
    words[at + 6] === key[6] &&
    words[at + 7] === key[7] &&
    words[at + 8] === key[8] &&
    words[at + 9] === key[9] &&
    words[at + 10] === key[10] &&
    words[at + 11] === key[11]
  );
}

/** A hash of the words that differ most from flow to flow. */
function hashOf(key: Int32Array): number {
  const hash =
    Math.imul((key[KEY_VNI] as number) ^ (key[KEY_DESTINATION] as number), NETWORK_FACTOR) ^
    Math.imul((key[KEY_OUTER_PORTS] as number) ^ (key[KEY_INNER_MACS + 2] as number), LINK_FACTOR) ^
    Math.imul(key[KEY_INNER_SOURCE] as number, SOURCE_FACTOR) ^
    Math.imul(key[KEY_INNER_DESTINATION] as number, DESTINATION_FACTOR) ^
    Math.imul(key[KEY_PORTS] as number, PORTS_FACTOR);
  return spread(hash);
}
