/**
 * One dissected frame as its readers see it: its place in the capture, its time, its layers.
 *
 * `Frame` is what fields and reports read. A `FrameCursor` is the one that a loop reuses for every frame; a `FrameView`
 * is for comfort: borrowed, late use throws at once, and `pin` makes it last.
 */
import { VxdumpError } from '../errors.js';
import { LINK_ETHERNET } from '../wire/link-type.js';
import { LAYER_NAMES, type LayerKind, LayerStack } from '../wire/stack.js';
import type { Stop } from '../wire/stop.js';
import { Dissector, type DissectorOptions, type FrameColumns } from './dissector.js';
import { Outcome, Reassembly } from './reassembly.js';

/** What is known of one frame. */
export interface Frame {
  /** Its place in the capture, from 1. */
  readonly number: number;
  /** The tap's name; empty where there is none. */
  readonly tap: string;
  /** Index of the capture's interface that saw it; -1 where the capture has none. */
  readonly interfaceId: number;
  /** That interface's name, where the capture tells. */
  readonly interfaceName: string | null;
  /** Bytes captured. */
  readonly capturedLen: number;
  /** Bytes on the wire, as the capture gives them. */
  readonly wireLen: number;
  /** Whole seconds since 1970, floored; NaN where the capture has no time for it. */
  readonly seconds: number;
  /** 0..999,999,999 on top of `seconds`. */
  readonly nanoseconds: number;
  /** Whether a live source saw a large segment (GSO): on the cable it is several frames. */
  readonly gso?: boolean;
  /** Its layers and its bytes. */
  readonly stack: LayerStack;
}

/** A capture's batch, as far as a cursor needs it. */
export interface TimedColumns extends FrameColumns {
  readonly seconds: Float64Array;
  readonly nanoseconds: Int32Array;
  readonly interfaceId: Int32Array;
  readonly gso?: Uint8Array;
}

/** Interfaces by id: what a cursor needs of a capture's list. */
export type InterfaceNames = readonly { readonly name: string | null }[];

/** One layer, as a plain value. */
export interface Layer {
  readonly kind: LayerKind;
  /** Wireshark's name for it: `eth`, `ip`, `vxlan`. */
  readonly name: string;
  /** Where it starts, in bytes from the frame's first byte. */
  readonly at: number;
  /** Where it ends, payload included, exclusive. */
  readonly end: number;
  /** Whether it lies inside a datagram that an ICMP error quotes. */
  readonly quoted: boolean;
}

/** What a cursor may be told. */
export interface CursorOptions extends DissectorOptions {
  /** Whether a fragment that makes its datagram whole shows all of it. */
  readonly reassemble?: boolean;
}

/** Dissects frame after frame into one place. **Lifetime** what it shows is the last frame that it was moved to. */
export class FrameCursor implements Frame {
  number: number;
  readonly tap: string;
  interfaceId: number;
  interfaceName: string | null;
  capturedLen: number;
  wireLen: number;
  seconds: number;
  nanoseconds: number;
  gso: boolean;
  stack: LayerStack;
  /** The layers of the frame as it was captured: `stack`, unless that is a datagram put together. */
  readonly captured: LayerStack;
  /** Grows with every move: a view from before is late. */
  generation: number;
  readonly #dissector: Dissector;
  readonly #reassembly: Reassembly | null;

  /** @param tap the tap's name; @param options ports, as the dissector takes them, and whether to put fragments together */
  constructor(tap: string, options: CursorOptions = {}) {
    this.#dissector = new Dissector(options);
    this.number = 0;
    this.tap = tap;
    this.interfaceId = -1;
    this.interfaceName = null;
    this.capturedLen = 0;
    this.wireLen = 0;
    this.seconds = Number.NaN;
    this.nanoseconds = 0;
    this.gso = false;
    this.stack = this.#dissector.stack;
    this.captured = this.stack;
    this.generation = 0;
    this.#reassembly = options.reassemble === true ? new Reassembly(options) : null;
  }

  /**
   * Moves to the capture's next frame and dissects it. Never throws, whatever the bytes.
   *
   * @param batch columns; borrowed until the next move
   * @param index the frame's place in them
   * @param interfaces the capture's interfaces
   *
   * **Cost** no allocation.
   */
  move(batch: TimedColumns, index: number, interfaces: InterfaceNames): void {
    this.generation++;
    this.number++;
    this.capturedLen = batch.capturedLen[index] as number;
    this.wireLen = batch.wireLen[index] as number;
    this.seconds = batch.seconds[index] as number;
    this.nanoseconds = batch.nanoseconds[index] as number;
    this.interfaceId = batch.interfaceId[index] as number;
    this.interfaceName = interfaces[this.interfaceId]?.name ?? null;
    this.gso = batch.gso !== undefined && batch.gso[index] === 1;
    this.#dissector.dissectFrame(batch, index);
    if (this.#reassembly !== null) this.#putTogether(this.#reassembly);
  }

  /** Shows the datagram that the frame makes whole; one inside it in turn, if it makes that whole. */
  #putTogether(reassembly: Reassembly): void {
    this.stack = this.captured;
    const timeNs = this.seconds * 1e9 + this.nanoseconds;
    while (this.stack.fragmentIndex >= 0) {
      const outcome = reassembly.add(this.stack, this.number, timeNs, this.interfaceId);
      if (outcome !== Outcome.Whole) return;
      this.stack = reassembly.whole;
    }
  }

  /** Makes every view of the present frame late: its bytes are about to go. */
  leave(): void {
    this.generation++;
  }

  /** A view of the present frame. **Cost** one object. **Lifetime** until the next move; `pin` it to keep it. */
  view(): FrameView {
    return new FrameView(this, this.stack, this);
  }
}

/**
 * A frame, lazily read.
 *
 * **Lifetime** borrowed, until the next step of whatever gave it; later use of its layers or bytes throws `E_LATE_VIEW`.
 * A pinned view, and one from `dissect`, owns its bytes and lasts.
 */
export class FrameView implements Frame {
  readonly number: number;
  readonly tap: string;
  readonly interfaceId: number;
  readonly interfaceName: string | null;
  readonly capturedLen: number;
  readonly wireLen: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly gso: boolean;
  readonly #stack: LayerStack;
  /** Null where the view owns its bytes. */
  readonly #lender: FrameCursor | null;
  readonly #generation: number;

  /** Views come from `frames`, `dissect` and `pin`. */
  constructor(frame: Frame, stack: LayerStack, lender: FrameCursor | null) {
    this.number = frame.number;
    this.tap = frame.tap;
    this.interfaceId = frame.interfaceId;
    this.interfaceName = frame.interfaceName;
    this.capturedLen = frame.capturedLen;
    this.wireLen = frame.wireLen;
    this.seconds = frame.seconds;
    this.nanoseconds = frame.nanoseconds;
    this.gso = frame.gso === true;
    this.#stack = stack;
    this.#lender = lender;
    this.#generation = lender === null ? 0 : lender.generation;
  }

  /** Its layers. @throws `E_LATE_VIEW` */
  get stack(): LayerStack {
    if (this.#lender !== null && this.#lender.generation !== this.#generation) {
      throw new VxdumpError(
        'E_LATE_VIEW',
        `frame ${this.number}: used after the next one was read; pin() keeps a frame`,
      );
    }
    return this.#stack;
  }

  /** Its time in nanoseconds since 1970; null where the capture has none. **Cost** a bigint. */
  get timeNs(): bigint | null {
    return timeNs(this);
  }

  /** The names of its layers, outermost first: `eth:ip:udp:vxlan:eth:ip:icmp`. @throws `E_LATE_VIEW`. **Cost** one string. */
  get protocols(): string {
    return protocols(this.stack);
  }

  /** Its captured bytes. @throws `E_LATE_VIEW`. **Cost** one view of them. **Lifetime** this view's. */
  get bytes(): Uint8Array {
    const stack = this.stack;
    return stack.bytes.subarray(stack.frameAt, stack.frameEnd);
  }

  /** Its layers, outermost first. @throws `E_LATE_VIEW`. **Cost** an object a layer. */
  *layers(): Generator<Layer, void, undefined> {
    for (let index = 0; index < this.stack.depth; index++) {
      const stack = this.stack;
      const kind = stack.kind(index);
      yield {
        kind,
        name: LAYER_NAMES[kind],
        at: stack.layerAt(index) - stack.frameAt,
        end: stack.layerEnd(index) - stack.frameAt,
        quoted: isQuoted(stack, index),
      };
    }
  }

  /** What the dissection noted first; null if nothing. @throws `E_LATE_VIEW` */
  stop(): Stop | null {
    return this.stack.stop();
  }

  /** The same frame, with bytes and layers of its own. @throws `E_LATE_VIEW`. **Cost** copies the frame. **Lifetime** yours. */
  pin(): FrameView {
    return new FrameView(this, copyStack(this.stack), null);
  }
}

/** What `dissect` may be told besides the bytes. */
export interface DissectOptions extends DissectorOptions {
  /** LINKTYPE_ value of the first header; 1, Ethernet, unless told. */
  readonly linkType?: number;
  /** Bytes that the frame had on the wire; as many as were captured, unless told. */
  readonly wireLen?: number;
}

/**
 * Dissects one frame. Never throws, whatever the bytes.
 *
 * @param bytes the frame; must not change as long as the view is used
 * @param options link type, length on the wire, VXLAN ports
 * @returns a view that lasts
 *
 * **Cost** a dissector: for many frames use `frames` or a `FrameCursor`.
 */
export function dissect(bytes: Uint8Array, options: DissectOptions = {}): FrameView {
  const wireLen = options.wireLen ?? bytes.length;
  const stack = new Dissector(options).dissect(bytes, 0, bytes.length, wireLen, options.linkType ?? LINK_ETHERNET);
  const frame: Frame = {
    number: 1,
    tap: '',
    interfaceId: -1,
    interfaceName: null,
    capturedLen: bytes.length,
    wireLen,
    seconds: Number.NaN,
    nanoseconds: 0,
    stack,
  };
  return new FrameView(frame, stack, null);
}

/** A frame's time in nanoseconds since 1970; null where the capture has none. **Cost** a bigint. */
export function timeNs(frame: Frame): bigint | null {
  if (Number.isNaN(frame.seconds)) return null;
  return BigInt(frame.seconds) * 1_000_000_000n + BigInt(frame.nanoseconds);
}

/** The names of the layers, outermost first, as tshark's `frame.protocols` has them. **Cost** one string. */
export function protocols(stack: LayerStack): string {
  let text = '';
  for (let index = 0; index < stack.depth; index++) {
    if (index > 0) text += ':';
    text += LAYER_NAMES[stack.kind(index)];
  }
  return text;
}

/** Whether the layer at `index` lies inside a datagram that an ICMP error quotes. */
export function isQuoted(stack: LayerStack, index: number): boolean {
  return stack.quotedIndex >= 0 && index >= stack.quotedIndex;
}

/** A stack of its own, over a copy of the frame's bytes. */
function copyStack(from: LayerStack): LayerStack {
  const to = new LayerStack(from.portKinds);
  const shift = from.frameAt;
  // Not `slice`: where the bytes are a Node Buffer, that copies nothing.
  to.reset(new Uint8Array(from.bytes.subarray(shift, from.frameEnd)), 0, from.frameEnd - shift, from.wireLen);
  to.depth = from.depth;
  to.kinds.set(from.kinds);
  for (let index = 0; index < from.depth; index++) {
    to.ats[index] = from.layerAt(index) - shift;
    to.ends[index] = from.layerEnd(index) - shift;
  }
  to.at = from.at - shift;
  to.end = from.end - shift;
  to.endSource = from.endSource;
  to.tunnels = from.tunnels;
  to.tunnelIndex = from.tunnelIndex;
  to.quotedIndex = from.quotedIndex;
  to.firstFragment = from.firstFragment;
  to.fragmentIndex = from.fragmentIndex;
  to.stopCode = from.stopCode;
  to.stopLayer = from.stopLayer;
  to.stopAt = from.stopAt - shift;
  to.stopNeeded = from.stopNeeded;
  to.stopAvailable = from.stopAvailable;
  to.stopLenSource = from.stopLenSource;
  return to;
}
