/**
 * Memory whose bytes are summed quickly: WebAssembly adds sixteen at a time, where JavaScript adds four. All that a
 * capture holds is summed, so captures are read into such memory. Where there is no WebAssembly, no processor for it or
 * no room, memory is plain, and sums are JavaScript's: the same ones, later.
 */
import { sum } from './sum.js';
import { LEAD_LEN, SUM_CODE } from './sum-code.js';

/**
 * Sums bytes as 16-bit words in network order; an odd last byte counts as if a zero followed.
 *
 * @param at the first byte
 * @param end exclusive, 0..65,536 behind `at`
 * @returns 0..2^31-1, to be folded
 *
 * **Cost** no allocation.
 */
export type Sum = (at: number, end: number) => number;

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
  ) => { readonly exports: { readonly '': Sum } };
};

const PAGE_LEN = 65_536;

/** The memory that bytes lie in, by the very bytes that were given. */
const memories = new WeakMap<Uint8Array, Memory>();

/**
 * Makes bytes, all 0, that are summed quickly. Their buffer is longer than they are.
 *
 * @param len 1..2^32-65,552
 * @throws RangeError where there is no memory
 *
 * **Cost** some 10 µs, and some GiB of addresses without memory behind them.
 */
export function summable(len: number): Uint8Array {
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
 * What sums these bytes: quickly, if they are the very array that `summable` made.
 *
 * **Cost** some 100 µs for the first of them, to be asked for once. **Lifetime** of the bytes: it holds on to them.
 */
export function sumOf(bytes: Uint8Array): Sum {
  const memory = memories.get(bytes);
  if (memory !== undefined) {
    try {
      return new WebAssembly.Instance(new WebAssembly.Module(SUM_CODE), { '': { '': memory } }).exports[''];
    } catch {
      // A processor without instructions on sixteen bytes.
    }
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (at, end) => sum(view, at, end);
}
