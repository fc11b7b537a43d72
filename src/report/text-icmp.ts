/**
 * ICMP and ICMPv6 messages in tcpdump's words, without their length.
 */
import { ipv4Text, ipv6Text } from '../wire/address.js';
import { u16 } from '../wire/bytes.js';
import * as icmpv4 from '../wire/icmpv4.js';
import * as icmpv6 from '../wire/icmpv6.js';
import * as ipv4 from '../wire/ipv4.js';
import * as ipv6 from '../wire/ipv6.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import * as tcp from '../wire/tcp.js';
import * as udp from '../wire/udp.js';

/** Destination unreachable by code; `@` stands for the quoted datagram's destination. */
const UNREACHABLE: readonly string[] = [
  'net @ unreachable',
  'host @ unreachable',
  '',
  '',
  '',
  '@ unreachable - source route failed',
  'net @ unreachable - unknown',
  'host @ unreachable - unknown',
  '@ unreachable - source host isolated',
  'net @ unreachable - admin prohibited',
  'host @ unreachable - admin prohibited',
  'net @ unreachable - tos prohibited',
  'host @ unreachable - tos prohibited',
  'host @ unreachable - admin prohibited filter',
  'host @ unreachable - host precedence violation',
  'host @ unreachable - precedence cutoff',
];
const REDIRECTS: readonly string[] = [
  'redirect @ to net',
  'redirect @ to host',
  'redirect-tos @ to net',
  'redirect-tos @ to host',
];
const TIME_EXCEEDED: readonly string[] = ['time exceeded in-transit', 'ip reassembly time exceeded'];
const OTHER_TYPES: Readonly<Record<number, string>> = {
  4: 'source quench',
  9: 'router advertisement',
  10: 'router solicitation',
  13: 'time stamp query',
  14: 'time stamp reply',
  15: 'information request',
  16: 'information reply',
  17: 'address mask request',
  18: 'address mask reply',
};

/** The ICMP message at `at`: `ICMP echo request, id 1, seq 1`. **Cost** strings. */
export function icmpText(stack: LayerStack, at: number): string {
  const bytes = stack.bytes;
  const type = icmpv4.type(bytes, at);
  const code = icmpv4.code(bytes, at);
  switch (type) {
    case icmpv4.Type.EchoRequest:
      return `ICMP echo request, id ${icmpv4.identifier(bytes, at)}, seq ${icmpv4.sequenceNumber(bytes, at)}`;
    case icmpv4.Type.EchoReply:
      return `ICMP echo reply, id ${icmpv4.identifier(bytes, at)}, seq ${icmpv4.sequenceNumber(bytes, at)}`;
    case icmpv4.Type.DestinationUnreachable:
      return `ICMP ${unreachable(stack, at, code)}`;
    case icmpv4.Type.Redirect:
      return `ICMP ${(REDIRECTS[code] ?? `redirect-#${code} @ to net`).replace('@', quotedDestination(stack))} ${ipv4Text(icmpv4.gateway(bytes, at))}`;
    case icmpv4.Type.TimeExceeded:
      return `ICMP ${TIME_EXCEEDED[code] ?? `time exceeded-#${code}`}`;
    case icmpv4.Type.ParameterProblem:
      return `ICMP parameter problem - code ${code}`;
    default:
      return `ICMP ${OTHER_TYPES[type] ?? `type-#${type}`}`;
  }
}

function unreachable(stack: LayerStack, at: number, code: number): string {
  const destination = quotedDestination(stack);
  switch (code) {
    case icmpv4.UnreachableCode.Protocol:
      return `${destination} protocol ${quotedProtocol(stack)} unreachable`;
    case icmpv4.UnreachableCode.Port:
      return `${destination} ${quotedPort(stack)} unreachable`;
    case icmpv4.UnreachableCode.FragmentationNeeded: {
      const mtu = icmpv4.mtu(stack.bytes, at);
      return `${destination} unreachable - need to frag${mtu > 0 ? ` (mtu ${mtu})` : ''}`;
    }
    default:
      return (UNREACHABLE[code] ?? `@ unreachable - #${code}`).replace('@', destination);
  }
}

/** Names of ICMPv6 types. */
const TYPES_6: Readonly<Record<number, string>> = {
  1: 'destination unreachable',
  2: 'packet too big',
  3: 'time exceeded in-transit',
  4: 'parameter problem',
  128: 'echo request',
  129: 'echo reply',
  130: 'multicast listener query',
  131: 'multicast listener report',
  132: 'multicast listener done',
  133: 'router solicitation',
  134: 'router advertisement',
  135: 'neighbor solicitation',
  136: 'neighbor advertisement',
  137: 'redirect',
  143: 'multicast listener report v2',
};
const UNREACHABLE_6: readonly string[] = [
  'unreachable route',
  'unreachable prohibited',
  'beyond scope',
  'unreachable address',
  'unreachable port,',
];

/** The ICMPv6 message at `at`, which ends at `end`: `ICMP6, echo request, id 1, seq 1`. **Cost** strings. */
export function icmp6Text(stack: LayerStack, at: number, end: number): string {
  const bytes = stack.bytes;
  const type = icmpv6.type(bytes, at);
  const text = `ICMP6, ${TYPES_6[type] ?? `unknown icmp6 type (${type})`}`;
  switch (type) {
    case icmpv6.Type.EchoRequest:
    case icmpv6.Type.EchoReply:
      return `${text}, id ${icmpv6.identifier(bytes, at)}, seq ${icmpv6.sequenceNumber(bytes, at)}`;
    case icmpv6.Type.NeighborSolicitation: {
      const target = icmpv6.solicitedTargetAt(bytes, at, end);
      return target < 0 ? text : `${text}, who has ${ipv6Text(bytes, target)}`;
    }
    case icmpv6.Type.NeighborAdvertisement: {
      const target = icmpv6.advertisedTargetAt(bytes, at, end);
      return target < 0 ? text : `${text}, tgt is ${ipv6Text(bytes, target)}`;
    }
    case icmpv6.Type.DestinationUnreachable: {
      const code = icmpv6.code(bytes, at);
      const why = UNREACHABLE_6[code] ?? `unknown unreach code (${code})`;
      return `${text}, ${why} ${quotedDestination(stack)}${code === 4 ? ` ${quotedPort(stack)}` : ''}`;
    }
    case icmpv6.Type.PacketTooBig:
      return `${text}, mtu ${icmpv6.mtu(bytes, at)}`;
    case icmpv6.Type.TimeExceeded:
      return `${text} for ${quotedDestination(stack)}`;
    case icmpv6.Type.MulticastListenerReportV2:
      return `${text}, ${u16(bytes, at + GROUP_RECORDS)} group record(s)`;
    default:
      return text;
  }
}

/** Number of group records in a version 2 report (RFC 3810, section 5.2), within the fixed header. */
const GROUP_RECORDS = 6;

/** Where the datagram that this error quotes was going; `?` where the quotation holds no header. */
function quotedDestination(stack: LayerStack): string {
  const index = stack.quotedIndex;
  const kind = stack.kind(index);
  if (index < 0 || index >= stack.depth) return '?';
  if (kind === LayerKind.Ipv4) return ipv4Text(ipv4.destination(stack.bytes, stack.layerAt(index)));
  return ipv6Text(stack.bytes, ipv6.destinationAt(stack.bytes, stack.layerAt(index)));
}

function quotedProtocol(stack: LayerStack): number | string {
  const index = stack.quotedIndex;
  return stack.kind(index) === LayerKind.Ipv4 ? ipv4.protocol(stack.bytes, stack.layerAt(index)) : '?';
}

/** `udp port 4789`, as far as the quotation holds it. */
function quotedPort(stack: LayerStack): string {
  for (let index = stack.quotedIndex; index < stack.depth; index++) {
    const at = stack.layerAt(index);
    if (stack.kind(index) === LayerKind.Udp) return `udp port ${udp.destinationPort(stack.bytes, at)}`;
    if (stack.kind(index) === LayerKind.Tcp) return `tcp port ${tcp.destinationPort(stack.bytes, at)}`;
  }
  return `protocol ${quotedProtocol(stack)} port`;
}
