/**
 * Generic Routing Encapsulation (RFC 2784, RFC 2890) and NVGRE (RFC 7637), whose key holds the virtual subnet.
 *
 * ```
 *  0 1 2 3                13     16                              31
 * +-+-+-+-+---------------+-----+-------------------------------+
 * |C|R|K|S|   reserved    | Ver |         protocol type         |
 * |  checksum and reserved, key, sequence number: each if flagged |
 * ```
 * Version 1 (PPTP) and source routing (RFC 1701) are not entered.
 */
import { u16, u32 } from './bytes.js';
import { layerOfEtherType } from './ether-type.js';
import { LayerKind, type LayerStack } from './stack.js';

/** Without the optional words. */
export const HEADER_LEN = 4;
const FLAGS = 0;
const PROTOCOL_TYPE = 2;

/** Flag bits of the first 16. */
export const Flag = { Checksum: 0x8000, Routing: 0x4000, Key: 0x2000, Sequence: 0x1000 } as const;
const VERSION_MASK = 0x0007;

/** Enters a GRE header. **Stops** truncated, malformed, unsupported (version, source routing, protocol type). */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Gre, HEADER_LEN)) return LayerKind.None;
  const bytes = stack.bytes;
  const at = stack.at;
  const bits = flags(bytes, at);
  if ((bits & (Flag.Routing | VERSION_MASK)) !== 0) return stack.unsupported(LayerKind.Gre);
  const len = headerLen(bytes, at);
  if (!stack.fits(LayerKind.Gre, len)) return LayerKind.None;
  stack.pushTunnel(LayerKind.Gre, len);
  const next = layerOfEtherType(u16(bytes, at + PROTOCOL_TYPE));
  return next === LayerKind.None ? stack.unsupported(LayerKind.Gre) : next;
}

/** Header length with the optional words. @returns 4..16 bytes. */
export function headerLen(bytes: Uint8Array, at: number): number {
  return sequenceAt(bytes, at) + ((flags(bytes, at) & Flag.Sequence) !== 0 ? 4 : 0) - at;
}

/** Flags and version. @returns 0..65535. */
export function flags(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + FLAGS);
}

/** Protocol type, an EtherType. @returns 0..65535. */
export function protocolType(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + PROTOCOL_TYPE);
}

/** Checksum. @returns 0..65535; -1 without. */
export function checksum(bytes: Uint8Array, at: number): number {
  return (flags(bytes, at) & Flag.Checksum) !== 0 ? u16(bytes, at + HEADER_LEN) : -1;
}

/** Key; in NVGRE the virtual subnet (24 bits) and the flow (8). @returns 0..2^32-1; -1 without. */
export function key(bytes: Uint8Array, at: number): number {
  return (flags(bytes, at) & Flag.Key) !== 0 ? u32(bytes, keyAt(bytes, at)) : -1;
}

/** Sequence number. @returns 0..2^32-1; -1 without. */
export function sequenceNumber(bytes: Uint8Array, at: number): number {
  return (flags(bytes, at) & Flag.Sequence) !== 0 ? u32(bytes, sequenceAt(bytes, at)) : -1;
}

function keyAt(bytes: Uint8Array, at: number): number {
  return at + HEADER_LEN + ((flags(bytes, at) & Flag.Checksum) !== 0 ? 4 : 0);
}

function sequenceAt(bytes: Uint8Array, at: number): number {
  return keyAt(bytes, at) + ((flags(bytes, at) & Flag.Key) !== 0 ? 4 : 0);
}
