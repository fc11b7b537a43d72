/**
 * Plain frames in AssemblyScript: what `PlainFrames` says, in one go, without a layer entered. The shape is that of
 * `enterCommon`, perhaps with a tag inside; the words are those that `Flows`, `Repeats` and `RecentFrames` have for it.
 */
import { CAPTURED_LEN, FRAME_AT, LINK_TYPE, NANOSECONDS, SECONDS, WINDOW, WIRE_LEN } from '../assembly/layout';
import { areRight } from '../checksum/check.as';
import * as common from '../dissect/common-layout';
import * as layout from './plain-layout';
import {
  add,
  ETHERNET,
  find,
  GROUP_BIT,
  ICMPV4,
  isIpv4,
  isTag,
  keepForErrors,
  keepForRepeats,
  mayBeRepeat,
  NONE,
  swapped,
  TCP,
  UDP,
} from './plain-tables.as';

/** Where a frame's headers are in memory, beyond where the frame is in its bytes. */
const OUTER_UDP = WINDOW + common.UDP;
const VXLAN = WINDOW + common.VXLAN;
const INNER = WINDOW + common.INNER;
const INNER_L4 = WINDOW + common.INNER_L4;
/** What is loaded before a length was looked at lies within so many bytes, behind a tag, too. */
const LEAST_LEN = common.INNER_L4 + common.TCP_LEN;
/** Words of a flow and of a repeat, bytes. */
const WORD = 4;

/**
 * Counts the plain frames in a row, up to the first that is none, and says in `plain-layout`'s run what they are.
 *
 * @param from place of the first in the batch, whose columns lie beside its bytes
 * @param end of the batch
 * @param frame the number of the first
 * @param baseSeconds what times are counted from
 * @param beforeNs time of the frame before; no plain one steps back
 * @returns how many frames were counted
 */
export function run(from: i32, end: i32, frame: i32, baseSeconds: f64, beforeNs: f64): i32 {
  let place = from;
  let before = beforeNs;
  let bytes = 0;
  let udp = 0;
  let tcp = 0;
  for (; place < end; place++) {
    const len = load<i32>(place << 2, CAPTURED_LEN);
    if (load<i32>(place << 2, WIRE_LEN) !== len || load<u16>(place << 1, LINK_TYPE) !== ETHERNET) break;
    const timeNs = (load<f64>(place << 3, SECONDS) - baseSeconds) * 1e9 + <f64>load<i32>(place << 2, NANOSECONDS);
    // One that has no time is not a number, and no plain one.
    if (!(timeNs >= before)) break;
    const kind = count(load<i32>(place << 2, FRAME_AT), len, frame + place - from, timeNs);
    if (kind === NONE) break;
    before = timeNs;
    bytes += len;
    if (kind === UDP) udp++;
    else if (kind === TCP) tcp++;
  }
  store<i32>(0, bytes, layout.RUN_AT + layout.RUN_BYTES * WORD);
  store<i32>(0, udp, layout.RUN_AT + layout.RUN_UDP * WORD);
  store<i32>(0, tcp, layout.RUN_AT + layout.RUN_TCP * WORD);
  return place - from;
}

/** Counts a frame, if it is a plain one of an open flow. @returns the kind of its last layer; 0, and nothing was counted, where it is none */
function count(at: usize, len: i32, frame: i32, timeNs: f64): i32 {
  if (len < LEAST_LEN || len > common.MAX_PLAIN_LEN) return NONE;

  // Outside, `enterCommon`'s conditions, and no checksum. Whether the port is VXLAN's is known of a flow.
  if (!isIpv4(load<i32>(at, WINDOW + common.TYPE))) return NONE;
  const outerProtocol = load<i32>(at, WINDOW + common.FRAGMENT_TTL_PROTOCOL) & bswap<i32>(common.WHOLE_MASK);
  if (outerProtocol !== bswap<i32>(common.UDP_PROTOCOL)) return NONE;
  const end = common.IP + swapped(load<u16>(at, WINDOW + common.TOTAL_LENGTH));
  // The checksum lies above the length.
  const lengthAndChecksum = load<u32>(at, OUTER_UDP + common.UDP_LENGTH);
  if (end > len || lengthAndChecksum > 0xffff || swapped(<u16>lengthAndChecksum) !== end - common.UDP) return NONE;
  // VXLAN's I flag, and no other bit beside it; that none is set behind the VNI is known of a flow as well.
  if (load<i32>(at, VXLAN) !== common.I_FLAG) return NONE;

  if ((load<u8>(at, INNER) & GROUP_BIT) !== 0) return NONE;
  // Behind a tag, all is four bytes further.
  const tagLen = isTag(load<u16>(at, INNER + common.TYPE)) ? common.TAG_LEN : 0;
  const inner = at + tagLen;
  if (!isIpv4(load<i32>(inner, WINDOW + common.INNER_TYPE))) return NONE;
  const available = swapped(load<u16>(inner, WINDOW + common.INNER_TOTAL_LENGTH)) - common.IPV4_LEN;
  if (available < common.ICMP_LEN || tagLen + common.INNER_L4 + available > end) return NONE;
  const protocol = load<i32>(inner, WINDOW + common.INNER_FRAGMENT_TTL_PROTOCOL) & bswap<i32>(common.WHOLE_MASK);

  // Of the segment: its kind, its length, what is summed besides it, and from where.
  let kind = TCP;
  let length = available;
  let start = common.TCP + available;
  let summedFrom = common.INNER_IP + common.SOURCE;
  let ports = load<i32>(inner, INNER_L4);
  if (protocol === bswap<i32>(common.TCP)) {
    const headerLen = (<i32>load<u8>(inner, INNER_L4 + common.TCP_OFFSET) >> 4) << 2;
    if (headerLen < common.TCP_LEN || headerLen > available) return NONE;
  } else if (protocol === bswap<i32>(common.UDP_PROTOCOL)) {
    kind = UDP;
    length = swapped(load<u16>(inner, INNER_L4 + common.UDP_LENGTH));
    start = common.UDP_PROTOCOL + length;
    if (length <= common.UDP_LEN || length > available) return NONE;
    // Perhaps VXLAN, to a port of which nobody said so.
    if (load<u8>(inner, INNER_L4 + common.UDP_LEN) === common.I_FLAG) return NONE;
  } else if (protocol === bswap<i32>(common.ICMP)) {
    const type = load<u8>(inner, INNER_L4);
    if (type !== common.ECHO_REQUEST && type !== common.ECHO_REPLY) return NONE;
    kind = ICMPV4;
    start = 0;
    summedFrom = common.INNER_L4;
    ports = 0;
  } else {
    return NONE;
  }

  if (mayBeRepeat(at)) return NONE;
  const flow = find(at, inner, kind, ports);
  if (flow < 0) return NONE;
  const segmentEnd = inner + common.INNER_L4 + length;
  if (areRight(at + common.IP, inner + common.INNER_IP, inner + summedFrom, segmentEnd, start) === 0) return NONE;

  add(flow, len, frame, timeNs);
  keepForRepeats(at, len, timeNs);
  keepForErrors(at, frame);
  return kind;
}
