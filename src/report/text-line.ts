/**
 * A line a frame, in tcpdump's words, tunnels first: `VXLAN vni 5000 10.0.0.1 > 10.1.0.1: ARP, Request who-has ...`.
 */
import { declaredEnd, tcpPayloadLen } from '../dissect/extent.js';
import type { Frame } from '../dissect/frame.js';
import { vxlanHint } from '../dissect/hint.js';
import { ipv4Text, ipv6Text, macText } from '../wire/address.js';
import * as arp from '../wire/arp.js';
import { EtherType } from '../wire/ether-type.js';
import * as ethernet from '../wire/ethernet.js';
import * as geneve from '../wire/geneve.js';
import * as gre from '../wire/gre.js';
import { IpProtocol } from '../wire/ip-protocol.js';
import * as ipv4 from '../wire/ipv4.js';
import * as ipv6 from '../wire/ipv6.js';
import * as extension from '../wire/ipv6-extension.js';
import * as linuxSll from '../wire/linux-sll.js';
import * as nsh from '../wire/nsh.js';
import { LAYER_NAMES, LayerKind, type LayerStack } from '../wire/stack.js';
import { LEN_SOURCE_NAMES, STOP_NAMES, StopCode } from '../wire/stop.js';
import * as tcp from '../wire/tcp.js';
import * as udp from '../wire/udp.js';
import * as vlan from '../wire/vlan.js';
import * as vxlan from '../wire/vxlan.js';
import type { FrameReport } from './frame-report.js';
import { icmp6Text, icmpText } from './text-icmp.js';
import type { TextSink } from './text-sink.js';
import { TimeColumn, type TimeStyle } from './time-column.js';

/** What a line shows. */
export interface TextOptions {
  /** tcpdump's -e: MAC addresses, EtherTypes, VLAN tags. */
  readonly linkHeader?: boolean;
  /** tcpdump's -v: 1 adds IP headers and a tunnel's ports, 2 checksums and tunnel flags; 0 unless told. */
  readonly verbose?: number;
  /** How time is shown; `clock` unless told. */
  readonly time?: TimeStyle;
  /** Decimals of a second that the capture has. */
  readonly digits: 6 | 9;
}

/** A line a frame. */
export function textReport(options: TextOptions): FrameReport {
  const column = new TimeColumn(options.time ?? 'clock', options.digits);
  const line = new Line(options.linkHeader ?? false, options.verbose ?? 0);
  return {
    head: '',
    frame: (frame, out) => {
      column.write(frame, out);
      line.write(frame, out);
    },
    tail: '',
  };
}

/** EtherTypes by the names that tcpdump has for them. */
const ETHER_TYPE_NAMES: Readonly<Record<number, string>> = {
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

const TCP_FLAGS: readonly string[] = Array.from({ length: 512 }, (_, bits) => {
  const text = [...'FSRP.UEWe'].filter((_flag, index) => ((bits >> index) & 1) === 1).join('');
  return `Flags [${text === '' ? 'none' : text}]`;
});

const ECN_NAMES = ['', ',ECT(1)', ',ECT(0)', ',CE'] as const;

/** Writes lines: settings, and nothing that lasts from frame to frame. */
class Line {
  readonly #linkHeader: boolean;
  readonly #verbose: number;

  constructor(linkHeader: boolean, verbose: number) {
    this.#linkHeader = linkHeader;
    this.#verbose = verbose;
  }

  write(frame: Frame, out: TextSink): void {
    const stack = frame.stack;
    const shown = stack.quotedIndex < 0 ? stack.depth : Math.min(stack.quotedIndex, stack.depth);
    if (shown === 0) out.text(`link type not known, length ${frame.wireLen}`);
    for (let index = 0; index < shown; ) {
      const tunnel = this.#tunnelOf(stack, index, shown);
      if (tunnel > index) {
        this.#tunnel(stack, index, tunnel, out);
        index = tunnel + 1;
        if (index === shown) out.text(`length ${declaredEnd(stack, tunnel) - stack.layerAt(tunnel)}`);
      } else {
        this.#layer(stack, index, index + 1 === shown, out);
        index++;
      }
    }
    if (stack.stopCode !== StopCode.None) {
      out.text(stopText(stack));
      out.text(hintText(stack));
    }
    out.text('\n');
  }

  /** The tunnel header that the IP header at `index` carries; -1 where it carries none. */
  #tunnelOf(stack: LayerStack, index: number, shown: number): number {
    const kind = stack.kind(index);
    if (kind !== LayerKind.Ipv4 && kind !== LayerKind.Ipv6) return -1;
    for (let next = index + 1; next < shown; next++) {
      const inside = stack.kind(next);
      if (isTunnel(inside)) return next;
      if (inside !== LayerKind.Udp && !isExtension(inside)) return -1;
    }
    return -1;
  }

  /** `VXLAN vni 5000 10.0.0.1 > 10.1.0.1: ` */
  #tunnel(stack: LayerStack, index: number, tunnel: number, out: TextSink): void {
    const under = stack.kind(tunnel - 1) === LayerKind.Udp ? tunnel - 1 : -1;
    this.#tunnelName(stack, tunnel, out);
    out.text(' ');
    if (this.#verbose > 0) out.text(ipHeader(stack, index));
    writeEndpoints(stack, index, this.#verbose > 0 ? under : -1, out);
    out.text(': ');
  }

  #tunnelName(stack: LayerStack, tunnel: number, out: TextSink): void {
    const bytes = stack.bytes;
    const at = stack.layerAt(tunnel);
    const more = this.#verbose > 1;
    switch (stack.kind(tunnel)) {
      case LayerKind.Vxlan:
        out.text('VXLAN ');
        writeVni(bytes, at, out);
        if (more) out.text(` flags 0x${hex(vxlan.flags(bytes, at), 4)}`);
        break;
      case LayerKind.VxlanGpe:
        out.text('VXLAN-GPE ');
        writeVni(bytes, at, out);
        if (more) out.text(` flags 0x${hex(vxlan.gpeFlags(bytes, at), 2)}`);
        break;
      case LayerKind.Geneve:
        out.text(`Geneve vni ${geneve.vni(bytes, at)}${more ? ` options ${geneve.optionsLen(bytes, at)}` : ''}`);
        break;
      default: {
        const key = gre.key(bytes, at);
        out.text(key < 0 ? 'GRE' : `GRE key 0x${key.toString(16)}`);
      }
    }
  }

  /** What one layer adds to the line; `last` where none follows that is shown. The common layers make no string. */
  #layer(stack: LayerStack, index: number, last: boolean, out: TextSink): void {
    switch (stack.kind(index)) {
      case LayerKind.Ipv4:
        this.#ip(stack, index, last, ipv4.protocol(stack.bytes, stack.layerAt(index)), out);
        break;
      case LayerKind.Ipv6:
        this.#ip(stack, index, last, ipv6.nextHeader(stack.bytes, stack.layerAt(index)), out);
        break;
      case LayerKind.Tcp:
        this.#tcp(stack, index, out);
        break;
      case LayerKind.Ethernet:
        if (this.#linkHeader || last) out.text(ethernetText(stack, index, last));
        break;
      default:
        out.text(this.#otherLayer(stack, index, last));
    }
  }

  #otherLayer(stack: LayerStack, index: number, last: boolean): string {
    const bytes = stack.bytes;
    const at = stack.layerAt(index);
    switch (stack.kind(index)) {
      case LayerKind.Vlan:
      case LayerKind.ServiceVlan:
        if (!this.#linkHeader)
          return last ? `vlan ${vlan.identifier(bytes, at)}, ${etherTypeText(vlan.etherType(bytes, at))}` : '';
        return `vlan ${vlan.identifier(bytes, at)}, p ${vlan.priority(bytes, at)}${vlan.dropEligible(bytes, at) === 1 ? ', DEI' : ''}, ${etherTypeText(vlan.etherType(bytes, at))}${last ? '' : ', '}`;
      case LayerKind.LinuxSll:
      case LayerKind.LinuxSll2:
        return this.#cooked(stack, index, last);
      case LayerKind.Null:
        return last ? `unknown, length ${declaredEnd(stack, index) - at}` : '';
      case LayerKind.Llc:
        return `LLC, length ${declaredEnd(stack, index) - at}`;
      case LayerKind.Arp:
        return this.#arp(stack, index);
      case LayerKind.HopByHop:
      case LayerKind.DestinationOptions:
      case LayerKind.Routing:
      case LayerKind.Fragment:
      case LayerKind.Authentication:
        return extensionText(stack, index, last);
      case LayerKind.Udp: {
        const len = (udp.length(bytes, at) || declaredEnd(stack, index) - at) - udp.HEADER_LEN;
        const sum = this.#verbose > 1 ? ` cksum 0x${hex(udp.checksum(bytes, at), 4)},` : '';
        return `UDP,${sum} length ${Math.max(0, len)}`;
      }
      case LayerKind.Icmpv4:
        return `${icmpText(stack, at)}, length ${declaredEnd(stack, index) - at}`;
      case LayerKind.Icmpv6:
        return `${icmp6Text(stack, at, stack.layerEnd(index))}, length ${declaredEnd(stack, index) - at}`;
      case LayerKind.Nsh:
        return `NSH path ${nsh.servicePath(bytes, at)} index ${nsh.serviceIndex(bytes, at)}${last ? `, length ${declaredEnd(stack, index) - at}` : ': '}`;
      default:
        return `${LAYER_NAMES[stack.kind(index)]}${last ? `, length ${declaredEnd(stack, index) - at}` : ': '}`;
    }
  }

  #cooked(stack: LayerStack, index: number, last: boolean): string {
    const bytes = stack.bytes;
    const at = stack.layerAt(index);
    const second = stack.kind(index) === LayerKind.LinuxSll2;
    const type = second ? linuxSll.protocol2(bytes, at) : linuxSll.protocol(bytes, at);
    const direction =
      linuxSll.PACKET_TYPES[second ? linuxSll.packetType2(bytes, at) : linuxSll.packetType(bytes, at)] ?? '?';
    const source = second ? linuxSll.source2(bytes, at) : linuxSll.source(bytes, at);
    let text = second ? `${`if${linuxSll.interfaceIndex(bytes, at)}`.padEnd(5)} ${direction.padEnd(3)} ` : '';
    if (!this.#linkHeader && !last) return text;
    if (!second) text += `${direction.padStart(3)} `;
    if (source >= 0) text += `${macText(source)} `;
    return `${text}${etherTypeText(type)}, length ${wireEnd(stack, index) - at}${last ? '' : ': '}`;
  }

  #arp(stack: LayerStack, index: number): string {
    const bytes = stack.bytes;
    const at = stack.layerAt(index);
    const len = `length ${declaredEnd(stack, index) - at}`;
    let text = this.#tagged(stack, index) ? 'ARP, ' : '';
    if (this.#verbose > 0) {
      text += `${arp.hardwareType(bytes, at) === 1 ? 'Ethernet' : `hardware #${arp.hardwareType(bytes, at)}`} (len ${arp.hardwareLen(bytes, at)}), `;
      text += `${ETHER_TYPE_NAMES[arp.protocolType(bytes, at)] ?? 'Unknown protocol'} (len ${arp.protocolLen(bytes, at)}), `;
    }
    const sender = arp.senderProtocol(bytes, at);
    const target = arp.targetProtocol(bytes, at);
    const senderMac = arp.senderHardware(bytes, at);
    const targetMac = arp.targetHardware(bytes, at);
    const operation = arp.operation(bytes, at);
    if (sender < 0 || target < 0 || senderMac < 0 || targetMac < 0) return `${text}opcode ${operation}, ${len}`;
    switch (operation) {
      case arp.Operation.Request:
        text += `Request who-has ${ipv4Text(target)}${targetMac === 0 ? '' : ` (${macText(targetMac)})`} tell ${ipv4Text(sender)}`;
        break;
      case arp.Operation.Reply:
        text += `Reply ${ipv4Text(sender)} is-at ${macText(senderMac)}`;
        break;
      case arp.Operation.ReverseRequest:
        text += `Request who-is ${macText(targetMac)} tell ${macText(senderMac)}`;
        break;
      case arp.Operation.ReverseReply:
        text += `Reply ${macText(targetMac)} at ${ipv4Text(target)}`;
        break;
      default:
        text += `opcode ${operation}`;
    }
    return `${text}, ${len}`;
  }

  #ip(stack: LayerStack, index: number, last: boolean, protocol: number, out: TextSink): void {
    let transport = -1;
    for (let next = index + 1; next < stack.depth && transport < 0; next++) {
      const inside = stack.kind(next);
      if (inside === LayerKind.Udp || inside === LayerKind.Tcp) transport = next;
      else if (!isExtension(inside)) break;
    }
    if (this.#tagged(stack, index)) out.text(stack.kind(index) === LayerKind.Ipv4 ? 'IP ' : 'IP6 ');
    if (this.#verbose > 0) out.text(ipHeader(stack, index));
    writeEndpoints(stack, index, transport, out);
    out.text(': ');
    if (last) out.text(payloadText(stack, index, protocol));
  }

  #tcp(stack: LayerStack, index: number, out: TextSink): void {
    const bytes = stack.bytes;
    const at = stack.layerAt(index);
    const flags = tcp.flags(bytes, at);
    const len = tcpPayloadLen(stack, index);
    const sequence = tcp.sequenceNumber(bytes, at);
    out.text(TCP_FLAGS[flags] as string);
    if (this.#verbose > 0) out.text(`, cksum 0x${hex(tcp.checksum(bytes, at), 4)}`);
    if (len > 0 || (flags & (tcp.Flag.Syn | tcp.Flag.Fin | tcp.Flag.Rst)) !== 0) {
      out.text(', seq ');
      out.uint(sequence);
      if (len > 0) {
        out.text(':');
        out.uint((sequence + len) >>> 0);
      }
    }
    if ((flags & tcp.Flag.Ack) !== 0) {
      out.text(', ack ');
      out.uint(tcp.acknowledgmentNumber(bytes, at));
    }
    out.text(', win ');
    out.uint(tcp.window(bytes, at));
    if ((flags & tcp.Flag.Urg) !== 0) out.text(`, urg ${tcp.urgentPointer(bytes, at)}`);
    out.text(', length ');
    out.uint(len);
  }

  /** Whether the layer must say its name: not where a link header in front of it has just said it. */
  #tagged(stack: LayerStack, index: number): boolean {
    if (!this.#linkHeader || index === 0) return true;
    const before = stack.kind(index - 1);
    return !(
      before === LayerKind.Ethernet ||
      before === LayerKind.Vlan ||
      before === LayerKind.ServiceVlan ||
      before === LayerKind.LinuxSll ||
      before === LayerKind.LinuxSll2
    );
  }
}

function isTunnel(kind: LayerKind): boolean {
  return kind === LayerKind.Vxlan || kind === LayerKind.VxlanGpe || kind === LayerKind.Geneve || kind === LayerKind.Gre;
}

function isExtension(kind: LayerKind): boolean {
  return kind >= LayerKind.HopByHop && kind <= LayerKind.Authentication;
}

function writeVni(bytes: Uint8Array, at: number, out: TextSink): void {
  out.text('vni ');
  if (vxlan.vniValid(bytes, at)) out.uint(vxlan.vni(bytes, at));
  else out.text('invalid');
}

/** The IP header's fields, in parentheses. */
function ipHeader(stack: LayerStack, index: number): string {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  if (stack.kind(index) === LayerKind.Ipv6) {
    const trafficClass = ipv6.trafficClass(bytes, at);
    const flow = ipv6.flowLabel(bytes, at);
    const first = trafficClass === 0 ? '' : `class 0x${hex(trafficClass, 2)}, `;
    const second = flow === 0 ? '' : `flowlabel 0x${hex(flow, 5)}, `;
    return `(${first}${second}hlim ${ipv6.hopLimit(bytes, at)}, next-header ${protocolText(ipv6.nextHeader(bytes, at))} payload length: ${ipv6.payloadLength(bytes, at)}) `;
  }
  const tos = ipv4.typeOfService(bytes, at);
  return (
    `(tos 0x${tos.toString(16)}${ECN_NAMES[tos & 3]}, ttl ${ipv4.timeToLive(bytes, at)}, id ${ipv4.identification(bytes, at)}, ` +
    `offset ${ipv4.fragmentOffset(bytes, at) * 8}, flags [${fragmentFlags(bytes, at)}], ` +
    `proto ${protocolText(ipv4.protocol(bytes, at))}, length ${ipv4.totalLength(bytes, at)}) `
  );
}

/** `10.0.0.1 > 10.1.0.1`, with the ports of the UDP or TCP header at `transport` unless that is -1. */
function writeEndpoints(stack: LayerStack, index: number, transport: number, out: TextSink): void {
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

function ethernetText(stack: LayerStack, index: number, last: boolean): string {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  const type = ethernet.etherType(bytes, at);
  const what = type < 0 ? '802.3' : etherTypeText(type);
  const len = Math.max(wireEnd(stack, index) - at, 0);
  return `${macText(ethernet.source(bytes, at))} > ${macText(ethernet.destination(bytes, at))}, ${what}, length ${len}${last ? '' : ': '}`;
}

/** A payload that was not entered: another fragment, a protocol that is not ours, or a header that did not fit. */
function payloadText(stack: LayerStack, index: number, protocol: number): string {
  const at = stack.layerAt(index);
  if (stack.kind(index) === LayerKind.Ipv6) {
    if (protocol === IpProtocol.NoNextHeader) return 'no next header';
    return `ip-proto-${protocol} ${declaredEnd(stack, index) - at - ipv6.HEADER_LEN}`;
  }
  if (ipv4.fragmentOffset(stack.bytes, at) !== 0) return `ip-proto-${protocol}`;
  return `ip-proto-${protocol} ${declaredEnd(stack, index) - at - ipv4.headerLen(stack.bytes, at)}`;
}

function extensionText(stack: LayerStack, index: number, last: boolean): string {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  const next = extension.nextHeader(bytes, at);
  let text: string;
  switch (stack.kind(index)) {
    case LayerKind.HopByHop:
      text = 'HBH';
      break;
    case LayerKind.DestinationOptions:
      text = 'DSTOPT';
      break;
    case LayerKind.Routing:
      text = `srcrt (len=${extension.length(bytes, at)}, type=${extension.routingType(bytes, at)}, segleft=${extension.segmentsLeft(bytes, at)})`;
      break;
    case LayerKind.Fragment:
      text = `frag (${extension.fragmentOffset(bytes, at) * 8}|${declaredEnd(stack, index) - at - extension.HEADER_LEN})`;
      // What follows in another fragment is no header.
      if (extension.fragmentOffset(bytes, at) !== 0) return text;
      break;
    default:
      text = `AH(spi=0x${hex(extension.securityParametersIndex(bytes, at), 8)}):`;
  }
  return last ? `${text} ip-proto-${next}` : `${text} `;
}

function protocolText(protocol: number): string {
  return `${PROTOCOL_NAMES[protocol] ?? 'unknown'} (${protocol})`;
}

function etherTypeText(type: number): string {
  return `ethertype ${ETHER_TYPE_NAMES[type] ?? 'Unknown'} (0x${hex(type, 4)})`;
}

function fragmentFlags(bytes: Uint8Array, at: number): string {
  let text = ipv4.moreFragments(bytes, at) === 1 ? '+' : '';
  if (ipv4.dontFragment(bytes, at) === 1) text += text === '' ? 'DF' : ', DF';
  if (ipv4.reservedFlag(bytes, at) === 1) text += text === '' ? 'rb' : ', rb';
  return text === '' ? 'none' : text;
}

/** Where a frame ended on the wire: the tunnel's payload for an inner one, whatever its own headers say. */
function wireEnd(stack: LayerStack, index: number): number {
  return index === 0 ? stack.frameAt + stack.wireLen : declaredEnd(stack, index - 1);
}

/** What the dissection noted: a type that is not ours has been said already. */
function stopText(stack: LayerStack): string {
  switch (stack.stopCode) {
    case StopCode.Truncated:
    case StopCode.Malformed: {
      const source = LEN_SOURCE_NAMES[stack.stopLenSource];
      const by = source === null || stack.stopLayer === LayerKind.None ? '' : ` (${source})`;
      const there = stack.stopCode === StopCode.Truncated ? 'captured' : 'there';
      return ` [${STOP_NAMES[stack.stopCode]}: ${LAYER_NAMES[stack.stopLayer]} needs ${stack.stopNeeded} bytes${by}, ${stack.stopAvailable} ${there}]`;
    }
    case StopCode.TooDeep:
      return ` [too-deep: more than ${stack.stopAvailable}]`;
    case StopCode.IFlagClear:
      return ' [i-flag-clear]';
    default:
      return '';
  }
}

function hintText(stack: LayerStack): string {
  const vni = vxlanHint(stack);
  if (vni < 0) return '';
  const port = udp.destinationPort(stack.bytes, stack.layerAt(stack.depth - 1));
  return ` [looks like VXLAN vni ${vni}: --vxlan-port ${port}]`;
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0');
}
