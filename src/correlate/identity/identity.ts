/**
 * What makes a frame the same wherever it is seen: its early bytes in canonical form, as 32-bit words. Set aside is what
 * a datapath may change: checksums, DSCP and ECN, trailing padding, a VLAN tag pushed or popped. A cheap integer key
 * finds candidates, the words decide (likeness.ts).
 *
 * The words are laid out as of an untagged Ethernet frame, whatever the link layer was: MACs in 0..2, the EtherType and
 * the first two bytes of layer 3 in 3, the rest behind it. Without MACs (bare IP) 0..2 are zero; of cooked captures the
 * receiver's part of them is.
 */
import * as arp from '../../wire/arp.js';
import { EtherType } from '../../wire/ether-type.js';
import { IpProtocol, layerOfProtocol } from '../../wire/ip-protocol.js';
import * as ipv4 from '../../wire/ipv4.js';
import * as ipv6 from '../../wire/ipv6.js';
import { isExtension } from '../../wire/ipv6-extension.js';
import * as linuxSll from '../../wire/linux-sll.js';
import { LayerKind, type LayerStack } from '../../wire/stack.js';
import * as vlan from '../../wire/vlan.js';
import { cookedSource, isToGroup } from './cooked.js';
import * as record from './plain-record.js';
import { readSpanIpv4, readSpanIpv6, Span } from './span.js';

/** Words of an identity: 112 bytes, what a snaplen of 160 leaves of an inner frame. */
export const IDENTITY_WORDS = 28;
const MAX_LEN = IDENTITY_WORDS * 4;
/** The first word that a key covers: MACs are left out, since cooked and routed frames lack or change them. */
export const FIRST_KEY_WORD = 3;
/** Canonical offset of layer 3. */
const LAYER3 = 14;
/** TTL or hop limit is in this word: what of it. */
export const TTL_WORD = 5;
export const IPV4_TTL = 0x0000ff00;
export const IPV6_HOP_LIMIT = 0x00ff0000;
const TRAFFIC_CLASS = 0x0ff0;
/** IPv4 addresses and ports, which NAT changes, are in words 6 (its low half) to 9 (its high half). */
export const FIRST_NAT_WORD = 6;
export const LAST_NAT_WORD = 9;
/** Bytes that must be there, where the frame has them: up to and with a TCP header behind IPv4, behind IPv6, and of what else there is. */
const NEED_IPV4 = 52;
const NEED_IPV6 = 76;

/** What there is to know of an identity besides its words, in one integer. */
export const Flag = {
  /** The outermost inner tag's VLAN identifier; 0 without. */
  VlanMask: 0xfff,
  /** The sender's MAC is there, the receiver's is not: a cooked frame. */
  HasSource: 1 << 12,
  /** Canonical bytes that are there, 14..112. */
  KeptShift: 16,
  KeptMask: 0xff,
  HasMacs: 1 << 24,
  /** Broadcast, multicast: a datapath copies it. */
  ToGroup: 1 << 25,
  /** NAT may have changed its addresses and ports: numbers and data tell it from others all the same. */
  Translatable: 1 << 26,
  /** It may be one of several, or several in one: too long for a wire, or a fragment. */
  Split: 1 << 27,
} as const;

/** The identity of one frame, read anew for each. */
export class Identity {
  /** The canonical bytes, big-endian: `IDENTITY_WORDS` from `at` on. */
  words: Int32Array;
  at: number;
  /** What candidates agree in; TTL, hop limit, MACs and what NAT changes are left out. */
  key: number;
  /** Bits of `Flag`. */
  flags: number;
  /** What is cut or put together on the way has in common with the whole. */
  readonly span: Span;

  constructor() {
    this.words = new Int32Array(0);
    this.at = -1;
    this.key = 0;
    this.flags = 0;
    this.span = new Span();
    this.readTo(new Int32Array(IDENTITY_WORDS), 0);
  }

  /** Has the words read to where they are to be kept, from the next `read` on. */
  readTo(words: Int32Array, at: number): void {
    // A pointer that is written costs more than one that is compared.
    if (this.words !== words) this.words = words;
    this.at = at;
  }

  /**
   * Reads the frame whose first layer is at `index`: 0 of a bare frame, behind a tunnel's header of an inner one.
   *
   * @returns false where too little of it was captured to tell it from others
   *
   * **Cost** no allocation.
   */
  read(stack: LayerStack, index: number): boolean {
    const { view, bytes, kinds, ats, ends, depth } = stack;
    if (index >= depth) return false;
    const { words, at: to } = this;
    const at = ats[index] as number;
    const link = kinds[index] as number;
    let above = index + 1;
    let type = 0;
    let flags = 0;
    words[to] = 0;
    words[to + 1] = 0;
    words[to + 2] = 0;
    if (link === LayerKind.Ethernet) {
      flags = ((bytes[at] as number) & 1) === 0 ? Flag.HasMacs : Flag.HasMacs | Flag.ToGroup;
      words[to] = view.getInt32(at);
      words[to + 1] = view.getInt32(at + 4);
      words[to + 2] = view.getInt32(at + 8);
      if (above < depth && (kinds[above] === LayerKind.Vlan || kinds[above] === LayerKind.ServiceVlan)) {
        flags |= vlan.identifier(bytes, ats[above] as number);
        while (above < depth && (kinds[above] === LayerKind.Vlan || kinds[above] === LayerKind.ServiceVlan)) above++;
      }
    } else if (link === LayerKind.Ipv4 || link === LayerKind.Ipv6) {
      above = index;
    } else {
      const source = cookedSource(stack, index);
      if (source >= 0) {
        flags = Flag.HasSource;
        words[to + 1] = Math.floor(source / 2 ** 32);
        words[to + 2] = source | 0;
      }
    }
    const bound = ends[index] as number;
    const layer3 = above < depth ? (ats[above] as number) : headerEnd(stack, above - 1);
    if (layer3 < 0 || bound - layer3 < 2) return false;
    const kind = above < depth ? (kinds[above] as number) : LayerKind.None;
    if (link === LayerKind.LinuxSll2) type = linuxSll.protocol2(bytes, at);
    else if (link === LayerKind.Ethernet || link === LayerKind.LinuxSll) type = view.getUint16(layer3 - 2);
    else type = kind === LayerKind.Ipv4 ? EtherType.Ipv4 : kind === LayerKind.Ipv6 ? EtherType.Ipv6 : 0;

    let end = Math.min(kind === LayerKind.None ? bound : (ends[above] as number), layer3 + MAX_LEN - LAYER3);
    let need = LAYER3;
    if (kind === LayerKind.Ipv4) {
      need = Math.min(NEED_IPV4, LAYER3 + (ipv4.totalLength(bytes, layer3) || NEED_IPV4));
    } else if (kind === LayerKind.Ipv6) {
      need = Math.min(NEED_IPV6, LAYER3 + ipv6.HEADER_LEN + (ipv6.payloadLength(bytes, layer3) || NEED_IPV6));
    } else if (kind === LayerKind.Arp) {
      end = Math.min(end, layer3 + arp.messageLen(bytes, layer3));
    } else if (stack.isCut) {
      need = NEED_IPV4;
    }
    const base = layer3 - LAYER3;
    const kept = end - base;
    if (kept < need) return false;
    flags |= kept << Flag.KeptShift;

    words[to + FIRST_KEY_WORD] = (type << 16) | view.getUint16(layer3);
    const whole = kept >> 2;
    for (let word = 4; word < whole; word++) words[to + word] = view.getInt32(base + word * 4);
    for (let word = whole; word < IDENTITY_WORDS; word++) words[to + word] = 0;
    for (let byte = whole * 4; byte < kept; byte++) {
      const word = to + (byte >> 2);
      words[word] = (words[word] as number) | ((bytes[base + byte] as number) << (24 - (byte & 3) * 8));
    }
    this.span.clear();
    if (kind === LayerKind.Ipv4) {
      words[to + 3] = (words[to + 3] as number) & ~0xff;
      this.#clear16(24);
      this.#clearChecksum(stack, above, base);
      if (isTranslatable(words, to)) flags |= Flag.Translatable;
      this.flags = flags;
      this.#mix(NEED_IPV4 >> 2, IPV4_TTL, (flags & Flag.Translatable) !== 0);
      readSpanIpv4(this.span, stack, above);
    } else if (kind === LayerKind.Ipv6) {
      words[to + 3] = (words[to + 3] as number) & ~TRAFFIC_CLASS;
      this.#clearChecksum(stack, above, base);
      this.flags = flags;
      this.#mix(NEED_IPV6 >> 2, IPV6_HOP_LIMIT, false);
      readSpanIpv6(this.span, stack, above);
    } else {
      this.flags = flags;
      this.#mix(NEED_IPV4 >> 2, 0, false);
    }
    if (this.span.isSplit) this.flags |= Flag.Split;
    if (link !== LayerKind.Ethernet && isToGroup(stack, index, words, to)) this.flags |= Flag.ToGroup;
    return true;
  }

  /** Takes over what was read of a plain frame. @param records as plain-record.ts has them @param from where its own begins. **Cost** no allocation. */
  take(records: Int32Array, from: number): void {
    const { words, at, span } = this;
    for (let word = 0; word < IDENTITY_WORDS; word++) words[at + word] = records[from + record.WORDS + word] as number;
    this.key = records[from + record.KEY] as number;
    this.flags = records[from + record.FLAGS] as number;
    span.clear();
    span.key = records[from + record.SPAN_KEY] as number;
    span.from = (records[from + record.SPAN_FROM] as number) >>> 0;
    span.len = records[from + record.SPAN_LEN] as number;
  }

  /** Sets the layer 4 checksum aside. @param index of the IP header @param base where the canonical bytes start */
  #clearChecksum(stack: LayerStack, index: number, base: number): void {
    let layer4 = index + 1;
    while (layer4 < stack.depth && isExtension(stack.kinds[layer4] as number)) layer4++;
    if (layer4 < stack.depth) {
      this.#clearChecksumOf(stack.kinds[layer4] as number, (stack.ats[layer4] as number) - base);
    } else if (layer4 === index + 1) {
      // A header that is cut behind its checksum.
      const at = stack.ats[index] as number;
      if (stack.kinds[index] === LayerKind.Ipv6) {
        this.#clearChecksumOf(layerOfProtocol(ipv6.nextHeader(stack.bytes, at)), at + ipv6.HEADER_LEN - base);
      } else if (ipv4.fragmentOffset(stack.bytes, at) === 0) {
        const kind = layerOfProtocol(ipv4.protocol(stack.bytes, at));
        this.#clearChecksumOf(kind, at + ipv4.headerLen(stack.bytes, at) - base);
      }
    }
  }

  #clearChecksumOf(kind: number, at: number): void {
    switch (kind) {
      case LayerKind.Tcp:
        this.#clear16(at + 16);
        break;
      case LayerKind.Udp:
        this.#clear16(at + 6);
        break;
      case LayerKind.Icmpv4:
      case LayerKind.Icmpv6:
        this.#clear16(at + 2);
        break;
      default:
        break;
    }
  }

  #clear16(at: number): void {
    if (at >> 2 >= IDENTITY_WORDS) return;
    const word = this.at + (at >> 2);
    this.words[word] = (this.words[word] as number) & ((at & 2) === 0 ? 0xffff : ~0xffff);
  }

  #mix(keyWords: number, ttl: number, translatable: boolean): void {
    const { words, at } = this;
    let key = mix(mix(words[at + 3] as number, words[at + 4] as number), (words[at + TTL_WORD] as number) & ~ttl);
    let word = FIRST_NAT_WORD;
    if (translatable) {
      key = mix(key, (words[at + LAST_NAT_WORD] as number) & 0xffff);
      word = LAST_NAT_WORD + 1;
    }
    for (; word < keyWords; word++) key = mix(key, words[at + word] as number);
    key = Math.imul(key ^ (key >>> 13), 0xc2b2ae35);
    this.key = key ^ (key >>> 16);
  }
}

function mix(key: number, value: number): number {
  const mixed = Math.imul(key ^ value, 0x9e3779b1);
  return mixed ^ (mixed >>> 15);
}

/**
 * Whether a frame is told from others without its addresses and ports: IPv4 without options, no later fragment; TCP by
 * its sequence and acknowledgment numbers, UDP and ICMP by the IP ID and their data.
 */
function isTranslatable(words: Int32Array, at: number): boolean {
  if (((words[at + FIRST_KEY_WORD] as number) & 0xff00) !== 0x4500) return false;
  const word = words[at + TTL_WORD] as number;
  const protocol = word & 0xff;
  if ((word & 0x1fff_0000) !== 0) return false;
  if (protocol === IpProtocol.Tcp) return true;
  const hasNumber = ((words[at + 4] as number) & 0xffff) !== 0;
  return (protocol === IpProtocol.Udp || protocol === IpProtocol.Icmpv4) && hasNumber;
}

/** Whether words, from `at` on, are those of an ARP message. */
export function isArp(words: Int32Array, at: number): boolean {
  return (words[at + FIRST_KEY_WORD] as number) >>> 16 === EtherType.Arp;
}

/** Where layer 3 of a link layer starts whose payload was not entered. @returns -1 where that is not known */
function headerEnd(stack: LayerStack, index: number): number {
  const at = stack.ats[index] as number;
  switch (stack.kinds[index]) {
    case LayerKind.Ethernet:
      return at + 14;
    case LayerKind.Vlan:
    case LayerKind.ServiceVlan:
      return at + vlan.HEADER_LEN;
    case LayerKind.LinuxSll:
      return at + linuxSll.HEADER_LEN;
    case LayerKind.LinuxSll2:
      return at + linuxSll.HEADER_LEN_2;
    default:
      return -1;
  }
}
