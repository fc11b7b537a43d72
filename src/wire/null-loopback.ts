/**
 * BSD loopback encapsulation (tcpdump.org, LINKTYPE_NULL and LINKTYPE_LOOP): an address family in front of IP, in the
 * byte order of the writing host (NULL) or of the network (LOOP).
 */
import { u32 } from './bytes.js';
import { LayerKind, type LayerStack } from './stack.js';

export const HEADER_LEN = 4;
/** AF_INET is 2 everywhere; AF_INET6 differs from system to system. */
const FAMILY_IPV4 = 2;
const FAMILIES_IPV6: readonly number[] = [10, 24, 28, 30];

/** Enters the family word. **Stops** truncated, unsupported. */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Null, HEADER_LEN)) return LayerKind.None;
  const value = family(stack.bytes, stack.at);
  stack.push(LayerKind.Null, HEADER_LEN);
  if (value === FAMILY_IPV4) return LayerKind.Ipv4;
  return FAMILIES_IPV6.includes(value) ? LayerKind.Ipv6 : stack.unsupported(LayerKind.Null);
}

/** Address family; families are small, so a value beyond 16 bits is one in the other byte order. @returns 0..2^32-1. */
export function family(bytes: Uint8Array, at: number): number {
  const value = u32(bytes, at);
  if (value <= 0xffff) return value;
  return (((value & 0xff) << 24) | ((value & 0xff00) << 8) | ((value >>> 8) & 0xff00) | (value >>> 24)) >>> 0;
}
