/**
 * User Datagram Protocol (RFC 768). A tunnel is told by its destination port: the source port is entropy.
 *
 * ```
 *  0                              16                              31
 * +-------------------------------+-------------------------------+
 * |          source port          |       destination port        |
 * |            length             |           checksum            |
 * ```
 */
import { u8, u16 } from './bytes.js';
import { LayerKind, type LayerStack, MAX_IP_LEN } from './stack.js';
import { LenSource } from './stop.js';

export const HEADER_LEN = 8;
const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const LENGTH = 4;
const CHECKSUM = 6;

/** Enters a UDP header. **Stops** truncated, malformed (length), unsupported (port). */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Udp, HEADER_LEN)) return LayerKind.None;
  const len = u16(stack.bytes, stack.at + LENGTH);
  if (len >= HEADER_LEN) {
    stack.declare(LayerKind.Udp, len, LenSource.UdpLength);
  } else if (len !== 0 || stack.wireLen <= MAX_IP_LEN) {
    // 0 is a datagram too long for the field (RFC 2675, section 4), which a shorter frame cannot hold.
    stack.malformed(LayerKind.Udp, HEADER_LEN, len, LenSource.UdpLength);
    stack.push(LayerKind.Udp, HEADER_LEN);
    return LayerKind.None;
  }
  const next = u8(stack.portKinds, u16(stack.bytes, stack.at + DESTINATION_PORT)) as LayerKind;
  stack.push(LayerKind.Udp, HEADER_LEN);
  return next === LayerKind.None ? stack.unsupported(LayerKind.Udp) : next;
}

/** Source port. @returns 0..65535. */
export function sourcePort(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + SOURCE_PORT);
}

/** Destination port. @returns 0..65535. */
export function destinationPort(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + DESTINATION_PORT);
}

/** Length as on the wire, header included; 0 in a jumbogram. @returns 0..65535 bytes. */
export function length(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + LENGTH);
}

/** Checksum; 0 means none over IPv4. @returns 0..65535. */
export function checksum(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + CHECKSUM);
}
