/**
 * Acknowledgements: TCP segments that some tap did not see, and that their receiver acknowledged though nobody sent them
 * again. That proves that they arrived. Once a segment was sent again an acknowledgement proves nothing about the first
 * time.
 */
import { EtherType } from '../wire/ether-type.js';
import { IpProtocol } from '../wire/ip-protocol.js';
import { Flag } from '../wire/tcp.js';
import type { Trails } from './trails.js';

/** How far behind a segment its acknowledgement is looked for, in trails; and how far in all: what bounds the time. */
const MAX_STEPS = 4096;
const MAX_STEPS_IN_ALL = 1 << 24;
/** Words of an identity, from the type of layer 3 on. */
const TYPE = 3;
const LENGTH = 4;
const PROTOCOL = 5;
/** The word whose low half is the source port, behind IPv4 without options and behind IPv6 without extensions. */
const PORTS_IPV4 = 8;
const PORTS_IPV6 = 13;
const IPV6_HEADER_LEN = 40;
const IPV4_HEADER_LEN = 20;

/** Looks for acknowledgements among the trails that are not let go yet. */
export class Acknowledgements {
  readonly #trails: Trails;
  #stepsLeft: number;

  constructor(trails: Trails) {
    this.#trails = trails;
    this.#stepsLeft = MAX_STEPS_IN_ALL;
  }

  /**
   * Whether a segment was acknowledged before any of it was sent again.
   *
   * @param trail its own; all that came after it are still there
   * @param mayBeOf whether a trail of that VNI may be of its network
   * @returns false where that is not shown, as of all that is no TCP, or carries nothing
   *
   * **Cost** no allocation; up to 4,096 trails are looked at.
   */
  has(trail: number, mayBeOf: (vni: number) => boolean): boolean {
    const trails = this.#trails;
    const words = trails.words();
    const at = trails.at(trail);
    const ports = portsAt(words, at);
    if (ports < 0) return false;
    const from = sequence(words, at + ports);
    const end = endOf(words, at, ports, trails.spanLen(trail));
    if (end === from) return false;
    const last = Math.min(trails.next - 1, trail + Math.min(MAX_STEPS, this.#stepsLeft));
    for (let other = trail + 1; other <= last; other++) {
      this.#stepsLeft--;
      const otherAt = trails.at(other);
      if (words[otherAt + TYPE] !== words[at + TYPE] || portsAt(words, otherAt) !== ports) continue;
      const vni = trails.vni(other);
      if (vni < -1 || (vni >= 0 && !mayBeOf(vni))) continue;
      if (isOfFlow(words, otherAt, at, ports, true)) {
        const isAck = ((words[otherAt + ports + 3] as number) & Flag.Ack) !== 0;
        if (isAck && ((acknowledged(words, otherAt + ports) - end) | 0) >= 0) return true;
      } else if (isOfFlow(words, otherAt, at, ports, false)) {
        const otherEnd = endOf(words, otherAt, ports, trails.spanLen(other));
        const overlaps = ((sequence(words, otherAt + ports) - end) | 0) < 0 && ((otherEnd - from) | 0) > 0;
        if (overlaps) return false;
      }
    }
    return false;
  }
}

/** The word of a frame's TCP ports, from `at` on; -1 of other frames. */
function portsAt(words: Int32Array, at: number): number {
  const head = words[at + TYPE] as number;
  const word = words[at + PROTOCOL] as number;
  if (head >>> 16 === EtherType.Ipv4) {
    const isPlain = (head & 0xff00) === 0x4500 && (word & 0x3fff_0000) === 0;
    return isPlain && (word & 0xff) === IpProtocol.Tcp ? PORTS_IPV4 : -1;
  }
  return head >>> 16 === EtherType.Ipv6 && word >>> 24 === IpProtocol.Tcp ? PORTS_IPV6 : -1;
}

/** Whether a frame is of the same flow as another one, its ports in the word `ports` of both. @param back the other way */
function isOfFlow(words: Int32Array, a: number, b: number, ports: number, back: boolean): boolean {
  const [sourcePort, destinationPort] = [half(words, a, ports * 2 + 1), half(words, a, ports * 2 + 2)];
  if (sourcePort !== half(words, b, ports * 2 + (back ? 2 : 1))) return false;
  if (destinationPort !== half(words, b, ports * 2 + (back ? 1 : 2))) return false;
  // Both addresses end where the ports begin.
  const len = ports === PORTS_IPV4 ? 2 : 8;
  const destination = ports * 2 + 1 - len;
  const source = destination - len;
  for (let place = 0; place < len; place++) {
    if (half(words, a, source + place) !== half(words, b, (back ? destination : source) + place)) return false;
    if (half(words, a, destination + place) !== half(words, b, (back ? source : destination) + place)) return false;
  }
  return true;
}

function half(words: Int32Array, at: number, place: number): number {
  const word = words[at + (place >> 1)] as number;
  return (place & 1) === 0 ? word >>> 16 : word & 0xffff;
}

/** @param at of the word whose low half is the source port */
function sequence(words: Int32Array, at: number): number {
  return ((words[at + 1] as number) << 16) | ((words[at + 2] as number) >>> 16);
}

function acknowledged(words: Int32Array, at: number): number {
  return ((words[at + 2] as number) << 16) | ((words[at + 3] as number) >>> 16);
}

/** The sequence number behind a segment. @param spanLen its bytes where its IP length does not tell them */
function endOf(words: Int32Array, at: number, ports: number, spanLen: number): number {
  const bits = (words[at + ports + 3] as number) & 0xffff;
  const word = words[at + LENGTH] as number;
  const ipLen = ports === PORTS_IPV4 ? word >>> 16 : (word & 0xffff) === 0 ? 0 : (word & 0xffff) + IPV6_HEADER_LEN;
  const headers = (ports === PORTS_IPV4 ? IPV4_HEADER_LEN : IPV6_HEADER_LEN) + (bits >>> 12) * 4;
  const dataLen = ipLen === 0 ? spanLen : Math.max(0, ipLen - headers);
  const ends = ((bits & Flag.Syn) === 0 ? 0 : 1) + ((bits & Flag.Fin) === 0 ? 0 : 1);
  return (sequence(words, at + ports) + dataLen + ends) | 0;
}
