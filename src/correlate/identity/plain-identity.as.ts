/**
 * Identities of plain frames in AssemblyScript: what `Identity.read` leaves of TCP, UDP and ICMP echoes over IPv4 without
 * options, whole, and sent to one MAC.
 */
import { FRAME_AT, MAX_RECORDS, NANOSECONDS, RECORDS, SECONDS, SENDER, WINDOW } from '../../assembly/layout';
import * as record from './plain-record';

/** Bytes of a frame: where its tag would be, what a tag has, where the packet starts, and where that of a tunnel does. */
const TYPE = 12;
const TAG_LEN = 4;
const LAYER3 = 14;
const INNER = 50;
/** Of an outer packet, in the frame: its number, and the port that it is from; then the VNI. */
const IDENTIFICATION = 18;
const SOURCE_PORT = 34;
const VNI = 46;
/** In the packet. */
const TOTAL_LENGTH = 2;
const IP_IDENTIFICATION = 4;
const PROTOCOL = 9;
const SOURCE = 12;
const DESTINATION = 16;
const PORTS = 20;
const SEQUENCE = 24;
const TCP_OFFSET = 32;
const IPV4_LEN = 20;
const TCP = 6;
const UDP = 17;
const ICMP = 1;
/** Kinds of layers, as `LayerKind` numbers them: what keys of spans begin with. */
const UDP_KIND = 13;
const TCP_KIND = 14;
const ETHERTYPE_IPV4 = 0x0800;
/** IPv4's EtherType, version and header length, without the type of service. */
const FIRST_KEY_WORD = 0x0800_4500;
/** Bits of `Flag`, and what a tag has of its VLAN. */
const HAS_MACS = 1 << 24;
const TRANSLATABLE = 1 << 26;
const KEPT_SHIFT = 16;
const VLAN_MASK = 0x0fff;
/** Bytes of an identity; words of its key. */
const MAX_LEN = 112;
const KEY_WORDS = 13;
const WORD = 4;
const VECTOR_LEN = 16;

/**
 * Reads frames of a batch that are known to be plain.
 *
 * @param from place of the first
 * @param count 1..MAX_RECORDS
 * @param frame the number of the first
 * @param baseSeconds what times are counted from
 */
export function read(from: i32, count: i32, frame: i32, baseSeconds: f64): void {
  for (let index = 0; index < min(count, MAX_RECORDS); index++) {
    const place = from + index;
    const to = RECORDS + index * record.STRIDE * WORD;
    const seconds = load<f64>(place << 3, SECONDS) - baseSeconds;
    store<f64>(to, seconds * 1e9 + <f64>load<i32>(place << 2, NANOSECONDS), record.TIME * WORD);
    store<i32>(to, frame + index, record.FRAME * WORD);
    const at: usize = load<i32>(place << 2, FRAME_AT);
    readOne(to, at + WINDOW, load<i32>(place << 2, SENDER));
  }
}

/** @param at the frame in memory */
function readOne(to: usize, at: usize, sender: i32): void {
  store<i32>(to, sender, record.SENDER * WORD);
  if (sender >= 0) {
    const outer = (be16(at + SOURCE_PORT) << 16) | be16(at + IDENTIFICATION);
    store<i32>(to, outer, record.OUTER * WORD);
    store<i32>(to, be32(at + VNI) >>> 8, record.VNI * WORD);
    readIdentity(to, at + INNER);
  } else {
    readIdentity(to, at);
  }
}

/** @param at the frame, or the inner one, in memory */
function readIdentity(to: usize, at: usize): void {
  const isTagged = be16(at + TYPE) !== ETHERTYPE_IPV4;
  const tagLen = isTagged ? TAG_LEN : 0;
  const ip = at + LAYER3 + tagLen;
  // From here on, as of an untagged frame.
  const base = at + tagLen;
  const totalLen = be16(ip + TOTAL_LENGTH);
  const kept = min(LAYER3 + totalLen, MAX_LEN);
  const protocol = load<u8>(ip, PROTOCOL);
  let flags = HAS_MACS | (kept << KEPT_SHIFT) | (isTagged ? be16(at + LAYER3) & VLAN_MASK : 0);
  const isTranslatable = protocol === TCP || load<u16>(ip, IP_IDENTIFICATION) !== 0;
  if (isTranslatable) flags |= TRANSLATABLE;

  const words = to + record.WORDS * WORD;
  for (let word = 0; word < MAX_LEN; word += VECTOR_LEN) v128.store(words + word, i32x4.splat(0));
  // Four words at a time, big-endian as they are, then the rest of them, and of the last one.
  const swapped = i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12);
  let byte = 0;
  for (; byte + VECTOR_LEN <= kept; byte += VECTOR_LEN) {
    v128.store(words + byte, i8x16.swizzle(v128.load(base + byte), swapped));
  }
  for (; byte + WORD <= kept; byte += WORD) store<i32>(words + byte, be32(base + byte));
  for (; byte < kept; byte++) store<u8>(words + (byte ^ 3), load<u8>(base + byte));
  store<i32>(words, be32(at));
  store<i32>(words, be32(at + 4), 4);
  store<i32>(words, be32(at + 8), 8);
  store<i32>(words, FIRST_KEY_WORD, 12);
  // Without checksums: IPv4's, then that of the segment, in the upper half of a word or in the lower one.
  store<u16>(words, 0, 26);
  store<u16>(words + (protocol === TCP ? 48 : protocol === UDP ? 42 : 38), 0);
  readKey(to, words, isTranslatable);
  store<i32>(to, flags, record.FLAGS * WORD);
  readSpan(to, ip, totalLen, protocol);
}

/** As `Identity` mixes it. */
function readKey(to: usize, words: usize, isTranslatable: bool): void {
  let key = mix(mix(load<i32>(words, 12), load<i32>(words, 16)), load<i32>(words, 20) & ~0xff00);
  let word = 6;
  if (isTranslatable) {
    key = mix(key, load<i32>(words, 36) & 0xffff);
    word = 10;
  }
  for (; word < KEY_WORDS; word++) key = mix(key, load<i32>(words + word * WORD));
  key = (key ^ (key >>> 13)) * -0x3d4d_51cb;
  store<i32>(to, key ^ (key >>> 16), record.KEY * WORD);
}

/** As `readSpanIpv4`. */
function readSpan(to: usize, ip: usize, totalLen: i32, protocol: i32): void {
  const kind = protocol === TCP ? TCP_KIND : protocol === UDP ? UDP_KIND : ICMP;
  let key = mix(mix(kind, be32(ip + SOURCE)), be32(ip + DESTINATION));
  let from = 0;
  let len = totalLen - IPV4_LEN;
  if (protocol === TCP) {
    key = mix(mix(key, be16(ip + PORTS)), be16(ip + PORTS + 2));
    from = be32(ip + SEQUENCE);
    len -= (<i32>load<u8>(ip, TCP_OFFSET) >> 4) << 2;
  } else if (protocol === ICMP) {
    const number = be16(ip + IP_IDENTIFICATION);
    key = mix(key, number);
    // Without a number it is a fragment of nothing.
    if (number === 0) len = 0;
  }
  store<i32>(to, len > 0 ? (key === 0 ? 1 : key) : 0, record.SPAN_KEY * WORD);
  store<i32>(to, from, record.SPAN_FROM * WORD);
  store<i32>(to, len, record.SPAN_LEN * WORD);
}

function mix(key: i32, value: i32): i32 {
  const mixed = (key ^ value) * -0x61c8_864f;
  return mixed ^ (mixed >>> 15);
}

function be16(at: usize): i32 {
  return bswap<u16>(load<u16>(at));
}

function be32(at: usize): i32 {
  return bswap<i32>(load<i32>(at));
}
