/**
 * What checks the checksums of a frame. All that a capture holds is summed, so captures are read into memory where
 * WebAssembly adds sixteen bytes at a time; elsewhere JavaScript adds four, to the same.
 */
import { instantiate } from '../assembly/memory.js';
import { code } from './check.wasm';
import { fold, RIGHT_SUM, sum } from './sum.js';

/**
 * Whether the checksums of a frame are right: those of two IPv4 headers without options, and that of a segment.
 *
 * @param first the first byte of an IPv4 header
 * @param second of another one, or the same
 * @param at the first byte that the segment's checksum covers
 * @param end exclusive, 0..65,535 behind `at`
 * @param start what the segment's checksum covers besides, 0..65535
 * @returns 1 where all three sums are right, else 0
 *
 * **Cost** no allocation.
 */
export type Check = (first: number, second: number, at: number, end: number, start: number) => number;

const HEADER_LEN = 20;

/** What checks bytes, once that was asked for. */
const checks = new WeakMap<Uint8Array, Check>();

/**
 * What checks these bytes, the same every time: quickly, if they are the very array that `assemblyMemory` made.
 *
 * **Cost** some 100 µs for the first of them; a look-up after that. **Lifetime** of the bytes: it holds on to them.
 */
export function checkOf(bytes: Uint8Array): Check {
  const known = checks.get(bytes);
  if (known !== undefined) return known;
  const check = instantiate<{ areRight: Check }>(bytes, code)?.areRight ?? plainCheck(bytes);
  checks.set(bytes, check);
  return check;
}

function plainCheck(bytes: Uint8Array): Check {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const isRight = (at: number, end: number, start: number): boolean => fold(start + sum(view, at, end)) === RIGHT_SUM;
  return (first, second, at, end, start) =>
    isRight(at, end, start) &&
    isRight(second, second + HEADER_LEN, 0) &&
    (first === second || isRight(first, first + HEADER_LEN, 0))
      ? 1
      : 0;
}
