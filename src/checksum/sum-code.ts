/**
 * The sum of 16-bit words as a WebAssembly module (WebAssembly Core Specification 2.0, 5 Binary Format), written out by
 * hand: it is one loop, and no compiler is worth having for it. It imports a memory and exports one function, `Sum`.
 */

/** Bytes of memory before the first that is summed: the last sixteen of any bytes can be loaded, be they fewer. */
export const LEAD_LEN = 16;

/** Bytes that are taken at a time. */
const BLOCK_LEN = 16;

const I32 = 0x7f;
const V128 = 0x7b;
/** A block that leaves nothing behind. */
const EMPTY = 0x40;
/** Of a load: from any address. */
const UNALIGNED = 0;

const END = 0x0b;
const loop = [0x03, EMPTY];
const ifTrue = [0x04, EMPTY];
/** Goes on with the block that is so many further out. */
const br = (depth: number): number[] => [0x0c, depth];
const get = (local: number): number[] => [0x20, local];
const set = (local: number): number[] => [0x21, local];
const i32 = { const: (value: number): number[] => [0x41, value], leS: [0x4c], add: [0x6a], sub: [0x6b] };
const load = (offset: number): number[] => [0xfd, 0x00, UNALIGNED, offset];
const vector = (bytes: readonly number[]): number[] => [0xfd, 0x0c, ...bytes];
/** Bytes of two vectors, by places that are part of the instruction. */
const shuffle = (places: readonly number[]): number[] => [0xfd, 0x0d, ...places];
/** Bytes of one vector, by places in another; 0 for one that there is not. */
const swizzle = [0xfd, 0x0e];
const i8x16 = { splat: [0xfd, 0x0f], add: [0xfd, 0x6e] };
const i32x4 = {
  /** Each pair of 16-bit words, added. */
  extaddPairwise: [0xfd, 0x7f],
  add: [0xfd, 0xae, 0x01],
  extractLane: (lane: number): number[] => [0xfd, 0x1b, lane],
};

const AT = 0;
const LAST = 1;
const SUMS = 2;
/** Each word's second byte before its first: memory is little-endian here, and the network is not. */
const SWAPPED = [1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14];

const code = [
  ...[1, 1, V128], // (local $sums v128)
  ...loop,
  ...[...get(AT), ...i32.const(BLOCK_LEN), ...i32.add, ...get(LAST), ...i32.leS], // at + 16 <= end
  ...ifTrue,
  ...[...get(SUMS), ...get(AT), ...load(LEAD_LEN), ...get(SUMS), ...shuffle(SWAPPED), ...i32x4.extaddPairwise],
  ...[...i32x4.add, ...set(SUMS)],
  ...[...get(AT), ...i32.const(BLOCK_LEN), ...i32.add, ...set(AT)],
  ...br(1),
  END,
  END,
  // The rest, 0 to 15 bytes, are the last of those before `end`: moved to the front, with zeros behind.
  ...[...get(SUMS), ...get(LAST), ...load(LEAD_LEN - BLOCK_LEN)],
  ...[...vector(SWAPPED), ...get(AT), ...i32.const(BLOCK_LEN), ...i32.add, ...get(LAST), ...i32.sub],
  ...[...i8x16.splat, ...i8x16.add, ...swizzle, ...i32x4.extaddPairwise, ...i32x4.add, ...set(SUMS)],
  ...[...get(SUMS), ...i32x4.extractLane(0), ...get(SUMS), ...i32x4.extractLane(1), ...i32.add],
  ...[...get(SUMS), ...i32x4.extractLane(2), ...get(SUMS), ...i32x4.extractLane(3), ...i32.add, ...i32.add],
  END,
];

const NAMELESS = 0;

/** The module. */
export const SUM_CODE = Uint8Array.from([
  ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // "\0asm", version 1
  ...section(1, [1, 0x60, 2, I32, I32, 1, I32]), // types: (param i32 i32) (result i32)
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
