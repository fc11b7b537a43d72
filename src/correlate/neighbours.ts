/**
 * Neighbours: when the underlay asked for a VTEP's address, and was told. The first packet to a VTEP waits for the answer,
 * which is no latency of the tunnel.
 */
import { ipv4Text, ipv6Text } from '../wire/address.js';
import * as arp from '../wire/arp.js';
import * as icmpv6 from '../wire/icmpv6.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import type { Tunnels } from './tunnels.js';

/** The most addresses that are remembered, and the most questions for each. */
const MAX_ADDRESSES = 4096;
const MAX_QUESTIONS = 16;

interface Question {
  readonly askedNs: number;
  /** Infinite until there was an answer. */
  answeredNs: number;
}

/** Questions for addresses, by ARP or neighbour discovery, and their answers. */
export class Neighbours {
  readonly #tunnels: Tunnels;
  /** The last questions, by address. */
  readonly #questions: Map<string, Question[]>;
  /** The same by receiver of a tunnel; null where nobody asked. Stale once a new address is asked for. */
  #ofTunnel: (readonly Question[] | null | undefined)[];

  constructor(tunnels: Tunnels) {
    this.#tunnels = tunnels;
    this.#questions = new Map();
    this.#ofTunnel = [];
  }

  /** Takes in a bare frame of an underlay tap: a question is remembered. **Cost** no allocation, save for a question. */
  see(timeNs: number, stack: LayerStack): void {
    const last = stack.depth - 1;
    const kind = stack.kinds[last];
    if (kind === LayerKind.Arp) this.#seeArp(timeNs, stack, last);
    else if (kind === LayerKind.Icmpv6) this.#seeIcmpv6(timeNs, stack, last);
  }

  /** Whether the address of the VTEP which this tunnel leads to was asked for and told between two times. **Cost** no allocation, save the first time. */
  resolvedBetween(tunnel: number, fromNs: number, toNs: number): boolean {
    let questions = this.#ofTunnel[tunnel];
    if (questions === undefined) {
      questions = this.#questions.get(this.#tunnels.receiver(tunnel)) ?? null;
      this.#ofTunnel[tunnel] = questions;
    }
    if (questions === null) return false;
    for (let last = questions.length - 1; last >= 0; last--) {
      const { askedNs, answeredNs } = questions[last] as Question;
      if (askedNs < fromNs) return false;
      if (answeredNs <= toNs) return true;
    }
    return false;
  }

  #seeArp(timeNs: number, stack: LayerStack, index: number): void {
    const { bytes } = stack;
    const at = stack.layerAt(index);
    const sender = arp.senderProtocol(bytes, at);
    if (arp.operation(bytes, at) === arp.Operation.Reply) {
      if (sender >= 0) this.#answer(timeNs, ipv4Text(sender));
    } else if (arp.operation(bytes, at) === arp.Operation.Request && isToGroup(stack)) {
      const target = arp.targetProtocol(bytes, at);
      if (target >= 0 && target !== sender) this.#ask(timeNs, ipv4Text(target));
    }
  }

  #seeIcmpv6(timeNs: number, stack: LayerStack, index: number): void {
    const { bytes } = stack;
    const at = stack.layerAt(index);
    const solicited = icmpv6.solicitedTargetAt(bytes, at, stack.layerEnd(index));
    if (solicited >= 0 && isToGroup(stack)) this.#ask(timeNs, ipv6Text(bytes, solicited));
    const advertised = icmpv6.advertisedTargetAt(bytes, at, stack.layerEnd(index));
    if (advertised >= 0) this.#answer(timeNs, ipv6Text(bytes, advertised));
  }

  #ask(timeNs: number, address: string): void {
    const question = { askedNs: timeNs, answeredNs: Number.POSITIVE_INFINITY };
    const questions = this.#questions.get(address);
    if (questions === undefined) {
      if (this.#questions.size === MAX_ADDRESSES) return;
      this.#questions.set(address, [question]);
      this.#ofTunnel = [];
    } else {
      if (questions.length === MAX_QUESTIONS) questions.shift();
      questions.push(question);
    }
  }

  #answer(timeNs: number, address: string): void {
    for (const question of this.#questions.get(address) ?? []) {
      question.answeredNs = Math.min(question.answeredNs, timeNs);
    }
  }
}

/** Whether a frame is for many: to one neighbour a host only asks again what it knows, and nothing waits for that. */
function isToGroup({ kinds, bytes, frameAt }: LayerStack): boolean {
  return kinds[0] !== LayerKind.Ethernet || ((bytes[frameAt] as number) & 1) === 1;
}
