/**
 * VXLAN (RFC 7348, section 5), with group policy (draft-smith-vxlan-group-policy) and the generic protocol extension
 * (draft-ietf-nvo3-vxlan-gpe). Lenient in decoding: reserved bits are read past, an I flag that is clear ends the walk.
 *
 * ```
 *  0               8              16              24              31
 * +---------------+---------------+---------------+---------------+
 * |G|R|R|R|I|R|R|R|R|D|R|R|A|R|R|R|        group policy id        |    VXLAN, GBP
 * |R|R|Ver|I|P|B|O|           reserved            | next protocol |    GPE
 * |                      VNI                      |   reserved    |
 * ```
 */
import { u8, u16, u24 } from './bytes.js';
import { LayerKind, type LayerStack } from './stack.js';
import { LenSource, StopCode } from './stop.js';

export const HEADER_LEN = 8;
/** IANA's port; Linux long used 8472, and GPE has 4790. */
export const UDP_PORT = 4789;
export const LINUX_UDP_PORT = 8472;
export const GPE_UDP_PORT = 4790;
const FLAGS = 0;
const GROUP_POLICY = 2;
const NEXT_PROTOCOL = 3;
const VNI = 4;
const RESERVED = 7;

/** Flag bits of the first byte. */
export const Flag = { Group: 0x80, Instance: 0x08, NextProtocol: 0x04 } as const;

/** Next protocols of GPE and NSH. */
const NEXT_PROTOCOLS: readonly LayerKind[] = [
  LayerKind.None,
  LayerKind.Ipv4,
  LayerKind.Ipv6,
  LayerKind.Ethernet,
  LayerKind.Nsh,
];

/** Enters a VXLAN header; `kind` is `Vxlan` or `VxlanGpe`. **Stops** truncated, malformed, i-flag-clear, unsupported (GPE). */
export function enter(stack: LayerStack, kind: LayerKind): LayerKind {
  if (!stack.fits(kind, HEADER_LEN)) return LayerKind.None;
  const bytes = stack.bytes;
  const at = stack.at;
  const first = u8(bytes, at + FLAGS);
  if ((first & Flag.Instance) === 0) {
    stack.note(StopCode.IFlagClear, kind, 0, stack.end - at, LenSource.None);
    stack.pushTunnel(kind, HEADER_LEN);
    return LayerKind.None;
  }
  stack.pushTunnel(kind, HEADER_LEN);
  if (kind === LayerKind.Vxlan || (first & Flag.NextProtocol) === 0) return LayerKind.Ethernet;
  const next = layerOfNextProtocol(u8(bytes, at + NEXT_PROTOCOL));
  return next === LayerKind.None ? stack.unsupported(kind) : next;
}

/** The layer behind a next protocol value of GPE or NSH. @returns `None` where it is not known. */
export function layerOfNextProtocol(nextProtocol: number): LayerKind {
  return NEXT_PROTOCOLS[nextProtocol] ?? LayerKind.None;
}

/** The first 16 bits: flags, and in GBP those of the policy. @returns 0..65535. */
export function flags(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + FLAGS);
}

/** The first 8 bits: all the flags of GPE. @returns 0..255. */
export function gpeFlags(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + FLAGS);
}

/** The I flag: the VNI counts. */
export function vniValid(bytes: Uint8Array, at: number): boolean {
  return (u8(bytes, at + FLAGS) & Flag.Instance) !== 0;
}

/** Group policy id; without the G flag, reserved bits. @returns 0..65535. */
export function groupPolicy(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + GROUP_POLICY);
}

/** Next protocol of GPE. @returns 0..255. */
export function nextProtocol(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + NEXT_PROTOCOL);
}

/** VXLAN network identifier; 0 is valid. @returns 0..2^24-1. */
export function vni(bytes: Uint8Array, at: number): number {
  return u24(bytes, at + VNI);
}

/** The reserved last byte. @returns 0..255. */
export function reserved(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + RESERVED);
}
