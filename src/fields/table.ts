/**
 * Fields by their Wireshark names: the one table that `--format fields`, records and trees read, and filters later.
 *
 * To add a field is to add a row. A row's name is the layer's name (`LAYER_NAMES`), a dot, and the key that records use.
 * Values are numbers: -1 stands for absent, and an IPv6 address is where its 16 bytes start.
 */
import { tcpPayloadLen } from '../dissect/extent.js';
import { type Frame, protocols } from '../dissect/frame.js';
import * as arp from '../wire/arp.js';
import * as ethernet from '../wire/ethernet.js';
import * as geneve from '../wire/geneve.js';
import * as gre from '../wire/gre.js';
import * as icmpv4 from '../wire/icmpv4.js';
import * as icmpv6 from '../wire/icmpv6.js';
import * as ipv4 from '../wire/ipv4.js';
import * as ipv6 from '../wire/ipv6.js';
import * as extension from '../wire/ipv6-extension.js';
import * as linuxSll from '../wire/linux-sll.js';
import * as nsh from '../wire/nsh.js';
import * as nullLoopback from '../wire/null-loopback.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import * as tcp from '../wire/tcp.js';
import * as udp from '../wire/udp.js';
import * as vlan from '../wire/vlan.js';
import * as vxlan from '../wire/vxlan.js';

/** How a value is written: `hex` is a number that people know in hexadecimal, decimal in records all the same. */
export type FieldType = 'uint' | 'hex' | 'flag' | 'mac' | 'ipv4' | 'ipv6' | 'text';

/** Reads a value from a layer that starts at `at` and ends at `end`. Wire accessors are such, and take the first two or three. */
export type Reader = (bytes: Uint8Array, at: number, end: number, stack: LayerStack, index: number) => number;

/** One field: where it is read, by kind of layer. */
export interface FieldRow {
  readonly name: string;
  readonly type: FieldType;
  readonly readers: ReadonlyMap<LayerKind, Reader>;
}

/** One field of the frame itself. */
export interface FrameRow {
  readonly name: string;
  readonly type: FieldType;
  /** Null where the capture does not say. */
  readonly read: (frame: Frame) => number | string | null;
}

/** A name for either of two fields of one layer (`ip.addr`): in filters and `fields`, not in records. */
export interface AliasRow {
  readonly name: string;
  readonly of: readonly [string, string];
}

type Source = readonly [LayerKind, Reader];

function row(name: string, type: FieldType, ...sources: readonly Source[]): FieldRow {
  return { name, type, readers: new Map(sources) };
}

/** A field of one kind of layer: nearly all of them. */
function of(kind: LayerKind): (name: string, type: FieldType, read: Reader) => FieldRow {
  return (name, type, read) => row(name, type, [kind, read]);
}

/** One bit of a word that an accessor gives, as 0 or 1. */
function bit(read: Reader, mask: number): Reader {
  return (bytes, at, end, stack, index) => ((read(bytes, at, end, stack, index) & mask) !== 0 ? 1 : 0);
}

/** The types of an EtherType field that are types: the others are lengths, or numbers of Linux. */
function typeOnly(read: Reader): Reader {
  return (bytes, at, end, stack, index) => {
    const value = read(bytes, at, end, stack, index);
    return value < MIN_ETHER_TYPE ? -1 : value;
  };
}

const MIN_ETHER_TYPE = 1536;

const eth = of(LayerKind.Ethernet);
const tag = of(LayerKind.Vlan);
const serviceTag = of(LayerKind.ServiceVlan);
const arpField = of(LayerKind.Arp);
const ip = of(LayerKind.Ipv4);
const ip6 = of(LayerKind.Ipv6);
const hopByHop = of(LayerKind.HopByHop);
const routing = of(LayerKind.Routing);
const fragment = of(LayerKind.Fragment);
const destinationOptions = of(LayerKind.DestinationOptions);
const authentication = of(LayerKind.Authentication);
const udpField = of(LayerKind.Udp);
const tcpField = of(LayerKind.Tcp);
const icmp = of(LayerKind.Icmpv4);
const icmp6 = of(LayerKind.Icmpv6);
const geneveField = of(LayerKind.Geneve);
const greField = of(LayerKind.Gre);
const nshField = of(LayerKind.Nsh);

/** A cooked capture's field, in both versions. */
function sll(name: string, type: FieldType, read: Reader, read2: Reader): FieldRow {
  return row(name, type, [LayerKind.LinuxSll, read], [LayerKind.LinuxSll2, read2]);
}

/** A VXLAN field that plain VXLAN and GPE share. */
function anyVxlan(name: string, type: FieldType, read: Reader): FieldRow {
  return row(name, type, [LayerKind.Vxlan, read], [LayerKind.VxlanGpe, read]);
}

/** All fields of layers, in the order of the layers' kinds, and in which records and trees show them. */
export const FIELD_ROWS: readonly FieldRow[] = [
  eth('eth.src', 'mac', ethernet.source),
  eth('eth.dst', 'mac', ethernet.destination),
  eth('eth.type', 'hex', ethernet.etherType),
  eth('eth.len', 'uint', ethernet.length),
  tag('vlan.priority', 'uint', vlan.priority),
  tag('vlan.dei', 'flag', vlan.dropEligible),
  tag('vlan.id', 'uint', vlan.identifier),
  tag('vlan.etype', 'hex', typeOnly(vlan.etherType)),
  serviceTag('ieee8021ad.priority', 'uint', vlan.priority),
  serviceTag('ieee8021ad.dei', 'flag', vlan.dropEligible),
  serviceTag('ieee8021ad.id', 'uint', vlan.identifier),
  arpField('arp.hw.type', 'uint', arp.hardwareType),
  arpField('arp.proto.type', 'hex', arp.protocolType),
  arpField('arp.hw.size', 'uint', arp.hardwareLen),
  arpField('arp.proto.size', 'uint', arp.protocolLen),
  arpField('arp.opcode', 'uint', arp.operation),
  arpField('arp.src.hw_mac', 'mac', arp.senderHardware),
  arpField('arp.src.proto_ipv4', 'ipv4', arp.senderProtocol),
  arpField('arp.dst.hw_mac', 'mac', arp.targetHardware),
  arpField('arp.dst.proto_ipv4', 'ipv4', arp.targetProtocol),
  ip('ip.version', 'uint', ipv4.version),
  ip('ip.hdr_len', 'uint', ipv4.headerLen),
  ip('ip.dsfield', 'hex', ipv4.typeOfService),
  ip('ip.dsfield.dscp', 'uint', (bytes, at) => ipv4.typeOfService(bytes, at) >> 2),
  ip('ip.dsfield.ecn', 'uint', (bytes, at) => ipv4.typeOfService(bytes, at) & 3),
  ip('ip.len', 'uint', ipv4.totalLength),
  ip('ip.id', 'hex', ipv4.identification),
  ip('ip.flags.rb', 'flag', ipv4.reservedFlag),
  ip('ip.flags.df', 'flag', ipv4.dontFragment),
  ip('ip.flags.mf', 'flag', ipv4.moreFragments),
  ip('ip.frag_offset', 'uint', ipv4.fragmentOffset),
  ip('ip.ttl', 'uint', ipv4.timeToLive),
  ip('ip.proto', 'uint', ipv4.protocol),
  ip('ip.checksum', 'hex', ipv4.checksum),
  ip('ip.src', 'ipv4', ipv4.source),
  ip('ip.dst', 'ipv4', ipv4.destination),
  ip6('ipv6.version', 'uint', ipv6.version),
  ip6('ipv6.tclass', 'hex', ipv6.trafficClass),
  ip6('ipv6.tclass.dscp', 'uint', (bytes, at) => ipv6.trafficClass(bytes, at) >> 2),
  ip6('ipv6.tclass.ecn', 'uint', (bytes, at) => ipv6.trafficClass(bytes, at) & 3),
  ip6('ipv6.flow', 'hex', ipv6.flowLabel),
  ip6('ipv6.plen', 'uint', ipv6.payloadLength),
  ip6('ipv6.nxt', 'uint', ipv6.nextHeader),
  ip6('ipv6.hlim', 'uint', ipv6.hopLimit),
  ip6('ipv6.src', 'ipv6', ipv6.sourceAt),
  ip6('ipv6.dst', 'ipv6', ipv6.destinationAt),
  hopByHop('ipv6.hopopts.nxt', 'uint', extension.nextHeader),
  hopByHop('ipv6.hopopts.len', 'uint', extension.length),
  routing('ipv6.routing.nxt', 'uint', extension.nextHeader),
  routing('ipv6.routing.len', 'uint', extension.length),
  routing('ipv6.routing.type', 'uint', extension.routingType),
  routing('ipv6.routing.segleft', 'uint', extension.segmentsLeft),
  fragment('ipv6.fraghdr.nxt', 'uint', extension.nextHeader),
  fragment('ipv6.fraghdr.offset', 'uint', extension.fragmentOffset),
  fragment('ipv6.fraghdr.more', 'flag', extension.moreFragments),
  fragment('ipv6.fraghdr.ident', 'hex', extension.identification),
  destinationOptions('ipv6.dstopts.nxt', 'uint', extension.nextHeader),
  destinationOptions('ipv6.dstopts.len', 'uint', extension.length),
  authentication('ah.next_header', 'uint', extension.nextHeader),
  authentication('ah.length', 'uint', extension.length),
  authentication('ah.spi', 'hex', extension.securityParametersIndex),
  udpField('udp.srcport', 'uint', udp.sourcePort),
  udpField('udp.dstport', 'uint', udp.destinationPort),
  udpField('udp.length', 'uint', udp.length),
  udpField('udp.checksum', 'hex', udp.checksum),
  tcpField('tcp.srcport', 'uint', tcp.sourcePort),
  tcpField('tcp.dstport', 'uint', tcp.destinationPort),
  tcpField('tcp.seq_raw', 'uint', tcp.sequenceNumber),
  tcpField('tcp.ack_raw', 'uint', tcp.acknowledgmentNumber),
  tcpField('tcp.hdr_len', 'uint', tcp.headerLen),
  tcpField('tcp.flags', 'hex', tcp.flags),
  tcpField('tcp.flags.ae', 'flag', bit(tcp.flags, tcp.Flag.Ae)),
  tcpField('tcp.flags.cwr', 'flag', bit(tcp.flags, tcp.Flag.Cwr)),
  tcpField('tcp.flags.ece', 'flag', bit(tcp.flags, tcp.Flag.Ece)),
  tcpField('tcp.flags.urg', 'flag', bit(tcp.flags, tcp.Flag.Urg)),
  tcpField('tcp.flags.ack', 'flag', bit(tcp.flags, tcp.Flag.Ack)),
  tcpField('tcp.flags.push', 'flag', bit(tcp.flags, tcp.Flag.Psh)),
  tcpField('tcp.flags.reset', 'flag', bit(tcp.flags, tcp.Flag.Rst)),
  tcpField('tcp.flags.syn', 'flag', bit(tcp.flags, tcp.Flag.Syn)),
  tcpField('tcp.flags.fin', 'flag', bit(tcp.flags, tcp.Flag.Fin)),
  tcpField('tcp.window_size_value', 'uint', tcp.window),
  tcpField('tcp.checksum', 'hex', tcp.checksum),
  tcpField('tcp.urgent_pointer', 'uint', tcp.urgentPointer),
  tcpField('tcp.len', 'uint', (_bytes, _at, _end, stack, index) => tcpPayloadLen(stack, index)),
  icmp('icmp.type', 'uint', icmpv4.type),
  icmp('icmp.code', 'uint', icmpv4.code),
  icmp('icmp.checksum', 'hex', icmpv4.checksum),
  icmp('icmp.ident', 'uint', icmpv4.identifier),
  icmp('icmp.seq', 'uint', icmpv4.sequenceNumber),
  icmp('icmp.mtu', 'uint', icmpv4.mtu),
  icmp('icmp.redir_gw', 'ipv4', icmpv4.gateway),
  icmp6('icmpv6.type', 'uint', icmpv6.type),
  icmp6('icmpv6.code', 'uint', icmpv6.code),
  icmp6('icmpv6.checksum', 'hex', icmpv6.checksum),
  icmp6('icmpv6.echo.identifier', 'hex', icmpv6.identifier),
  icmp6('icmpv6.echo.sequence_number', 'uint', icmpv6.sequenceNumber),
  icmp6('icmpv6.mtu', 'uint', icmpv6.mtu),
  icmp6('icmpv6.nd.ns.target_address', 'ipv6', icmpv6.solicitedTargetAt),
  icmp6('icmpv6.nd.na.target_address', 'ipv6', icmpv6.advertisedTargetAt),
  icmp6('icmpv6.nd.na.flag.s', 'flag', icmpv6.solicited),
  icmp6('icmpv6.opt.linkaddr', 'mac', icmpv6.linkLayerAddress),
  row('vxlan.flags', 'hex', [LayerKind.Vxlan, vxlan.flags], [LayerKind.VxlanGpe, vxlan.gpeFlags]),
  row('vxlan.gbp', 'uint', [LayerKind.Vxlan, vxlan.groupPolicy]),
  row('vxlan.next_proto', 'uint', [LayerKind.VxlanGpe, vxlan.nextProtocol]),
  anyVxlan('vxlan.vni', 'uint', vxlan.vni),
  anyVxlan('vxlan.reserved8', 'uint', vxlan.reserved),
  geneveField('geneve.version', 'uint', geneve.version),
  geneveField('geneve.flags.oam', 'flag', geneve.control),
  geneveField('geneve.flags.critical', 'flag', geneve.critical),
  geneveField('geneve.proto_type', 'hex', geneve.protocolType),
  geneveField('geneve.vni', 'uint', geneve.vni),
  greField('gre.flags_and_version', 'hex', gre.flags),
  greField('gre.flags.checksum', 'flag', bit(gre.flags, gre.Flag.Checksum)),
  greField('gre.flags.key', 'flag', bit(gre.flags, gre.Flag.Key)),
  greField('gre.flags.sequence_number', 'flag', bit(gre.flags, gre.Flag.Sequence)),
  greField('gre.proto', 'hex', gre.protocolType),
  greField('gre.checksum', 'hex', gre.checksum),
  greField('gre.key', 'hex', gre.key),
  greField('gre.sequence_number', 'uint', gre.sequenceNumber),
  nshField('nsh.length', 'uint', (bytes, at) => nsh.headerLen(bytes, at) >> 2),
  nshField('nsh.nextproto', 'uint', nsh.nextProtocol),
  nshField('nsh.spi', 'uint', nsh.servicePath),
  nshField('nsh.si', 'uint', nsh.serviceIndex),
  sll('sll.pkttype', 'uint', linuxSll.packetType, linuxSll.packetType2),
  sll('sll.hatype', 'uint', linuxSll.hardwareType, linuxSll.hardwareType2),
  sll('sll.halen', 'uint', linuxSll.addressLen, linuxSll.addressLen2),
  sll('sll.src.eth', 'mac', linuxSll.source, linuxSll.source2),
  sll('sll.etype', 'hex', typeOnly(linuxSll.protocol), typeOnly(linuxSll.protocol2)),
  row('sll.ifindex', 'uint', [LayerKind.LinuxSll2, linuxSll.interfaceIndex]),
  row('null.family', 'uint', [LayerKind.Null, nullLoopback.family]),
];

/** All fields of the frame itself. */
export const FRAME_ROWS: readonly FrameRow[] = [
  { name: 'frame.number', type: 'uint', read: (frame) => frame.number },
  { name: 'frame.time_epoch', type: 'text', read: epochText },
  { name: 'frame.len', type: 'uint', read: (frame) => frame.wireLen },
  { name: 'frame.cap_len', type: 'uint', read: (frame) => frame.capturedLen },
  { name: 'frame.interface_id', type: 'uint', read: (frame) => (frame.interfaceId < 0 ? null : frame.interfaceId) },
  { name: 'frame.interface_name', type: 'text', read: (frame) => frame.interfaceName },
  { name: 'frame.protocols', type: 'text', read: (frame) => protocols(frame.stack) },
];

/** Seconds since 1970 with nine decimals. */
function epochText(frame: Frame): string | null {
  if (Number.isNaN(frame.seconds)) return null;
  const fraction = String(frame.nanoseconds).padStart(9, '0');
  if (frame.seconds >= 0 || frame.nanoseconds === 0) return `${frame.seconds}.${fraction}`;
  // Before 1970: seconds are floored, so that the fraction counts upwards from them.
  return `-${-frame.seconds - 1}.${String(1_000_000_000 - frame.nanoseconds).padStart(9, '0')}`;
}

/** Names for either side. */
export const ALIAS_ROWS: readonly AliasRow[] = [
  { name: 'eth.addr', of: ['eth.dst', 'eth.src'] },
  { name: 'ip.addr', of: ['ip.src', 'ip.dst'] },
  { name: 'ipv6.addr', of: ['ipv6.src', 'ipv6.dst'] },
  { name: 'udp.port', of: ['udp.srcport', 'udp.dstport'] },
  { name: 'tcp.port', of: ['tcp.srcport', 'tcp.dstport'] },
];
