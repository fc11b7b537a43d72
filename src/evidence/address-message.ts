/**
 * What an ARP or neighbour discovery message does: ask for an address, answer, or announce one's own. Probes, by which a
 * host finds out whether an address is free (RFC 5227, RFC 4862), do none of these.
 */
import { type Addresses, Family } from '../inventory/addresses.js';
import { linkSourceAt } from '../inventory/link-source.js';
import * as arp from '../wire/arp.js';
import { u48 } from '../wire/bytes.js';
import * as icmpv6 from '../wire/icmpv6.js';
import * as ipv6 from '../wire/ipv6.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import { identifier } from '../wire/vlan.js';

/** What a message does. */
export const Act = { None: 0, Ask: 1, Answer: 2, Announce: 3 } as const;
export type Act = (typeof Act)[keyof typeof Act];

/** No address: of a reverse ARP, which announces a MAC alone. */
export const NO_ADDRESS = -1;
const MULTICAST = 0xff;

/** One message, read over and over. Addresses are integers, as `Addresses` has them. */
export class AddressMessage {
  act: Act;
  family: Family;
  /** Whose message it is: who asks, or whose address is told. */
  sender: number;
  /** MAC of the sender, 0..2^48-1. */
  mac: number;
  /** What is asked for; of an answer, who asked. */
  other: number;
  /** Whether it was sent to many. */
  toGroup: boolean;
  /** VLAN id of the innermost tag; -1 without. */
  vlan: number;
  readonly #addresses: Addresses;

  constructor(addresses: Addresses) {
    this.act = Act.None;
    this.family = Family.Ipv4;
    this.sender = 0;
    this.mac = 0;
    this.other = 0;
    this.toGroup = false;
    this.vlan = -1;
    this.#addresses = addresses;
  }

  /** Reads the innermost layer of a frame. @returns whether it asks, answers or announces. **Cost** amortised no allocation. */
  read(stack: LayerStack): boolean {
    this.act = Act.None;
    if (stack.quotedIndex >= 0) return false;
    const last = stack.depth - 1;
    if (stack.kinds[last] === LayerKind.Arp) this.#readArp(stack, last);
    else this.#readIcmpv6(stack, last);
    return this.act !== Act.None;
  }

  #readArp(stack: LayerStack, index: number): void {
    const { bytes } = stack;
    const at = stack.layerAt(index);
    const mac = arp.senderHardware(bytes, at);
    const sender = arp.senderProtocol(bytes, at);
    const target = arp.targetProtocol(bytes, at);
    if (mac < 0 || sender < 0) return;
    this.#readLink(stack, index - 1);
    this.family = Family.Ipv4;
    this.mac = mac;
    this.sender = sender | 0;
    this.other = target | 0;
    switch (arp.operation(bytes, at)) {
      case arp.Operation.Request:
        if (sender !== 0) this.act = sender === target ? Act.Announce : Act.Ask;
        break;
      case arp.Operation.Reply:
        if (sender !== 0) this.act = sender === target ? Act.Announce : Act.Answer;
        break;
      case arp.Operation.ReverseRequest:
        this.act = Act.Announce;
        this.sender = NO_ADDRESS;
        break;
      default:
        break;
    }
  }

  #readIcmpv6(stack: LayerStack, index: number): void {
    const { bytes } = stack;
    const at = stack.layerAt(index);
    const end = stack.layerEnd(index);
    const asked = icmpv6.solicitedTargetAt(bytes, at, end);
    const told = icmpv6.advertisedTargetAt(bytes, at, end);
    if (asked < 0 && told < 0) return;
    let ip = index - 1;
    while (ip > 0 && stack.kinds[ip] !== LayerKind.Ipv6) ip--;
    const macAt = ip > 0 ? linkSourceAt(stack, ip - 1) : -1;
    if (macAt < 0) return;
    this.#readLink(stack, ip - 1);
    const source = this.#addresses.ipv6(bytes, ipv6.sourceAt(bytes, stack.layerAt(ip)));
    const destinationAt = ipv6.destinationAt(bytes, stack.layerAt(ip));
    const target = this.#addresses.ipv6(bytes, asked >= 0 ? asked : told);
    if (source < 0 || target < 0) return;
    this.family = Family.Ipv6;
    this.mac = u48(bytes, macAt);
    if (asked >= 0) {
      if (this.#addresses.isUnspecified(source)) return;
      this.act = Act.Ask;
      this.sender = source;
      this.other = target;
      return;
    }
    const link = icmpv6.linkLayerAddress(bytes, at, end);
    if (link >= 0) this.mac = link;
    this.act = bytes[destinationAt] === MULTICAST ? Act.Announce : Act.Answer;
    this.sender = target;
    this.other = this.#addresses.ipv6(bytes, destinationAt);
  }

  #readLink(stack: LayerStack, index: number): void {
    const { bytes, kinds } = stack;
    this.vlan = -1;
    let link = index;
    while (link >= 0 && (kinds[link] === LayerKind.Vlan || kinds[link] === LayerKind.ServiceVlan)) {
      if (this.vlan < 0) this.vlan = identifier(bytes, stack.layerAt(link));
      link--;
    }
    // Cooked frames do not tell: what asks is held to ask all.
    this.toGroup = kinds[link] !== LayerKind.Ethernet || ((bytes[stack.layerAt(link)] as number) & 1) === 1;
  }
}
