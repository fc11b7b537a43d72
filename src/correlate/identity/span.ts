/**
 * Spans: the stretch of a flow or of a datagram that a frame carries. Segmentation offload cuts one large segment into
 * several small ones, or makes one of several; a router fragments. IP ID, flags and length differ then, but the TCP
 * sequence numbers, or the offsets of the fragments, of the small ones lie within those of the large one. Datagrams of
 * UDP that were one, or become one, have no numbers: their addresses are all that is in common before they are compared.
 */
import { u32 } from '../../wire/bytes.js';
import { EtherType } from '../../wire/ether-type.js';
import { IpProtocol, layerOfNextHeader } from '../../wire/ip-protocol.js';
import * as ipv4 from '../../wire/ipv4.js';
import * as ipv6 from '../../wire/ipv6.js';
import * as extension from '../../wire/ipv6-extension.js';
import { LayerKind, type LayerStack } from '../../wire/stack.js';
import * as tcp from '../../wire/tcp.js';

/** IP packets longer than this are not sent on an Ethernet as they are, or else over one with larger frames. */
const LONGEST_PACKET = 1600;
/** IPv6 packets up to this long are sent on any link as they are (RFC 8200, section 5). */
const LEAST_MTU = 1280;
const IPV4_SOURCE = 12;
const IPV4_DESTINATION = 16;
/** Words of an identity (identity.ts): the type of layer 3, and where both addresses begin, in the low half; words of both. */
const TYPE = 3;
const IPV4_ADDRESSES = 6;
const IPV4_ADDRESSES_LEN = 2;
const IPV6_ADDRESSES = 5;
const IPV6_ADDRESSES_LEN = 8;
/** Bytes of a unit, in which the offsets of fragments count, and the most units of a datagram. */
const UNIT_LEN = 8;
const MAX_UNITS = 0x1_0000 / UNIT_LEN;

/** The span of one frame, read anew for each. */
export class Span {
  /** Tells its flow, or its datagram, from others; 0 where there is none. */
  key = 0;
  /** Its first byte, 0..2^32-1, and its bytes. */
  from = 0;
  len = 0;
  /** Whether it may be one of several, or several in one: too long for a wire, or a fragment. */
  isSplit = false;
  /**
   * Of fragments of IPv6, and of what is too long for a wire and may become some, what each unit holds (units.ts): the
   * first `unitCount` of these, which are the datagram's from `firstUnit` on.
   */
  units = new Int32Array(0);
  firstUnit = 0;
  unitCount = 0;

  /** Forgets the frame before. */
  clear(): void {
    this.key = 0;
    this.isSplit = false;
    this.unitCount = 0;
  }
}

/** Reads the span of the IPv4 packet whose layer is at `index`: of TCP data its sequence numbers, else the fragment's offsets. */
export function readSpanIpv4(span: Span, stack: LayerStack, index: number): void {
  const { bytes } = stack;
  const at = stack.ats[index] as number;
  const headerLen = ipv4.headerLen(bytes, at);
  const totalLen = ipv4.totalLength(bytes, at) || stack.wireLen - (at - stack.frameAt);
  const offset = ipv4.fragmentOffset(bytes, at);
  const isFragment = offset > 0 || ipv4.moreFragments(bytes, at) === 1;
  if (stack.kinds[index + 1] === LayerKind.Tcp && index + 1 < stack.depth && !isFragment) {
    const key = hostsKey(LayerKind.Tcp, stack, at);
    readTcp(span, stack, index + 1, key, totalLen - headerLen, totalLen);
    return;
  }
  if (ipv4.protocol(bytes, at) === IpProtocol.Udp) {
    const key = hostsKey(LayerKind.Udp, stack, at);
    set(span, key, offset * 8, totalLen - headerLen, isFragment || totalLen > LONGEST_PACKET);
    return;
  }
  const identification = ipv4.identification(bytes, at);
  if (identification === 0 && !isFragment) return;
  const key = hostsKey(ipv4.protocol(bytes, at), stack, at);
  set(span, mix(key, identification), offset * 8, totalLen - headerLen, isFragment);
}

/** Reads the span of the IPv6 packet whose layer is at `index`: of a fragment its offset, of a datagram all of it, of TCP as with IPv4. */
export function readSpanIpv6(span: Span, stack: LayerStack, index: number): void {
  const { bytes, depth, kinds } = stack;
  const at = stack.ats[index] as number;
  let above = index + 1;
  while (above < depth && extension.isExtension(kinds[above] as number) && kinds[above] !== LayerKind.Fragment) above++;
  if (above >= depth) return;
  let kind = kinds[above] as number;
  let aboveAt = stack.ats[above] as number;
  const packetLen = ipv6.HEADER_LEN + ipv6.payloadLength(bytes, at);
  const end = at + (packetLen > ipv6.HEADER_LEN ? packetLen : stack.wireLen - (at - stack.frameAt));
  if (kind === LayerKind.Fragment) {
    const offset = extension.fragmentOffset(bytes, aboveAt);
    if (offset > 0 || extension.moreFragments(bytes, aboveAt) === 1) {
      const from = aboveAt + extension.HEADER_LEN;
      const of = layerOfNextHeader(extension.nextHeader(bytes, aboveAt));
      // What the datagram has in common with its fragments where they may be of a whole one.
      const isPlain = above === index + 1 && (of === LayerKind.Udp || of === LayerKind.Icmpv6);
      const key = isPlain
        ? addressesKey(of, bytes, at)
        : mix(addressesKey(kind, bytes, at), extension.identification(bytes, aboveAt));
      set(span, key, offset * 8, end - from, true);
      if (isPlain) readUnits(span, stack, from, Math.min(end, stack.ends[index] as number));
      return;
    }
    // All of a datagram in one fragment (RFC 6946).
    if (++above >= depth) return;
    kind = kinds[above] as number;
    aboveAt = stack.ats[above] as number;
  }
  if (kind === LayerKind.Tcp) readTcp(span, stack, above, addressesKey(kind, bytes, at), end - aboveAt, end - at);
  else if (kind === LayerKind.Udp || (kind === LayerKind.Icmpv6 && end - at > LEAST_MTU)) {
    const isLong = end - at > LONGEST_PACKET;
    set(span, addressesKey(kind, bytes, at), 0, end - aboveAt, isLong);
    if (isLong) readUnits(span, stack, aboveAt, Math.min(end, stack.ends[index] as number));
  }
}

/** The key of the spans that the fragments of a TCP segment have. @param words the segment's, from `at` on @param number its fragments' */
export function fragmentsKey(words: Int32Array, at: number, number: number): number {
  const isIpv4 = (words[at + TYPE] as number) >>> 16 === EtherType.Ipv4;
  const key = isIpv4
    ? addressesOf(words, at + IPV4_ADDRESSES, IPV4_ADDRESSES_LEN, IpProtocol.Tcp)
    : addressesOf(words, at + IPV6_ADDRESSES, IPV6_ADDRESSES_LEN, LayerKind.Fragment);
  return mix(key, number) || 1;
}

/** The key of the spans that segments of IPv6 have. @param words of a segment, or of its first fragment @param ports of the word whose low half is the source port */
export function ipv6SegmentsKey(words: Int32Array, at: number, ports: number): number {
  const hosts = addressesOf(words, at + IPV6_ADDRESSES, IPV6_ADDRESSES_LEN, LayerKind.Tcp);
  const source = (words[at + ports] as number) & 0xffff;
  return mix(mix(hosts, source), (words[at + ports + 1] as number) >>> 16) || 1;
}

/** A key of both addresses, `count` words that begin in the low half of the one at `at`. */
function addressesOf(words: Int32Array, at: number, count: number, kind: number): number {
  let key = kind;
  for (let word = at; word < at + count; word++) {
    key = mix(key, ((words[word] as number) << 16) | ((words[word + 1] as number) >>> 16));
  }
  return key;
}

/** Reads the units from `at` up to `end` that were captured whole, but not a datagram's first one, which has its checksum. */
function readUnits(span: Span, { view, bytes }: LayerStack, at: number, end: number): void {
  if (span.units.length === 0) span.units = new Int32Array(MAX_UNITS);
  const { units } = span;
  const first = Math.max(1, span.from / UNIT_LEN);
  let count = 0;
  let from = at + first * UNIT_LEN - span.from;
  for (; from + UNIT_LEN <= end && count < MAX_UNITS; from += UNIT_LEN) {
    units[count++] = mix(mix(UNIT_LEN, view.getInt32(from)), view.getInt32(from + 4));
  }
  // The datagram's last one may be shorter.
  if (from < end && end === at + span.len && count < MAX_UNITS) {
    let unit = UNIT_LEN;
    for (; from < end; from++) unit = mix(unit, bytes[from] as number);
    units[count++] = unit;
  }
  span.firstUnit = first;
  span.unitCount = count;
}

/** Signed: of each frame, a number above 2^31-1 would lie on the heap. */
function hostsKey(protocol: number, { view }: LayerStack, at: number): number {
  return mix(mix(protocol, view.getInt32(at + IPV4_SOURCE)), view.getInt32(at + IPV4_DESTINATION));
}

function addressesKey(kind: number, bytes: Uint8Array, at: number): number {
  let key = kind;
  for (let word = 0; word < 32; word += 4) key = mix(key, u32(bytes, ipv6.sourceAt(bytes, at) + word));
  return key;
}

function readTcp(
  span: Span,
  stack: LayerStack,
  index: number,
  hosts: number,
  segmentLen: number,
  packetLen: number,
): void {
  const { bytes } = stack;
  const at = stack.ats[index] as number;
  const key = mix(mix(hosts, tcp.sourcePort(bytes, at)), tcp.destinationPort(bytes, at));
  const dataLen = segmentLen - tcp.headerLen(bytes, at);
  set(span, key, tcp.sequenceNumber(bytes, at), dataLen, packetLen > LONGEST_PACKET);
}

function set(span: Span, key: number, from: number, len: number, isSplit: boolean): void {
  if (len <= 0) return;
  span.key = key === 0 ? 1 : key;
  span.from = from;
  span.len = len;
  span.isSplit = isSplit;
}

function mix(key: number, value: number): number {
  const mixed = Math.imul(key ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}
