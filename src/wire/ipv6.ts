/**
 * Internet Protocol version 6 (RFC 8200, section 3). Extension headers are layers of their own, in ipv6-extension.ts.
 *
 * ```
 *  0       4              12                                      31
 * +-------+---------------+---------------------------------------+
 * |version| traffic class |              flow label               |
 * |        payload length         |  next header  |   hop limit   |
 * |                   source address, 16 bytes                    |
 * |                destination address, 16 bytes                  |
 * ```
 */
import { u8, u16, u32 } from './bytes.js';
import { IpProtocol, layerOfNextHeader } from './ip-protocol.js';
import { LayerKind, type LayerStack, MAX_IP_LEN } from './stack.js';
import { LenSource } from './stop.js';

export const HEADER_LEN = 40;
const PAYLOAD_LENGTH = 4;
const NEXT_HEADER = 6;
const HOP_LIMIT = 7;
const SOURCE = 8;
const DESTINATION = 24;

/** Enters an IPv6 header. **Stops** truncated, malformed (version, payload length), unsupported. */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Ipv6, HEADER_LEN)) return LayerKind.None;
  const bytes = stack.bytes;
  const at = stack.at;
  if (u8(bytes, at) >> 4 !== 6) return stack.malformed(LayerKind.Ipv6, 0, stack.end - at, LenSource.None);
  const length = u16(bytes, at + PAYLOAD_LENGTH);
  const next = u8(bytes, at + NEXT_HEADER);
  const big = stack.wireLen > MAX_IP_LEN;
  // 0 stands for "see the jumbo payload option" (RFC 2675) or BIG TCP: what was captured counts. A shorter frame has
  // neither: there 0 is noted, unless nothing follows indeed.
  if (length !== 0 || next === IpProtocol.NoNextHeader || (!big && stack.end - at === HEADER_LEN)) {
    stack.declare(LayerKind.Ipv6, HEADER_LEN + length, LenSource.Ipv6PayloadLength);
  } else if (!big) {
    stack.malformed(LayerKind.Ipv6, stack.end - at, HEADER_LEN, LenSource.Ipv6PayloadLength);
  }
  stack.push(LayerKind.Ipv6, HEADER_LEN);
  return follow(stack, LayerKind.Ipv6, next);
}

/** The kind of layer that a next header value announces. **Stops** unsupported. */
export function follow(stack: LayerStack, from: LayerKind, nextHeader: number): LayerKind {
  if (nextHeader === IpProtocol.NoNextHeader) return LayerKind.None;
  const next = layerOfNextHeader(nextHeader);
  return next === LayerKind.None ? stack.unsupported(from) : next;
}

/** Version: 6. */
export function version(bytes: Uint8Array, at: number): number {
  return u8(bytes, at) >> 4;
}

/** Traffic class: DSCP and ECN. @returns 0..255. */
export function trafficClass(bytes: Uint8Array, at: number): number {
  return (u16(bytes, at) >> 4) & 0xff;
}

/** Flow label. @returns 0..2^20-1. */
export function flowLabel(bytes: Uint8Array, at: number): number {
  return u32(bytes, at) & 0xf_ffff;
}

/** Payload length as on the wire, extension headers included; 0 in a jumbogram. @returns 0..65535 bytes. */
export function payloadLength(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + PAYLOAD_LENGTH);
}

/** Next header, see `IpProtocol`. @returns 0..255. */
export function nextHeader(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + NEXT_HEADER);
}

/** Hop limit. @returns 0..255. */
export function hopLimit(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + HOP_LIMIT);
}

/** Where the 16 bytes of the source address start. */
export function sourceAt(_bytes: Uint8Array, at: number): number {
  return at + SOURCE;
}

/** Where the 16 bytes of the destination address start. */
export function destinationAt(_bytes: Uint8Array, at: number): number {
  return at + DESTINATION;
}
