/**
 * One dissected frame as fields and reports read it: its place in the capture, its time, its layers.
 */
import { LAYER_NAMES, type LayerStack } from '../wire/stack.js';

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
