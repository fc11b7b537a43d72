/**
 * IPv6 extension headers (RFC 8200, section 4) and the authentication header (RFC 4302): each a layer of its own.
 *
 * ```
 *  0               8              16                              31
 * +---------------+---------------+-------------------------------+
 * |  next header  |    length     | by kind                       |     hop-by-hop, routing, destination: (length + 1) * 8
 * |  next header  |   reserved    |  fragment offset (13) |res|M  |     fragment: 8 bytes, then the identification
 * ```
 * Options inside are not entered.
 */
import { u8, u16, u32 } from './bytes.js';
import { follow } from './ipv6.js';
import { LayerKind, type LayerStack } from './stack.js';
import { LenSource } from './stop.js';

/** The least length of any of them. */
export const HEADER_LEN = 8;
const NEXT_HEADER = 0;
const LENGTH = 1;
const ROUTING_TYPE = 2;
const SEGMENTS_LEFT = 3;
const FRAGMENT = 2;
const IDENTIFICATION = 4;
const SECURITY_PARAMETERS_INDEX = 4;

/** Enters an extension header of `kind`. **Stops** truncated, malformed, unsupported. */
export function enter(stack: LayerStack, kind: LayerKind): LayerKind {
  if (!stack.fits(kind, HEADER_LEN)) return LayerKind.None;
  const bytes = stack.bytes;
  const at = stack.at;
  const len = extensionLen(bytes, at, kind);
  if (stack.end - at < len) {
    stack.noteShort(kind, len, LenSource.ExtensionLength);
    return LayerKind.None;
  }
  stack.push(kind, len);
  if (kind === LayerKind.Fragment) {
    // Neither: an atomic fragment, a whole datagram (RFC 6946).
    if (fragmentOffset(bytes, at) !== 0 || moreFragments(bytes, at) === 1) stack.noteFragment();
    if (fragmentOffset(bytes, at) !== 0) return LayerKind.None;
    if (moreFragments(bytes, at) === 1) stack.firstFragment = true;
  }
  return follow(stack, kind, u8(bytes, at + NEXT_HEADER));
}

function extensionLen(bytes: Uint8Array, at: number, kind: LayerKind): number {
  if (kind === LayerKind.Fragment) return HEADER_LEN;
  // The authentication header counts in units of four bytes, less two (RFC 4302, section 2.2).
  if (kind === LayerKind.Authentication) return Math.max(HEADER_LEN, (length(bytes, at) + 2) * 4);
  return (length(bytes, at) + 1) * 8;
}

/** Whether a kind of layer stands between an IP header and what that carries. **Cost** no allocation. */
export function isExtension(kind: number): boolean {
  return kind >= LayerKind.HopByHop && kind <= LayerKind.Authentication;
}

/** Next header, see `IpProtocol`. @returns 0..255. */
export function nextHeader(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + NEXT_HEADER);
}

/** Length field as on the wire; its unit depends on the kind. @returns 0..255. */
export function length(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + LENGTH);
}

/** Routing type of a routing header. @returns 0..255. */
export function routingType(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + ROUTING_TYPE);
}

/** Segments left of a routing header. @returns 0..255. */
export function segmentsLeft(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + SEGMENTS_LEFT);
}

/** Offset of a fragment header as on the wire. @returns 0..8191, in units of 8 bytes. */
export function fragmentOffset(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + FRAGMENT) >> 3;
}

/** The flag "more fragments" of a fragment header. @returns 0 or 1. */
export function moreFragments(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + FRAGMENT) & 1;
}

/** Identification of a fragment header. @returns 0..2^32-1. */
export function identification(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + IDENTIFICATION);
}

/** Security parameters index of an authentication header. @returns 0..2^32-1. */
export function securityParametersIndex(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + SECURITY_PARAMETERS_INDEX);
}
