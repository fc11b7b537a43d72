/**
 * Reassembly: a datagram put together from its fragments (RFC 791, section 3.2; RFC 8200, section 4.5), as the frame
 * that would have been had it been sent in one: the headers of the first fragment, their lengths corrected, and all of
 * the payload. Outer datagrams and inner ones alike; what is fragmented twice is put together twice.
 *
 * Fragments that overlap are refused with all of their datagram (RFC 5722), exact copies are not minded. Where a snaplen
 * cut fragments, declared lengths tell when a datagram is whole, and it ends at the first byte that was not captured.
 */
import * as ipv4 from '../wire/ipv4.js';
import * as extension from '../wire/ipv6-extension.js';
import { LayerKind, type LayerStack, MAX_IP_LEN } from '../wire/stack.js';
import { keyOf } from './datagram-key.js';
import { Dissector, type DissectorOptions } from './dissector.js';
import { declaredEnd } from './extent.js';
import { type Head, headOf, wholeHead } from './whole-head.js';

/** A datagram is given up where so many others began after it: long before a sender uses its identification again. */
export const MAX_DATAGRAMS = 1024;
/** Bytes that are held of all datagrams: beyond, the oldest ones are given up. */
export const MAX_HELD_LEN = 16 * 1024 * 1024;
/** A datagram is given up when this much of capture time has passed since its first fragment was seen, ns. */
export const TIMEOUT_NS = 30e9;
/** What a fragment takes besides its bytes, as far as the bound goes. */
const PIECE_LEN = 128;

/** What became of a fragment. */
export const Outcome = {
  /** Its datagram lacks others. */
  Waits: 0,
  /** Its datagram is whole. */
  Whole: 1,
  /** It contradicts another fragment: its datagram is refused. */
  Refused: 2,
  /** Its datagram was refused before. */
  Ignored: 3,
} as const;
export type Outcome = (typeof Outcome)[keyof typeof Outcome];

/** One fragment. */
interface Piece {
  /** Where it starts in the payload, and its length on the wire. */
  readonly from: number;
  readonly len: number;
  /** As much as was captured of it. */
  readonly bytes: Uint8Array;
}

/** A datagram, as far as it was seen. */
export class Datagram {
  readonly key: string;
  /** How many began before it. */
  readonly serial: number;
  readonly begunNs: number;
  /** Frames that its fragments came in, in the order in which they were seen; copies are none. */
  readonly frames: number[];
  /** Bytes on the wire of those frames. */
  wireLen: number;
  /** The frame that the first fragment, that with the headers, came in, and its bytes on the wire; 0 until then. */
  firstFrame: number;
  firstWireLen: number;
  /** The longest IP packet that a fragment of it came in. */
  longestPacketLen: number;
  /** For whoever reads fragments: whether the first one was taken for all of it, and the inventory's row that it was counted in. */
  taken: boolean;
  row: number;
  /** In the order of their places. */
  readonly pieces: Piece[];
  head: Head | null;
  /** Length of its payload; -1 until the last fragment was seen. */
  payloadLen: number;
  /** Bytes of its payload that were seen. */
  seenLen: number;
  /** What it takes. */
  heldLen: number;
  refused: boolean;

  constructor(key: string, serial: number, begunNs: number) {
    this.key = key;
    this.serial = serial;
    this.begunNs = begunNs;
    this.frames = [];
    this.wireLen = 0;
    this.firstFrame = 0;
    this.firstWireLen = 0;
    this.longestPacketLen = 0;
    this.taken = false;
    this.row = -1;
    this.pieces = [];
    this.head = null;
    this.payloadLen = -1;
    this.seenLen = 0;
    this.heldLen = 0;
    this.refused = false;
  }
}

/** Puts together the datagrams of one tap. */
export class Reassembly {
  /** The datagram of the last fragment. **Lifetime** until the next `add`. */
  datagram: Datagram;
  readonly #datagrams: Map<string, Datagram>;
  readonly #dissector: Dissector;
  #begun = 0;
  #heldLen = 0;
  #bytes: Uint8Array;

  constructor(options: DissectorOptions = {}) {
    this.datagram = new Datagram('', 0, 0);
    this.#datagrams = new Map();
    this.#dissector = new Dissector(options);
    this.#bytes = new Uint8Array(0);
  }

  /** The layers of the datagram that the last fragment made whole. **Lifetime** until the next one is. */
  get whole(): LayerStack {
    return this.#dissector.stack;
  }

  /**
   * Takes in a frame whose `fragmentIndex` tells of a fragment.
   *
   * @param frame its number
   * @param timeNs by any clock that does not change within a run; NaN where it has none
   * @param interfaceId of the capture: fragments of one datagram are seen at one place
   *
   * **Cost** copies the fragment; memory is bounded by the constants above.
   */
  add(stack: LayerStack, frame: number, timeNs: number, interfaceId: number): Outcome {
    this.#giveUp(timeNs);
    const key = keyOf(stack, interfaceId);
    const datagram = this.#datagrams.get(key) ?? this.#begin(key, timeNs);
    this.datagram = datagram;
    if (datagram.refused) return Outcome.Ignored;
    const outcome = this.#put(datagram, stack, frame);
    if (outcome === Outcome.Refused) this.#refuse(datagram);
    if (outcome !== Outcome.Whole) return outcome;
    this.#forget(datagram);
    this.#dissectWhole(datagram);
    return Outcome.Whole;
  }

  #begin(key: string, timeNs: number): Datagram {
    const datagram = new Datagram(key, this.#begun++, timeNs);
    this.#datagrams.set(key, datagram);
    return datagram;
  }

  /** Gives up the oldest datagrams where a bound asks for it. */
  #giveUp(timeNs: number): void {
    for (const datagram of this.#datagrams.values()) {
      const isOld = datagram.begunNs + TIMEOUT_NS < timeNs || this.#begun - datagram.serial > MAX_DATAGRAMS;
      if (!isOld && this.#heldLen <= MAX_HELD_LEN) return;
      this.#forget(datagram);
    }
  }

  #forget(datagram: Datagram): void {
    this.#datagrams.delete(datagram.key);
    this.#heldLen -= datagram.heldLen;
  }

  /** Refuses a datagram: it stays, so that fragments of it that are still to come are known. */
  #refuse(datagram: Datagram): void {
    datagram.refused = true;
    datagram.pieces.length = 0;
    datagram.head = null;
    this.#heldLen -= datagram.heldLen;
    datagram.heldLen = 0;
  }

  #put(datagram: Datagram, stack: LayerStack, frame: number): Outcome {
    const index = stack.fragmentIndex;
    const at = stack.layerAt(index);
    const { bytes } = stack;
    const isIpv4 = stack.kind(index) === LayerKind.Ipv4;
    let ip = index;
    while (stack.kind(ip) !== LayerKind.Ipv4 && stack.kind(ip) !== LayerKind.Ipv6) ip--;
    const payloadAt = at + (isIpv4 ? ipv4.headerLen(bytes, at) : extension.HEADER_LEN);
    const from = (isIpv4 ? ipv4.fragmentOffset(bytes, at) : extension.fragmentOffset(bytes, at)) * 8;
    const more = (isIpv4 ? ipv4.moreFragments(bytes, at) : extension.moreFragments(bytes, at)) === 1;
    const captured = stack.layerEnd(index) - payloadAt;
    const isCut = stack.isCut;
    const declared = isCut ? Math.max(captured, declaredEnd(stack, ip) - payloadAt) : captured;
    // All but the last one are multiples of 8: what is beyond has no place.
    const len = more ? declared & ~7 : declared;
    if (len <= 0) return Outcome.Waits;
    const end = from + len;
    if (end > MAX_IP_LEN) return Outcome.Refused;
    const place = placeOf(datagram.pieces, from);
    const [before, next] = [datagram.pieces[place - 1], datagram.pieces[place]];
    const kept = bytes.subarray(payloadAt, payloadAt + Math.min(len, captured));
    if (next !== undefined && next.from === from && next.len === len) {
      return isSame(next.bytes, kept) ? Outcome.Waits : Outcome.Refused;
    }
    if (before !== undefined && before.from + before.len > from) return Outcome.Refused;
    if (next !== undefined && next.from < end) return Outcome.Refused;
    if (datagram.payloadLen >= 0 && end > datagram.payloadLen) return Outcome.Refused;
    if (!more) {
      // What comes behind the end, or another end, which is behind it as well.
      if (next !== undefined) return Outcome.Refused;
      datagram.payloadLen = end;
    }
    if (from === 0) {
      datagram.head = headOf(stack, index);
      datagram.firstFrame = frame;
      datagram.firstWireLen = stack.wireLen;
    }
    // Not `slice`: where the bytes are a Node Buffer, that copies nothing.
    datagram.pieces.splice(place, 0, { from, len, bytes: new Uint8Array(kept) });
    datagram.seenLen += len;
    datagram.heldLen += kept.length + PIECE_LEN;
    this.#heldLen += kept.length + PIECE_LEN;
    datagram.frames.push(frame);
    datagram.wireLen += stack.wireLen;
    datagram.longestPacketLen = Math.max(datagram.longestPacketLen, payloadAt + len - stack.layerAt(ip));
    return datagram.seenLen === datagram.payloadLen ? Outcome.Whole : Outcome.Waits;
  }

  #dissectWhole({ pieces, head, payloadLen }: Datagram): void {
    // All of the payload was seen, so the first fragment was.
    const { bytes, linkType } = wholeHead(head as Head, payloadLen);
    const wireLen = bytes.length + payloadLen;
    if (this.#bytes.length < wireLen) this.#bytes = new Uint8Array(wireLen * 2);
    this.#bytes.set(bytes);
    let capturedLen = bytes.length;
    for (const piece of pieces) {
      this.#bytes.set(piece.bytes, capturedLen);
      capturedLen += piece.bytes.length;
      if (piece.bytes.length < piece.len) break;
    }
    this.#dissector.dissect(this.#bytes, 0, capturedLen, wireLen, linkType);
  }
}

/** Where a piece that starts at `from` goes: before the first one that starts there or later. Mostly the end. */
function placeOf(pieces: readonly Piece[], from: number): number {
  let low = 0;
  let high = pieces.length;
  if (high > 0 && (pieces[high - 1] as Piece).from < from) return high;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((pieces[middle] as Piece).from < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Whether two fragments are the same, as far as both were captured. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  const len = Math.min(a.length, b.length);
  for (let at = 0; at < len; at++) if (a[at] !== b[at]) return false;
  return true;
}
