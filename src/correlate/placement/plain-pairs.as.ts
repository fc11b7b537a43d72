/**
 * Plain pairs in AssemblyScript: what `Placement` and `EarlySettlement` do with a plain frame that nobody has seen yet, and
 * with the second sighting of one, at the other one of two taps. Whatever else a frame may be, it is left as it is.
 */
import * as record from '../identity/plain-record';
import * as tables from '../tables/layout';
import {
  areSame,
  count,
  isFull,
  newest,
  newestOf,
  olderOf,
  open,
  recordOf,
  setTime,
  sightingAt,
  time,
  writeSighting,
} from './plain-trails.as';

const WORD = 4;
/** Ways of tunnels, and marks of a trail, as `Direction` and `trails.ts` have them. */
const ENCAP = 1;
const DECAP = 2;
const SETTLED = 1 << 28;
/** As `trails.ts`: when what was whole goes before its turn, ns. */
const SOON_NS: f64 = 2e6;
const PASSED_NS: f64 = 13e6;
/** As `joins.ts`. */
const MAX_JOINED = 256;
const MAX_OWN = 2;
/** As `Candidates`: the share of the window in which a trail takes in frames. */
const OPEN_SHARE = 0.99;
/** As `Plausible`. */
const LEAST_PAIRS: f64 = 4;
const SLACK_NS: f64 = 10e3;
const LEAST_SHARE = 0.5;
const MEAN_GAIN = 1.0 / 32;
const DEVIATION_GAIN = 1.0 / 16;
const PAIRS_OF_LANE = 0;
const MEAN = 1;
const BOUND = 2;
const DEVIATION = 3;
const MAX_PROBES = 256;
const NO_TUNNEL = -1;
const UNKNOWN_VNI = -1;
const TCP = 6;
const ICMP = 1;

/**
 * Takes in frames of both queues in the order of their times: until one is empty, where both had some, or the other one's
 * next frame, which is none of these, has its turn; or a frame is no plain opening or second sighting, time has to pass
 * before it, or clocks are to be looked at.
 *
 * @param limitNs the time of that next frame; of no use where both queues have frames
 */
export function run(limitNs: f64): void {
  store<i32>(tables.RUN_AT, 0, tables.PAIRS * WORD);
  store<i32>(tables.RUN_AT, 0, tables.LATE_QUEUE * WORD);
  const one = position(0) < end(0);
  const other = position(1) < end(1);
  if (one && other) {
    while (position(0) < end(0) && position(1) < end(1)) {
      if (!take(isFirst(0, keyOf(0), keyOf(1)) ? 0 : 1) || isEnough()) return;
    }
  } else {
    const queue = one ? 0 : 1;
    while (position(queue) < end(queue) && isFirst(queue, keyOf(queue), limitNs)) {
      if (!take(queue) || isEnough()) return;
    }
  }
}

/** An integer that a run is told. */
function told(which: i32): i32 {
  return load<i32>(which << 2, tables.RUN_AT);
}

function windowNs(): f64 {
  return load<f64>(tables.RUN_TIMES_AT, tables.WINDOW_NS * 8);
}

/** Whether clocks are to be looked at before any other frame. */
function isEnough(): bool {
  return pairsLeft(0) <= 0 && pairsLeft(1) <= 0;
}

function pairsLeft(lane: i32): i32 {
  return load<i32>(tables.RUN_AT + (lane << 2), tables.PAIRS_LEFT * WORD);
}

/** Whether a queue's key comes before the other one's. */
function isFirst(queue: i32, key: f64, otherKey: f64): bool {
  return key < otherKey || (key === otherKey && queue === told(tables.FIRST_QUEUE));
}

function position(queue: i32): i32 {
  return load<i32>(tables.RUN_AT + (queue << 2), tables.POSITION * WORD);
}

function end(queue: i32): i32 {
  return load<i32>(tables.RUN_AT + (queue << 2), tables.END * WORD);
}

/** The record of a queue's next frame. */
function headOf(queue: i32): usize {
  return tables.QUEUES_AT + queue * tables.QUEUE_BYTES + position(queue) * record.STRIDE * WORD;
}

/** What a queue's next frame is ordered by: the greatest time so far. */
function keyOf(queue: i32): f64 {
  return max(load<f64>(headOf(queue)), load<f64>(tables.RUN_TIMES_AT + (queue << 3), tables.GREATEST * 8));
}

/** Takes in a queue's next frame. @returns false where it is left as it is */
function take(queue: i32): bool {
  const frame = headOf(queue);
  const timeNs = load<f64>(frame, record.TIME * WORD);
  if (timeNs > time(tables.CLOCK)) {
    // What is older than the window, or may go before its turn, goes first.
    if (time(tables.OLDEST) < timeNs - windowNs() || timeNs - time(tables.OLDEST_YOUNG) >= PASSED_NS) {
      store<i32>(tables.RUN_AT, queue + 1, tables.LATE_QUEUE * WORD);
      return false;
    }
  }
  if (isFull() || !place(queue, frame, timeNs)) return false;
  if (timeNs > time(tables.CLOCK)) setTime(tables.CLOCK, timeNs);
  store<f64>(tables.RUN_TIMES_AT + (queue << 3), keyOf(queue), tables.GREATEST * 8);
  store<i32>(tables.RUN_AT + (queue << 2), position(queue) + 1, tables.POSITION * WORD);
  return true;
}

/** Puts a frame on its trail, as `Placement` would. @returns false where it is left as it is */
function place(queue: i32, frame: usize, timeNs: f64): bool {
  const sender = load<i32>(frame, record.SENDER * WORD);
  // What the underlay has besides tunnels is not paired.
  if (queue !== 0 && sender < 0) return true;
  const key = load<i32>(frame, record.KEY * WORD);
  const trail = newest(key);
  if (queue === 0) {
    if (trail !== 0) return join(trail, frame, timeNs, NO_TUNNEL);
    if (!isWhole(frame) || mayBeJoined(frame)) return false;
    open(frame, timeNs, told(tables.BARE_ENDPOINT), NO_TUNNEL, UNKNOWN_VNI);
    return true;
  }
  const tunnel = sender < tables.MAX_SENDERS ? load<i32>(sender << 2, tables.SENDERS_AT) - 1 : NO_TUNNEL;
  if (tunnel < 0) return false;
  if (trail !== 0) return join(trail, frame, timeNs, tunnel);
  // Of what is sent here, a bare frame should have been there.
  if (wayOf(tunnel) !== DECAP || !isWhole(frame)) return false;
  open(frame, timeNs, told(tables.INNER_ENDPOINT), tunnel, load<i32>(frame, record.VNI * WORD));
  return true;
}

function wayOf(tunnel: i32): i32 {
  return load<u8>(tunnel, tables.WAYS_AT);
}

/** Whether there is nothing that a frame may be a part of. */
function isWhole(frame: usize): bool {
  return count(tables.SPLITS) === 0 || load<i32>(frame, record.SPAN_KEY * WORD) === 0;
}

/** Whether a bare frame may have been put together from segments: as `Joins.find`, which knows where this does not. */
function mayBeJoined(frame: usize): bool {
  const key = load<i32>(frame, record.SPAN_KEY * WORD);
  if (key === 0 || (load<i32>(frame + record.WORDS * WORD, 20) & 0xff) !== TCP) return false;
  let own = 0;
  let part = newestOf(key, tables.SPAN_SLOTS_AT, tables.SPAN_CHAIN);
  for (let steps = 0; part !== 0 && steps < MAX_JOINED; steps++) {
    const at = recordOf(part);
    const offset = load<i32>(at, tables.SPAN_FROM * WORD) - load<i32>(frame, record.SPAN_FROM * WORD);
    if (offset >= 0 && offset < load<i32>(frame, record.SPAN_LEN * WORD)) return true;
    // A stream that is sent from here.
    if (offset < 0 && load<i32>(at, tables.OPEN_ENDPOINT * WORD) === told(tables.BARE_ENDPOINT)) {
      if (load<i32>(at, tables.FIRST * WORD) !== load<i32>(at, tables.LAST * WORD) || ++own === MAX_OWN) return false;
    }
    part = olderOf(part, key, tables.SPAN_SLOTS_AT, tables.SPAN_CHAIN);
  }
  return false;
}

/** Puts a frame on a trail that it makes whole, and settles that. @returns false where it does not, or others are like it */
function join(trail: u32, frame: usize, timeNs: f64, tunnel: i32): bool {
  const at = recordOf(trail);
  const flags = load<i32>(frame, record.FLAGS * WORD);
  const opener = load<u32>(at, tables.FIRST * WORD);
  // Marks of the trail would be among its flags.
  if (load<i32>(at, tables.FLAGS * WORD) !== flags || opener === 0) return false;
  if (load<u32>(at, tables.LAST * WORD) !== opener || load<i32>(at, tables.TWIN * WORD) !== 0) return false;
  if (!areSame(at + tables.WORDS * WORD, frame + record.WORDS * WORD)) return false;
  const isBare = tunnel < 0;
  const from = told(isBare ? tables.INNER_ENDPOINT : tables.BARE_ENDPOINT);
  const to = told(isBare ? tables.BARE_ENDPOINT : tables.INNER_ENDPOINT);
  if (load<i32>(at, tables.OPEN_ENDPOINT * WORD) !== from) return false;
  const first = sightingAt(opener);
  const through = isBare ? load<i32>(first, tables.TUNNEL * WORD) : tunnel;
  if (wayOf(through) !== (isBare ? DECAP : ENCAP)) return false;
  const openNs = load<f64>(at, tables.OPEN_TIME * 8);
  const latencyNs = timeNs - openNs;
  if (latencyNs < 0 || latencyNs > windowNs() * OPEN_SHARE) return false;
  if (!isBare && openNs <= load<f64>(tables.RUN_TIMES_AT, tables.LAST_ANSWER * 8)) return false;
  const key = load<i32>(frame, record.KEY * WORD);
  if (olderOf(trail, key, tables.KEY_SLOTS_AT, tables.KEY_CHAIN) !== 0) return false;
  const flow = flowOf(frame + record.WORDS * WORD, (from << 16) | to, through);
  if (flow < 0) return false;
  const flowAt = tables.FLOWS_AT + (flow << 2);
  const sent = load<u32>(first, tables.FRAME * WORD);
  if (sent < load<u32>(flowAt, tables.LAST_SENT * WORD)) return false;

  // It is the second one of its line.
  writeSighting(opener + 1, frame, timeNs, to, tunnel);
  store<u32>(first, opener + 1, tables.AFTER * WORD);
  store<u32>(at, opener + 1, tables.LAST * WORD);
  store<i32>(at, flags | SETTLED, tables.FLAGS * WORD);
  const number = trail & count(tables.NUMBERS_MASK);
  if (!isBare) {
    store<i32>(number * tables.OUTLINE * WORD, load<i32>(frame, record.VNI * WORD), tables.OUTLINES_AT);
  }
  if (latencyNs <= SOON_NS) store<u32>(number << 2, opener, tables.DONE_AT);
  store<u32>(flowAt, sent, tables.LAST_SENT * WORD);
  store<i32>(flowAt, load<i32>(flowAt, tables.PASSED * WORD) + 1, tables.PASSED * WORD);
  const lane = isBare ? 1 : 0;
  learn(lane, latencyNs);
  store<i32>(tables.RUN_AT + (lane << 2), pairsLeft(lane) - 1, tables.PAIRS_LEFT * WORD);
  tell(flow, latencyNs, isBare ? openNs : timeNs);
  return true;
}

/** The flow of a frame, as `Flows.of`; -1 where it has none yet, or no hop. @param words its identity's */
function flowOf(words: usize, endpoints: i32, tunnel: i32): i32 {
  const hash = flowHash(words);
  const addresses = load<i32>(words, 28);
  const mixed = ((hash ^ addresses) * -0x61c8_864f) ^ ((tunnel ^ endpoints) * -0x7a14_3595);
  const first = mixed ^ (mixed >>> 15);
  for (let probe = 0; probe < MAX_PROBES; probe++) {
    const flow = ((first + probe) & count(tables.FLOWS_MASK)) << tables.FLOW_SHIFT;
    const at = tables.FLOWS_AT + (flow << 2);
    const hop = load<i32>(at, tables.HOP * WORD);
    if (hop === 0) return -1;
    if (
      load<i32>(at, tables.HASH * WORD) === hash &&
      load<i32>(at, tables.ADDRESSES * WORD) === addresses &&
      load<i32>(at, tables.ENDPOINTS * WORD) === endpoints &&
      load<i32>(at, tables.FLOW_TUNNEL * WORD) === tunnel
    ) {
      return hop < tables.FIRST_HOP ? -1 : flow;
    }
  }
  return -1;
}

function flowHash(words: usize): i32 {
  let hash = 0x0800 ^ (load<i32>(words, 8) * 0x27d4_eb2f);
  hash = ((hash ^ load<i32>(words)) * 0x1656_67b1) ^ load<i32>(words, 4);
  hash ^= (load<i32>(words, 20) & 0xff) * -0x61c8_864f;
  hash = ((hash ^ load<i32>(words, 24)) * -0x7a14_3595) ^ load<i32>(words, 32);
  hash = (hash ^ (hash >>> 15)) * -0x3d4d_51cb;
  // The port that it goes to, or an echo's identifier.
  return hash ^ (load<i32>(words, 36) & ((load<i32>(words, 20) & 0xff) === ICMP ? 0xffff : ~0xffff));
}

/** As `Plausible.learn`. @param lane 0 out, 1 back */
function learn(lane: i32, latencyNs: f64): void {
  const at: usize = tables.RUN_TIMES_AT + ((tables.LANES + lane * tables.LANE) << 3);
  const pairs = load<f64>(at, PAIRS_OF_LANE * 8) + 1;
  const bound = load<f64>(at, BOUND * 8);
  let mean = load<f64>(at, MEAN * 8);
  let deviation = load<f64>(at, DEVIATION * 8);
  const off = latencyNs - mean;
  const step = pairs > LEAST_PAIRS ? max(-bound, min(off, bound)) : off;
  mean += step * max(1 / pairs, MEAN_GAIN);
  if (pairs > 1) deviation += (abs(step) - deviation) * max(1 / pairs, DEVIATION_GAIN);
  store<f64>(at, pairs, PAIRS_OF_LANE * 8);
  store<f64>(at, mean, MEAN * 8);
  store<f64>(at, deviation, DEVIATION * 8);
  if (pairs >= LEAST_PAIRS) store<f64>(at, max(4 * deviation, LEAST_SHARE * abs(mean)) + SLACK_NS, BOUND * 8);
}

/** Says that a pair was found. */
function tell(flow: i32, latencyNs: f64, innerNs: f64): void {
  const pairs = load<i32>(tables.RUN_AT, tables.PAIRS * WORD);
  const at: usize = tables.PAIRS_AT + pairs * tables.PAIR * WORD;
  store<i32>(at, flow);
  store<f64>(at, latencyNs, tables.PAIR_LATENCY * 8);
  store<f64>(at, innerNs, tables.PAIR_INNER_TIME * 8);
  store<i32>(tables.RUN_AT, pairs + 1, tables.PAIRS * WORD);
}
