/**
 * The layers of one frame as an indexed stack of offsets, outermost first, so that inner and outer never overwrite
 * each other; and the state of the walk that fills it.
 *
 * A protocol's `enter(stack)` looks at `stack.at`, checks its header's length once, pushes one layer, narrows
 * `stack.end` where the header declares a length, and returns the next kind. After that no accessor can fail.
 */
import { LEN_SOURCE_NAMES, LenSource, STOP_NAMES, type Stop, StopCode, type StopName } from './stop.js';

/** What a layer is. Integers, so that the walk is one `switch`. */
export const LayerKind = {
  None: 0,
  Ethernet: 1,
  Vlan: 2,
  ServiceVlan: 3,
  Llc: 4,
  Arp: 5,
  Ipv4: 6,
  Ipv6: 7,
  HopByHop: 8,
  Routing: 9,
  Fragment: 10,
  DestinationOptions: 11,
  Authentication: 12,
  Udp: 13,
  Tcp: 14,
  Icmpv4: 15,
  Icmpv6: 16,
  Vxlan: 17,
  VxlanGpe: 18,
  Geneve: 19,
  Gre: 20,
  Nsh: 21,
  LinuxSll: 22,
  LinuxSll2: 23,
  Null: 24,
  /** No header at all: IPv4 or IPv6 by the version nibble. Never pushed. */
  RawIp: 25,
} as const;
export type LayerKind = (typeof LayerKind)[keyof typeof LayerKind];

/** Layer names by kind, as tshark's `frame.protocols` has them. */
export const LAYER_NAMES = [
  'frame',
  'eth',
  'vlan',
  'ieee8021ad',
  'llc',
  'arp',
  'ip',
  'ipv6',
  'ipv6.hopopts',
  'ipv6.routing',
  'ipv6.fraghdr',
  'ipv6.dstopts',
  'ah',
  'udp',
  'tcp',
  'icmp',
  'icmpv6',
  'vxlan',
  'vxlan',
  'geneve',
  'gre',
  'nsh',
  'sll',
  'sll',
  'null',
  'raw',
] as const;

/** Whether a kind of layer is VXLAN, GPE included. */
export function isVxlan(kind: number | undefined): boolean {
  return kind === LayerKind.Vxlan || kind === LayerKind.VxlanGpe;
}

/** Layers a frame may have; one more is the stop `too-deep`. */
export const MAX_LAYERS = 16;
/** Where `ats` and `ends` start in `words`. */
export const ATS = MAX_LAYERS / 4;
export const ENDS = ATS + MAX_LAYERS;
/** Tunnels (VXLAN, Geneve, GRE) a frame may have; one more is the stop `too-deep`. */
export const MAX_TUNNELS = 4;
/** A frame longer than this may carry an IP length of 0 (BIG TCP). */
export const MAX_IP_LEN = 65_535;

/** The layers of one frame, reused from frame to frame. Every offset counts from the first byte of `bytes`. */
export class LayerStack {
  /** Borrowed: what they hold changes when their owner moves on. */
  bytes: Uint8Array;
  /** The same bytes, for loads of several at once. */
  view: DataView;
  /** The frame's first byte. */
  frameAt: number;
  /** Exclusive end of what was captured of the frame. */
  frameEnd: number;
  /** The frame's length on the wire, bytes. */
  wireLen: number;
  /** Layers pushed so far, 0..16. */
  depth: number;
  /** `kinds` (16 bytes), `ats` and `ends` in one. */
  readonly words: Int32Array;
  readonly kinds: Uint8Array;
  readonly ats: Int32Array;
  readonly ends: Int32Array;
  /** Where the next layer starts. */
  at: number;
  /** Exclusive bound of the next layer: min(captured, declared). */
  end: number;
  /** Who set `end`. */
  endSource: LenSource;
  /** Tunnel headers pushed so far, quoted ones left out. */
  tunnels: number;
  /** Index of the innermost tunnel's header, quoted ones left out; -1 without. */
  tunnelIndex: number;
  /** Index of the first layer of a datagram quoted by an ICMP error; -1 without. */
  quotedIndex: number;
  /** True while `end` is the end of a datagram's first fragment: the rest is elsewhere, and a length past it is no fault. */
  firstFragment: boolean;
  /** Index of the outermost layer whose datagram is in fragments, IPv4 or an IPv6 fragment header; -1 without. Quoted ones do not count. */
  fragmentIndex: number;
  /** Whether the frame has the common shape: its layers lie at fixed places, which `dissect/common-layout` names. */
  isCommon: boolean;
  stopCode: StopCode;
  stopLayer: LayerKind;
  stopAt: number;
  stopNeeded: number;
  stopAvailable: number;
  stopLenSource: LenSource;
  /** What a UDP destination port carries, by port: a `LayerKind`, 0 where not known. */
  readonly portKinds: Uint8Array;

  /** @param portKinds 65,536 entries, `LayerKind` by UDP destination port. */
  constructor(portKinds: Uint8Array) {
    this.bytes = new Uint8Array(0);
    this.view = new DataView(this.bytes.buffer);
    this.frameAt = 0;
    this.frameEnd = 0;
    this.wireLen = 0;
    this.depth = 0;
    this.words = new Int32Array(MAX_LAYERS / 4 + 2 * MAX_LAYERS);
    this.kinds = new Uint8Array(this.words.buffer, 0, MAX_LAYERS);
    this.ats = this.words.subarray(ATS, ENDS);
    this.ends = this.words.subarray(ENDS);
    this.at = 0;
    this.end = 0;
    this.endSource = LenSource.Captured;
    this.tunnels = 0;
    this.tunnelIndex = -1;
    this.quotedIndex = -1;
    this.firstFragment = false;
    this.fragmentIndex = -1;
    this.isCommon = false;
    this.stopCode = StopCode.None;
    this.stopLayer = LayerKind.None;
    this.stopAt = 0;
    this.stopNeeded = 0;
    this.stopAvailable = 0;
    this.stopLenSource = LenSource.None;
    this.portKinds = portKinds;
  }

  /**
   * Starts a new frame.
   *
   * @param bytes what holds the frame; borrowed until the next `reset`
   * @param at the frame's first byte
   * @param capturedLen bytes captured; `at + capturedLen` lies within `bytes`
   * @param wireLen bytes on the wire
   */
  reset(bytes: Uint8Array, at: number, capturedLen: number, wireLen: number): void {
    if (bytes !== this.bytes) this.hold(bytes);
    this.frameAt = at;
    this.frameEnd = at + capturedLen;
    this.wireLen = wireLen;
    this.depth = 0;
    this.at = at;
    this.end = at + capturedLen;
    this.endSource = LenSource.Captured;
    this.tunnels = 0;
    this.tunnelIndex = -1;
    this.quotedIndex = -1;
    this.firstFragment = false;
    this.fragmentIndex = -1;
    this.isCommon = false;
    this.stopCode = StopCode.None;
  }

  /** Takes other bytes. */
  hold(bytes: Uint8Array): void {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Pushes a layer that starts at `at` and ends at `end`, and moves on past its header. Within `MAX_LAYERS`: the walk asks first. */
  push(kind: LayerKind, headerLen: number): void {
    const depth = this.depth;
    this.kinds[depth] = kind;
    this.ats[depth] = this.at;
    this.ends[depth] = this.end;
    this.depth = depth + 1;
    this.at += headerLen;
  }

  /** Pushes a tunnel header and makes it the innermost one. Quoted tunnels carry nothing: they do not count. */
  pushTunnel(kind: LayerKind, headerLen: number): void {
    if (this.quotedIndex < 0) {
      this.tunnels++;
      this.tunnelIndex = this.depth;
    }
    this.push(kind, headerLen);
  }

  /** Notes that the layer just pushed says that its datagram is in fragments. */
  noteFragment(): void {
    if (this.fragmentIndex < 0 && this.quotedIndex < 0) this.fragmentIndex = this.depth - 1;
  }

  /** Whether `headerLen` bytes of header fit at `at`; notes the stop where they do not. */
  fits(kind: LayerKind, headerLen: number): boolean {
    if (this.end - this.at >= headerLen) return true;
    this.noteShort(kind, headerLen, this.endSource);
    return false;
  }

  /**
   * Narrows `end` to `declaredLen` bytes from `at`, the first byte of the layer about to be pushed. A length past the
   * bound is noted, save in a first fragment, and the bound stays.
   */
  declare(kind: LayerKind, declaredLen: number, source: LenSource): void {
    const declaredEnd = this.at + declaredLen;
    if (declaredEnd <= this.end) {
      this.end = declaredEnd;
      this.endSource = source;
      this.firstFragment = false;
    } else if (!this.firstFragment) {
      this.noteShort(kind, declaredLen, source);
    }
  }

  /** As `declare`, for the payload behind the `headerLen` bytes of the layer just pushed, whose own end stays. */
  declarePayload(kind: LayerKind, headerLen: number, declaredLen: number, source: LenSource): void {
    this.at -= headerLen;
    this.declare(kind, headerLen + declaredLen, source);
    this.at += headerLen;
  }

  /** Whether less was captured of the frame than was on the wire. */
  get isCut(): boolean {
    return this.frameEnd - this.frameAt < this.wireLen;
  }

  /**
   * Notes that `needed` bytes from `at` are more than there are: `truncated` by the capture, or by a first fragment that
   * ends before a header does; `malformed` by another header's length.
   */
  noteShort(kind: LayerKind, needed: number, source: LenSource): void {
    const byCapture = this.endSource === LenSource.Captured || this.firstFragment;
    this.note(byCapture ? StopCode.Truncated : StopCode.Malformed, kind, needed, this.end - this.at, source);
  }

  /** Keeps a stop, if it is the frame's first. A quotation ends where its quoter chose to, so there it is no stop. */
  note(code: StopCode, kind: LayerKind, needed: number, available: number, source: LenSource): void {
    if (this.stopCode !== StopCode.None || this.quotedIndex >= 0) return;
    this.stopCode = code;
    this.stopLayer = kind;
    this.stopAt = this.at;
    this.stopNeeded = needed;
    this.stopAvailable = available;
    this.stopLenSource = source;
  }

  /** Notes that a value contradicts the RFC, in a header that is there. */
  malformed(kind: LayerKind, needed: number, available: number, source: LenSource): LayerKind {
    this.note(StopCode.Malformed, kind, needed, available, source);
    return LayerKind.None;
  }

  /** Ends the walk before a payload of a type that is not known; an empty payload is no stop. */
  unsupported(kind: LayerKind): LayerKind {
    if (this.end > this.at) this.note(StopCode.Unsupported, kind, 0, this.end - this.at, LenSource.None);
    return LayerKind.None;
  }

  /** The layer at `index`, 0 the outermost. @returns its kind, `None` below 0 and past the end. */
  kind(index: number): LayerKind {
    return index >= 0 && index < this.depth ? (this.kinds[index] as LayerKind) : LayerKind.None;
  }

  /** Where the layer at `index` starts; `index` within the depth. */
  layerAt(index: number): number {
    return this.ats[index] as number;
  }

  /** Exclusive end of the layer at `index`, payload included; `index` within the depth. */
  layerEnd(index: number): number {
    return this.ends[index] as number;
  }

  /** A stack of its own, over a copy of the frame's bytes. **Cost** copies the frame. */
  copy(): LayerStack {
    const to = new LayerStack(this.portKinds);
    const shift = this.frameAt;
    // Not `slice`: where the bytes are a Node Buffer, that copies nothing.
    to.reset(new Uint8Array(this.bytes.subarray(shift, this.frameEnd)), 0, this.frameEnd - shift, this.wireLen);
    to.depth = this.depth;
    to.kinds.set(this.kinds);
    for (let index = 0; index < this.depth; index++) {
      to.ats[index] = this.layerAt(index) - shift;
      to.ends[index] = this.layerEnd(index) - shift;
    }
    to.at = this.at - shift;
    to.end = this.end - shift;
    to.endSource = this.endSource;
    to.tunnels = this.tunnels;
    to.tunnelIndex = this.tunnelIndex;
    to.quotedIndex = this.quotedIndex;
    to.firstFragment = this.firstFragment;
    to.fragmentIndex = this.fragmentIndex;
    to.isCommon = this.isCommon;
    to.stopCode = this.stopCode;
    to.stopLayer = this.stopLayer;
    to.stopAt = this.stopAt - shift;
    to.stopNeeded = this.stopNeeded;
    to.stopAvailable = this.stopAvailable;
    to.stopLenSource = this.stopLenSource;
    return to;
  }

  /** The stop as a plain value. **Cost** one object. @returns null if nothing was noted. */
  stop(): Stop | null {
    if (this.stopCode === StopCode.None) return null;
    return {
      code: STOP_NAMES[this.stopCode] as StopName,
      layer: LAYER_NAMES[this.stopLayer],
      at: this.stopAt - this.frameAt,
      needed: this.stopNeeded,
      available: this.stopAvailable,
      lenSource: LEN_SOURCE_NAMES[this.stopLenSource],
    };
  }
}
