/**
 * Ethernet II and IEEE 802.3 (IEEE 802.3, clause 3; RFC 894, RFC 1042).
 *
 * ```
 *  0                   6                  12      14
 * +-------------------+------------------+-------+---------
 * |    destination    |      source      | type  | payload
 * +-------------------+------------------+-------+---------
 * ```
 * A type below 1536 is the length of an 802.3 frame. No frame check sequence: captures rarely hold one, and what
 * follows declares its own length.
 */
import { u16, u48 } from './bytes.js';
import { layerOfEtherType } from './ether-type.js';
import { LayerKind, type LayerStack } from './stack.js';
import { LenSource } from './stop.js';

export const HEADER_LEN = 14;
const DESTINATION = 0;
const SOURCE = 6;
const TYPE = 12;
/** The largest value that is a length (IEEE 802.3, 3.2.6); types start at 1536. */
const MAX_LENGTH = 1500;
const MIN_TYPE = 1536;

/** Enters an Ethernet header. **Stops** truncated, malformed (802.3 length), unsupported. */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Ethernet, HEADER_LEN)) return LayerKind.None;
  const type = u16(stack.bytes, stack.at + TYPE);
  stack.push(LayerKind.Ethernet, HEADER_LEN);
  if (type <= MAX_LENGTH) {
    stack.declarePayload(LayerKind.Ethernet, HEADER_LEN, type, LenSource.EthernetLength);
    return LayerKind.Llc;
  }
  const next = layerOfEtherType(type);
  return next === LayerKind.None ? stack.unsupported(LayerKind.Ethernet) : next;
}

/** Destination MAC. @returns 0..2^48-1. */
export function destination(bytes: Uint8Array, at: number): number {
  return u48(bytes, at + DESTINATION);
}

/** Source MAC. @returns 0..2^48-1. */
export function source(bytes: Uint8Array, at: number): number {
  return u48(bytes, at + SOURCE);
}

/** EtherType; -1 where the field is an 802.3 length. */
export function etherType(bytes: Uint8Array, at: number): number {
  const value = u16(bytes, at + TYPE);
  return value < MIN_TYPE ? -1 : value;
}

/** 802.3 length of what follows; -1 where the field is an EtherType. */
export function length(bytes: Uint8Array, at: number): number {
  const value = u16(bytes, at + TYPE);
  return value <= MAX_LENGTH ? value : -1;
}
