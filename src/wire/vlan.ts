/**
 * VLAN tags: 802.1Q (0x8100) and 802.1ad (0x88a8), any depth up to the layer limit (IEEE 802.1Q-2018, clause 9).
 *
 * ```
 *  0   3 4          16              32
 * +---+-+------------+---------------+
 * |PCP|D|  VLAN id   |   EtherType   |
 * +---+-+------------+---------------+
 * ```
 */
import { u16 } from './bytes.js';
import { layerOfEtherType } from './ether-type.js';
import { LayerKind, type LayerStack } from './stack.js';
import { LenSource } from './stop.js';

export const HEADER_LEN = 4;
const TAG = 0;
const TYPE = 2;
const MAX_LENGTH = 1500;

/** Enters a tag; `kind` is `Vlan` or `ServiceVlan`. **Stops** truncated, malformed, unsupported. */
export function enter(stack: LayerStack, kind: LayerKind): LayerKind {
  if (!stack.fits(kind, HEADER_LEN)) return LayerKind.None;
  const type = etherType(stack.bytes, stack.at);
  stack.push(kind, HEADER_LEN);
  if (type <= MAX_LENGTH) {
    stack.declarePayload(kind, HEADER_LEN, type, LenSource.EthernetLength);
    return LayerKind.Llc;
  }
  const next = layerOfEtherType(type);
  return next === LayerKind.None ? stack.unsupported(kind) : next;
}

/** Priority code point. @returns 0..7. */
export function priority(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + TAG) >> 13;
}

/** Drop eligible indicator. @returns 0 or 1. */
export function dropEligible(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at + TAG) >> 12) & 1;
}

/** VLAN identifier. @returns 0..4095. */
export function identifier(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + TAG) & 0x0fff;
}

/** EtherType of what follows, or an 802.3 length. @returns 0..65535. */
export function etherType(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + TYPE);
}
