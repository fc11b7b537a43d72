/**
 * Link types of capture files (tcpdump.org/linktypes.html): what a frame's first byte is.
 */
import { LayerKind } from './stack.js';

interface LinkTypeRow {
  readonly name: string;
  readonly description: string;
  readonly layer: LayerKind;
}

const LINK_TYPES: ReadonlyMap<number, LinkTypeRow> = new Map([
  [0, { name: 'NULL', description: 'BSD loopback', layer: LayerKind.Null }],
  [1, { name: 'EN10MB', description: 'Ethernet', layer: LayerKind.Ethernet }],
  [9, { name: 'PPP', description: 'PPP', layer: LayerKind.None }],
  [12, { name: 'RAW', description: 'Raw IP', layer: LayerKind.RawIp }],
  [14, { name: 'RAW', description: 'Raw IP', layer: LayerKind.RawIp }],
  [101, { name: 'RAW', description: 'Raw IP', layer: LayerKind.RawIp }],
  [105, { name: 'IEEE802_11', description: '802.11', layer: LayerKind.None }],
  [108, { name: 'LOOP', description: 'OpenBSD loopback', layer: LayerKind.Null }],
  [113, { name: 'LINUX_SLL', description: 'Linux cooked v1', layer: LayerKind.LinuxSll }],
  [127, { name: 'IEEE802_11_RADIO', description: '802.11 plus radiotap header', layer: LayerKind.None }],
  [228, { name: 'IPV4', description: 'Raw IPv4', layer: LayerKind.Ipv4 }],
  [229, { name: 'IPV6', description: 'Raw IPv6', layer: LayerKind.Ipv6 }],
  [276, { name: 'LINUX_SLL2', description: 'Linux cooked v2', layer: LayerKind.LinuxSll2 }],
]);

/** LINKTYPE_ETHERNET. */
export const LINK_ETHERNET = 1;

/** The first layer of a frame of this link type. @returns `None` where the type is not known. **Cost** one map look-up. */
export function layerOfLinkType(linkType: number): LayerKind {
  return linkType === LINK_ETHERNET ? LayerKind.Ethernet : (LINK_TYPES.get(linkType)?.layer ?? LayerKind.None);
}

/** A link type whose frames begin with this layer. @param layer the first one of a frame that was dissected */
export function linkTypeOf(layer: LayerKind): number {
  for (const [linkType, row] of LINK_TYPES) if (row.layer === layer) return linkType;
  return LINK_ETHERNET;
}

/** A link type's name as tcpdump has it. @returns `LINKTYPE_n` where it is not known. */
export function linkTypeName(linkType: number): string {
  return LINK_TYPES.get(linkType)?.name ?? `LINKTYPE_${linkType}`;
}

/** A link type's description as tcpdump prints it. @returns `LINKTYPE_n` where it is not known. */
export function linkTypeDescription(linkType: number): string {
  return LINK_TYPES.get(linkType)?.description ?? `LINKTYPE_${linkType}`;
}
