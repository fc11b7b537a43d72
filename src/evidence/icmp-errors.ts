/**
 * ICMP and ICMPv6 errors, by the packet that they quote: a tunnel's port that is unreachable, and packets that are too
 * large for the way, of a tunnel or bare. Each is tied to the frame that it quotes, where that was seen.
 */
import { overheadOf, vniAt } from '../dissect/inner.js';
import { ipv4Text, ipv6Text } from '../wire/address.js';
import * as icmpv4 from '../wire/icmpv4.js';
import * as icmpv6 from '../wire/icmpv6.js';
import * as ipv4 from '../wire/ipv4.js';
import * as ipv6 from '../wire/ipv6.js';
import { isVxlan, LayerKind, type LayerStack } from '../wire/stack.js';
import * as udp from '../wire/udp.js';
import { FrameList } from './frame-list.js';
import type { RecentFrames } from './recent-frames.js';

/** The most errors that are told apart. */
const MAX_ERRORS = 1024;

/** Errors that say the same of packets of one flow. */
export interface IcmpError {
  readonly reason: 'port-unreachable' | 'too-big';
  /** Who says so. */
  readonly reporter: string;
  /** Ends of the packets that it quotes. */
  readonly source: string;
  readonly destination: string;
  /** UDP destination port of the tunnel that it quotes; -1 where it quotes none. */
  readonly port: number;
  /** The VNI of that tunnel; -1 where the quotation ends before it. */
  readonly vni: number;
  /** Whether it came through a tunnel itself. */
  readonly isInner: boolean;
  /** The smallest MTU that it names; 0 where it names none. */
  mtu: number;
  /** The longest packet that it quotes, bytes. */
  longestLen: number;
  /** What the tunnel that it quotes adds to an inner IP packet; 0 where the quotation ends before one. */
  overhead: number;
  /** The errors, and the frames that they quote. */
  readonly frames: FrameList;
  readonly quoted: FrameList;
  /** The first frame that it is about: what the first error quotes, where that was seen, else the error. */
  since: number;
}

/** Errors that one tap saw. */
export class IcmpErrors {
  readonly errors: Map<string, IcmpError>;
  readonly #recent: RecentFrames;

  constructor(recent: RecentFrames) {
    this.errors = new Map();
    this.#recent = recent;
  }

  /** Looks at a frame. **Cost** no allocation, save for errors; some 10 ns. */
  see(frame: number, stack: LayerStack): void {
    if (stack.quotedIndex >= 0) this.#seeError(frame, stack);
    const ip = stack.kinds[1] === LayerKind.Ipv4 ? 1 : outermostIp(stack);
    if (ip >= 0) this.#recent.keep(frame, stack, ip);
  }

  #seeError(frame: number, stack: LayerStack): void {
    const { bytes, quotedIndex } = stack;
    // The quotation may have ended before its IP header.
    if (quotedIndex >= stack.depth) return;
    const icmp = quotedIndex - 1;
    const at = stack.layerAt(icmp);
    const isIpv4 = stack.kind(icmp) === LayerKind.Icmpv4;
    const mtu = isIpv4 ? icmpv4.mtu(bytes, at) : icmpv6.mtu(bytes, at);
    const isPort = isIpv4
      ? icmpv4.type(bytes, at) === icmpv4.Type.DestinationUnreachable &&
        icmpv4.code(bytes, at) === icmpv4.UnreachableCode.Port
      : icmpv6.type(bytes, at) === icmpv6.Type.DestinationUnreachable && icmpv6.code(bytes, at) === ICMPV6_PORT;
    const port = tunnelPort(stack);
    if (mtu < 0 && !(isPort && port >= 0)) return;
    let ip = icmp - 1;
    while (stack.kind(ip) !== LayerKind.Ipv4 && stack.kind(ip) !== LayerKind.Ipv6) ip--;
    const error = this.#error(stack, ip, isPort ? 'port-unreachable' : 'too-big', port);
    if (error === null) return;
    if (mtu > 0) error.mtu = error.mtu === 0 ? mtu : Math.min(error.mtu, mtu);
    error.longestLen = Math.max(error.longestLen, packetLen(stack, quotedIndex));
    error.overhead ||= overheadOf(stack, quotedIndex);
    error.frames.add(frame);
    const quoted = this.#recent.find(stack, quotedIndex);
    if (quoted > 0) error.quoted.add(quoted);
    error.since ||= quoted || frame;
  }

  #error(stack: LayerStack, ip: number, reason: IcmpError['reason'], port: number): IcmpError | null {
    const { quotedIndex } = stack;
    const [reporter] = addresses(stack, ip);
    const [source, destination] = addresses(stack, quotedIndex);
    let vni = -1;
    for (let index = quotedIndex; index < stack.depth && vni < 0; index++) vni = vniAt(stack, index);
    const isInner = stack.tunnelIndex >= 0;
    const key = [reason, reporter, source, destination, port, vni, isInner].join(' ');
    const known = this.errors.get(key);
    if (known !== undefined) return known;
    if (this.errors.size === MAX_ERRORS) return null;
    const error: IcmpError = {
      reason,
      reporter,
      source,
      destination,
      port,
      vni,
      isInner,
      mtu: 0,
      longestLen: 0,
      overhead: 0,
      frames: new FrameList(),
      quoted: new FrameList(),
      since: 0,
    };
    this.errors.set(key, error);
    return error;
  }
}

/** Code of ICMPv6 destination unreachable (RFC 4443, section 3.1). */
const ICMPV6_PORT = 4;

/** The UDP destination port of the tunnel that a quotation begins with; -1 where it does not. */
function tunnelPort(stack: LayerStack): number {
  for (let index = stack.quotedIndex + 1; index < stack.depth; index++) {
    if (stack.kind(index) !== LayerKind.Udp) continue;
    const port = udp.destinationPort(stack.bytes, stack.layerAt(index));
    return isVxlan(stack.portKinds[port]) ? port : -1;
  }
  return -1;
}

function outermostIp(stack: LayerStack): number {
  for (let index = 0; index < stack.depth; index++) {
    if (stack.kind(index) === LayerKind.Ipv4 || stack.kind(index) === LayerKind.Ipv6) return index;
  }
  return -1;
}

/** Source and destination of an IP layer, as text. */
function addresses({ bytes, kinds, ats }: LayerStack, index: number): [string, string] {
  const at = ats[index] as number;
  if (kinds[index] === LayerKind.Ipv4) return [ipv4Text(ipv4.source(bytes, at)), ipv4Text(ipv4.destination(bytes, at))];
  return [ipv6Text(bytes, ipv6.sourceAt(bytes, at)), ipv6Text(bytes, ipv6.destinationAt(bytes, at))];
}

/** How long an IP packet is by its header. */
function packetLen({ bytes, kinds, ats }: LayerStack, index: number): number {
  const at = ats[index] as number;
  if (kinds[index] === LayerKind.Ipv4) return ipv4.totalLength(bytes, at);
  return ipv6.HEADER_LEN + ipv6.payloadLength(bytes, at);
}
