/**
 * `Check` in AssemblyScript. A vector is sixteen bytes: eight words of a sum, or four sums that are yet to be added up.
 * Words are taken as they lie in memory: sums over words with their bytes swapped are right where the others are (RFC
 * 1071, 2 (B)).
 */
import { WINDOW } from '../assembly/layout';

const VECTOR_LEN = 16;
/** What a sum that is right folds to. */
const RIGHT: u32 = 0xffff;

/** As `Check` in check.ts says. */
export function areRight(first: usize, second: usize, at: usize, end: usize, start: u32): i32 {
  return segment(at, end, start) === RIGHT && header(second) === RIGHT && header(first) === RIGHT ? 1 : 0;
}

/** The folded sum of an IPv4 header without options, 20 bytes. */
function header(at: usize): u32 {
  const first = load<u64>(at, WINDOW);
  const second = load<u64>(at, WINDOW + 8);
  const sum: u64 = (first & u32.MAX_VALUE) + (first >> 32) + (second & u32.MAX_VALUE) + (second >> 32);
  return fold(sum + load<u32>(at, WINDOW + 16));
}

/** The folded sum of bytes, 0 to 65,535 of them. @param start what is summed besides */
function segment(at: usize, end: usize, start: u32): u32 {
  let sums = i32x4(<i32>bswap<u16>(<u16>start), 0, 0, 0);
  let next = at + VECTOR_LEN;
  for (; next <= end; next += VECTOR_LEN) {
    sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(v128.load(next, WINDOW - VECTOR_LEN)));
  }
  // The rest, 0 to 15 bytes, are the last of those before the end: moved to the front, with zeros behind.
  const places = i8x16.add(i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15), i8x16.splat(<i8>(next - end)));
  const rest = i8x16.swizzle(v128.load(end, WINDOW - VECTOR_LEN), places);
  sums = i32x4.add(sums, i32x4.extadd_pairwise_i16x8_u(rest));
  const both: u64 = i64x2.extract_lane(sums, 0) & u32.MAX_VALUE;
  const other: u64 = i64x2.extract_lane(sums, 1) & u32.MAX_VALUE;
  return fold(both + (<u64>i64x2.extract_lane(sums, 0) >> 32) + other + (<u64>i64x2.extract_lane(sums, 1) >> 32));
}

/** Adds the carries. @param sum below 2^35 */
function fold(sum: u64): u32 {
  const once = (sum & 0xffff) + (sum >> 16);
  const twice = (once & 0xffff) + (once >> 16);
  return <u32>((twice & 0xffff) + (twice >> 16));
}
