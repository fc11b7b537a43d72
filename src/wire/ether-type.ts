/**
 * EtherTypes (IEEE 802, IANA registry): what follows an Ethernet, VLAN, SLL, GRE or Geneve header.
 */
import { LayerKind } from './stack.js';

/** EtherTypes that this dissector enters. */
export const EtherType = {
  Ipv4: 0x0800,
  Arp: 0x0806,
  TransparentEthernet: 0x6558,
  /** Reverse ARP (RFC 903): the same message. */
  ReverseArp: 0x8035,
  Vlan: 0x8100,
  Ipv6: 0x86dd,
  ServiceVlan: 0x88a8,
} as const;

/** The layer behind an EtherType. @param etherType 0..65535. @returns `None` where it is not known. **Cost** no allocation. */
export function layerOfEtherType(etherType: number): LayerKind {
  switch (etherType) {
    case EtherType.Ipv4:
      return LayerKind.Ipv4;
    case EtherType.Arp:
    case EtherType.ReverseArp:
      return LayerKind.Arp;
    case EtherType.Ipv6:
      return LayerKind.Ipv6;
    case EtherType.Vlan:
      return LayerKind.Vlan;
    case EtherType.ServiceVlan:
      return LayerKind.ServiceVlan;
    case EtherType.TransparentEthernet:
      return LayerKind.Ethernet;
    default:
      return LayerKind.None;
  }
}
