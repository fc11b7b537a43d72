/**
 * ICMP for IPv6 (RFC 4443), with neighbour discovery's target address (RFC 4861). Errors quote the datagram that
 * caused them: it is dissected too, and told apart. Options are read where neighbour discovery has its link-layer address.
 *
 * ```
 *  0               8              16                              31
 * +---------------+---------------+-------------------------------+
 * |     type      |     code      |           checksum            |
 * |  by type: identifier and sequence number, MTU, pointer, flags |
 * |  data, the quoted datagram, or the target address             |
 * ```
 */
import { u8, u16, u32, u48 } from './bytes.js';
import { LayerKind, type LayerStack } from './stack.js';
import { LenSource } from './stop.js';

export const HEADER_LEN = 8;
const TYPE = 0;
const CODE = 1;
const CHECKSUM = 2;
const IDENTIFIER = 4;
const LENGTH = 4;
const MTU = 4;
const FLAGS = 4;
const SEQUENCE_NUMBER = 6;
const TARGET = 8;
/** Lengths of messages of neighbour discovery, less their options. */
const ROUTER_LEN = 16;
const NEIGHBOR_LEN = 24;
const REDIRECT_LEN = 40;

/** Message types (IANA ICMPv6 parameters). */
export const Type = {
  DestinationUnreachable: 1,
  PacketTooBig: 2,
  TimeExceeded: 3,
  ParameterProblem: 4,
  EchoRequest: 128,
  EchoReply: 129,
  MulticastListenerQuery: 130,
  MulticastListenerReport: 131,
  MulticastListenerDone: 132,
  RouterSolicitation: 133,
  RouterAdvertisement: 134,
  NeighborSolicitation: 135,
  NeighborAdvertisement: 136,
  Redirect: 137,
  MulticastListenerReportV2: 143,
} as const;

/** Enters an ICMPv6 message. **Stops** truncated, malformed (length of the quotation). */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Icmpv6, HEADER_LEN)) return LayerKind.None;
  const at = stack.at;
  const messageType = u8(stack.bytes, at + TYPE);
  const quotedLen = quotedLength(stack.bytes, at);
  stack.push(LayerKind.Icmpv6, HEADER_LEN);
  if (!quotes(messageType) || stack.end === stack.at) return LayerKind.None;
  if (quotedLen > 0) stack.declarePayload(LayerKind.Icmpv6, HEADER_LEN, quotedLen, LenSource.IcmpLength);
  if (stack.quotedIndex < 0) stack.quotedIndex = stack.depth;
  return LayerKind.Ipv6;
}

/** Whether messages of this type quote a datagram (RFC 4443, section 2.1: error messages). */
export function quotes(messageType: number): boolean {
  return messageType >= Type.DestinationUnreachable && messageType <= Type.ParameterProblem;
}

/** Message type, see `Type`. @returns 0..255. */
export function type(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + TYPE);
}

/** Message code. @returns 0..255. */
export function code(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + CODE);
}

/** Checksum. @returns 0..65535. */
export function checksum(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + CHECKSUM);
}

function isEcho(bytes: Uint8Array, at: number): boolean {
  const messageType = type(bytes, at);
  return messageType === Type.EchoRequest || messageType === Type.EchoReply;
}

/** Identifier of an echo. @returns 0..65535; -1 in other messages. */
export function identifier(bytes: Uint8Array, at: number): number {
  return isEcho(bytes, at) ? u16(bytes, at + IDENTIFIER) : -1;
}

/** Sequence number of an echo. @returns 0..65535; -1 in other messages. */
export function sequenceNumber(bytes: Uint8Array, at: number): number {
  return isEcho(bytes, at) ? u16(bytes, at + SEQUENCE_NUMBER) : -1;
}

/** MTU of a "packet too big". @returns 0..2^32-1 bytes; -1 in other messages. */
export function mtu(bytes: Uint8Array, at: number): number {
  return type(bytes, at) === Type.PacketTooBig ? u32(bytes, at + MTU) : -1;
}

/** Where the 16 bytes of a solicitation's target start. @returns -1 in other messages, or where it was cut. */
export function solicitedTargetAt(bytes: Uint8Array, at: number, end: number): number {
  return type(bytes, at) === Type.NeighborSolicitation && at + NEIGHBOR_LEN <= end ? at + TARGET : -1;
}

/** Where the 16 bytes of an advertisement's target start. @returns -1 in other messages, or where it was cut. */
export function advertisedTargetAt(bytes: Uint8Array, at: number, end: number): number {
  return type(bytes, at) === Type.NeighborAdvertisement && at + NEIGHBOR_LEN <= end ? at + TARGET : -1;
}

/** The flag "solicited" of an advertisement. @returns 0 or 1; -1 in other messages. */
export function solicited(bytes: Uint8Array, at: number): number {
  return type(bytes, at) === Type.NeighborAdvertisement ? (u8(bytes, at + FLAGS) >> 6) & 1 : -1;
}

/** The first option's link-layer address in neighbour discovery (RFC 4861, section 4). @returns 0..2^48-1; -1 where there is none. */
export function linkLayerAddress(bytes: Uint8Array, at: number, end: number): number {
  const optionAt = at + optionsAt(type(bytes, at));
  if (optionAt < at || optionAt + 8 > end) return -1;
  const option = u8(bytes, optionAt);
  const ours = (option === 1 || option === 2) && u8(bytes, optionAt + 1) === 1;
  return ours ? u48(bytes, optionAt + 2) : -1;
}

/** Where options start in a message of neighbour discovery; -1 in others. */
function optionsAt(messageType: number): number {
  switch (messageType) {
    case Type.RouterSolicitation:
      return HEADER_LEN;
    case Type.RouterAdvertisement:
      return ROUTER_LEN;
    case Type.NeighborSolicitation:
    case Type.NeighborAdvertisement:
      return NEIGHBOR_LEN;
    case Type.Redirect:
      return REDIRECT_LEN;
    default:
      return -1;
  }
}

/** Length of the quotation where the message gives it (RFC 4884, section 4). @returns bytes; 0 where it does not. */
function quotedLength(bytes: Uint8Array, at: number): number {
  const extended = type(bytes, at);
  return extended === Type.DestinationUnreachable || extended === Type.TimeExceeded ? u8(bytes, at + LENGTH) * 8 : 0;
}
