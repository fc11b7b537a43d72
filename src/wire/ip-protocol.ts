/**
 * Assigned Internet protocol numbers (IANA): what follows an IPv4 header or ends an IPv6 header chain.
 */
import { LayerKind } from './stack.js';

/** Protocol numbers that this dissector enters, and the two that it only names. */
export const IpProtocol = {
  HopByHop: 0,
  Icmpv4: 1,
  Ipv4: 4,
  Tcp: 6,
  Udp: 17,
  Ipv6: 41,
  Routing: 43,
  Fragment: 44,
  Gre: 47,
  Authentication: 51,
  Icmpv6: 58,
  NoNextHeader: 59,
  DestinationOptions: 60,
} as const;

/** The layer behind a protocol number in IPv4. @param protocol 0..255. @returns `None` where it is not known. **Cost** no allocation. */
export function layerOfProtocol(protocol: number): LayerKind {
  switch (protocol) {
    case IpProtocol.Udp:
      return LayerKind.Udp;
    case IpProtocol.Tcp:
      return LayerKind.Tcp;
    case IpProtocol.Icmpv4:
      return LayerKind.Icmpv4;
    case IpProtocol.Icmpv6:
      return LayerKind.Icmpv6;
    case IpProtocol.Gre:
      return LayerKind.Gre;
    case IpProtocol.Ipv4:
      return LayerKind.Ipv4;
    case IpProtocol.Ipv6:
      return LayerKind.Ipv6;
    case IpProtocol.Authentication:
      return LayerKind.Authentication;
    default:
      return LayerKind.None;
  }
}

/** The layer behind a next header value in IPv6, extension headers included. @param nextHeader 0..255. @returns `None` where it is not known. **Cost** no allocation. */
export function layerOfNextHeader(nextHeader: number): LayerKind {
  switch (nextHeader) {
    case IpProtocol.HopByHop:
      return LayerKind.HopByHop;
    case IpProtocol.Routing:
      return LayerKind.Routing;
    case IpProtocol.Fragment:
      return LayerKind.Fragment;
    case IpProtocol.DestinationOptions:
      return LayerKind.DestinationOptions;
    default:
      return layerOfProtocol(nextHeader);
  }
}
