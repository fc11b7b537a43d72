/**
 * IPv4 and IPv6 in tcpdump's words: endpoints, the header's fields with -v, and a payload that was not entered.
 */
import { declaredEnd } from '../dissect/extent.js';
import { ipv6Text } from '../wire/address.js';
import { IpProtocol } from '../wire/ip-protocol.js';
import * as ipv4 from '../wire/ipv4.js';
import * as ipv6 from '../wire/ipv6.js';
import { isExtension } from '../wire/ipv6-extension.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import * as udp from '../wire/udp.js';
import type { TextSink } from './text-sink.js';

/** IP protocols by the names that tcpdump has for them. */
const PROTOCOL_NAMES: Readonly<Record<number, string>> = {
  [IpProtocol.HopByHop]: 'Options',
  [IpProtocol.Icmpv4]: 'ICMP',
  2: 'IGMP',
  [IpProtocol.Ipv4]: 'IPIP',
  [IpProtocol.Tcp]: 'TCP',
  [IpProtocol.Udp]: 'UDP',
  [IpProtocol.Ipv6]: 'IPv6',
  [IpProtocol.Fragment]: 'Fragment',
  [IpProtocol.Gre]: 'GRE',
  50: 'ESP',
  [IpProtocol.Authentication]: 'AH',
  [IpProtocol.Icmpv6]: 'ICMPv6',
  89: 'OSPF',
  103: 'PIM',
  112: 'VRRP',
  132: 'SCTP',
};

const ECN_NAMES = ['', ',ECT(1)', ',ECT(0)', ',CE'] as const;

/** Writes `10.0.0.1.80 > 10.1.0.1.4242: `, and what was not entered where the header is the last. **Cost** no string for IPv4. */
export function writeIp(stack: LayerStack, index: number, last: boolean, verbose: number, out: TextSink): void {
  if (verbose > 0) writeIpHeader(stack, index, out);
  writeEndpoints(stack, index, transportOf(stack, index), out);
  out.text(': ');
  if (last) out.text(payloadText(stack, index));
}

/** Writes the header's fields, in parentheses. **Cost** strings. */
export function writeIpHeader(stack: LayerStack, index: number, out: TextSink): void {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  if (stack.kind(index) === LayerKind.Ipv4) {
    const tos = ipv4.typeOfService(bytes, at);
    out.text(
      `(tos 0x${tos.toString(16)}${ECN_NAMES[tos & 3]}, ttl ${ipv4.timeToLive(bytes, at)}, id ${ipv4.identification(bytes, at)}, ` +
        `offset ${ipv4.fragmentOffset(bytes, at) * 8}, flags [${fragmentFlags(bytes, at)}], ` +
        `proto ${protocolText(ipv4.protocol(bytes, at))}, length ${ipv4.totalLength(bytes, at)}) `,
    );
    return;
  }
  const trafficClass = ipv6.trafficClass(bytes, at);
  const flow = ipv6.flowLabel(bytes, at);
  out.text('(');
  if (trafficClass !== 0) {
    out.text('class 0x');
    out.hex(trafficClass, 2);
    out.text(', ');
  }
  if (flow !== 0) {
    out.text('flowlabel 0x');
    out.hex(flow, 5);
    out.text(', ');
  }
  out.text(
    `hlim ${ipv6.hopLimit(bytes, at)}, next-header ${protocolText(ipv6.nextHeader(bytes, at))} payload length: ${ipv6.payloadLength(bytes, at)}) `,
  );
}

/** Writes `10.0.0.1 > 10.1.0.1`, with the ports of the UDP or TCP header at `transport` unless that is -1. **Cost** no string for IPv4. */
export function writeEndpoints(stack: LayerStack, index: number, transport: number, out: TextSink): void {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  const four = stack.kind(index) === LayerKind.Ipv4;
  const portsAt = transport < 0 ? -1 : stack.layerAt(transport);
  if (four) out.ipv4(ipv4.source(bytes, at));
  else out.text(ipv6Text(bytes, ipv6.sourceAt(bytes, at)));
  if (portsAt >= 0) {
    out.text('.');
    out.uint(udp.sourcePort(bytes, portsAt));
  }
  out.text(' > ');
  if (four) out.ipv4(ipv4.destination(bytes, at));
  else out.text(ipv6Text(bytes, ipv6.destinationAt(bytes, at)));
  if (portsAt >= 0) {
    out.text('.');
    out.uint(udp.destinationPort(bytes, portsAt));
  }
}

/** The UDP or TCP header that the IP header at `index` carries; -1 where it carries none. */
function transportOf(stack: LayerStack, index: number): number {
  for (let next = index + 1; next < stack.depth; next++) {
    const kind = stack.kind(next);
    if (kind === LayerKind.Udp || kind === LayerKind.Tcp) return next;
    if (!isExtension(kind)) return -1;
  }
  return -1;
}

/** A payload that was not entered: another fragment, a protocol that is not ours, or a header that did not fit. */
function payloadText(stack: LayerStack, index: number): string {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  const end = declaredEnd(stack, index);
  if (stack.kind(index) === LayerKind.Ipv4) {
    const protocol = ipv4.protocol(bytes, at);
    if (ipv4.fragmentOffset(bytes, at) !== 0) return `ip-proto-${protocol}`;
    return `ip-proto-${protocol} ${end - at - ipv4.headerLen(bytes, at)}`;
  }
  const next = ipv6.nextHeader(bytes, at);
  if (next === IpProtocol.NoNextHeader) return 'no next header';
  return `ip-proto-${next} ${end - at - ipv6.HEADER_LEN}`;
}

function protocolText(protocol: number): string {
  return `${PROTOCOL_NAMES[protocol] ?? 'unknown'} (${protocol})`;
}

function fragmentFlags(bytes: Uint8Array, at: number): string {
  let text = ipv4.moreFragments(bytes, at) === 1 ? '+' : '';
  if (ipv4.dontFragment(bytes, at) === 1) text += text === '' ? 'DF' : ', DF';
  if (ipv4.reservedFlag(bytes, at) === 1) text += text === '' ? 'rb' : ', rb';
  return text === '' ? 'none' : text;
}
