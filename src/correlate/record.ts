/**
 * Frame records: what pairing needs to know of a frame, some 200 bytes, without the frame. Another process, or another
 * host, can make them where the frames are; `correlate` takes them from anywhere.
 */
import * as ipv4 from '../wire/ipv4.js';
import { destinationAt, HEADER_LEN, sourceAt } from '../wire/ipv6.js';
import * as linuxSll from '../wire/linux-sll.js';
import { isVxlan, LayerKind, type LayerStack } from '../wire/stack.js';
import { sourcePort } from '../wire/udp.js';
import { vni, vniValid } from '../wire/vxlan.js';
import { Identity } from './identity/identity.js';
import { isOutgoing, NO_INTERFACE } from './taps/points.js';

const IPV4_SOURCE = 12;
const IPV4_DESTINATION = 16;

/** One frame, or one that it carries, as one tap saw it. Plain data: it survives JSON. */
export interface FrameRecord {
  /** The tap's number, from 0. */
  readonly tap: number;
  /** The frame's number there, from 1. */
  readonly frame: number;
  /** ns since a base that all taps have in common, corrected by what the tap's clock is known to be ahead. */
  readonly timeNs: number;
  /** Which of the tap's interfaces saw it: of the capture, the kernel's (-1 where it does not tell), and which way. */
  readonly place: { readonly interfaceId: number; readonly interfaceIndex: number; readonly outgoing: boolean };
  /** The tunnel that it is inside of, addresses as 4 or 16 bytes, and what tells the outer packet from others; null of a bare frame. */
  readonly tunnel: {
    readonly vni: number;
    readonly source: readonly number[];
    readonly destination: readonly number[];
    readonly outer: number;
  } | null;
  /** What makes it the same wherever it is seen: `Identity`. */
  readonly words: readonly number[];
  readonly key: number;
  readonly flags: number;
  readonly span: { readonly key: number; readonly from: number; readonly len: number };
}

/**
 * The records of a frame: a bare one's own, else one for each VXLAN tunnel that it is in.
 *
 * @param interfaceId of the capture
 * @returns none where too little was captured
 *
 * **Cost** allocates.
 */
export function frameRecords(
  tap: number,
  frame: number,
  timeNs: number,
  stack: LayerStack,
  interfaceId = 0,
): FrameRecord[] {
  const identity = new Identity();
  const cooked = stack.kinds[0] === LayerKind.LinuxSll2;
  const place = {
    interfaceId,
    interfaceIndex: cooked ? linuxSll.interfaceIndex(stack.bytes, stack.layerAt(0)) : NO_INTERFACE,
    outgoing: cooked && isOutgoing(stack),
  };
  const record = (tunnel: FrameRecord['tunnel']): FrameRecord => {
    const { words, key, flags, span } = identity;
    return {
      tap,
      frame,
      timeNs,
      place,
      tunnel,
      words: [...words],
      key,
      flags,
      span: { key: span.key, from: span.from, len: span.len },
    };
  };
  if (stack.tunnelIndex < 0) return identity.read(stack, 0) ? [record(null)] : [];
  const records: FrameRecord[] = [];
  for (let index = 2; index <= stack.tunnelIndex; index++) {
    if (!isVxlan(stack.kinds[index]) || !vniValid(stack.bytes, stack.layerAt(index))) continue;
    if (identity.read(stack, index + 1)) records.push(record(tunnelOf(stack, index)));
  }
  return records;
}

/** Takes over the identity that a record has. */
export function takeIdentity(identity: Identity, { words, key, flags, span }: FrameRecord): void {
  identity.words.set(words, identity.at);
  identity.key = key;
  identity.flags = flags;
  identity.span.clear();
  identity.span.key = span.key;
  identity.span.from = span.from;
  identity.span.len = span.len;
}

/** What tells an outer packet from others of its tunnel: the source port, and the IP ID where there is one. */
export function outerOf({ kinds, ats, bytes }: LayerStack, index: number): number {
  const port = sourcePort(bytes, ats[index - 1] as number);
  const ip = index - 2;
  const identification = kinds[ip] === LayerKind.Ipv4 ? ipv4.identification(bytes, ats[ip] as number) : 0;
  return (port << 16) | identification;
}

function tunnelOf(stack: LayerStack, index: number): FrameRecord['tunnel'] {
  const { kinds, ats, bytes } = stack;
  let ip = index - 2;
  while (kinds[ip] !== LayerKind.Ipv4 && kinds[ip] !== LayerKind.Ipv6) ip--;
  const at = ats[ip] as number;
  const isIpv4 = kinds[ip] === LayerKind.Ipv4;
  const [from, to] = isIpv4
    ? [at + IPV4_SOURCE, at + IPV4_DESTINATION]
    : [sourceAt(bytes, at), destinationAt(bytes, at)];
  return {
    vni: vni(bytes, ats[index] as number),
    source: [...bytes.subarray(from, to)],
    destination: [...bytes.subarray(to, isIpv4 ? to + 4 : at + HEADER_LEN)],
    outer: outerOf(stack, index),
  };
}
