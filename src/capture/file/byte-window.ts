/** The one reused buffer between the bytes of a file and the walk over its records. */
import { assemblyMemory } from '../../assembly/memory.js';
import type { ByteSource } from './bytes-in.js';

/** Bytes of a new window. 128 to 512 KiB read fastest: more leaves the cache, less costs system calls. */
export const WINDOW_LEN = 262_144;

/** A part of a file in memory: `bytes[start .. end)` is what has been read and not yet walked. */
export class ByteWindow {
  bytes: Uint8Array;
  /** Over `bytes`, for numbers of either byte order. */
  view: DataView;
  start: number;
  /** Exclusive. */
  end: number;
  /** Where `bytes[0]` stands in the (decompressed) file. */
  offset: number;

  constructor() {
    this.bytes = assemblyMemory(WINDOW_LEN);
    this.view = viewOf(this.bytes);
    this.start = 0;
    this.end = 0;
    this.offset = 0;
  }

  /** Bytes read and not yet walked. */
  get left(): number {
    return this.end - this.start;
  }

  /** Where the walk stands in the (decompressed) file. */
  get position(): number {
    return this.offset + this.start;
  }

  /**
   * Reads once more behind what is left, which moves to the front. The buffer grows only once it is full, and at most
   * to twice its size: a record that claims much gets memory only as its bytes arrive.
   *
   * @param needed bytes that the walk waits for, from `start` on
   * @returns false at the end of the bytes; a promise only where the source has one
   */
  fill(source: ByteSource, needed: number): boolean | Promise<boolean> {
    const left = this.end - this.start;
    if (this.start > 0) {
      this.bytes.copyWithin(0, this.start, this.end);
      this.offset += this.start;
      this.start = 0;
      this.end = left;
    }
    if (left === this.bytes.length) {
      const grown = assemblyMemory(Math.min(needed, left * 2));
      grown.set(this.bytes);
      this.bytes = grown;
      this.view = viewOf(grown);
    }
    const read = source.read(this.bytes, left);
    return typeof read === 'number' ? this.#take(read) : read.then((count) => this.#take(count));
  }

  #take(count: number): boolean {
    this.end += count;
    return count > 0;
  }

  /** Reads until `needed` bytes are there. @returns false where the bytes end before. */
  async require(source: ByteSource, needed: number): Promise<boolean> {
    while (this.end - this.start < needed) {
      if (!(await this.fill(source, needed))) return false;
    }
    return true;
  }
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
