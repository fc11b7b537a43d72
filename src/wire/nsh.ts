/**
 * Network Service Header (RFC 8300, section 2) behind VXLAN-GPE: named, its metadata skipped.
 *
 * ```
 *  0   2 3 4          10          16      20      24              31
 * +---+-+-+-----------+-----------+-------+-------+---------------+
 * |Ver|O|U|    TTL    |  length   |   U   |MD type| next protocol |
 * |              service path identifier          | service index |
 * ```
 */
import { u8, u16, u24 } from './bytes.js';
import { LayerKind, type LayerStack } from './stack.js';
import { LenSource } from './stop.js';
import { layerOfNextProtocol } from './vxlan.js';

/** Base and service path headers, without context headers. */
export const HEADER_LEN = 8;
const NEXT_PROTOCOL = 3;
const SERVICE_PATH = 4;
const SERVICE_INDEX = 7;

/** Enters an NSH. **Stops** truncated, malformed (length), unsupported (next protocol). */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Nsh, HEADER_LEN)) return LayerKind.None;
  const bytes = stack.bytes;
  const at = stack.at;
  const len = headerLen(bytes, at);
  if (len < HEADER_LEN) return stack.malformed(LayerKind.Nsh, HEADER_LEN, len, LenSource.NshLength);
  if (stack.end - at < len) {
    stack.noteShort(LayerKind.Nsh, len, LenSource.NshLength);
    return LayerKind.None;
  }
  stack.push(LayerKind.Nsh, len);
  const next = layerOfNextProtocol(u8(bytes, at + NEXT_PROTOCOL));
  return next === LayerKind.None ? stack.unsupported(LayerKind.Nsh) : next;
}

/** Header length with context headers. @returns 0..252 bytes. */
export function headerLen(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) & 0x3f) * 4;
}

/** Next protocol; the same values as in GPE. @returns 0..255. */
export function nextProtocol(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + NEXT_PROTOCOL);
}

/** Service path identifier. @returns 0..2^24-1. */
export function servicePath(bytes: Uint8Array, at: number): number {
  return u24(bytes, at + SERVICE_PATH);
}

/** Service index. @returns 0..255. */
export function serviceIndex(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + SERVICE_INDEX);
}
