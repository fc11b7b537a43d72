/**
 * The Internet checksum (RFC 1071): ones' complement sums of 16-bit words. Sums are kept unfolded, so that they can be
 * added to others; over a datagram with its checksum in place they fold to `RIGHT_SUM` where the checksum is right.
 */

/** What a sum over a datagram that is right folds to: minus zero. */
export const RIGHT_SUM = 0xffff;
/** Bytes whose halves of 32-bit integers can be summed in 32 bits. */
const BLOCK_LEN = 0x1_0000;

/**
 * Sums bytes as 16-bit words in network order; an odd last byte counts as if a zero followed.
 *
 * @param at the first byte in `view`
 * @param end exclusive, 0..2^24 bytes behind `at`
 * @returns 0..2^26, to be folded
 *
 * **Cost** no allocation; a quarter of a nanosecond a byte.
 */
export function sum(view: DataView, at: number, end: number): number {
  let start = at;
  let total = 0;
  for (; end - start > BLOCK_LEN; start += BLOCK_LEN) total += sumWords(view, start, start + BLOCK_LEN);
  return total + (end - start < 4 ? sumFew(view, start, end) : sumWords(view, start, end));
}

/** Folds a sum: carries are added until none is left. @param sum 0..2^32-1 @returns 0..65535; 0 of nothing but zeros */
export function fold(sum: number): number {
  const once = (sum & 0xffff) + (sum >>> 16);
  return (once & 0xffff) + (once >>> 16);
}

/** As `sum`, of at least four and at most `BLOCK_LEN` bytes. @returns 0..2^18, to be folded */
function sumWords(view: DataView, from: number, end: number): number {
  // Summed are 32-bit integers, and apart from them their high halves: the low halves are the difference. All of it stays
  // within 32 bits, where nothing overflows that is not meant to.
  let at = from | 0;
  let both = 0;
  let high = 0;
  for (const last = (end - 16) | 0; at <= last; at = (at + 16) | 0) {
    const a = view.getInt32(at);
    const b = view.getInt32((at + 4) | 0);
    const c = view.getInt32((at + 8) | 0);
    const d = view.getInt32((at + 12) | 0);
    both = (both + a + b + c + d) | 0;
    high = (high + (a >>> 16) + (b >>> 16) + (c >>> 16) + (d >>> 16)) | 0;
  }
  for (const last = (end - 4) | 0; at <= last; at = (at + 4) | 0) {
    const a = view.getInt32(at);
    both = (both + a) | 0;
    high = (high + (a >>> 16)) | 0;
  }
  // The last 0 to 3 bytes, moved to the top of the integer that ends with them: no branch that may be guessed wrong.
  const rest = (view.getInt32((end - 4) | 0) << (31 - ((end - at) << 3))) << 1;
  both = (both + rest) | 0;
  high = (high + (rest >>> 16)) | 0;
  const low = (both - (high << 16)) >>> 0;
  return (high & 0xffff) + (high >>> 16) + (low & 0xffff) + (low >>> 16);
}

/** At most three bytes. */
function sumFew(view: DataView, at: number, end: number): number {
  let total = 0;
  for (let byte = at; byte < end; byte++) total += view.getUint8(byte) << (((byte - at) & 1) === 0 ? 8 : 0);
  return total;
}
