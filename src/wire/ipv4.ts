/**
 * Internet Protocol version 4 (RFC 791), options skipped, fragments recognised and noted; dissect/reassembly.ts puts them together.
 *
 * ```
 *  0       4       8              16    19                        31
 * +-------+-------+---------------+-------------------------------+
 * |version|  IHL  |type of service|         total length          |
 * |        identification         |flags|     fragment offset     |
 * | time to live  |   protocol    |        header checksum        |
 * |                        source address                         |
 * |                      destination address                      |
 * ```
 */
import { u8, u16, u32 } from './bytes.js';
import { layerOfProtocol } from './ip-protocol.js';
import { LayerKind, type LayerStack, MAX_IP_LEN } from './stack.js';
import { LenSource } from './stop.js';

/** Without options. */
export const HEADER_LEN = 20;
const TYPE_OF_SERVICE = 1;
const TOTAL_LENGTH = 2;
const IDENTIFICATION = 4;
const FLAGS = 6;
const TIME_TO_LIVE = 8;
const PROTOCOL = 9;
const CHECKSUM = 10;
const SOURCE = 12;
const DESTINATION = 16;

/** Enters an IPv4 header. **Stops** truncated, malformed (version, IHL, total length), unsupported. */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Ipv4, HEADER_LEN)) return LayerKind.None;
  const bytes = stack.bytes;
  const at = stack.at;
  const versionAndIhl = u8(bytes, at);
  const headerLen = (versionAndIhl & 15) << 2;
  if (versionAndIhl >> 4 !== 4) return stack.malformed(LayerKind.Ipv4, 0, stack.end - at, LenSource.None);
  if (headerLen < HEADER_LEN) {
    return stack.malformed(LayerKind.Ipv4, HEADER_LEN, headerLen, LenSource.Ipv4HeaderLength);
  }
  if (stack.end - at < headerLen) {
    stack.noteShort(LayerKind.Ipv4, headerLen, LenSource.Ipv4HeaderLength);
    return LayerKind.None;
  }
  const length = u16(bytes, at + TOTAL_LENGTH);
  const fragment = u16(bytes, at + FLAGS) & 0x3fff;
  if (length >= headerLen) {
    stack.declare(LayerKind.Ipv4, length, LenSource.Ipv4TotalLength);
  } else if (length !== 0) {
    stack.malformed(LayerKind.Ipv4, headerLen, length, LenSource.Ipv4TotalLength);
    stack.push(LayerKind.Ipv4, headerLen);
    return LayerKind.None;
  } else if (stack.wireLen <= MAX_IP_LEN) {
    // A sender's segmentation offload may leave it unset: what was captured counts, but it is noted.
    stack.malformed(LayerKind.Ipv4, headerLen, length, LenSource.Ipv4TotalLength);
  }
  stack.push(LayerKind.Ipv4, headerLen);
  if (fragment !== 0) {
    stack.noteFragment();
    if ((fragment & 0x1fff) !== 0) return LayerKind.None;
    stack.firstFragment = true;
  }
  const next = layerOfProtocol(u8(bytes, at + PROTOCOL));
  return next === LayerKind.None ? stack.unsupported(LayerKind.Ipv4) : next;
}

/** Version: 4. */
export function version(bytes: Uint8Array, at: number): number {
  return u8(bytes, at) >> 4;
}

/** Header length, options included. @returns 20..60 bytes. */
export function headerLen(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at) & 15) << 2;
}

/** Type of service: DSCP and ECN (RFC 2474, RFC 3168). @returns 0..255. */
export function typeOfService(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + TYPE_OF_SERVICE);
}

/** Total length as on the wire; 0 in BIG TCP. @returns 0..65535 bytes. */
export function totalLength(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + TOTAL_LENGTH);
}

/** Identification. @returns 0..65535. */
export function identification(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + IDENTIFICATION);
}

/** The reserved flag. @returns 0 or 1. */
export function reservedFlag(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + FLAGS) >> 7;
}

/** The flag "don't fragment". @returns 0 or 1. */
export function dontFragment(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at + FLAGS) >> 6) & 1;
}

/** The flag "more fragments". @returns 0 or 1. */
export function moreFragments(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at + FLAGS) >> 5) & 1;
}

/** Fragment offset as on the wire. @returns 0..8191, in units of 8 bytes. */
export function fragmentOffset(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + FLAGS) & 0x1fff;
}

/** Time to live. @returns 0..255. */
export function timeToLive(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + TIME_TO_LIVE);
}

/** Protocol, see `IpProtocol`. @returns 0..255. */
export function protocol(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + PROTOCOL);
}

/** Header checksum. @returns 0..65535. */
export function checksum(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + CHECKSUM);
}

/** Source address. @returns 0..2^32-1. */
export function source(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + SOURCE);
}

/** Destination address. @returns 0..2^32-1. */
export function destination(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + DESTINATION);
}
