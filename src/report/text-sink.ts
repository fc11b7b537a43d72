/**
 * Where reports write: UTF-8 bytes that grow, are written out, and start again. Strings are not made per frame: joining
 * and encoding them costs several times what the dissection does.
 */

const ENCODER = new TextEncoder();
const DECODER = new TextDecoder();
const ZERO = 0x30;
const COLON = 0x3a;
const DOT = 0x2e;
const HEX_DIGITS = ENCODER.encode('0123456789abcdef');
/** The longest number, address or time that one call writes. */
const MAX_VALUE_LEN = 32;

/** Text on its way out. */
export class TextSink {
  bytes: Uint8Array;
  /** Bytes written since it was last emptied. */
  length: number;

  /** @param capacity bytes that it holds before it grows */
  constructor(capacity = 1 << 16) {
    this.bytes = new Uint8Array(capacity);
    this.length = 0;
  }

  /** What was written. **Lifetime** until the next write. **Cost** one view. */
  written(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }

  /** Starts again. */
  clear(): void {
    this.length = 0;
  }

  /** What was written, as a string. **Cost** copies it. */
  toString(): string {
    return DECODER.decode(this.written());
  }

  /** Writes text. */
  text(text: string): void {
    // No character takes more than three bytes for each of its UTF-16 units.
    this.#reserve(text.length * 3);
    const start = this.length;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code >= 0x80) {
        this.length = start + ENCODER.encodeInto(text, this.bytes.subarray(start)).written;
        return;
      }
      this.bytes[start + i] = code;
    }
    this.length = start + text.length;
  }

  /** Writes bytes of UTF-8. */
  raw(from: Uint8Array): void {
    this.#reserve(from.length);
    const to = this.bytes;
    const start = this.length;
    for (let i = 0; i < from.length; i++) to[start + i] = from[i] as number;
    this.length = start + from.length;
  }

  /** Writes a whole number in decimal. @param value 0..2^53-1 */
  uint(value: number): void {
    if (value < 10) {
      this.#reserve(1);
      this.bytes[this.length++] = ZERO + value;
    } else if (value <= 0xffff_ffff) {
      let digits = 2;
      for (let power = 100; value >= power; power *= 10) digits++;
      this.padded(value, digits);
    } else {
      this.text(String(value));
    }
  }

  /** Writes a whole number in decimal, with as many digits as asked for. @param value 0..2^32-1 */
  padded(value: number, digits: number): void {
    this.#reserve(MAX_VALUE_LEN);
    const bytes = this.bytes;
    const start = this.length;
    let rest = value;
    for (let at = start + digits - 1; at >= start; at--) {
      const tenth = (rest / 10) >>> 0;
      bytes[at] = ZERO + (rest - tenth * 10);
      rest = tenth;
    }
    this.length = start + digits;
  }

  /** Writes a whole number in hexadecimal, with as many digits as asked for. @param value 0..2^32-1 */
  hex(value: number, digits: number): void {
    this.#reserve(MAX_VALUE_LEN);
    let rest = value;
    for (let at = this.length + digits - 1; at >= this.length; at--) {
      this.bytes[at] = HEX_DIGITS[rest & 15] as number;
      rest >>>= 4;
    }
    this.length += digits;
  }

  /** Writes a MAC address. @param mac 0..2^48-1 */
  mac(mac: number): void {
    this.#reserve(MAX_VALUE_LEN);
    const high = Math.floor(mac / 0x1_0000_0000);
    const low = mac >>> 0;
    this.#hexByte(high >> 8, COLON);
    this.#hexByte(high & 0xff, COLON);
    this.#hexByte(low >>> 24, COLON);
    this.#hexByte((low >> 16) & 0xff, COLON);
    this.#hexByte((low >> 8) & 0xff, COLON);
    this.#hexByte(low & 0xff, COLON);
    this.length--;
  }

  /** Writes an IPv4 address. @param address 0..2^32-1 */
  ipv4(address: number): void {
    this.#reserve(MAX_VALUE_LEN);
    this.#decimalByte(address >>> 24);
    this.#decimalByte((address >> 16) & 0xff);
    this.#decimalByte((address >> 8) & 0xff);
    this.#decimalByte(address & 0xff);
    this.length--;
  }

  #hexByte(value: number, behind: number): void {
    this.bytes[this.length++] = HEX_DIGITS[value >> 4] as number;
    this.bytes[this.length++] = HEX_DIGITS[value & 15] as number;
    this.bytes[this.length++] = behind;
  }

  #decimalByte(value: number): void {
    const bytes = this.bytes;
    if (value >= 100) bytes[this.length++] = ZERO + ((value / 100) | 0);
    if (value >= 10) bytes[this.length++] = ZERO + (((value / 10) | 0) % 10);
    bytes[this.length++] = ZERO + (value % 10);
    bytes[this.length++] = DOT;
  }

  #reserve(more: number): void {
    if (this.length + more <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + more));
    grown.set(this.written());
    this.bytes = grown;
  }
}
