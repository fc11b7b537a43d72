/**
 * Link headers in tcpdump's words: Ethernet, VLAN tags, cooked captures; and EtherTypes by name.
 */
import { declaredEnd } from '../dissect/extent.js';
import { EtherType } from '../wire/ether-type.js';
import * as ethernet from '../wire/ethernet.js';
import * as linuxSll from '../wire/linux-sll.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import * as vlan from '../wire/vlan.js';
import type { TextSink } from './text-sink.js';

/** EtherTypes by the names that tcpdump has for them. */
export const ETHER_TYPE_NAMES: Readonly<Record<number, string>> = {
  [EtherType.Ipv4]: 'IPv4',
  [EtherType.Arp]: 'ARP',
  [EtherType.Ipv6]: 'IPv6',
  [EtherType.Vlan]: '802.1Q',
  [EtherType.ServiceVlan]: '802.1Q-QinQ',
  [EtherType.TransparentEthernet]: 'TEB',
  34887: 'MPLS unicast',
  34915: 'PPPoE D',
  34916: 'PPPoE S',
  35020: 'LLDP',
  36864: 'Loopback',
};

/** An interface's name by its index, which is all that a cooked header has of it. */
export type LinkName = (index: number) => string;

/** Whether a header of this kind, once shown, has said what it carries. */
export function namesPayload(kind: LayerKind): boolean {
  return (
    kind === LayerKind.Ethernet ||
    kind === LayerKind.Vlan ||
    kind === LayerKind.ServiceVlan ||
    kind === LayerKind.LinuxSll ||
    kind === LayerKind.LinuxSll2
  );
}

/** Writes `02:42:0a:00:00:01 > 02:42:0a:01:00:01, ethertype IPv4 (0x0800), length 98`. **Cost** no string. */
export function writeEthernet(stack: LayerStack, index: number, last: boolean, out: TextSink): void {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  const type = ethernet.etherType(bytes, at);
  out.mac(ethernet.source(bytes, at));
  out.text(' > ');
  out.mac(ethernet.destination(bytes, at));
  out.text(', ');
  if (type < 0) out.text('802.3');
  else writeEtherType(type, out);
  out.text(', length ');
  out.uint(Math.max(wireEnd(stack, index) - at, 0));
  if (!last) out.text(': ');
}

/** Writes `vlan 100, p 0, ethertype IPv4 (0x0800)`; priority and drop eligibility with `linkHeader`. **Cost** no string. */
export function writeVlan(stack: LayerStack, index: number, linkHeader: boolean, last: boolean, out: TextSink): void {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  out.text('vlan ');
  out.uint(vlan.identifier(bytes, at));
  if (linkHeader) {
    out.text(', p ');
    out.uint(vlan.priority(bytes, at));
    if (vlan.dropEligible(bytes, at) === 1) out.text(', DEI');
  }
  out.text(', ');
  writeEtherType(vlan.etherType(bytes, at), out);
  if (!last) out.text(', ');
}

/** Writes a cooked header of either version. Version 2 says its interface always, the rest is a link header's. **Cost** strings. */
export function writeCooked(
  stack: LayerStack,
  index: number,
  linkHeader: boolean,
  last: boolean,
  linkName: LinkName,
  out: TextSink,
): void {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  const second = stack.kind(index) === LayerKind.LinuxSll2;
  const direction =
    linuxSll.PACKET_TYPES[second ? linuxSll.packetType2(bytes, at) : linuxSll.packetType(bytes, at)] ?? '?';
  if (second) out.text(`${linkName(linuxSll.interfaceIndex(bytes, at)).padEnd(5)} ${direction.padEnd(3)} `);
  if (!linkHeader && !last) return;
  if (!second) out.text(`${direction.padStart(3)} `);
  const source = second ? linuxSll.source2(bytes, at) : linuxSll.source(bytes, at);
  if (source >= 0) {
    out.mac(source);
    out.text(' ');
  }
  writeEtherType(second ? linuxSll.protocol2(bytes, at) : linuxSll.protocol(bytes, at), out);
  out.text(', length ');
  out.uint(wireEnd(stack, index) - at);
  if (!last) out.text(': ');
}

function writeEtherType(type: number, out: TextSink): void {
  out.text('ethertype ');
  out.text(ETHER_TYPE_NAMES[type] ?? 'Unknown');
  out.text(' (0x');
  out.hex(type, 4);
  out.text(')');
}

/** Where a frame ended on the wire: the tunnel's payload for an inner one, whatever its own headers say. */
function wireEnd(stack: LayerStack, index: number): number {
  return index === 0 ? stack.frameAt + stack.wireLen : declaredEnd(stack, index - 1);
}
