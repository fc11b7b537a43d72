/**
 * The fast path: Ethernet, IPv4, UDP, VXLAN and the inner Ethernet, IPv4 and layer 4 of a whole frame, in one function
 * with one length check and loads at fixed offsets. It leaves exactly what the walk would leave, and where a frame
 * departs from the shape it hands over to the walk: a property test holds the two against each other. What it gains
 * stands in docs/adr/0004-fast-path.md.
 */
import { ATS, ENDS, LayerKind, type LayerStack } from '../wire/stack.js';
import { LenSource, StopCode } from '../wire/stop.js';
import {
  ECHO_REPLY,
  ECHO_REQUEST,
  FRAGMENT_TTL_PROTOCOL,
  I_FLAG,
  ICMP,
  ICMP_LEN,
  INNER,
  INNER_FRAGMENT_TTL_PROTOCOL,
  INNER_IP,
  INNER_L4,
  INNER_TOTAL_LENGTH,
  INNER_TYPE,
  IP,
  IPV4_MASK,
  IPV4_VALUE,
  PORT_AND_LENGTH,
  TCP,
  TCP_LEN,
  TCP_OFFSET,
  TOTAL_LENGTH,
  TYPE,
  UDP,
  UDP_LEN,
  UDP_PROTOCOL,
  VXLAN,
  WHOLE_MASK,
} from './common-layout.js';

/** The frame has another shape: nothing was entered. */
export const NOT_COMMON = -1;

/** Where a frame may lie at most, all bits set: an offset added to that is still 31 bits. */
const MAX_AT = 0x3fff_ffff;

/** Up to the end of an inner IPv4 header without options. */
const LEAST_LEN = INNER_L4;

/** Four kinds of layers as one of `stack.words`. */
function kindsWord(...kinds: number[]): number {
  return new Int32Array(Uint8Array.from(kinds).buffer)[0] as number;
}
const OUTER_KINDS = kindsWord(LayerKind.Ethernet, LayerKind.Ipv4, LayerKind.Udp, LayerKind.Vxlan);
const TCP_KINDS = kindsWord(LayerKind.Ethernet, LayerKind.Ipv4, LayerKind.Tcp, LayerKind.None);
const UDP_KINDS = kindsWord(LayerKind.Ethernet, LayerKind.Ipv4, LayerKind.Udp, LayerKind.None);
const ICMP_KINDS = kindsWord(LayerKind.Ethernet, LayerKind.Ipv4, LayerKind.Icmpv4, LayerKind.None);

/**
 * Enters the layers of a common frame of which nothing was cut. `stack` holds its bytes; it need not be reset.
 *
 * @param frameAt its first byte
 * @param frameEnd exclusive
 * @returns the kind of layer to walk on with, `None` when all is done; `NOT_COMMON`, with `stack` as it was
 *
 * **Stops** unsupported (inner UDP port). **Cost** no allocation.
 */
export function enterCommon(stack: LayerStack, frameAt: number, frameEnd: number): number {
  const view = stack.view;
  // The engine sees that sums of this do not overflow.
  const at = frameAt & MAX_AT;
  if (at !== frameAt || frameEnd - at < LEAST_LEN) return NOT_COMMON;
  if ((view.getInt32(at + TYPE) & IPV4_MASK) !== IPV4_VALUE) return NOT_COMMON;
  if ((view.getInt32(at + FRAGMENT_TTL_PROTOCOL) & WHOLE_MASK) !== UDP_PROTOCOL) return NOT_COMMON;
  const totalLength = view.getUint16(at + TOTAL_LENGTH);
  const end = at + IP + totalLength;
  const portAndLength = view.getInt32(at + PORT_AND_LENGTH);
  if (end > frameEnd || totalLength < LEAST_LEN - IP || (portAndLength & 0xffff) !== totalLength - (UDP - IP)) {
    return NOT_COMMON;
  }
  if (stack.portKinds[portAndLength >>> 16] !== LayerKind.Vxlan) return NOT_COMMON;
  if ((view.getUint8(at + VXLAN) & I_FLAG) === 0) return NOT_COMMON;

  const words = stack.words;
  words[0] = OUTER_KINDS;
  words[ATS] = at;
  words[ATS + 1] = at + IP;
  words[ATS + 2] = at + UDP;
  words[ATS + 3] = at + VXLAN;
  words[ENDS] = frameEnd;
  words[ENDS + 1] = end;
  words[ENDS + 2] = end;
  words[ENDS + 3] = end;
  stack.frameAt = at;
  stack.frameEnd = frameEnd;
  stack.wireLen = frameEnd - at;
  stack.at = at;
  stack.end = frameEnd;
  stack.tunnels = 1;
  stack.tunnelIndex = 3;
  stack.quotedIndex = -1;
  stack.firstFragment = false;
  stack.fragmentIndex = -1;
  stack.stopCode = StopCode.None;

  const innerLength = view.getUint16(at + INNER_TOTAL_LENGTH);
  const innerEnd = at + INNER_IP + innerLength;
  if (
    (view.getInt32(at + INNER_TYPE) & IPV4_MASK) !== IPV4_VALUE ||
    innerEnd > end ||
    innerLength < INNER_L4 - INNER_IP
  ) {
    return leaveInner(stack, at + INNER, end);
  }
  const whole = view.getInt32(at + INNER_FRAGMENT_TTL_PROTOCOL) & WHOLE_MASK;
  const l4 = at + INNER_L4;
  const available = innerEnd - l4;
  words[ATS + 4] = at + INNER;
  words[ATS + 5] = at + INNER_IP;
  words[ATS + 6] = l4;
  words[ENDS + 4] = end;
  words[ENDS + 5] = innerEnd;
  words[ENDS + 6] = innerEnd;
  stack.depth = 7;
  if (whole === TCP) {
    const headerLen = available < TCP_LEN ? 0 : (view.getUint8(l4 + TCP_OFFSET) >> 4) << 2;
    if (headerLen < TCP_LEN || headerLen > available) return leaveInner(stack, at + INNER, end);
    words[1] = TCP_KINDS;
    return LayerKind.None;
  }
  if (whole === UDP_PROTOCOL) {
    const inner = available < UDP_LEN ? 0 : view.getInt32(l4 + 2);
    const length = inner & 0xffff;
    if (length <= UDP_LEN || length > available || stack.portKinds[inner >>> 16] !== LayerKind.None) {
      return leaveInner(stack, at + INNER, end);
    }
    words[1] = UDP_KINDS;
    words[ENDS + 6] = l4 + length;
    stack.stopCode = StopCode.Unsupported;
    stack.stopLayer = LayerKind.Udp;
    stack.stopAt = l4 + UDP_LEN;
    stack.stopNeeded = 0;
    stack.stopAvailable = length - UDP_LEN;
    stack.stopLenSource = LenSource.None;
    return LayerKind.None;
  }
  const type = whole !== ICMP || available < ICMP_LEN ? -1 : view.getUint8(l4);
  if (type !== ECHO_REQUEST && type !== ECHO_REPLY) return leaveInner(stack, at + INNER, end);
  words[1] = ICMP_KINDS;
  return LayerKind.None;
}

/** Leaves the inner frame to the walk. @returns the kind of its first layer */
function leaveInner(stack: LayerStack, at: number, end: number): number {
  stack.depth = 4;
  stack.at = at;
  stack.end = end;
  stack.endSource = LenSource.UdpLength;
  return LayerKind.Ethernet;
}
