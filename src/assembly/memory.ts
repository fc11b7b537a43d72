/**
 * Memory that WebAssembly works in. Captures are read into such memory, so that what looks at every byte, or at every
 * frame, can be compiled ahead (`NAME.as.ts`, AssemblyScript) without a byte copied. Where there is no WebAssembly, or no
 * room, memory is plain, and JavaScript does the same, later.
 */
import { WINDOW } from './layout.js';

/** What is used of WebAssembly: neither the language's types nor Node's have it. */
interface Memory {
  readonly buffer: ArrayBuffer;
}
declare const WebAssembly: {
  readonly Memory: new (size: { readonly initial: number }) => Memory;
  readonly Module: new (code: Uint8Array) => object;
  readonly Instance: new (
    module: object,
    imports: { readonly env: { readonly memory: Memory } },
  ) => { readonly exports: object };
};

const PAGE_LEN = 65_536;
/** Where integers lie in memory as they do for WebAssembly; elsewhere both could not share tables. */
const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

/** The memory that bytes lie in, by the very bytes that were given. */
const memories = new WeakMap<Uint8Array, Memory>();

/**
 * Makes bytes, all 0, that WebAssembly can work on. Their buffer starts `WINDOW` bytes before them, and may be longer.
 *
 * @param len 1..2^31
 * @throws RangeError where there is no memory
 *
 * **Cost** some 10 µs, and some GiB of addresses without memory behind them; what is never touched takes none.
 */
export function assemblyMemory(len: number): Uint8Array {
  if (!IS_LITTLE_ENDIAN) return new Uint8Array(len);
  try {
    const memory = new WebAssembly.Memory({ initial: Math.ceil((WINDOW + len) / PAGE_LEN) });
    const bytes = new Uint8Array(memory.buffer, WINDOW, len);
    memories.set(bytes, memory);
    return bytes;
  } catch {
    return new Uint8Array(len);
  }
}

/** The memory that bytes lie in; null where they are not the very array that `assemblyMemory` made, or that is plain. */
export function memoryOf(bytes: Uint8Array): ArrayBuffer | null {
  return memories.get(bytes)?.buffer ?? null;
}

/**
 * Code over the memory that bytes lie in: its functions take offsets into the bytes.
 *
 * @param code as a `.wasm` module gives it
 * @returns what it exports; null where `memoryOf` them is, or the processor has no instructions on sixteen bytes
 *
 * **Cost** some 100 µs and up; the code is compiled. **Lifetime** of the memory: it holds on to it.
 */
export function instantiate<Exports extends object>(bytes: Uint8Array, code: () => Uint8Array): Exports | null {
  const memory = memories.get(bytes);
  if (memory === undefined) return null;
  try {
    return new WebAssembly.Instance(new WebAssembly.Module(code()), { env: { memory } }).exports as Exports;
  } catch {
    return null;
  }
}
