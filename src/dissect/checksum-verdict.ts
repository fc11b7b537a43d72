/**
 * Checksums, decided: whether one is right, and where it looks wrong, whether that is a fault or a sender's checksum
 * offload, which leaves a value behind that tells.
 *
 * - CHECKSUM_PARTIAL: the field holds the folded sum of the pseudo-header; the NIC adds the rest as it sends. An IPv4
 *   header has no pseudo-header: there the field is 0.
 * - Local checksum offload (Linux, `lco_csum`): the inner checksum is partial, and the outer one is computed as if it
 *   were filled in already: a datagram with its checksum in place sums to the complement of its pseudo-header's sum,
 *   which is what the inner field holds. So the outer headers, and the complement of that field, decide.
 *
 * What cannot be decided is told apart: nothing is guessed.
 */
import { fold, RIGHT_SUM, sum } from '../checksum/sum.js';
import { IpProtocol } from '../wire/ip-protocol.js';
import * as ipv4 from '../wire/ipv4.js';
import * as ipv6 from '../wire/ipv6.js';
import * as extension from '../wire/ipv6-extension.js';
import { LayerKind, type LayerStack, MAX_IP_LEN } from '../wire/stack.js';
import * as udp from '../wire/udp.js';
import { MAX_PLAIN_LEN } from './common-layout.js';
import { declaredEnd } from './extent.js';
import { ipAround, mayBeRerouted, protocolOf, pseudoSum, pseudoSumIpv4 } from './pseudo-header.js';

/** What a checksum is. What is to be looked at comes last. */
export const ChecksumVerdict = {
  /** The layer has none that is looked at. */
  NotChecked: 0,
  Right: 1,
  /** UDP over IPv4: 0, the sender computed none. */
  Absent: 2,
  /** What it covers is not all there: cut by the capture, or by a length that lies. */
  Incomplete: 3,
  /** It covers more than this fragment. */
  Fragment: 4,
  /** It looks wrong on a frame that may be several ones, merged by a NIC or not cut yet. */
  SuperFrame: 5,
  /** It looks wrong behind IPv6 headers that may put other addresses in place of those in its pseudo-header. */
  Rerouted: 6,
  /** UDP over IPv6: 0, which only tunnels may send (RFC 6935). */
  AbsentOverIpv6: 7,
  /** Left to the NIC. */
  Partial: 8,
  /** Right once the checksum inside, which is left to the NIC, is filled in. */
  LocalOffload: 9,
  Wrong: 10,
} as const;
export type ChecksumVerdict = (typeof ChecksumVerdict)[keyof typeof ChecksumVerdict];

const IPV4_FRAGMENT = 6;
/** More fragments, and the offset. */
const FRAGMENT_MASK = 0x3fff;

/** Where the checksum lies in a layer of a kind. @returns -1 where it has none that is looked at */
export function checksumOffset(kind: LayerKind): number {
  switch (kind) {
    case LayerKind.Ipv4:
      return 10;
    case LayerKind.Udp:
      return 6;
    case LayerKind.Tcp:
      return 16;
    case LayerKind.Icmpv4:
    case LayerKind.Icmpv6:
      return 2;
    default:
      return -1;
  }
}

/**
 * What the checksum of the layer at `index` is. Layers in quotations are not asked for: they are cut as a rule.
 *
 * @param index within the stack's depth
 *
 * **Cost** no allocation; a sum over what the checksum covers.
 */
export function checksumVerdict(stack: LayerStack, index: number): ChecksumVerdict {
  const at = stack.ats[index] as number;
  switch (stack.kinds[index]) {
    case LayerKind.Ipv4:
      return headerVerdict(stack, at);
    case LayerKind.Udp: {
      const field = stack.view.getUint16(at + 6);
      return field === 0 ? absent(stack, index) : segmentVerdict(stack, index, field, IpProtocol.Udp);
    }
    case LayerKind.Tcp:
      return segmentVerdict(stack, index, stack.view.getUint16(at + 16), IpProtocol.Tcp);
    case LayerKind.Icmpv4:
      return segmentVerdict(stack, index, stack.view.getUint16(at + 2), IpProtocol.Icmpv4);
    case LayerKind.Icmpv6:
      return segmentVerdict(stack, index, stack.view.getUint16(at + 2), IpProtocol.Icmpv6);
    default:
      return ChecksumVerdict.NotChecked;
  }
}

/**
 * What the checksum of the layer at `index` should be.
 *
 * @param index of a layer whose verdict is `Wrong`
 * @returns 0..65535. **Cost** as `checksumVerdict`.
 */
export function expectedChecksum(stack: LayerStack, index: number): number {
  const { view } = stack;
  const kind = stack.kind(index);
  const at = stack.layerAt(index);
  const complement = ~view.getUint16(at + checksumOffset(kind)) & 0xffff;
  if (kind === LayerKind.Ipv4) return ~fold(sum(view, at, at + ipv4.headerLen(stack.bytes, at)) + complement) & 0xffff;
  const end = declaredEnd(stack, index);
  const protocol = protocolOf(kind);
  const expected = ~fold(pseudoSum(stack, index, protocol, end - at) + sum(view, at, end) + complement) & 0xffff;
  return expected === 0 && kind === LayerKind.Udp ? RIGHT_SUM : expected;
}

function headerVerdict({ view, bytes, wireLen }: LayerStack, at: number): ChecksumVerdict {
  if (fold(sum(view, at, at + ipv4.headerLen(bytes, at))) === RIGHT_SUM) return ChecksumVerdict.Right;
  if (ipv4.checksum(bytes, at) === 0) return ChecksumVerdict.Partial;
  const mayBeSeveral = wireLen > MAX_PLAIN_LEN || ipv4.totalLength(bytes, at) === 0;
  return mayBeSeveral ? ChecksumVerdict.SuperFrame : ChecksumVerdict.Wrong;
}

function absent(stack: LayerStack, index: number): ChecksumVerdict {
  if (stack.kinds[index - 1] === LayerKind.Ipv4) return ChecksumVerdict.Absent;
  return stack.kind(ipAround(stack, index)) === LayerKind.Ipv4
    ? ChecksumVerdict.Absent
    : ChecksumVerdict.AbsentOverIpv6;
}

/** The common segment, whole and in IPv4, is found right here; all else takes longer. */
function segmentVerdict(stack: LayerStack, index: number, field: number, protocol: number): ChecksumVerdict {
  const { view, ats, ends, kinds } = stack;
  const at = ats[index] as number;
  const ip = ats[index - 1] as number;
  const end = ends[index] as number;
  let isRightUnknown = true;
  if (kinds[index - 1] === LayerKind.Ipv4 && stack.wireLen <= MAX_PLAIN_LEN) {
    const declared = protocol === IpProtocol.Udp ? at + view.getUint16(at + 4) : ip + view.getUint16(ip + 2);
    if (declared === end && (view.getUint16(ip + IPV4_FRAGMENT) & FRAGMENT_MASK) === 0) {
      const pseudo = protocol === IpProtocol.Icmpv4 ? 0 : pseudoSumIpv4(view, ip, protocol, end - at);
      if (fold(pseudo + sum(view, at, end)) === RIGHT_SUM) return ChecksumVerdict.Right;
      isRightUnknown = false;
    }
  }
  return uncommonVerdict(stack, index, field, protocol, isRightUnknown);
}

function uncommonVerdict(
  stack: LayerStack,
  index: number,
  field: number,
  protocol: number,
  isRightUnknown: boolean,
): ChecksumVerdict {
  const { view } = stack;
  const at = stack.layerAt(index);
  if (isFragmentOf(stack, index)) return ChecksumVerdict.Fragment;
  const end = declaredEnd(stack, index);
  const isComplete = end === stack.layerEnd(index) && !lacksUdpLength(stack, index);
  const mayBeSeveral = stack.wireLen > MAX_PLAIN_LEN || lacksIpLength(stack, index);
  const pseudo = pseudoSum(stack, index, protocol, end - at);
  const isPartial = protocol !== IpProtocol.Icmpv4 && field === fold(pseudo);
  // A super-frame's is no sum over it but what a NIC is to start from; of other frames one in 65,536 has this value and
  // is right.
  if (isPartial && mayBeSeveral) return ChecksumVerdict.Partial;
  if (isComplete && isRightUnknown && fold(pseudo + sum(view, at, end)) === RIGHT_SUM) return ChecksumVerdict.Right;
  if (isPartial) return ChecksumVerdict.Partial;
  if (isRightOnceInnerIs(stack, index, pseudo)) return ChecksumVerdict.LocalOffload;
  if (!isComplete) return isFragmentAround(stack, index) ? ChecksumVerdict.Fragment : ChecksumVerdict.Incomplete;
  if (mayBeSeveral) return ChecksumVerdict.SuperFrame;
  return mayBeRerouted(stack, index) ? ChecksumVerdict.Rerouted : ChecksumVerdict.Wrong;
}

/** Whether the layer at `index` is UDP whose length cannot be: then nobody knows what its checksum covers. */
function lacksUdpLength(stack: LayerStack, index: number): boolean {
  if (stack.kind(index) !== LayerKind.Udp) return false;
  const length = udp.length(stack.bytes, stack.layerAt(index));
  return length < udp.HEADER_LEN && !(length === 0 && stack.wireLen > MAX_IP_LEN);
}

/** Whether the IP header that carries the layer at `index` has a length of 0: it is to be cut into segments yet. */
function lacksIpLength(stack: LayerStack, index: number): boolean {
  const ip = ipAround(stack, index);
  const at = stack.layerAt(ip);
  if (stack.kind(ip) === LayerKind.Ipv4) return ipv4.totalLength(stack.bytes, at) === 0;
  return ipv6.payloadLength(stack.bytes, at) === 0;
}

/** Whether the checksum at `index` is right once a partial one inside is filled in. @param pseudo its pseudo-header's sum */
function isRightOnceInnerIs(stack: LayerStack, index: number, pseudo: number): boolean {
  const { view } = stack;
  const at = stack.layerAt(index);
  const last = stack.quotedIndex < 0 ? stack.depth : stack.quotedIndex;
  for (let inner = last - 1; inner > index; inner--) {
    const kind = stack.kind(inner);
    if (kind !== LayerKind.Udp && kind !== LayerKind.Tcp && kind !== LayerKind.Icmpv6) continue;
    const innerAt = stack.layerAt(inner);
    const field = view.getUint16(innerAt + checksumOffset(kind));
    const length = declaredEnd(stack, inner) - innerAt;
    if (field !== fold(pseudoSum(stack, inner, protocolOf(kind), length))) continue;
    if (fold(pseudo + sum(view, at, innerAt) + (~field & 0xffff)) === RIGHT_SUM) return true;
  }
  return false;
}

/** Whether the layer at `index` is in a fragment of its own datagram. */
function isFragmentOf(stack: LayerStack, index: number): boolean {
  const { bytes } = stack;
  for (let header = index - 1; header >= 0; header--) {
    const at = stack.layerAt(header);
    switch (stack.kind(header)) {
      case LayerKind.Ipv4:
        return ipv4.moreFragments(bytes, at) === 1 || ipv4.fragmentOffset(bytes, at) !== 0;
      case LayerKind.Ipv6:
        return false;
      case LayerKind.Fragment:
        if (extension.moreFragments(bytes, at) === 1 || extension.fragmentOffset(bytes, at) !== 0) return true;
        break;
    }
  }
  return false;
}

/** Whether any datagram around the layer at `index` is a fragment. */
function isFragmentAround(stack: LayerStack, index: number): boolean {
  for (let outer = index; outer > 0; outer--) if (isFragmentOf(stack, outer)) return true;
  return false;
}
