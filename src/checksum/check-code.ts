/**
 * `Check` as a WebAssembly module (WebAssembly Core Specification 2.0, 5 Binary Format), written out by hand: no compiler
 * is worth having for one loop and a dozen steps. It imports a memory and exports the function.
 *
 * A vector is sixteen bytes: eight words of a sum, or four sums that are yet to be added up. Words are taken as they lie
 * in memory: sums over words with their bytes swapped are right where the others are (RFC 1071, 2 (B)).
 */

/** Bytes of memory before the first that can be asked for: so the last sixteen of any bytes can be loaded. */
export const LEAD_LEN = 16;

/** Bytes of a vector. */
const VECTOR_LEN = 16;

const I32 = 0x7f;
const V128 = 0x7b;
/** A block that leaves nothing behind. */
const EMPTY = 0x40;
/** Of a load: from any address. */
const UNALIGNED = 0;

// Instructions, by the names that WebAssembly's text has for them.
const loop = [0x03, EMPTY];
const ifTrue = [0x04, EMPTY];
const end = [0x0b];
/** Goes on with the block that is so many further out. */
const br = (depth: number): number[] => [0x0c, depth];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const i32 = { const: (value: number): number[] => [0x41, value], leS: [0x4c], add: [0x6a], sub: [0x6b] };
const v128 = {
  load: (offset: number): number[] => [0xfd, 0x00, UNALIGNED, offset],
  /** Four bytes, and zeros. */
  load32Zero: (offset: number): number[] => [0xfd, 0x5c, UNALIGNED, offset],
  const: (bytes: readonly number[]): number[] => [0xfd, 0x0c, ...bytes],
  and: [0xfd, 0x4e],
};
const i8x16 = {
  /** Bytes of two vectors, 0..31, by places that are part of the instruction. */
  shuffle: (places: readonly number[]): number[] => [0xfd, 0x0d, ...places],
  /** Bytes of one vector, by places in another; 0 for one that there is not. */
  swizzle: [0xfd, 0x0e],
  splat: [0xfd, 0x0f],
  add: [0xfd, 0x6e],
};
const i32x4 = {
  splat: [0xfd, 0x11],
  eq: [0xfd, 0x37],
  /** Pairs of 16-bit words, each added. */
  extaddPairwise: [0xfd, 0x7f],
  allTrue: [0xfd, 0xa3, 0x01],
  shrU: [0xfd, 0xad, 0x01],
  add: [0xfd, 0xae, 0x01],
};

// Locals: the parameters of `Check`, then three vectors.
const FIRST = 0;
const SECOND = 1;
const AT = 2;
const END = 3;
const START = 4;
const SUMS = 5;
const FIRST_SUMS = 6;
const SECOND_SUMS = 7;

const PLACES = Array.from({ length: VECTOR_LEN }, (_, place) => place);
/** A 16-bit number with its bytes swapped, and no other. */
const SWAPPED = PLACES.map((place) => (place < 2 ? 1 - place : VECTOR_LEN));
/** What each of four sums folds to where it is right: all bits of its low half. */
const RIGHT = PLACES.map((place) => (place % 4 < 2 ? 0xff : 0));

/** Four 32-bit lanes of two vectors, 0..7. */
function lanes(...chosen: readonly number[]): number[] {
  return i8x16.shuffle(chosen.flatMap((lane) => [4 * lane, 4 * lane + 1, 4 * lane + 2, 4 * lane + 3]));
}

/** The sums of 20 bytes, an IPv4 header: its vector, and the four bytes behind. */
function header(at: number): number[] {
  return [
    ...[...get(at), ...v128.load(LEAD_LEN), ...i32x4.extaddPairwise],
    ...[...get(at), ...v128.load32Zero(LEAD_LEN + VECTOR_LEN), ...i32x4.extaddPairwise, ...i32x4.add],
  ];
}

/** Half as many sums of two vectors, side by side. */
function paired(a: number, b: number): number[] {
  return [...get(a), ...get(b), ...lanes(0, 4, 1, 5), ...get(a), ...get(b), ...lanes(2, 6, 3, 7), ...i32x4.add];
}

/** Adds the carries. */
const fold = [
  ...[...get(SUMS), ...v128.const(RIGHT), ...v128.and],
  ...[...get(SUMS), ...i32.const(16), ...i32x4.shrU, ...i32x4.add, ...set(SUMS)],
];
const next = [...get(AT), ...i32.const(VECTOR_LEN), ...i32.add];

const code = [
  ...[1, 3, V128], // three locals that are vectors
  ...[...get(START), ...i32x4.splat, ...v128.const(SWAPPED), ...i8x16.swizzle, ...set(SUMS)],
  ...[...loop, ...next, ...get(END), ...i32.leS, ...ifTrue],
  ...[...get(SUMS), ...get(AT), ...v128.load(LEAD_LEN), ...i32x4.extaddPairwise, ...i32x4.add, ...set(SUMS)],
  ...[...next, ...set(AT), ...br(1), ...end, ...end],
  // The rest, 0 to 15 bytes, are the last of those before the end: moved to the front, with zeros behind.
  ...[...get(SUMS), ...get(END), ...v128.load(LEAD_LEN - VECTOR_LEN)],
  ...[...v128.const(PLACES), ...next, ...get(END), ...i32.sub, ...i8x16.splat, ...i8x16.add],
  ...[...i8x16.swizzle, ...i32x4.extaddPairwise, ...i32x4.add, ...set(SUMS)],
  ...[...header(FIRST), ...set(FIRST_SUMS), ...header(SECOND), ...set(SECOND_SUMS)],
  ...[...paired(FIRST_SUMS, SECOND_SUMS), ...set(FIRST_SUMS), ...paired(SUMS, SUMS), ...set(SUMS)],
  // One sum in each lane: of the first header, of the second one, and in two that of the segment.
  ...[...get(FIRST_SUMS), ...get(SUMS), ...lanes(0, 1, 4, 5)],
  ...[...get(FIRST_SUMS), ...get(SUMS), ...lanes(2, 3, 6, 7), ...i32x4.add, ...set(SUMS)],
  ...[...fold, ...fold],
  ...[...get(SUMS), ...v128.const(RIGHT), ...i32x4.eq, ...i32x4.allTrue],
  ...end,
];

const NAMELESS = 0;

/** The module. */
export const CHECK_CODE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
  ...section(1, [1, 0x60, 5, I32, I32, I32, I32, I32, 1, I32]), // types: five parameters, one result
  ...section(2, [1, NAMELESS, NAMELESS, 2, 0, 0]), // imports: a memory
  ...section(3, [1, 0]), // functions: one, of the first type
  ...section(7, [1, NAMELESS, 0, 0]), // exports: it
  ...section(10, [1, ...sized(code)]),
]);

function section(id: number, bytes: readonly number[]): number[] {
  return [id, ...sized(bytes)];
}

/** Bytes behind their number (LEB128), less than 16,384 of them. */
function sized(bytes: readonly number[]): number[] {
  const { length } = bytes;
  return length < 0x80 ? [length, ...bytes] : [0x80 | (length & 0x7f), length >> 7, ...bytes];
}
