/**
 * Answers: echo requests and questions for addresses that were answered at this tap. An answer shows that what asked for
 * it did arrive, whoever did not see it on its way.
 */
import { KeyTable } from '../inventory/key-table.js';
import * as arp from '../wire/arp.js';
import { i32, u16 } from '../wire/bytes.js';
import * as icmpv4 from '../wire/icmpv4.js';
import * as icmpv6 from '../wire/icmpv6.js';
import * as ipv4 from '../wire/ipv4.js';
import * as ipv6 from '../wire/ipv6.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';

/** The most requests that are remembered: what bounds its memory, at some 160 bytes each. */
const MAX_REQUESTS = 65_536;
/** Keeps questions of ARP, which have neither identifier nor sequence number, apart from echo requests. */
const ARP = 0x4000_0000;

/** The requests of one tap, and which of them were answered. */
export class Answers {
  readonly #requests: KeyTable;
  /** By request, the frame that asked last; 0 once it was answered. */
  readonly #waiting: number[];
  readonly #answered: Set<number>;

  constructor() {
    this.#requests = new KeyTable(MAX_REQUESTS);
    this.#waiting = [];
    this.#answered = new Set();
  }

  /** Whether a frame asked for something and got it. @param frame its number, from 1 */
  has(frame: number): boolean {
    return this.#answered.has(frame);
  }

  /**
   * Looks at a frame whose last layer is ARP, ICMP or ICMPv6.
   *
   * @param network VNI of its tunnel; -1 where it is bare
   *
   * **Cost** amortised no allocation.
   */
  see(frame: number, stack: LayerStack, network: number): void {
    const { bytes, depth, quotedIndex } = stack;
    if (quotedIndex >= 0) return;
    const at = stack.layerAt(depth - 1);
    switch (stack.kind(depth - 1)) {
      case LayerKind.Arp: {
        const sender = arp.senderProtocol(bytes, at);
        const target = arp.targetProtocol(bytes, at);
        const operation = arp.operation(bytes, at);
        if (operation === arp.Operation.Request) this.#ask(frame, sender, target, 0, network ^ ARP);
        else if (operation === arp.Operation.Reply) this.#answer(target, sender, 0, network ^ ARP);
        break;
      }
      case LayerKind.Icmpv4: {
        const type = icmpv4.type(bytes, at);
        if (type !== icmpv4.Type.EchoRequest && type !== icmpv4.Type.EchoReply) return;
        if (stack.kind(depth - 2) !== LayerKind.Ipv4) return;
        this.#echoOver4(frame, bytes, stack.layerAt(depth - 2), at, network);
        break;
      }
      case LayerKind.Icmpv6: {
        const type = icmpv6.type(bytes, at);
        if (type !== icmpv6.Type.EchoRequest && type !== icmpv6.Type.EchoReply) return;
        if (stack.kind(depth - 2) !== LayerKind.Ipv6) return;
        const ip = stack.layerAt(depth - 2);
        // Identifier, sequence number and the last 32 bits of both addresses tell requests apart well enough.
        const from = i32(bytes, ipv6.sourceAt(bytes, ip) + 12);
        const to = i32(bytes, ipv6.destinationAt(bytes, ip) + 12);
        this.#echo(frame, type === icmpv6.Type.EchoRequest, from, to, bytes, at, network);
        break;
      }
    }
  }

  /** Looks at an ICMP echo. @param packetAt of its IPv4 header, which has no options. Otherwise as `see` */
  seeEcho(frame: number, bytes: Uint8Array, packetAt: number, network: number): void {
    this.#echoOver4(frame, bytes, packetAt, packetAt + ipv4.HEADER_LEN, network);
  }

  #echoOver4(frame: number, bytes: Uint8Array, ip: number, at: number, network: number): void {
    const isRequest = icmpv4.type(bytes, at) === icmpv4.Type.EchoRequest;
    this.#echo(frame, isRequest, ipv4.source(bytes, ip), ipv4.destination(bytes, ip), bytes, at, network);
  }

  /** Identifier and sequence number stand at the same place in both families. */
  #echo(frame: number, asks: boolean, from: number, to: number, bytes: Uint8Array, at: number, network: number): void {
    const number = (u16(bytes, at + 4) << 16) | u16(bytes, at + 6);
    if (asks) this.#ask(frame, from, to, number, network);
    else this.#answer(to, from, number, network);
  }

  #ask(frame: number, from: number, to: number, number: number, network: number): void {
    const row = this.#requests.row(from, to, number, network);
    if (row >= 0) this.#waiting[row] = frame;
  }

  #answer(from: number, to: number, number: number, network: number): void {
    const row = this.#requests.find(from, to, number, network);
    if (row < 0) return;
    const frame = this.#waiting[row] as number;
    if (frame > 0) this.#answered.add(frame);
    this.#waiting[row] = 0;
  }
}
