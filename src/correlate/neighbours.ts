/**
 * Neighbours: when the underlay asked for a VTEP's address. The first packet to a VTEP waits for the answer, which is no
 * latency of the tunnel.
 */
import { ipv4Text, ipv6Text } from '../wire/address.js';
import * as arp from '../wire/arp.js';
import * as icmpv6 from '../wire/icmpv6.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import type { Tunnels } from './tunnels.js';

/** The most addresses that are remembered, and the most times of each. */
const MAX_ADDRESSES = 4096;
const MAX_TIMES = 16;

/** Questions for addresses, by ARP or neighbour discovery. */
export class Neighbours {
  readonly #tunnels: Tunnels;
  /** Times of the last questions, by address. */
  readonly #asked: Map<string, number[]>;
  /** The same by receiver of a tunnel; null where nobody asked. Stale once a new address is asked for. */
  #ofTunnel: (number[] | null | undefined)[];

  constructor(tunnels: Tunnels) {
    this.#tunnels = tunnels;
    this.#asked = new Map();
    this.#ofTunnel = [];
  }

  /** Takes in a bare frame of an underlay tap: a question is remembered. **Cost** no allocation, save for a question. */
  see(timeNs: number, stack: LayerStack): void {
    // To one neighbour a host only asks again what it knows: nothing waits for that.
    if (stack.kinds[0] === LayerKind.Ethernet && ((stack.bytes[stack.frameAt] as number) & 1) === 0) return;
    const last = stack.depth - 1;
    const kind = stack.kinds[last];
    if (kind === LayerKind.Arp) this.#seeArp(timeNs, stack, last);
    else if (kind === LayerKind.Icmpv6) this.#seeIcmpv6(timeNs, stack, last);
  }

  /** Whether an address was asked for, that of the VTEP which this tunnel leads to, between two times. */
  askedBetween(tunnel: number, fromNs: number, toNs: number): boolean {
    let times = this.#ofTunnel[tunnel];
    if (times === undefined) {
      times = this.#asked.get(this.#tunnels.receiver(tunnel)) ?? null;
      this.#ofTunnel[tunnel] = times;
    }
    return times?.some((timeNs) => timeNs >= fromNs && timeNs <= toNs) ?? false;
  }

  #seeArp(timeNs: number, { bytes, ats }: LayerStack, index: number): void {
    const at = ats[index] as number;
    if (arp.operation(bytes, at) !== arp.Operation.Request) return;
    const target = arp.targetProtocol(bytes, at);
    if (target >= 0 && target !== arp.senderProtocol(bytes, at)) this.#ask(timeNs, ipv4Text(target));
  }

  #seeIcmpv6(timeNs: number, { bytes, ats, ends }: LayerStack, index: number): void {
    const at = ats[index] as number;
    const target = icmpv6.solicitedTargetAt(bytes, at, ends[index] as number);
    if (target >= 0) this.#ask(timeNs, ipv6Text(bytes, target));
  }

  #ask(timeNs: number, address: string): void {
    const times = this.#asked.get(address);
    if (times === undefined) {
      if (this.#asked.size === MAX_ADDRESSES) return;
      this.#asked.set(address, [timeNs]);
      this.#ofTunnel = [];
    } else {
      if (times.length === MAX_TIMES) times.shift();
      times.push(timeNs);
    }
  }
}
