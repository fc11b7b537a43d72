/**
 * Fragments: which one stands for its datagram, the sizes of tunnelled datagrams that came in fragments, and fragments
 * that overlap.
 *
 * A datagram counts once. Its first fragment, which has all headers, stands for it where it shows enough of the inner
 * frame, with its own number and time: later fragments may never be seen (a capture filter by port matches none of
 * them). Where it does not, or comes last, the datagram counts when it is whole, under the first fragment's number.
 * Fragments of inner datagrams are frames of their own: each has its encapsulation.
 */
import type { DissectorOptions } from '../dissect/dissector.js';
import { overheadOf } from '../dissect/inner.js';
import { type Datagram, Outcome, Reassembly } from '../dissect/reassembly.js';
import type { Inventory } from '../inventory/inventory.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import { length } from '../wire/udp.js';
import { FrameList } from './frame-list.js';

/** Bytes of a first fragment that show all of the inner headers that pairing asks for. */
const SHOWS_INNER_LEN = 256;
/** The most senders through tunnels whose fragments are told apart. */
const MAX_SENDERS = 4096;

/** Fragments of what one sender put through one tunnel; a sender is a row of the inventory. */
export interface FragmentedSender {
  /** Packets that came in fragments. */
  packets: number;
  /** Of those, the ones that came whole. */
  whole: number;
  /** The longest of them, and the longest fragment: IP packets, bytes. */
  longestLen: number;
  longestFragmentLen: number;
  /** What the tunnel adds to an inner IP packet, bytes. */
  overhead: number;
  readonly frames: FrameList;
}

/** Fragments of one tap. */
export class Fragments {
  /** By row of the inventory. */
  readonly outer: Map<number, FragmentedSender>;
  /** Fragments that contradicted others: of outer or bare datagrams, of inner ones. */
  readonly overlaps: FrameList;
  readonly innerOverlaps: FrameList;
  /** The number of the frame that what was taken last stands at. */
  frame: number;
  readonly #reassembly: Reassembly;
  readonly #inventory: Inventory;

  constructor(inventory: Inventory, options: DissectorOptions) {
    this.outer = new Map();
    this.overlaps = new FrameList();
    this.innerOverlaps = new FrameList();
    this.frame = 0;
    this.#reassembly = new Reassembly(options);
    this.#inventory = inventory;
  }

  /**
   * What a frame with a `fragmentIndex` is to be taken for: itself, or the datagram that it makes whole; null where it
   * is a part of what is taken at another frame. What is taken stands at the frame `frame`.
   *
   * **Cost** that of `Reassembly.add`: fragments are rare.
   */
  take(stack: LayerStack, frame: number, timeNs: number, interfaceId: number): LayerStack | null {
    const reassembly = this.#reassembly;
    const outcome = reassembly.add(stack, frame, timeNs, interfaceId);
    const { datagram } = reassembly;
    const isInner = stack.tunnelIndex >= 0 && stack.tunnelIndex < stack.fragmentIndex;
    if (outcome === Outcome.Refused) (isInner ? this.innerOverlaps : this.overlaps).add(frame);
    this.frame = frame;
    if (isInner) return stack;
    if (stack.tunnelIndex >= 0) return this.#takeFirst(stack, outcome);
    if (outcome !== Outcome.Whole || reassembly.whole.tunnelIndex < 0) return datagram.taken ? null : stack;
    return this.#takeWhole(datagram);
  }

  /** Notes who sent what was taken last. @param row of the inventory; -1 without */
  sentBy(row: number, stack: LayerStack): void {
    const { datagram } = this.#reassembly;
    if (!datagram.taken || datagram.row >= 0 || row < 0) return;
    datagram.row = row;
    const isWhole = stack === this.#reassembly.whole;
    if (isWhole) this.#inventory.grow(row, 0, datagram.wireLen - stack.wireLen);
    const sender = this.#sender(row);
    if (sender === null) return;
    const index = stack.tunnelIndex;
    let ip = index - 2;
    while (stack.kind(ip) !== LayerKind.Ipv4 && stack.kind(ip) !== LayerKind.Ipv6) ip--;
    const fragmentHeaderLen = stack.fragmentIndex > ip && stack.fragmentIndex < index ? 8 : 0;
    const udpAt = stack.layerAt(index - 1);
    sender.packets++;
    sender.frames.add(this.frame);
    sender.longestLen = Math.max(
      sender.longestLen,
      udpAt - stack.layerAt(ip) - fragmentHeaderLen + length(stack.bytes, udpAt),
    );
    sender.overhead = overheadOf(stack, ip) - fragmentHeaderLen;
    sender.longestFragmentLen = Math.max(sender.longestFragmentLen, datagram.longestPacketLen);
    if (isWhole) this.#complete(datagram);
  }

  /** A first fragment of a tunnelled datagram. */
  #takeFirst(stack: LayerStack, outcome: Outcome): LayerStack | null {
    const { datagram } = this.#reassembly;
    if (outcome === Outcome.Whole) return this.#takeWhole(datagram);
    const shown = stack.layerEnd(stack.fragmentIndex) - stack.layerAt(stack.fragmentIndex);
    if (shown < SHOWS_INNER_LEN) return null;
    datagram.taken = true;
    return stack;
  }

  #takeWhole(datagram: Datagram): LayerStack | null {
    const { whole } = this.#reassembly;
    if (datagram.taken) {
      this.#inventory.grow(datagram.row, 0, datagram.wireLen - datagram.firstWireLen);
      this.#complete(datagram);
      return null;
    }
    datagram.taken = true;
    this.frame = datagram.firstFrame;
    return whole;
  }

  /** Notes the other fragments of a datagram whose first one was noted. */
  #complete({ row, firstFrame, frames, longestPacketLen }: Datagram): void {
    const sender = this.outer.get(row);
    if (sender === undefined) return;
    sender.whole++;
    sender.longestFragmentLen = Math.max(sender.longestFragmentLen, longestPacketLen);
    for (const frame of frames) if (frame !== firstFrame) sender.frames.add(frame);
  }

  #sender(row: number): FragmentedSender | null {
    const known = this.outer.get(row);
    if (known !== undefined) return known;
    if (this.outer.size === MAX_SENDERS) return null;
    const sender = {
      packets: 0,
      whole: 0,
      longestLen: 0,
      longestFragmentLen: 0,
      overhead: 0,
      frames: new FrameList(),
    };
    this.outer.set(row, sender);
    return sender;
  }
}
