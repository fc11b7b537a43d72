/**
 * Segments: what the words of an identity (identity.ts) tell of TCP.
 */
import { EtherType } from '../../wire/ether-type.js';
import { IpProtocol } from '../../wire/ip-protocol.js';
import { Flag } from '../../wire/tcp.js';

/** Words of an identity, from the type of layer 3 on. */
const TYPE = 3;
const LENGTH = 4;
const PROTOCOL = 5;
/** The word whose low half is the source port, behind IPv4 without options and behind IPv6 without extensions. */
const PORTS_IPV4 = 8;
const PORTS_IPV6 = 13;
const IPV6_HEADER_LEN = 40;
const IPV4_HEADER_LEN = 20;

/** Which of the words from `at` on ends in the source port; -1 of what is no TCP, or has IP options. */
export function portsAt(words: Int32Array, at: number): number {
  const head = words[at + TYPE] as number;
  const word = words[at + PROTOCOL] as number;
  if (head >>> 16 === EtherType.Ipv4) {
    const isPlain = (head & 0xff00) === 0x4500 && (word & 0x3fff_0000) === 0;
    return isPlain && (word & 0xff) === IpProtocol.Tcp ? PORTS_IPV4 : -1;
  }
  return head >>> 16 === EtherType.Ipv6 && word >>> 24 === IpProtocol.Tcp ? PORTS_IPV6 : -1;
}

/** Bytes of its TCP header. @param at of the word whose low half is the source port */
export function headerLen(words: Int32Array, at: number): number {
  return (((words[at + 3] as number) & 0xffff) >>> 12) * 4;
}

/** A segment's connection, the same both ways, as one integer; 0 of other frames. Two may share one. **Cost** no allocation. */
export function connectionOf(words: Int32Array, at: number): number {
  const ports = portsAt(words, at);
  if (ports < 0) return 0;
  const len = ports === PORTS_IPV4 ? 1 : 4;
  const source = at + ports - 2 * len;
  const port = words[at + ports + 1] as number;
  const connection =
    (endpoint(words, source, len, words[at + ports] as number) + endpoint(words, source + len, len, port >>> 16)) | 0;
  return connection === 0 ? 1 : connection;
}

/** The end of its connection that sent a segment, as one integer. */
export function senderOf(words: Int32Array, at: number, ports: number): number {
  const len = ports === PORTS_IPV4 ? 1 : 4;
  return endpoint(words, at + ports - 2 * len, len, words[at + ports] as number);
}

/** One end of a connection as one integer. @param at of the word whose low half its address of `len` words begins with @param port in the low half */
function endpoint(words: Int32Array, at: number, len: number, port: number): number {
  let hash = Math.imul(port & 0xffff, 0x9e3779b1);
  for (let word = at; word < at + len; word++) {
    hash = Math.imul(hash ^ (((words[word] as number) << 16) | ((words[word + 1] as number) >>> 16)), 0x85ebca6b);
    hash ^= hash >>> 15;
  }
  return hash;
}

/** Its sequence number. @param at of the word whose low half is the source port */
export function sequence(words: Int32Array, at: number): number {
  return ((words[at + 1] as number) << 16) | ((words[at + 2] as number) >>> 16);
}

/** Whether it acknowledges anything. @param at of the word whose low half is the source port */
export function isAcknowledging(words: Int32Array, at: number): boolean {
  return ((words[at + 3] as number) & Flag.Ack) !== 0;
}

/** What comes next of what it acknowledges. @param at of the word whose low half is the source port */
export function acknowledged(words: Int32Array, at: number): number {
  return ((words[at + 2] as number) << 16) | ((words[at + 3] as number) >>> 16);
}

/** The sequence number behind a segment. @param spanLen its bytes where its IP length does not tell them */
export function endOf(words: Int32Array, at: number, ports: number, spanLen: number): number {
  const bits = (words[at + ports + 3] as number) & 0xffff;
  const word = words[at + LENGTH] as number;
  const ipLen = ports === PORTS_IPV4 ? word >>> 16 : (word & 0xffff) === 0 ? 0 : (word & 0xffff) + IPV6_HEADER_LEN;
  const headers = (ports === PORTS_IPV4 ? IPV4_HEADER_LEN : IPV6_HEADER_LEN) + (bits >>> 12) * 4;
  const dataLen = ipLen === 0 ? spanLen : Math.max(0, ipLen - headers);
  const ends = ((bits & Flag.Syn) === 0 ? 0 : 1) + ((bits & Flag.Fin) === 0 ? 0 : 1);
  return (sequence(words, at + ports) + dataLen + ends) | 0;
}
