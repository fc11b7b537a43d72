/**
 * Neighbours: when the underlay asked for a VTEP's address, and was told. The first packet to a VTEP waits for the answer,
 * which is no latency of the tunnel.
 */
import { ipv4Text, ipv6Text } from '../../wire/address.js';
import * as arp from '../../wire/arp.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import { sourceAt } from '../../wire/ipv6.js';
import { LayerKind, type LayerStack } from '../../wire/stack.js';
import { MAX_NUMBERED, type Tunnels } from './tunnels.js';

/** The most addresses that are remembered, and the most questions for each. */
const MAX_ADDRESSES = 4096;
const MAX_QUESTIONS = 64;
/** What waited for an answer leaves with it; later than this it need not have waited, ns. */
const WITH_ANSWER_NS = 10e6;

interface Question {
  readonly tap: number;
  /** The address that asked; null where it is of its link alone, and may be anybody's. */
  readonly asker: string | null;
  readonly askedNs: number;
  /** Infinite until there was an answer, at any tap; and at the one that saw the question. */
  answeredNs: number;
  answeredThereNs: number;
}

/** Questions for addresses, by ARP or neighbour discovery, and their answers. */
export class Neighbours {
  readonly #tunnels: Tunnels;
  /** Addresses that were asked for, by number; and of each the last questions, and when one was answered last. */
  readonly #numbers: Map<string, number>;
  readonly #questions: Question[][];
  readonly #answeredNs: Float64Array;
  #lastAnswerNs = Number.NEGATIVE_INFINITY;
  /** By tunnel, the number of its receiver plus one: 0 where nobody has asked for it. */
  readonly #ofTunnel: Uint16Array;
  /** By tunnel, 1 where it was looked up since the last address was new. */
  readonly #lookedUp: Uint8Array;

  constructor(tunnels: Tunnels) {
    this.#tunnels = tunnels;
    this.#numbers = new Map();
    this.#questions = [];
    this.#answeredNs = new Float64Array(MAX_ADDRESSES).fill(Number.NEGATIVE_INFINITY);
    this.#ofTunnel = new Uint16Array(MAX_NUMBERED);
    this.#lookedUp = new Uint8Array(MAX_NUMBERED);
  }

  /** Takes in a bare frame of an underlay tap: a question is remembered. **Cost** no allocation, save for a question. */
  see(tap: number, timeNs: number, stack: LayerStack): void {
    const last = stack.depth - 1;
    const kind = stack.kinds[last];
    if (kind === LayerKind.Arp) this.#seeArp(tap, timeNs, stack, last);
    else if (kind === LayerKind.Icmpv6) this.#seeIcmpv6(tap, timeNs, stack, last);
  }

  /** When anybody was told an address last: what was seen since waited for none. */
  get lastAnswerNs(): number {
    return this.#lastAnswerNs;
  }

  /**
   * Whether the VTEP that sends through a tunnel asked for the address of the one that it leads to, and was told, between
   * two times. **Cost** no allocation, save the first time, and where somebody was told since.
   */
  resolvedBetween(tunnel: number, fromNs: number, toNs: number): boolean {
    if (this.#lookedUp[tunnel] === 0) this.#lookUp(tunnel);
    const address = (this.#ofTunnel[tunnel] as number) - 1;
    if (address < 0 || (this.#answeredNs[address] as number) < fromNs) return false;
    return this.#questionsOf(tunnel).some(({ askedNs, answeredNs }) => askedNs >= fromNs && answeredNs <= toNs);
  }

  /**
   * How long before a frame's encapsulation the address was asked for, as one underlay tap shows by its own clock: it saw
   * the question, the answer, and the encapsulation leave with that.
   *
   * @param tunnel one that `resolvedBetween` has found
   * @param fromNs when the frame was seen before, at the earliest
   * @param toNs when the tap saw its encapsulation
   * @returns ns; NaN where the tap does not show it
   */
  waitedAt(tap: number, tunnel: number, fromNs: number, toNs: number): number {
    const first = this.#questionsOf(tunnel).find(
      (one) =>
        one.tap === tap &&
        one.askedNs >= fromNs &&
        one.answeredThereNs <= toNs &&
        one.answeredThereNs >= toNs - WITH_ANSWER_NS,
    );
    return first === undefined ? Number.NaN : toNs - first.askedNs;
  }

  /** Those for the address that a looked-up tunnel leads to, by who sends there: others ask for themselves. */
  #questionsOf(tunnel: number): Question[] {
    const questions = this.#questions[(this.#ofTunnel[tunnel] as number) - 1] as Question[];
    const sender = this.#tunnels.sender(tunnel);
    return questions.filter(({ asker }) => asker === null || asker === sender);
  }

  #lookUp(tunnel: number): void {
    this.#lookedUp[tunnel] = 1;
    this.#ofTunnel[tunnel] = (this.#numbers.get(this.#tunnels.receiver(tunnel)) ?? -1) + 1;
  }

  #seeArp(tap: number, timeNs: number, stack: LayerStack, index: number): void {
    const { bytes } = stack;
    const at = stack.layerAt(index);
    const sender = arp.senderProtocol(bytes, at);
    if (arp.operation(bytes, at) === arp.Operation.Reply) {
      if (sender >= 0) this.#answer(tap, timeNs, ipv4Text(sender));
    } else if (arp.operation(bytes, at) === arp.Operation.Request && isToGroup(stack)) {
      const target = arp.targetProtocol(bytes, at);
      if (target >= 0 && target !== sender)
        this.#ask(tap, timeNs, ipv4Text(target), sender < 0 ? null : ipv4Text(sender));
    }
  }

  #seeIcmpv6(tap: number, timeNs: number, stack: LayerStack, index: number): void {
    const { bytes } = stack;
    const at = stack.layerAt(index);
    const solicited = icmpv6.solicitedTargetAt(bytes, at, stack.layerEnd(index));
    if (solicited >= 0 && isToGroup(stack)) this.#ask(tap, timeNs, ipv6Text(bytes, solicited), askerOf(stack, index));
    const advertised = icmpv6.advertisedTargetAt(bytes, at, stack.layerEnd(index));
    if (advertised >= 0) this.#answer(tap, timeNs, ipv6Text(bytes, advertised));
  }

  #ask(tap: number, askedNs: number, address: string, asker: string | null): void {
    const never = Number.POSITIVE_INFINITY;
    const question = { tap, asker, askedNs, answeredNs: never, answeredThereNs: never };
    let number = this.#numbers.get(address);
    if (number === undefined) {
      number = this.#numbers.size;
      if (number === MAX_ADDRESSES) return;
      this.#numbers.set(address, number);
      this.#questions.push([]);
      this.#lookedUp.fill(0);
    }
    const questions = this.#questions[number] as Question[];
    if (questions.length === MAX_QUESTIONS) questions.shift();
    questions.push(question);
  }

  #answer(tap: number, timeNs: number, address: string): void {
    const number = this.#numbers.get(address);
    if (number === undefined) return;
    this.#answeredNs[number] = Math.max(timeNs, this.#answeredNs[number] as number);
    this.#lastAnswerNs = Math.max(timeNs, this.#lastAnswerNs);
    for (const question of this.#questions[number] as Question[]) {
      question.answeredNs = Math.min(question.answeredNs, timeNs);
      if (question.tap === tap) question.answeredThereNs = Math.min(question.answeredThereNs, timeNs);
    }
  }
}

/** The source of a neighbour solicitation; null where it is a link-local one, or none. @param index of its ICMPv6 layer */
function askerOf({ kinds, ats, bytes }: LayerStack, index: number): string | null {
  let ip = index - 1;
  while (ip >= 0 && kinds[ip] !== LayerKind.Ipv6) ip--;
  if (ip < 0) return null;
  const at = sourceAt(bytes, ats[ip] as number);
  const isOfLink = bytes[at] === 0xfe && ((bytes[at + 1] as number) & 0xc0) === 0x80;
  const isNone = bytes.subarray(at, at + 16).every((byte) => byte === 0);
  return isOfLink || isNone ? null : ipv6Text(bytes, at);
}

/** Whether a frame is for many: to one neighbour a host only asks again what it knows, and nothing waits for that. */
function isToGroup({ kinds, bytes, frameAt }: LayerStack): boolean {
  return kinds[0] !== LayerKind.Ethernet || ((bytes[frameAt] as number) & 1) === 1;
}
