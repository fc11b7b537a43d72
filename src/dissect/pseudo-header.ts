/**
 * The pseudo-header that the checksums of UDP, TCP and ICMPv6 begin with: addresses, protocol and length (RFC 9293,
 * section 3.1; RFC 8200, section 8.1).
 */
import { sum } from '../checksum/sum.js';
import { IpProtocol } from '../wire/ip-protocol.js';
import * as extension from '../wire/ipv6-extension.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';

const IPV4_ADDRESSES = 12;
const IPV6_SOURCE = 8;
const IPV6_DESTINATION = 24;
const ADDRESS_LEN = 16;
const SEGMENTS = 8;

/** Routing types whose last segment is known: source route (RFC 5095), home address (RFC 6275), segments (RFC 8754). */
const RoutingType = { Source: 0, HomeAddress: 2, Segments: 4 } as const;

/**
 * Sum of the pseudo-header of the layer at `index`; 0 for ICMP over IPv4, which has none.
 *
 * @param protocol of the layer, as IP numbers it
 * @param length of the segment, bytes
 * @returns to be folded. **Cost** no allocation.
 */
export function pseudoSum(stack: LayerStack, index: number, protocol: number, length: number): number {
  if (protocol === IpProtocol.Icmpv4) return 0;
  const { view } = stack;
  const ip = ipAround(stack, index);
  const at = stack.layerAt(ip);
  if (stack.kind(ip) === LayerKind.Ipv4) return pseudoSumIpv4(view, at, protocol, length);
  const destination = finalDestinationAt(stack, ip, index);
  const source = sum(view, at + IPV6_SOURCE, at + IPV6_SOURCE + ADDRESS_LEN);
  return source + sum(view, destination, destination + ADDRESS_LEN) + length + protocol;
}

/** As `pseudoSum`. @param at where the IPv4 header starts */
export function pseudoSumIpv4(view: DataView, at: number, protocol: number, length: number): number {
  const source = view.getInt32(at + IPV4_ADDRESSES);
  const destination = view.getInt32(at + IPV4_ADDRESSES + 4);
  const addresses = (source >>> 16) + (source & 0xffff) + (destination >>> 16) + (destination & 0xffff);
  return addresses + protocol + length;
}

/** Where the address starts that an IPv6 datagram is for in the end: a routing header's last segment while some are left. */
function finalDestinationAt(stack: LayerStack, ip: number, index: number): number {
  const { bytes } = stack;
  for (let header = ip + 1; header < index; header++) {
    const at = stack.layerAt(header);
    if (stack.kind(header) !== LayerKind.Routing || !isUnderWay(bytes, at)) continue;
    const segments = extension.length(bytes, at) >> 1;
    if (segments === 0) continue;
    const type = extension.routingType(bytes, at);
    if (type === RoutingType.Source) return at + SEGMENTS + (segments - 1) * ADDRESS_LEN;
    if (type === RoutingType.HomeAddress || type === RoutingType.Segments) return at + SEGMENTS;
  }
  return stack.layerAt(ip) + IPV6_DESTINATION;
}

/** Whether headers between IPv6 and the layer at `index` may put other addresses in the place of those that were summed. */
export function mayBeRerouted(stack: LayerStack, index: number): boolean {
  for (let header = ipAround(stack, index) + 1; header < index; header++) {
    const kind = stack.kind(header);
    // Destination options may hold a home address, which stands for the source (RFC 6275, section 6.3).
    if (kind === LayerKind.DestinationOptions) return true;
    if (kind === LayerKind.Routing && isUnderWay(stack.bytes, stack.layerAt(header))) return true;
  }
  return false;
}

function isUnderWay(bytes: Uint8Array, at: number): boolean {
  return extension.segmentsLeft(bytes, at) > 0;
}

/** The index of the IPv4 or IPv6 header that carries the layer at `index`. */
export function ipAround(stack: LayerStack, index: number): number {
  let ip = index - 1;
  while (ip > 0 && stack.kind(ip) !== LayerKind.Ipv4 && stack.kind(ip) !== LayerKind.Ipv6) ip--;
  return ip;
}

/** The protocol number of a layer that has a pseudo-header; ICMP has its number too. */
export function protocolOf(kind: LayerKind): number {
  switch (kind) {
    case LayerKind.Udp:
      return IpProtocol.Udp;
    case LayerKind.Tcp:
      return IpProtocol.Tcp;
    case LayerKind.Icmpv4:
      return IpProtocol.Icmpv4;
    default:
      return IpProtocol.Icmpv6;
  }
}
