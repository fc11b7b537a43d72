/**
 * Trails of plain frames in AssemblyScript: what `Trails`, `Chain`, `Places`, `Sightings` and `Outlines` do with the simplest
 * frame, in the same tables.
 */
import * as record from '../identity/plain-record';
import * as tables from '../tables/layout';

const WORD = 4;
const VECTOR_LEN = 16;
/** Words of an identity, bytes. */
const IDENTITY_LEN = 112;
/** As `chain.ts`. */
const MAX_SKIPS = 64;
const TCP = 6;
/** Flags of TCP: FIN, SYN, ACK. */
const FIN = 0x01;
const SYN = 0x02;
const ACK = 0x10;

export function count(which: i32): u32 {
  return load<u32>(which << 2);
}

function setCount(which: i32, value: u32): void {
  store<u32>(which << 2, value);
}

export function time(which: i32): f64 {
  return load<f64>(which << 3, tables.TIMES_AT);
}

export function setTime(which: i32, timeNs: f64): void {
  store<f64>(which << 3, timeNs, tables.TIMES_AT);
}

/** As `Trails.isFull`. */
export function isFull(): bool {
  return (
    count(tables.NEXT) - count(tables.TAIL) > count(tables.NUMBERS_MASK) ||
    (count(tables.FREE_PLACES) === 0 && count(tables.UNUSED_PLACE) === count(tables.PLACES_END)) ||
    (count(tables.FREE_LINES) === 0 && count(tables.UNUSED_SIGHTING) === count(tables.SIGHTINGS_END))
  );
}

/** Where a trail's record is. */
export function recordOf(trail: u32): usize {
  return tables.RECORDS_AT + (load<u32>((trail & count(tables.NUMBERS_MASK)) << 2, tables.RING_AT) << 2);
}

/** The newest trail of a frame's key, as `Chain.newest`; 0 without. */
export function newest(key: i32): u32 {
  return newestOf(key, tables.KEY_SLOTS_AT, tables.KEY_CHAIN);
}

export function newestOf(key: i32, slotsAt: usize, field: i32): u32 {
  const slot = slotsAt + slotOf(key);
  const young = find(load<u32>(slot, tables.YOUNG_SLOT * WORD), key, count(tables.YOUNG), field);
  return young !== 0 ? young : find(load<u32>(slot, tables.OTHER_SLOT * WORD), key, count(tables.TAIL), field);
}

/** The next older trail of a key, as `Chain.older`. */
export function olderOf(trail: u32, key: i32, slotsAt: usize, field: i32): u32 {
  const older = load<u32>(recordOf(trail) + (field << 2), tables.OLDER * WORD);
  if (trail < count(tables.YOUNG)) return find(older, key, count(tables.TAIL), field);
  const found = find(older, key, count(tables.YOUNG), field);
  if (found !== 0) return found;
  return find(load<u32>(slotsAt + slotOf(key), tables.OTHER_SLOT * WORD), key, count(tables.TAIL), field);
}

function slotOf(key: i32): usize {
  return ((key << tables.SLOT_SHIFT) & count(tables.SLOTS_MASK)) << 2;
}

function find(first: u32, key: i32, least: u32, field: i32): u32 {
  let trail = first;
  for (let skips = 0; trail >= least && skips < MAX_SKIPS; skips++) {
    const at = recordOf(trail) + (field << 2);
    if (load<i32>(at) === key) return trail;
    trail = load<u32>(at, tables.OLDER * WORD);
  }
  return 0;
}

/** Whether two identities have the same words. */
export function areSame(a: usize, b: usize): bool {
  let differ = i32x4.splat(0);
  for (let at = 0; at < IDENTITY_LEN; at += VECTOR_LEN) {
    differ = v128.or(differ, v128.xor(v128.load(a + at), v128.load(b + at)));
  }
  return !v128.any_true(differ);
}

/** Copies the words of an identity. */
function copy(to: usize, from: usize): void {
  for (let at = 0; at < IDENTITY_LEN; at += VECTOR_LEN) v128.store(to + at, v128.load(from + at));
}

export function sightingAt(sighting: u32): usize {
  return tables.SIGHTINGS_AT + (sighting << (tables.SIGHTING_SHIFT + 2));
}

export function writeSighting(sighting: u32, frame: usize, timeNs: f64, endpoint: i32, tunnel: i32): void {
  const at = sightingAt(sighting);
  store<i32>(at, load<i32>(frame, record.FRAME * WORD), tables.FRAME * WORD);
  store<i32>(at, endpoint, tables.ENDPOINT_AND_MARKS * WORD);
  store<f64>(at, timeNs, tables.TIME * 8);
  store<i32>(at, tunnel, tables.TUNNEL * WORD);
  store<i32>(at, tunnel < 0 ? 0 : load<i32>(frame, record.OUTER * WORD), tables.OUTER * WORD);
  store<i32>(at, 0, tables.AFTER * WORD);
  store<i32>(at, 0, tables.IS_PART * WORD);
}

/** Opens a trail, as `Trails.open`, of a frame that is like no other. */
export function open(frame: usize, timeNs: f64, endpoint: i32, tunnel: i32, vni: i32): void {
  const sighting = takeLine();
  writeSighting(sighting, frame, timeNs, endpoint, tunnel);
  const clockNs = max(time(tables.CLOCK), timeNs);
  const trail = count(tables.NEXT);
  const number = trail & count(tables.NUMBERS_MASK);
  const place = takePlace();
  const at: usize = tables.RECORDS_AT + (place << 2);
  setCount(tables.NEXT, trail + 1);
  store<u32>(number << 2, place, tables.RING_AT);
  store<f64>(number << 3, clockNs, tables.CLOCKS_AT);
  if (trail === count(tables.TAIL)) setTime(tables.OLDEST, clockNs);
  if (trail === count(tables.YOUNG)) setTime(tables.OLDEST_YOUNG, clockNs);
  const spanKey = load<i32>(frame, record.SPAN_KEY * WORD);
  store<i32>(at, load<i32>(frame, record.FLAGS * WORD), tables.FLAGS * WORD);
  store<i32>(at, endpoint, tables.OPEN_ENDPOINT * WORD);
  store<f64>(at, timeNs, tables.OPEN_TIME * 8);
  store<u32>(at, sighting, tables.FIRST * WORD);
  store<u32>(at, sighting, tables.LAST * WORD);
  store<i32>(at, 0, tables.TWIN * WORD);
  store<i32>(at, load<i32>(frame, record.SPAN_FROM * WORD), tables.SPAN_FROM * WORD);
  store<i32>(at, load<i32>(frame, record.SPAN_LEN * WORD), tables.SPAN_LEN * WORD);
  copy(at + tables.WORDS * WORD, frame + record.WORDS * WORD);
  store<u32>(number << 2, 0, tables.DONE_AT);
  draw(number, vni, frame);
  link(trail, load<i32>(frame, record.KEY * WORD), tables.KEY_SLOTS_AT, at + tables.KEY_CHAIN * WORD);
  store<i32>(at, spanKey, tables.SPAN_CHAIN * WORD);
  if (spanKey !== 0) link(trail, spanKey, tables.SPAN_SLOTS_AT, at + tables.SPAN_CHAIN * WORD);
}

function takeLine(): u32 {
  const free = count(tables.FREE_LINES);
  if (free > 0) {
    setCount(tables.FREE_LINES, free - 1);
    return load<u32>((free - 1) << 2, tables.FREE_LINES_AT);
  }
  const first = count(tables.UNUSED_SIGHTING);
  setCount(tables.UNUSED_SIGHTING, first + tables.LINE);
  return first;
}

function takePlace(): u32 {
  const free = count(tables.FREE_PLACES);
  if (free > 0) {
    setCount(tables.FREE_PLACES, free - 1);
    return load<u32>((free - 1) << 2, tables.FREE_PLACES_AT);
  }
  const first = count(tables.UNUSED_PLACE);
  setCount(tables.UNUSED_PLACE, first + tables.RECORD);
  return first;
}

/** Makes a trail the newest one of its key among the young ones. @param at of the chain in its record */
function link(trail: u32, key: i32, slotsAt: usize, at: usize): void {
  const slot = slotsAt + slotOf(key);
  store<i32>(at, key);
  store<u32>(at, load<u32>(slot, tables.YOUNG_SLOT * WORD), tables.OLDER * WORD);
  store<u32>(slot, trail, tables.YOUNG_SLOT * WORD);
}

/** As `Outlines.draw`. */
function draw(number: i32, vni: i32, frame: usize): void {
  const words = frame + record.WORDS * WORD;
  const at: usize = tables.OUTLINES_AT + number * tables.OUTLINE * WORD;
  store<i32>(at, vni, tables.VNI * WORD);
  if ((load<i32>(words, 20) & 0xff) !== TCP) {
    store<i32>(number << 2, 0, tables.CONNECTIONS_AT);
    return;
  }
  const ports = load<i32>(words, 36);
  const sender = endpointOf(load<i32>(words, 24), load<i32>(words, 28), load<i32>(words, 32) & 0xffff);
  const receiver = endpointOf(load<i32>(words, 28), load<i32>(words, 32), ports >>> 16);
  const connection = sender + receiver;
  store<i32>(number << 2, connection === 0 ? 1 : connection, tables.CONNECTIONS_AT);
  const sequence = (ports << 16) | (load<i32>(words, 40) >>> 16);
  const acknowledged = (load<i32>(words, 40) << 16) | (load<i32>(words, 44) >>> 16);
  const bits = load<i32>(words, 44) & 0xffff;
  const dataLen = max(0, (load<i32>(words, 16) >>> 16) - 20 - (bits >>> 12) * 4);
  const ends = ((bits & SYN) === 0 ? 0 : 1) + ((bits & FIN) === 0 ? 0 : 1);
  const acknowledges = (bits & ACK) === 0 ? 0 : tables.ACKNOWLEDGES;
  store<i32>(at, (sender & ~tables.ACKNOWLEDGES) | acknowledges, tables.SENDER * WORD);
  store<i32>(at, sequence, tables.SEGMENT_FROM * WORD);
  store<i32>(at, sequence + dataLen + ends, tables.SEGMENT_END * WORD);
  store<i32>(at, acknowledged, tables.ACKNOWLEDGED * WORD);
}

/** One end of a connection, as `segment.ts` has it. @param word whose low half the address begins with @param next the word behind it */
function endpointOf(word: i32, next: i32, port: i32): i32 {
  const hash = ((port * -0x61c8_864f) ^ ((word << 16) | (next >>> 16))) * -0x7a14_3595;
  return hash ^ (hash >>> 15);
}
