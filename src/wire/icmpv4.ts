/**
 * Internet Control Message Protocol (RFC 792). Errors quote the datagram that caused them: it is dissected too, and
 * told apart (`LayerStack.quotedIndex`). Extensions behind the quotation (RFC 4884) are not entered.
 *
 * ```
 *  0               8              16                              31
 * +---------------+---------------+-------------------------------+
 * |     type      |     code      |           checksum            |
 * |  by type: identifier and sequence number, length and MTU, …   |
 * |  data, or the quoted datagram                                 |
 * ```
 */
import { u8, u16, u32 } from './bytes.js';
import { LayerKind, type LayerStack } from './stack.js';
import { LenSource } from './stop.js';

export const HEADER_LEN = 8;
const TYPE = 0;
const CODE = 1;
const CHECKSUM = 2;
const IDENTIFIER = 4;
const LENGTH = 5;
const SEQUENCE_NUMBER = 6;
const MTU = 6;
const GATEWAY = 4;

/** Message types (IANA ICMP parameters). */
export const Type = {
  EchoReply: 0,
  DestinationUnreachable: 3,
  SourceQuench: 4,
  Redirect: 5,
  EchoRequest: 8,
  TimeExceeded: 11,
  ParameterProblem: 12,
  TimestampRequest: 13,
  TimestampReply: 14,
  AddressMaskRequest: 17,
  AddressMaskReply: 18,
} as const;

/** Codes of destination unreachable. */
export const UnreachableCode = { Network: 0, Host: 1, Protocol: 2, Port: 3, FragmentationNeeded: 4 } as const;

/** Enters an ICMP message. **Stops** truncated, malformed (length of the quotation). */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Icmpv4, HEADER_LEN)) return LayerKind.None;
  const at = stack.at;
  const type = u8(stack.bytes, at + TYPE);
  const quotedLen = quotedLength(stack.bytes, at);
  stack.push(LayerKind.Icmpv4, HEADER_LEN);
  if (!quotes(type) || stack.end === stack.at) return LayerKind.None;
  if (quotedLen > 0) stack.declarePayload(LayerKind.Icmpv4, HEADER_LEN, quotedLen, LenSource.IcmpLength);
  if (stack.quotedIndex < 0) stack.quotedIndex = stack.depth;
  return LayerKind.Ipv4;
}

/** Whether messages of this type quote a datagram (RFC 792; RFC 1812, section 4.3.2.3). */
export function quotes(type: number): boolean {
  return (
    type === Type.DestinationUnreachable ||
    type === Type.TimeExceeded ||
    type === Type.ParameterProblem ||
    type === Type.Redirect ||
    type === Type.SourceQuench
  );
}

/** Whether messages of this type have an identifier and a sequence number. */
function isQuery(type: number): boolean {
  return (
    type === Type.EchoRequest ||
    type === Type.EchoReply ||
    (type >= Type.TimestampRequest && type <= Type.AddressMaskReply)
  );
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

/** Identifier of a query or its reply. @returns 0..65535; -1 in other messages. */
export function identifier(bytes: Uint8Array, at: number): number {
  return isQuery(type(bytes, at)) ? u16(bytes, at + IDENTIFIER) : -1;
}

/** Sequence number of a query or its reply. @returns 0..65535; -1 in other messages. */
export function sequenceNumber(bytes: Uint8Array, at: number): number {
  return isQuery(type(bytes, at)) ? u16(bytes, at + SEQUENCE_NUMBER) : -1;
}

/** MTU of the next hop, in "fragmentation needed" (RFC 1191). @returns 0..65535 bytes; -1 in other messages. */
export function mtu(bytes: Uint8Array, at: number): number {
  const needed =
    type(bytes, at) === Type.DestinationUnreachable && code(bytes, at) === UnreachableCode.FragmentationNeeded;
  return needed ? u16(bytes, at + MTU) : -1;
}

/** Gateway of a redirect. @returns 0..2^32-1; -1 in other messages. */
export function gateway(bytes: Uint8Array, at: number): number {
  return type(bytes, at) === Type.Redirect ? u32(bytes, at + GATEWAY) : -1;
}

/** Length of the quotation where the message gives it (RFC 4884, section 4). @returns bytes; 0 where it does not. */
function quotedLength(bytes: Uint8Array, at: number): number {
  const extended = type(bytes, at);
  const has =
    extended === Type.DestinationUnreachable || extended === Type.TimeExceeded || extended === Type.ParameterProblem;
  return has ? u8(bytes, at + LENGTH) * 4 : 0;
}
