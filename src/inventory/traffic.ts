/**
 * Traffic: what each sender put through each tunnel. The one table that is looked up per frame; VTEPs, tunnels and
 * endpoints are sums over its rows.
 *
 * A slot is one cache line: the key, then frames and bytes as doubles. Look-ups wait for memory more than they work.
 */

/** What tells one row from another: all 32-bit integers, compared as such. */
export const Word = {
  /** VNI, 24 bits, and the family of the outer addresses above them. */
  VniAndFamily: 0,
  /** Outer addresses, as `Addresses` has them. */
  Source: 1,
  Destination: 2,
  /** UDP destination port, 16 bits, and the kind of the inner frame's last layer above them. */
  PortAndKind: 3,
  /** MAC that sent the outer frame, 16 and 32 bits; 0 where there is none. */
  OuterMacHigh: 4,
  OuterMacLow: 5,
  /** MAC that sent the inner frame, and above its 16 high bits the family of its address. */
  InnerMacHigh: 6,
  InnerMacLow: 7,
  /** Address that sent the inner frame; 0 where there is none. */
  InnerAddress: 8,
} as const;
export type Word = (typeof Word)[keyof typeof Word];

const WORDS = 9;
const SLOT_SHIFT = 4;
/** Not 0 where the slot is taken. */
const TAKEN = 9;
/** The doubles' places in a slot, counted in doubles. */
const FRAMES = 6;
const BYTES = 7;

/** The most rows: what bounds its memory, at 128 bytes each. */
export const MAX_TRAFFIC_ROWS = 262_144;

/** The table. To count a frame, write its key into `key` and call `add`. */
export class Traffic {
  /** The key that the next `add` is for. */
  readonly key: Int32Array;
  /** Rows so far. */
  size: number;
  readonly #limit: number;
  #words: Int32Array;
  #sums: Float64Array;
  #mask: number;

  /** @param limit the most rows */
  constructor(limit = MAX_TRAFFIC_ROWS) {
    this.key = new Int32Array(WORDS);
    this.size = 0;
    this.#limit = limit;
    const slots = new ArrayBuffer(1024 << (SLOT_SHIFT + 2));
    this.#words = new Int32Array(slots);
    this.#sums = new Float64Array(slots);
    this.#mask = 1023;
  }

  /**
   * Counts a frame of `bytes` bytes under `key`.
   *
   * @returns false, and nothing is counted, where the key is new and the table full
   *
   * **Cost** amortised no allocation.
   */
  add(bytes: number): boolean {
    let at = this.#find(this.key);
    if (this.#words[at + TAKEN] === 0) {
      if (this.size === this.#limit) return false;
      if (++this.size * 2 > this.#mask) {
        this.#grow();
        at = this.#find(this.key);
      }
      this.#words.set(this.key, at);
      this.#words[at + TAKEN] = 1;
    }
    const sums = at >> 1;
    this.#sums[sums + FRAMES] = (this.#sums[sums + FRAMES] as number) + 1;
    this.#sums[sums + BYTES] = (this.#sums[sums + BYTES] as number) + bytes;
    return true;
  }

  /** Calls back for every row, in no order. @param row reads its words, its frames and its bytes */
  forEach(row: (word: (word: Word) => number, frames: number, bytes: number) => void): void {
    for (let at = 0; at < this.#words.length; at += 1 << SLOT_SHIFT) {
      if (this.#words[at + TAKEN] === 0) continue;
      const sums = at >> 1;
      row(
        (word) => this.#words[at + word] as number,
        this.#sums[sums + FRAMES] as number,
        this.#sums[sums + BYTES] as number,
      );
    }
  }

  /** Where the key's slot starts, or the free one that it would take. */
  #find(key: Int32Array): number {
    const words = this.#words;
    const mask = this.#mask;
    const k0 = key[0] as number;
    const k1 = key[1] as number;
    const k2 = key[2] as number;
    const k3 = key[3] as number;
    const k7 = key[7] as number;
    const k8 = key[8] as number;
    let hash = Math.imul(k0 ^ (k3 << 7), 0x9e3779b1) ^ Math.imul(k1, 0x85ebca6b) ^ Math.imul(k2, 0xc2b2ae35);
    hash ^= Math.imul(k7, 0x27d4eb2f) ^ Math.imul(k8, 0x165667b1);
    hash ^= hash >>> 15;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const at = slot << SLOT_SHIFT;
      if (words[at + TAKEN] === 0) return at;
      if (
        words[at] === k0 &&
        words[at + 1] === k1 &&
        words[at + 2] === k2 &&
        words[at + 3] === k3 &&
        words[at + 7] === k7 &&
        words[at + 8] === k8 &&
        words[at + 4] === key[4] &&
        words[at + 5] === key[5] &&
        words[at + 6] === key[6]
      ) {
        return at;
      }
    }
  }

  #grow(): void {
    const before = this.#words;
    const slots = new ArrayBuffer(before.byteLength * 2);
    this.#words = new Int32Array(slots);
    this.#sums = new Float64Array(slots);
    this.#mask = this.#mask * 2 + 1;
    for (let at = 0; at < before.length; at += 1 << SLOT_SHIFT) {
      if (before[at + TAKEN] === 0) continue;
      this.#words.set(before.subarray(at, at + (1 << SLOT_SHIFT)), this.#find(before.subarray(at, at + WORDS)));
    }
  }
}

/** A row's inner MAC. @returns 0..2^48-1; 0 where the inner frame has none */
export function innerMac(word: (word: Word) => number): number {
  return (word(Word.InnerMacHigh) & 0xffff) * 0x1_0000_0000 + (word(Word.InnerMacLow) >>> 0);
}
