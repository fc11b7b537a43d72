/**
 * The tables that plain frames are counted in, in AssemblyScript: what `Flows`, `Repeats` and `RecentFrames` do with frames
 * that show nothing new. All offsets are into the bytes; words are as they lie in memory.
 */
import { WINDOW } from '../assembly/layout';
import * as common from '../dissect/common-layout';
import { MAX_PROBES, SPREAD_FACTOR } from '../inventory/open-addressing';
import * as layout from './plain-layout';

/** Kinds of layers, as `LayerKind` numbers them. */
export const NONE = 0;
export const UDP = 13;
export const TCP = 14;
export const ICMPV4 = 15;

/** LINKTYPE_ETHERNET. */
export const ETHERNET = 1;
/** Set in a MAC that is of a group. */
export const GROUP_BIT = 1;

const IP = WINDOW + common.IP;
const OUTER_UDP = WINDOW + common.UDP;
const VXLAN = WINDOW + common.VXLAN;
const INNER = WINDOW + common.INNER;
const INNER_IP = WINDOW + common.INNER_IP;
/** Words of a flow and of a repeat, bytes. */
const WORD = 4;

/** EtherType and what follows, as they lie in memory. */
export function isIpv4(word: i32): bool {
  return (word & bswap<i32>(common.IPV4_MASK)) === bswap<i32>(common.IPV4_VALUE);
}

/** Whether an EtherType, as it lies in memory, is that of an 802.1Q or 802.1ad tag. */
export function isTag(type: u16): bool {
  return type === bswap<u16>(<u16>common.TAG) || type === bswap<u16>(<u16>common.SERVICE_TAG);
}

export function swapped(word: u16): i32 {
  return bswap<u16>(word);
}

/** The flow of a frame, as `Flows.count` finds it. @param inner `at`, and the length of a tag inside @returns its number; -1 where it is not open */
export function find(at: usize, inner: usize, kind: i32, ports: i32): i32 {
  const network = load<i32>(at, VXLAN + common.VNI);
  const destination = load<i32>(at, IP + common.DESTINATION);
  const outerPorts = load<i32>(at, OUTER_UDP);
  const mac = load<i32>(at, WINDOW + common.MAC_SOURCE);
  const macRest: i32 = load<u16>(at, WINDOW + common.MAC_SOURCE + 4);
  const rest = macRest | ((<i32>load<u8>(at, IP + common.TIME_TO_LIVE)) << 16) | (kind << 24);
  const macs = load<i32>(at, INNER + 8);
  const hash = spread(
    ((network ^ destination) * layout.NETWORK_FACTOR) ^
      ((outerPorts ^ macs) * layout.LINK_FACTOR) ^
      (load<i32>(inner, INNER_IP + common.SOURCE) * layout.SOURCE_FACTOR) ^
      (load<i32>(inner, INNER_IP + common.DESTINATION) * layout.DESTINATION_FACTOR) ^
      (ports * layout.PORTS_FACTOR),
  );
  for (let probe = 0; probe < MAX_PROBES; probe++) {
    const flow = flowAt((hash + probe) & layout.SLOT_MASK);
    if (flow < 0) break;
    const key = wordsOf(flow);
    // Two words at a time, and one branch.
    const differs =
      (load<i64>(key, layout.KEY_VNI * WORD) ^ load<i64>(at, VXLAN + common.VNI)) |
      (load<i64>(key, (layout.KEY_INNER_MACS + 1) * WORD) ^ load<i64>(at, INNER + 4)) |
      (load<i64>(key, layout.KEY_SOURCE * WORD) ^ load<i64>(at, IP + common.SOURCE)) |
      (load<i64>(key, layout.KEY_INNER_SOURCE * WORD) ^ load<i64>(inner, INNER_IP + common.SOURCE));
    const differ =
      (load<i32>(key, layout.KEY_OUTER_PORTS * WORD) ^ outerPorts) |
      (load<i32>(key, layout.KEY_PORTS * WORD) ^ ports) |
      (load<i32>(key, layout.KEY_MAC * WORD) ^ mac) |
      (load<i32>(key, layout.KEY_REST * WORD) ^ rest);
    if ((differs | <i64>differ) === 0) return flow;
  }
  return -1;
}

/** The flow that a slot leads to; -1 where it is free. */
export function flowAt(slot: i32): i32 {
  return <i32>load<u16>(slot << 1, layout.SLOTS_AT) - 1;
}

/** As `inventory/open-addressing`. */
export function spread(hash: i32): i32 {
  const half = (hash ^ (hash >>> 15)) * SPREAD_FACTOR;
  return half ^ (half >>> 13);
}

/** Adds a frame to its flow, as `Flows.count` does. */
export function add(flow: i32, len: i32, frame: i32, timeNs: f64): void {
  const words = wordsOf(flow);
  store<i32>(words, load<i32>(words, layout.FRAMES * WORD) + 1, layout.FRAMES * WORD);
  store<i32>(words, frame, layout.LAST_FRAME * WORD);
  store<f64>(words, timeNs, layout.LAST_NS * WORD);
  store<f64>(flow << 3, load<f64>(flow << 3, layout.BYTES_AT) + <f64>len, layout.BYTES_AT);
}

export function wordsOf(flow: i32): i32 {
  return layout.FLOWS_AT + (flow << (layout.FLOW_SHIFT + 2));
}

/** Whether one of the last frames, `FRAMES_BACK` of them, has this one's telling word. */
export function mayBeRepeat(at: usize): bool {
  const telling = i32x4.splat(load<i32>(at, WINDOW + layout.TELLING_WORD));
  return v128.any_true(i32x4.eq(v128.load(0, layout.REPEATS_AT), telling));
}

/** As `Repeats.see`, of a frame that is none. */
export function keepForRepeats(at: usize, len: i32, timeNs: f64): void {
  const next = load<i32>(0, layout.REPEATS_AT + layout.NEXT_REPEAT * WORD);
  const own = layout.REPEATS_AT + next * layout.REPEAT_STRIDE * WORD;
  store<i32>(next << 2, load<i32>(at, WINDOW + layout.TELLING_WORD), layout.REPEATS_AT);
  store<i32>(own, <i32>at, layout.AT * WORD);
  store<i32>(own, len, layout.LEN * WORD);
  store<i32>(own, 0, layout.REPEATED * WORD);
  store<f64>(next << 3, timeNs, layout.REPEAT_TIMES_AT);
  store<i32>(0, (next + 1) & (layout.FRAMES_BACK - 1), layout.REPEATS_AT + layout.NEXT_REPEAT * WORD);
}

/** As `RecentFrames.keep`. */
export function keepForErrors(at: usize, frame: i32): void {
  const next = load<i32>(0, layout.KEPT_AT + layout.NEXT_KEPT * WORD);
  const key =
    (load<i32>(at, IP + common.SOURCE) * layout.LINK_FACTOR) ^
    (load<i32>(at, IP + common.DESTINATION) * layout.SOURCE_FACTOR) ^
    (load<i32>(at, IP + common.IDENTIFICATION) * layout.DESTINATION_FACTOR);
  const mixed = (key ^ load<i32>(at, OUTER_UDP)) * layout.RECENT_FACTOR;
  store<i32>(next << 3, mixed ^ (mixed >>> 15), layout.KEPT_AT);
  store<i32>(next << 3, frame, layout.KEPT_AT + WORD);
  store<i32>(0, (next + 1) & (layout.KEPT - 1), layout.KEPT_AT + layout.NEXT_KEPT * WORD);
}
