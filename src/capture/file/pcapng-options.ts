/**
 * Options of a pcapng block (draft-ietf-opsawg-pcapng, section 3.5): code 2 | length 2 | value, padded to 4.
 */

const HEADER_LEN = 4;
const LEN = 2;
const END = 0;

const utf8 = new TextDecoder();

/** One option after the other, in one place. **Lifetime** of what it shows: until the next step. */
export class PcapngOptions {
  /** Of the option at hand: its code, and bytes of its value. */
  code: number;
  len: number;
  #view: DataView;
  #little: boolean;
  /** Where the value starts, and where the options end. */
  #at = 0;
  #end = 0;
  #isBroken: boolean;

  constructor() {
    this.code = END;
    this.len = 0;
    this.#view = new DataView(new ArrayBuffer(0));
    this.#little = true;
    this.#isBroken = false;
  }

  /** Starts with the options between `from` and `end`. **Cost** no allocation. */
  begin(view: DataView, from: number, end: number, little: boolean): void {
    this.#view = view;
    this.#little = little;
    this.#at = from;
    this.#end = end;
    this.len = 0;
    this.#isBroken = false;
  }

  /** Goes on to the next one. @returns false where there is none, or none that fits. **Cost** no allocation. */
  next(): boolean {
    const at = this.#at + ((this.len + 3) & ~3);
    const left = this.#end - at - HEADER_LEN;
    if (left < 0) return false;
    this.code = this.#view.getUint16(at, this.#little);
    this.len = this.#view.getUint16(at + LEN, this.#little);
    this.#at = at + HEADER_LEN;
    if (this.code === END) return false;
    this.#isBroken = this.len > left;
    return !this.#isBroken;
  }

  /** Why the option at hand is none: it is longer than what is left. Null where that is not why there is none. */
  get fault(): string | null {
    if (!this.#isBroken) return null;
    return `option ${this.code} of ${this.len} bytes, ${this.#end - this.#at} are left in the block`;
  }

  /** The value's bytes from `offset` on as a number; they lie within it. */
  uint8(offset: number): number {
    return this.#view.getUint8(this.#at + offset);
  }

  uint32(offset: number): number {
    return this.#view.getUint32(this.#at + offset, this.#little);
  }

  /** 64 bits; exact below 2^53. */
  uint64(offset: number): number {
    const [high, low] = this.#little ? [offset + 4, offset] : [offset, offset + 4];
    return this.uint32(high) * 0x1_0000_0000 + this.uint32(low);
  }

  int64(offset: number): number {
    return Number(this.#view.getBigInt64(this.#at + offset, this.#little));
  }

  /** The whole value, as UTF-8. */
  get text(): string {
    return utf8.decode(new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#at, this.len));
  }
}
