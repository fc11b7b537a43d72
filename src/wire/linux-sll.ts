/**
 * Linux cooked captures, versions 1 and 2 (tcpdump.org, LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2): what `-i any`
 * gives in place of an Ethernet header. They hold the sender's address and no destination.
 *
 * ```
 * SLL    0 packet type  2 ARPHRD type  4 address length  6 address, 8 bytes  14 protocol
 * SLL2   0 protocol  2 reserved  4 interface index  8 ARPHRD type  10 packet type  11 address length  12 address
 * ```
 */
import { u8, u16, u32, u48 } from './bytes.js';
import { layerOfEtherType } from './ether-type.js';
import { LayerKind, type LayerStack } from './stack.js';

export const HEADER_LEN = 16;
export const HEADER_LEN_2 = 20;
/** Protocol value of an 802.2 LLC frame (linux/if_ether.h, ETH_P_802_2). */
const PROTOCOL_LLC = 4;

const V1 = { packetType: 0, hardwareType: 2, addressLen: 4, address: 6, protocol: 14 } as const;
const V2 = { protocol: 0, interfaceIndex: 4, hardwareType: 8, packetType: 10, addressLen: 11, address: 12 } as const;

/** Packet types that tell something, seen from the capturing host (linux/if_packet.h). */
export const PacketType = { ToUs: 0, Broadcast: 1, Multicast: 2, ToOther: 3, Outgoing: 4 } as const;

/** The names of packet types, in their order: who a frame was for. */
export const PACKET_TYPES = ['In', 'B', 'M', 'P', 'Out'] as const;

/** Enters a cooked header; `kind` is `LinuxSll` or `LinuxSll2`. **Stops** truncated, unsupported. */
export function enter(stack: LayerStack, kind: LayerKind): LayerKind {
  const second = kind === LayerKind.LinuxSll2;
  const len = second ? HEADER_LEN_2 : HEADER_LEN;
  if (!stack.fits(kind, len)) return LayerKind.None;
  const type = second ? protocol2(stack.bytes, stack.at) : protocol(stack.bytes, stack.at);
  stack.push(kind, len);
  const next = type === PROTOCOL_LLC ? LayerKind.Llc : layerOfEtherType(type);
  return next === LayerKind.None ? stack.unsupported(kind) : next;
}

/** Packet type, version 1. @returns 0..65535. */
export function packetType(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + V1.packetType);
}

/** ARPHRD type, version 1. @returns 0..65535. */
export function hardwareType(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + V1.hardwareType);
}

/** Length of the sender's address, version 1. @returns 0..65535 bytes. */
export function addressLen(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + V1.addressLen);
}

/** The sender's MAC, version 1. @returns 0..2^48-1; -1 where the address is no MAC. */
export function source(bytes: Uint8Array, at: number): number {
  return addressLen(bytes, at) === 6 ? u48(bytes, at + V1.address) : -1;
}

/** Protocol, an EtherType or a Linux number below 1536, version 1. @returns 0..65535. */
export function protocol(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + V1.protocol);
}

/** Packet type, version 2. @returns 0..255. */
export function packetType2(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + V2.packetType);
}

/** ARPHRD type, version 2. @returns 0..65535. */
export function hardwareType2(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + V2.hardwareType);
}

/** Length of the sender's address, version 2. @returns 0..255 bytes. */
export function addressLen2(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + V2.addressLen);
}

/** The sender's MAC, version 2. @returns 0..2^48-1; -1 where the address is no MAC. */
export function source2(bytes: Uint8Array, at: number): number {
  return addressLen2(bytes, at) === 6 ? u48(bytes, at + V2.address) : -1;
}

/** Protocol, version 2. @returns 0..65535. */
export function protocol2(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + V2.protocol);
}

/** Index of the interface that saw the frame, version 2. @returns 0..2^32-1. */
export function interfaceIndex(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + V2.interfaceIndex);
}
