/**
 * A frame for comfort: a view is borrowed, late use throws at once, and `pin` makes it last.
 */
import { VxdumpError } from '../errors.js';
import { LINK_ETHERNET } from '../wire/link-type.js';
import { LAYER_NAMES, type LayerKind, type LayerStack } from '../wire/stack.js';
import type { Stop } from '../wire/stop.js';
import { Dissector, type DissectorOptions } from './dissector.js';
import { type Frame, isQuoted, protocols, timeNs } from './frame.js';

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

/** Who lends a frame: its generation grows with every step, and views from before are late. */
export interface Lender {
  readonly generation: number;
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
  readonly #lender: Lender | null;
  readonly #generation: number;

  /** Views come from `frames`, `dissect` and `pin`. */
  constructor(frame: Frame, stack: LayerStack, lender: Lender | null) {
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
    return new FrameView(this, this.stack.copy(), null);
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
