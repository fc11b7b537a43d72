/**
 * What makes a frame the same wherever it is seen: its early bytes in canonical form, as 32-bit words. Set aside is what
 * a datapath may change: checksums, DSCP and ECN, trailing padding, a VLAN tag pushed or popped. A cheap integer key
 * finds candidates, the words decide.
 *
 * The words are laid out as of an untagged Ethernet frame, whatever the link layer was: MACs in 0..2, the EtherType and
 * the first two bytes of layer 3 in 3, the rest behind it. Without MACs (cooked captures, bare IP) 0..2 are zero.
 */
import * as arp from '../wire/arp.js';
import * as ipv4 from '../wire/ipv4.js';
import * as ipv6 from '../wire/ipv6.js';
import * as linuxSll from '../wire/linux-sll.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import * as vlan from '../wire/vlan.js';

/** Words of an identity: 112 bytes, what a snaplen of 160 leaves of an inner frame. */
export const IDENTITY_WORDS = 28;
const MAX_LEN = IDENTITY_WORDS * 4;
/** The first word that a key covers: MACs are left out, since cooked and routed frames lack or change them. */
const FIRST_KEY_WORD = 3;
/** Canonical offset of layer 3. */
const LAYER3 = 14;
const TTL_WORD = 5;
const IPV4_TTL = 0x0000ff00;
const IPV6_HOP_LIMIT = 0x00ff0000;
const TRAFFIC_CLASS = 0x0ff0;
/** Bytes that must be there, up to and with: a TCP header behind IPv4, behind IPv6, and what else there is. */
const NEED_IPV4 = 52;
const NEED_IPV6 = 76;

/** How two sightings agree. */
export const Likeness = { None: 0, Routed: 1, Same: 2 } as const;
export type Likeness = (typeof Likeness)[keyof typeof Likeness];

/** The identity of one frame, read anew for each. */
export class Identity {
  /** The canonical bytes, big-endian. */
  readonly words: Int32Array;
  /** What candidates agree in; TTL, hop limit and MACs are left out. */
  key: number;
  /** Canonical bytes that are there, 14..112. */
  kept: number;
  /** The outermost inner tag's VLAN identifier; 0 without. */
  vlanId: number;
  hasMacs: boolean;
  /** Broadcast, multicast: a datapath copies it. */
  toGroup: boolean;

  constructor() {
    this.words = new Int32Array(IDENTITY_WORDS);
    this.key = 0;
    this.kept = 0;
    this.vlanId = 0;
    this.hasMacs = false;
    this.toGroup = false;
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
    const words = this.words;
    const at = ats[index] as number;
    const link = kinds[index] as number;
    let above = index + 1;
    let type = 0;
    this.vlanId = 0;
    this.hasMacs = false;
    this.toGroup = false;
    words[0] = 0;
    words[1] = 0;
    words[2] = 0;
    if (link === LayerKind.Ethernet) {
      this.hasMacs = true;
      this.toGroup = ((bytes[at] as number) & 1) !== 0;
      words[0] = view.getInt32(at);
      words[1] = view.getInt32(at + 4);
      words[2] = view.getInt32(at + 8);
      if (above < depth && (kinds[above] === LayerKind.Vlan || kinds[above] === LayerKind.ServiceVlan)) {
        this.vlanId = vlan.identifier(bytes, ats[above] as number);
        while (above < depth && (kinds[above] === LayerKind.Vlan || kinds[above] === LayerKind.ServiceVlan)) above++;
      }
    } else if (link === LayerKind.Ipv4 || link === LayerKind.Ipv6) {
      above = index;
    }
    const bound = ends[index] as number;
    const layer3 = above < depth ? (ats[above] as number) : headerEnd(stack, above - 1);
    if (layer3 < 0 || bound - layer3 < 2) return false;
    const kind = above < depth ? (kinds[above] as number) : LayerKind.None;
    if (link === LayerKind.LinuxSll2) type = linuxSll.protocol2(bytes, at);
    else if (link === LayerKind.Ethernet || link === LayerKind.LinuxSll) type = view.getUint16(layer3 - 2);
    else type = kind === LayerKind.Ipv4 ? 0x0800 : kind === LayerKind.Ipv6 ? 0x86dd : 0;

    let end = Math.min(kind === LayerKind.None ? bound : (ends[above] as number), layer3 + MAX_LEN - LAYER3);
    let need = LAYER3;
    if (kind === LayerKind.Ipv4) {
      need = Math.min(NEED_IPV4, LAYER3 + (ipv4.totalLength(bytes, layer3) || NEED_IPV4));
    } else if (kind === LayerKind.Ipv6) {
      need = Math.min(NEED_IPV6, LAYER3 + ipv6.HEADER_LEN + (ipv6.payloadLength(bytes, layer3) || NEED_IPV6));
    } else if (kind === LayerKind.Arp) {
      end = Math.min(end, layer3 + arp.messageLen(bytes, layer3));
    }
    const base = layer3 - LAYER3;
    this.kept = end - base;
    if (this.kept < need) return false;

    words[FIRST_KEY_WORD] = (type << 16) | view.getUint16(layer3);
    const whole = this.kept >> 2;
    for (let word = 4; word < whole; word++) words[word] = view.getInt32(base + word * 4);
    for (let word = whole; word < IDENTITY_WORDS; word++) words[word] = 0;
    for (let byte = whole * 4; byte < this.kept; byte++) {
      words[byte >> 2] = (words[byte >> 2] as number) | ((bytes[base + byte] as number) << (24 - (byte & 3) * 8));
    }
    let keyWords = NEED_IPV4 >> 2;
    let ttl = 0;
    if (kind === LayerKind.Ipv4) {
      words[3] = (words[3] as number) & ~0xff;
      this.#clear16(24);
      ttl = IPV4_TTL;
    } else if (kind === LayerKind.Ipv6) {
      words[3] = (words[3] as number) & ~TRAFFIC_CLASS;
      keyWords = NEED_IPV6 >> 2;
      ttl = IPV6_HOP_LIMIT;
    }
    if (ttl !== 0 && above + 1 < depth) this.#clearChecksum(stack, above + 1, base);
    this.#mix(keyWords, ttl);
    return true;
  }

  /** Sets the layer 4 checksum aside. */
  #clearChecksum(stack: LayerStack, index: number, base: number): void {
    let layer4 = index;
    while (layer4 < stack.depth && isExtension(stack.kinds[layer4] as number)) layer4++;
    if (layer4 >= stack.depth) return;
    const at = (stack.ats[layer4] as number) - base;
    switch (stack.kinds[layer4]) {
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
    const word = at >> 2;
    if (word < IDENTITY_WORDS) this.words[word] = (this.words[word] as number) & ((at & 2) === 0 ? 0xffff : ~0xffff);
  }

  #mix(keyWords: number, ttl: number): void {
    const words = this.words;
    let key = 0;
    for (let word = FIRST_KEY_WORD; word < keyWords; word++) {
      const value = word === TTL_WORD ? (words[word] as number) & ~ttl : (words[word] as number);
      key = Math.imul(key ^ value, 0x9e3779b1);
      key ^= key >>> 15;
    }
    key = Math.imul(key ^ (key >>> 13), 0xc2b2ae35);
    this.key = key ^ (key >>> 16);
  }
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

function isExtension(kind: number): boolean {
  return kind >= LayerKind.HopByHop && kind <= LayerKind.Authentication;
}
