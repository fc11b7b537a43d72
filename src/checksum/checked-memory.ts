/**
 * Memory whose checksums are checked quickly: WebAssembly adds sixteen bytes at a time, where JavaScript adds four. All
 * that a capture holds is summed, so captures are read into such memory. Where there is no WebAssembly, no processor for
 * it or no room, memory is plain, and JavaScript checks: to the same, later.
 */
import { CHECK_CODE, LEAD_LEN } from './check-code.js';
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

/** What is used of WebAssembly: neither the language's types nor Node's have it. */
interface Memory {
  readonly buffer: ArrayBuffer;
}
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => Memory;
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly '': { readonly '': Memory } },
  ) => { readonly exports: { readonly '': Check } };
};

const PAGE_LEN = 65_536;
const HEADER_LEN = 20;

/** The memory that bytes lie in, by the very bytes that were given; and what checks them, once that was asked for. */
const memories = new WeakMap<Uint8Array, Memory>();
const checks = new WeakMap<Uint8Array, Check>();

/**
 * Makes bytes, all 0, that are checked quickly. Their buffer starts before them, and is longer.
 *
 * @param len 1..2^32-65,552
 * @throws RangeError where there is no memory
 *
 * **Cost** some 10 µs, and some GiB of addresses without memory behind them.
 */
export function checkedMemory(len: number): Uint8Array {
  try {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((LEAD_LEN + len) / PAGE_LEN) });
    const bytes = new Uint8Array(memory.buffer, LEAD_LEN, len);
    memories.set(bytes, memory);
    return bytes;
  } catch {
    return new Uint8Array(len);
  }
}

/**
 * What checks these bytes, the same every time: quickly, if they are the very array that `checkedMemory` made.
 *
 * **Cost** some 100 µs for the first of them; a look-up after that. **Lifetime** of the bytes: it holds on to them.
 */
export function checkOf(bytes: Uint8Array): Check {
  const known = checks.get(bytes);
  if (known !== undefined) return known;
  const check = quickCheck(bytes) ?? plainCheck(bytes);
  checks.set(bytes, check);
  return check;
}

/** @returns null where the bytes are in no checked memory, or the processor has no instructions on sixteen bytes */
function quickCheck(bytes: Uint8Array): Check | null {
  const memory = memories.get(bytes);
  if (memory === undefined) return null;
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(CHECK_CODE), { '': { '': memory } }).exports[''];
  } catch {
    return null;
  }
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
