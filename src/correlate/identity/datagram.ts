/**
 * Datagrams and fragments, by the words of their identities: what parts of a large one are known by where they have no
 * numbers. The headers are taken to be without options.
 */
import { EtherType } from '../../wire/ether-type.js';
import { IpProtocol } from '../../wire/ip-protocol.js';
import { Flag } from './identity.js';

/** Words: EtherType; IP ID (low half, IPv4); fragment or next header; and by family, ports (low half, high half), data. */
const TYPE = 3;
const IDENTIFICATION = 4;
const FRAGMENT = 5;
const IPV4_PORTS = 8;
const IPV6_PORTS = 13;
const IPV4_DATA = 11;
const IPV6_DATA = 16;
/** IPv6: what a whole datagram starts with, in the low half, as its first fragment does so many words later. */
const IPV6_START = 13;
const FRAGMENT_WORDS = 2;
/** The next header of a fragment (IPv6) is in the low half's high byte. */
const IPV6_FRAGMENT = 13;
/** The fragment's number (IPv6), in the low half and the high half. */
const IPV6_NUMBER = 14;
/** More fragments, and the offset. */
const FRAGMENT_MASK = 0x3fff_0000;

export function isIpv4(words: Int32Array, at: number): boolean {
  return (words[at + TYPE] as number) >>> 16 === EtherType.Ipv4;
}

/** Whether a frame is a fragment. @param words its identity's, from `at` on. **Cost** no allocation. */
export function isFragment(words: Int32Array, at: number): boolean {
  const word = words[at + FRAGMENT] as number;
  return isIpv4(words, at) ? (word & FRAGMENT_MASK) !== 0 : word >>> 24 === IpProtocol.Fragment;
}

/** Whether a frame is a whole datagram of UDP. */
export function isDatagram(words: Int32Array, at: number): boolean {
  const word = words[at + FRAGMENT] as number;
  if (isIpv4(words, at)) return (word & 0xff) === IpProtocol.Udp && (word & FRAGMENT_MASK) === 0;
  return (words[at + TYPE] as number) >>> 16 === EtherType.Ipv6 && word >>> 24 === IpProtocol.Udp;
}

/** Whether a frame is a whole datagram of IPv6, of UDP or ICMPv6: its fragments have a number, it has none. */
export function isNumberless(words: Int32Array, at: number): boolean {
  return isMessage(words, at) || (!isIpv4(words, at) && isDatagram(words, at));
}

/** Whether a frame is a whole message of ICMPv6: no part of anything. */
export function isMessage(words: Int32Array, at: number): boolean {
  const isIpv6 = (words[at + TYPE] as number) >>> 16 === EtherType.Ipv6;
  return isIpv6 && (words[at + FRAGMENT] as number) >>> 24 === IpProtocol.Icmpv6;
}

/** Whether a fragment is one of a TCP segment. */
export function isOfSegment(words: Int32Array, at: number): boolean {
  if (isIpv4(words, at)) return ((words[at + FRAGMENT] as number) & 0xff) === IpProtocol.Tcp;
  return (((words[at + IPV6_FRAGMENT] as number) >>> 8) & 0xff) === IpProtocol.Tcp;
}

/** The number that a packet of IPv4 has in common with its fragments; 0 of one that has none, and of others. */
export function ipv4Number(words: Int32Array, at: number): number {
  return isIpv4(words, at) ? (words[at + IDENTIFICATION] as number) & 0xffff : 0;
}

/** The number of an IPv6 fragment. */
export function fragmentNumber(words: Int32Array, at: number): number {
  return ((words[at + IPV6_NUMBER] as number) << 16) | ((words[at + IPV6_NUMBER + 1] as number) >>> 16);
}

/** Whether two frames, one of them a fragment, are of one datagram, as far as the numbers of both tell. */
export function shareNumber(words: Int32Array, a: number, others: Int32Array, b: number): boolean {
  if (!isIpv4(words, a)) return fragmentNumber(words, a) === fragmentNumber(others, b);
  return (((words[a + IDENTIFICATION] as number) ^ (others[b + IDENTIFICATION] as number)) & 0xffff) === 0;
}

/** Whether two datagrams between the same hosts have the same ports. */
export function sharePorts(words: Int32Array, a: number, others: Int32Array, b: number): boolean {
  const word = isIpv4(words, a) ? IPV4_PORTS : IPV6_PORTS;
  const source = (words[a + word] as number) ^ (others[b + word] as number);
  const destination = (words[a + word + 1] as number) ^ (others[b + word + 1] as number);
  return (source & 0xffff) === 0 && destination >>> 16 === 0;
}

/** Whether two datagrams start with the same data, as far as both were captured, four bytes at least. @param flags of each identity */
export function startAlike(
  words: Int32Array,
  a: number,
  flagsA: number,
  others: Int32Array,
  b: number,
  flagsB: number,
): boolean {
  const keptA = (flagsA >> Flag.KeptShift) & Flag.KeptMask;
  const keptB = (flagsB >> Flag.KeptShift) & Flag.KeptMask;
  const count = Math.min(keptA, keptB) >> 2;
  const start = isIpv4(words, a) ? IPV4_DATA : IPV6_DATA;
  for (let word = start; word < count; word++) {
    if (words[a + word] !== others[b + word]) return false;
  }
  return count > start;
}

/** Whether what a whole packet carries starts like its first fragment, as far as both were captured. @param flags of each identity */
export function startsWhole(
  words: Int32Array,
  fragment: number,
  fragmentFlags: number,
  others: Int32Array,
  whole: number,
  wholeFlags: number,
): boolean {
  const [start, more] = isIpv4(others, whole) ? [IPV4_PORTS, 0] : [IPV6_START, FRAGMENT_WORDS];
  const keptFragment = ((fragmentFlags >> Flag.KeptShift) & Flag.KeptMask) - more * 4;
  const kept = (wholeFlags >> Flag.KeptShift) & Flag.KeptMask;
  const count = Math.min(keptFragment, kept) >> 2;
  for (let word = start; word < count; word++) {
    const difference = (words[fragment + word + more] as number) ^ (others[whole + word] as number);
    if ((word === start ? difference & 0xffff : difference) !== 0) return false;
  }
  return true;
}
