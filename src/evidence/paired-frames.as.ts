/**
 * Plain frames where frames are paired, in AssemblyScript: as plain-frames.as.ts, and those without a tunnel, too. What
 * pairing asks of each is left in columns beside those of the batch, and echoes are listed: their answers say what arrived.
 */
import {
  CAPTURED_LEN,
  FRAME_AT,
  INTERFACE_ID,
  LINK_TYPE,
  NANOSECONDS,
  SECONDS,
  SENDER,
  SIZE,
  WINDOW,
  WIRE_LEN,
} from '../assembly/layout';
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

/** What is loaded of a frame, of its first layers and behind a tunnel, before a length was looked at. */
const LEAST_BARE_LEN = common.IP + common.IPV4_LEN + common.TCP_LEN;
const LEAST_LEN = common.INNER_L4 + common.TCP_LEN;
/** The largest row that a frame's size is kept with. */
const MAX_SIZED_ROW = 0xfffe;
const NO_ROW = -1;
const NO_NETWORK = -1;
/** Spreads the bits of a MAC over the upper ones. */
const MAC_FACTOR: u64 = ((<u64>0x9e37_79b9) << 32) | 0x7f4a_7c15;
const WORD = 4;

/**
 * As `run` of plain-frames.as.ts.
 *
 * @param takes which frames may be plain, bits of `plain-layout`
 */
export function run(from: i32, end: i32, frame: i32, baseSeconds: f64, beforeNs: f64, takes: i32): i32 {
  for (let field = 0; field < layout.RUN_LEN; field++) store<i32>(field << 2, 0, layout.RUN_AT);
  let place = from;
  let before = beforeNs;
  for (; place < end; place++) {
    const len = load<i32>(place << 2, CAPTURED_LEN);
    if (load<i32>(place << 2, WIRE_LEN) !== len || load<u16>(place << 1, LINK_TYPE) !== ETHERNET) break;
    // Points tell interfaces apart, but for the first.
    if (load<i32>(place << 2, INTERFACE_ID) !== 0 || len < LEAST_BARE_LEN || len > common.MAX_PLAIN_LEN) break;
    const timeNs = (load<f64>(place << 3, SECONDS) - baseSeconds) * 1e9 + <f64>load<i32>(place << 2, NANOSECONDS);
    // One that has no time is not a number, and no plain one.
    if (!(timeNs >= before)) break;
    const at: usize = load<i32>(place << 2, FRAME_AT);
    const own = frame + place - from;
    if (mayBeRepeat(at)) break;
    const isInTunnel = mayBeTunnel(at);
    if ((takes & (isInTunnel ? layout.TAKES_TUNNELS : layout.TAKES_BARE)) === 0) break;
    const kind = isInTunnel ? countInTunnel(at, len, own, timeNs, place) : countBare(at, len, place);
    if (kind === NONE) break;
    const packet = packetOf(isInTunnel ? at + common.INNER : at);
    if (kind === ICMPV4) listEcho(own, packet, isInTunnel ? vniOf(at) : NO_NETWORK);
    keepForErrors(isInTunnel ? at : packet - common.IP, own);
    keepForRepeats(at, len, timeNs);
    const row = load<i32>(place << 2, SENDER);
    store<i32>(place << 2, totalLengthOf(packet) | (row > MAX_SIZED_ROW ? 0 : (row + 1) << 16), SIZE);
    grow(layout.RUN_BYTES, len);
    before = timeNs;
  }
  return place - from;
}

/** Adds to a field of what is said of the run. */
function grow(field: i32, by: i32): void {
  store<i32>(field << 2, load<i32>(field << 2, layout.RUN_AT) + by, layout.RUN_AT);
}

/** Counts a frame in a tunnel, if it is a plain one of an open flow. @returns the kind of its segment; `NONE`, and nothing was counted */
function countInTunnel(at: usize, len: i32, frame: i32, timeNs: f64, place: i32): i32 {
  const tagLen = len < LEAST_LEN ? -1 : tagOfInner(at, len);
  if (tagLen < 0) return NONE;
  const inner = at + tagLen;
  const packet = inner + common.INNER_IP;
  const kind = segmentOf(packet, common.IP + totalLengthOf(at + common.IP) - common.INNER_IP - tagLen);
  if (kind === NONE) return NONE;
  const flow = find(at, inner, kind, kind === ICMPV4 ? 0 : load<i32>(inner, WINDOW + common.INNER_L4));
  if (flow < 0 || !isRight(at + common.IP, packet, kind)) return NONE;
  add(flow, len, frame, timeNs);
  store<i32>(place << 2, load<i32>(flow << 2, layout.ROWS_AT), SENDER);
  if (kind === UDP) grow(layout.RUN_UDP, 1);
  else if (kind === TCP) grow(layout.RUN_TCP, 1);
  return kind;
}

/** The same of a frame without a tunnel, of a sender that is known. */
function countBare(at: usize, len: i32, place: i32): i32 {
  const tagLen = tagOf(at, len);
  if (tagLen < 0) return NONE;
  const packet = at + tagLen + common.IP;
  const kind = segmentOf(packet, len - common.IP - tagLen);
  if (kind === NONE || !isRight(packet, packet, kind) || !isKnownSender(at)) return NONE;
  store<i32>(place << 2, NO_ROW, SENDER);
  grow(layout.RUN_BARE, 1);
  if (kind === UDP) grow(layout.RUN_BARE_UDP, 1);
  else if (kind === TCP) grow(layout.RUN_BARE_TCP, 1);
  return kind;
}

/** Whether a frame without a tag is UDP over IPv4 to a port of a tunnel: it is in one, or none that is plain. */
function mayBeTunnel(at: usize): bool {
  if (!isIpv4(load<i32>(at, WINDOW + common.TYPE))) return false;
  if (load<u8>(at, WINDOW + common.IP + common.PROTOCOL) !== common.UDP_PROTOCOL) return false;
  return isTunnelPort(load<u16>(at, WINDOW + common.UDP + 2));
}

/** @param port as it lies in memory */
function isTunnelPort(port: u16): bool {
  return load<u8>(swapped(port), layout.PORT_KINDS_AT) !== NONE;
}

/** The length of the tag inside a frame that is a plain one up to its inner packet: 0 without; -1 where it is none. */
function tagOfInner(at: usize, len: i32): i32 {
  const protocol = load<i32>(at, WINDOW + common.FRAGMENT_TTL_PROTOCOL) & bswap<i32>(common.WHOLE_MASK);
  if (protocol !== bswap<i32>(common.UDP_PROTOCOL)) return -1;
  const end = common.IP + totalLengthOf(at + common.IP);
  // The checksum lies above the length.
  const lengthAndChecksum = load<u32>(at, WINDOW + common.UDP + common.UDP_LENGTH);
  if (end > len || lengthAndChecksum > 0xffff || swapped(<u16>lengthAndChecksum) !== end - common.UDP) return -1;
  // VXLAN's I flag, and no other bit beside it; that none is set behind the VNI is known of a flow as well.
  if (load<i32>(at, WINDOW + common.VXLAN) !== common.I_FLAG) return -1;
  return tagOf(at + common.INNER, end - common.INNER);
}

/** The length of the tag of an Ethernet frame to one MAC that holds IPv4: 0 without; -1 of any other frame. */
function tagOf(at: usize, len: i32): i32 {
  if ((load<u8>(at, WINDOW) & GROUP_BIT) !== 0) return -1;
  const tagLen = tagLenOf(at);
  if (len < tagLen + LEAST_BARE_LEN) return -1;
  return isIpv4(load<i32>(at + tagLen, WINDOW + common.TYPE)) ? tagLen : -1;
}

function tagLenOf(at: usize): i32 {
  return isTag(load<u16>(at, WINDOW + common.TYPE)) ? common.TAG_LEN : 0;
}

/** Where the packet of an Ethernet frame starts, which may have a tag. */
function packetOf(at: usize): usize {
  return at + tagLenOf(at) + common.IP;
}

function vniOf(at: usize): i32 {
  return bswap<u32>(load<u32>(at, WINDOW + common.VXLAN + common.VNI)) >>> 8;
}

function totalLengthOf(ip: usize): i32 {
  return swapped(load<u16>(ip, WINDOW + 2));
}

/**
 * The kind of the segment in a whole IPv4 packet without options; `NONE` where it is no plain one.
 *
 * @param ip the packet's first byte
 * @param len of what is there from it on
 */
function segmentOf(ip: usize, len: i32): i32 {
  const packetLen = totalLengthOf(ip);
  const available = packetLen - common.IPV4_LEN;
  if (packetLen > len || available < common.ICMP_LEN) return NONE;
  const protocol = load<i32>(ip, WINDOW + 6) & bswap<i32>(common.WHOLE_MASK);
  if (protocol === bswap<i32>(common.TCP)) {
    const headerLen = (<i32>load<u8>(ip, WINDOW + common.IPV4_LEN + common.TCP_OFFSET) >> 4) << 2;
    return headerLen < common.TCP_LEN || headerLen > available ? NONE : TCP;
  }
  if (protocol === bswap<i32>(common.ICMP)) {
    const type = load<u8>(ip, WINDOW + common.IPV4_LEN);
    return type === common.ECHO_REQUEST || type === common.ECHO_REPLY ? ICMPV4 : NONE;
  }
  if (protocol !== bswap<i32>(common.UDP_PROTOCOL)) return NONE;
  const length = udpLengthOf(ip);
  if (length <= common.UDP_LEN || length > available) return NONE;
  // Perhaps VXLAN, to a port of which nobody said so, or of which somebody did.
  if (load<u8>(ip, WINDOW + common.IPV4_LEN + common.UDP_LEN) === common.I_FLAG) return NONE;
  if (isTunnelPort(load<u16>(ip, WINDOW + common.IPV4_LEN + 2))) return NONE;
  return UDP;
}

function udpLengthOf(ip: usize): i32 {
  return swapped(load<u16>(ip, WINDOW + common.IPV4_LEN + common.UDP_LENGTH));
}

/** Whether all checksums of a packet are right. @param outer the IPv4 header around it, or its own @param kind of its segment */
function isRight(outer: usize, ip: usize, kind: i32): bool {
  const end = ip + (kind === UDP ? common.IPV4_LEN + udpLengthOf(ip) : totalLengthOf(ip));
  const segment = ip + common.IPV4_LEN;
  if (kind === ICMPV4) return areRight(outer, ip, segment, end, 0) === 1;
  const protocol = kind === UDP ? common.UDP_PROTOCOL : common.TCP;
  return areRight(outer, ip, ip + common.SOURCE, end, protocol + <i32>(end - segment)) === 1;
}

/** Lists an echo. @param network VNI of its tunnel; -1 where it is bare */
function listEcho(frame: i32, packet: usize, network: i32): void {
  const to: usize = layout.ECHOES_AT + load<i32>(layout.RUN_AT, layout.RUN_ECHOES * WORD) * layout.ECHO * WORD;
  store<i32>(to, frame, layout.ECHO_FRAME * WORD);
  store<i32>(to, <i32>packet, layout.ECHO_PACKET * WORD);
  store<i32>(to, network, layout.ECHO_NETWORK * WORD);
  grow(layout.RUN_ECHOES, 1);
}

/** Whether a frame's sender is known to have sent such frames before; the next time it is: this one is looked at whole. */
function isKnownSender(at: usize): bool {
  const mac: u64 = load<u64>(at, WINDOW + common.MAC_SOURCE - 2) >> 16;
  const place = (<i32>((mac * MAC_FACTOR) >> (64 - layout.MACS_SHIFT))) << 3;
  const known = mac | ((<u64>1) << layout.MAC_KNOWN);
  if (load<u64>(place, layout.MACS_AT) === known) return true;
  store<u64>(place, known, layout.MACS_AT);
  return false;
}
