/**
 * Address Resolution Protocol (RFC 826) and its reverse (RFC 903), for any address lengths; addresses are read for Ethernet and IPv4 only.
 *
 * ```
 *  0               2               4       5       6               8
 * +---------------+---------------+-------+-------+---------------+
 * | hardware type | protocol type | hlen  | plen  |   operation   |
 * +---------------+---------------+-------+-------+---------------+
 * | sender hardware (hlen) | sender protocol (plen) | target hardware | target protocol |
 * ```
 */
import { u8, u16, u32, u48 } from './bytes.js';
import { EtherType } from './ether-type.js';
import { LayerKind, type LayerStack } from './stack.js';
import { LenSource } from './stop.js';

/** The fixed part, before the addresses. */
export const FIXED_LEN = 8;
const HARDWARE_TYPE = 0;
const PROTOCOL_TYPE = 2;
const HARDWARE_LEN = 4;
const PROTOCOL_LEN = 5;
const OPERATION = 6;

/** Operations (IANA ARP parameters). */
export const Operation = { Request: 1, Reply: 2, ReverseRequest: 3, ReverseReply: 4 } as const;

/** Enters an ARP message: its fixed part and all four addresses. **Stops** truncated, malformed. */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Arp, FIXED_LEN)) return LayerKind.None;
  const len = messageLen(stack.bytes, stack.at);
  if (stack.end - stack.at < len) {
    stack.noteShort(LayerKind.Arp, len, LenSource.ArpAddressLengths);
    return LayerKind.None;
  }
  stack.push(LayerKind.Arp, len);
  return LayerKind.None;
}

/** Length of the whole message. @returns 8..1028 bytes. */
export function messageLen(bytes: Uint8Array, at: number): number {
  return FIXED_LEN + 2 * (hardwareLen(bytes, at) + protocolLen(bytes, at));
}

/** Hardware type; 1 is Ethernet. @returns 0..65535. */
export function hardwareType(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + HARDWARE_TYPE);
}

/** Protocol type, an EtherType. @returns 0..65535. */
export function protocolType(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + PROTOCOL_TYPE);
}

/** Length of a hardware address. @returns 0..255 bytes. */
export function hardwareLen(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + HARDWARE_LEN);
}

/** Length of a protocol address. @returns 0..255 bytes. */
export function protocolLen(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + PROTOCOL_LEN);
}

/** Operation, see `Operation`. @returns 0..65535. */
export function operation(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + OPERATION);
}

/** Whether hardware addresses are MACs: six bytes. */
function hasMac(bytes: Uint8Array, at: number): boolean {
  return hardwareLen(bytes, at) === 6;
}

/** Whether protocol addresses are IPv4's. */
function hasIpv4(bytes: Uint8Array, at: number): boolean {
  return protocolType(bytes, at) === EtherType.Ipv4 && protocolLen(bytes, at) === 4;
}

/** Sender hardware address. @returns 0..2^48-1; -1 where it is no MAC. */
export function senderHardware(bytes: Uint8Array, at: number): number {
  return hasMac(bytes, at) ? u48(bytes, at + FIXED_LEN) : -1;
}

/** Sender protocol address. @returns 0..2^32-1; -1 where it is not IPv4's. */
export function senderProtocol(bytes: Uint8Array, at: number): number {
  return hasIpv4(bytes, at) ? u32(bytes, at + FIXED_LEN + hardwareLen(bytes, at)) : -1;
}

/** Target hardware address. @returns 0..2^48-1; -1 where it is no MAC. */
export function targetHardware(bytes: Uint8Array, at: number): number {
  return hasMac(bytes, at) ? u48(bytes, at + FIXED_LEN + 6 + protocolLen(bytes, at)) : -1;
}

/** Target protocol address. @returns 0..2^32-1; -1 where it is not IPv4's. */
export function targetProtocol(bytes: Uint8Array, at: number): number {
  return hasIpv4(bytes, at) ? u32(bytes, at + FIXED_LEN + 2 * hardwareLen(bytes, at) + 4) : -1;
}
