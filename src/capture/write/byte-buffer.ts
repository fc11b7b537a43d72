/** Bytes on their way into a capture file: little-endian numbers and frames, in a buffer that grows and is reused. */

/** Bytes of a new buffer. */
const CAPACITY = 16_384;

/** A growing buffer; `bytes[0 .. length)` is what has been put. */
export class ByteBuffer {
  bytes: Uint8Array;
  length: number;
  #view: DataView;

  constructor() {
    this.bytes = new Uint8Array(CAPACITY);
    this.length = 0;
    this.#view = new DataView(this.bytes.buffer);
  }

  /** What has been put. **Lifetime** until the next put. **Cost** one view. */
  filled(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Puts 16 bits. @param value 0..65,535 */
  u16(value: number): void {
    this.#reserve(2);
    this.#view.setUint16(this.length, value, true);
    this.length += 2;
  }

  /** Puts 32 bits. @param value 0..2^32-1 */
  u32(value: number): void {
    this.#reserve(4);
    this.#view.setUint32(this.length, value, true);
    this.length += 4;
  }

  /** Puts 64 bits. @param value 0..2^53-1 */
  u64(value: number): void {
    const high = Math.floor(value / 0x1_0000_0000);
    this.u32(value - high * 0x1_0000_0000);
    this.u32(high);
  }

  /** Puts `len` bytes of `from`, from `at` on. **Cost** copies them. */
  copy(from: Uint8Array, at: number, len: number): void {
    this.#reserve(len);
    const { bytes, length } = this;
    // A call costs more than a short loop does: most frames are short.
    if (len > 256) bytes.set(from.subarray(at, at + len), length);
    else for (let i = 0; i < len; i++) bytes[length + i] = from[at + i] as number;
    this.length = length + len;
  }

  /** Puts zeros up to the next multiple of four bytes behind `len` bytes. */
  pad(len: number): void {
    const padding = -len & 3;
    this.#reserve(padding);
    for (let i = 0; i < padding; i++) this.bytes[this.length++] = 0;
  }

  #reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.filled());
    this.bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}
