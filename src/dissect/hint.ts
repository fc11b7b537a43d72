/**
 * A guess at VXLAN on a port that was not named: for people, never a decode.
 */
import * as arp from '../wire/arp.js';
import { u8, u16, u24 } from '../wire/bytes.js';
import { EtherType } from '../wire/ether-type.js';
import * as ethernet from '../wire/ethernet.js';
import * as ipv4 from '../wire/ipv4.js';
import * as ipv6 from '../wire/ipv6.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import * as udp from '../wire/udp.js';
import * as vlan from '../wire/vlan.js';
import * as vxlan from '../wire/vxlan.js';

/**
 * The VNI in a UDP payload that has VXLAN's shape although nobody said that its port carries VXLAN: only the I flag is
 * set, every reserved bit is clear, and an Ethernet frame of a known type with a plausible header follows.
 *
 * @param stack a dissected frame
 * @returns 0..2^24-1; -1 where there is no such payload
 *
 * **Cost** no allocation; for nearly every frame two comparisons.
 */
export function vxlanHint(stack: LayerStack): number {
  const index = stack.depth - 1;
  if (stack.kind(index) !== LayerKind.Udp || stack.quotedIndex >= 0) return -1;
  const bytes = stack.bytes;
  const at = stack.layerAt(index) + udp.HEADER_LEN;
  const end = stack.layerEnd(index);
  const innerAt = at + vxlan.HEADER_LEN;
  if (end < innerAt + ethernet.HEADER_LEN || u8(bytes, at) !== vxlan.Flag.Instance) return -1;
  if (u24(bytes, at + 1) !== 0 || vxlan.reserved(bytes, at) !== 0) return -1;
  if (u8(stack.portKinds, udp.destinationPort(bytes, stack.layerAt(index))) !== LayerKind.None) return -1;
  return isEthernet(bytes, innerAt, end) ? vxlan.vni(bytes, at) : -1;
}

/** Whether the bytes from `at` begin like an Ethernet frame whose payload we know. */
function isEthernet(bytes: Uint8Array, at: number, end: number): boolean {
  const typeAt = at + ethernet.HEADER_LEN - 2;
  const type = u16(bytes, typeAt);
  if (type !== EtherType.Vlan) return isPayload(bytes, at + ethernet.HEADER_LEN, end, type);
  const tagAt = at + ethernet.HEADER_LEN;
  return end >= tagAt + vlan.HEADER_LEN && isPayload(bytes, tagAt + vlan.HEADER_LEN, end, vlan.etherType(bytes, tagAt));
}

function isPayload(bytes: Uint8Array, at: number, end: number, type: number): boolean {
  const there = end - at;
  switch (type) {
    case EtherType.Ipv4:
      return there >= ipv4.HEADER_LEN && ipv4.version(bytes, at) === 4 && ipv4.headerLen(bytes, at) >= ipv4.HEADER_LEN;
    case EtherType.Ipv6:
      return there >= ipv6.HEADER_LEN && ipv6.version(bytes, at) === 6;
    case EtherType.Arp:
      return (
        there >= arp.FIXED_LEN &&
        arp.hardwareType(bytes, at) === 1 &&
        arp.hardwareLen(bytes, at) === 6 &&
        arp.protocolLen(bytes, at) === 4
      );
    default:
      return false;
  }
}
