/**
 * The checksums of a common frame, in one go: IPv4 and a whole segment of TCP, UDP or ICMP, bare or in a tunnel over UDP
 * and IPv4 whose checksum is 0. It says no more than that all of them are right; what departs from that,
 * checksum-verdict.ts decides. A property test holds the two against each other. It costs half as much: all that a capture
 * holds is summed here.
 */
import type { Check } from '../checksum/check.js';
import * as ipv4 from '../wire/ipv4.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import { StopCode } from '../wire/stop.js';
import * as common from './common-layout.js';

/** Layers around the inner frame of a tunnel: Ethernet, IPv4, UDP, VXLAN or Geneve. */
const TUNNEL_INDEX = 3;
const FRAGMENT = 6;
/** More fragments, and the offset. */
const FRAGMENT_MASK = 0x3fff;

/**
 * Whether a frame has this shape, and all its checksums are right, that of the tunnel's UDP is 0.
 *
 * @param check of the bytes that `stack` is over
 *
 * **Cost** no allocation; a sum over the frame.
 */
export function areCommonAndRight(stack: LayerStack, check: Check): boolean {
  const { view, ats, kinds, depth, frameAt, tunnelIndex } = stack;
  if (stack.wireLen > common.MAX_PLAIN_LEN) return false;
  let outer = frameAt + common.IP;
  let ip = frameAt + common.INNER_IP;
  let at = frameAt + common.INNER_L4;
  if (!stack.isCommon) {
    if (!isNearlyCommon(stack)) return false;
    ip = ats[depth - 2] as number;
    at = ats[depth - 1] as number;
    outer = tunnelIndex < 0 ? ip : (ats[1] as number);
  }
  if (tunnelIndex >= 0 && view.getUint16(outer + ipv4.HEADER_LEN + common.UDP_CHECKSUM) !== 0) return false;
  const end = stack.ends[depth - 1] as number;
  // Both addresses, in front of the segment, are in the pseudo-header, too.
  if (kinds[depth - 1] === LayerKind.Icmpv4) return check(outer, ip, at, end, 0) === 1;
  return check(outer, ip, ip + common.SOURCE, end, view.getUint8(ip + common.PROTOCOL) + end - at) === 1;
}

/** Whether a frame has the shape, save for where its layers lie: bare, tagged, or in Geneve. */
function isNearlyCommon({
  view,
  ats,
  kinds,
  depth,
  tunnelIndex,
  stopCode,
  quotedIndex,
  firstFragment,
}: LayerStack): boolean {
  const kind = kinds[depth - 1] as number;
  if (kind < LayerKind.Udp || kind > LayerKind.Icmpv4 || kinds[depth - 2] !== LayerKind.Ipv4) return false;
  if (depth < 3 || (kinds[depth - 3] as number) > LayerKind.ServiceVlan || quotedIndex >= 0) return false;
  // With any other stop, or in a first fragment, a length may be more than what is there.
  if ((stopCode !== StopCode.None && stopCode !== StopCode.Unsupported) || firstFragment) return false;
  const ip = ats[depth - 2] as number;
  if ((ats[depth - 1] as number) - ip !== ipv4.HEADER_LEN) return false;
  if ((view.getUint16(ip + FRAGMENT) & FRAGMENT_MASK) !== 0) return false;
  if (tunnelIndex < 0) return true;
  if (tunnelIndex !== TUNNEL_INDEX || kinds[1] !== LayerKind.Ipv4 || kinds[2] !== LayerKind.Udp) return false;
  return (ats[2] as number) - (ats[1] as number) === ipv4.HEADER_LEN;
}
