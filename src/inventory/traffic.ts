/**
 * Traffic: what each sender put through each tunnel. The one table that is looked up per frame; VTEPs, tunnels and
 * endpoints are sums over its rows.
 *
 * A row is one cache line: the key, then frames and bytes as doubles. Rows lie side by side, and slots with hashes lead
 * to them, so that what is touched stays small.
 */
import { MAX_PROBES, spread } from './open-addressing.js';

/** What tells one row from another: 32-bit integers, at these places in a key. */
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
/** Integers of a row in `words`. */
export const STRIDE = 16;
const SHIFT = 4;
/** The doubles' places in a row, counted in doubles. */
const FRAMES = 6;
const BYTES = 7;
const FIRST_SLOTS = 1024;

/** The most rows: what bounds its memory, at some 80 bytes each. */
export const MAX_TRAFFIC_ROWS = 262_144;

/** The table. To count a frame, write its key into `key` and call `add`. */
export class Traffic {
  /** The key that the next `add` is for. */
  readonly key: Int32Array;
  /** Frames that were new and found no place: they count without their inner address, or not at all. */
  refused: number;
  readonly #limit: number;
  #size = 0;
  /** Pairs of a hash and a row plus one, 0 where the slot is free. */
  #slots: Int32Array;
  #mask = FIRST_SLOTS - 1;
  #words: Int32Array;
  #sums: Float64Array;

  /** @param limit the most rows */
  constructor(limit = MAX_TRAFFIC_ROWS) {
    this.key = new Int32Array(WORDS);
    this.refused = 0;
    this.#limit = limit;
    this.#slots = new Int32Array(FIRST_SLOTS * 2);
    this.#words = new Int32Array((FIRST_SLOTS / 2) * STRIDE);
    this.#sums = new Float64Array(this.#words.buffer);
  }

  /**
   * Counts a frame of `bytes` bytes under `key`.
   *
   * @param bytes on the wire, 0..2^32-1
   * @returns the key's row, 0 and up; -1 where there is no place for it
   *
   * **Cost** amortised no allocation.
   */
  add(bytes: number): number {
    const row = this.#row(hashOf(this.key, 0));
    if (row < 0) return -1;
    this.grow(row, 1, bytes);
    return row;
  }

  /** Adds frames and bytes to a row. **Cost** no allocation. */
  grow(row: number, frames: number, bytes: number): void {
    const sums = this.#sums;
    const at = row << (SHIFT - 1);
    sums[at + FRAMES] = (sums[at + FRAMES] as number) + frames;
    sums[at + BYTES] = (sums[at + BYTES] as number) + bytes;
  }

  /** How many rows there are; they are numbered 0, 1, 2, … in the order in which they came. */
  get rows(): number {
    return this.#size;
  }

  /** The words of all rows, for who looks at all of them; a row's start at `STRIDE` times its number. **Lifetime** until a row is added. */
  get words(): Int32Array {
    return this.#words;
  }

  /** One word of a row's key. @param row 0 and up, as `add` gave it */
  word(row: number, word: Word): number {
    return this.#words[(row << SHIFT) + word] as number;
  }

  /** Frames of a row. */
  frames(row: number): number {
    return this.#sums[(row << (SHIFT - 1)) + FRAMES] as number;
  }

  /** Bytes of a row. */
  bytes(row: number): number {
    return this.#sums[(row << (SHIFT - 1)) + BYTES] as number;
  }

  /** The row of `key`, a new one if need be. @returns -1 where there is none, and none can be made */
  #row(hash: number): number {
    const slot = this.#slot(hash);
    const row = this.#rowAt(slot);
    return row >= 0 ? row : this.#make(hash, slot);
  }

  /** The slot of `key`, or the free one that it would take; -1 where there is none near. */
  #slot(hash: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const slot = (hash + probe) & mask;
      const row = (slots[slot * 2 + 1] as number) - 1;
      if (row < 0 || (slots[slot * 2] === hash && this.#is(row))) return slot;
    }
    return -1;
  }

  /** The row that a slot leads to. @returns -1 where it is free, or none */
  #rowAt(slot: number): number {
    return slot < 0 ? -1 : (this.#slots[slot * 2 + 1] as number) - 1;
  }

  /** Whether a row has the key `key`. */
  #is(row: number): boolean {
    const words = this.#words;
    const { key } = this;
    const at = row << SHIFT;
    // Written out: a loop costs twice as much.
    return (
      words[at] === key[0] &&
      words[at + 1] === key[1] &&
      words[at + 2] === key[2] &&
      words[at + 3] === key[3] &&
      words[at + 4] === key[4] &&
      words[at + 5] === key[5] &&
      words[at + 6] === key[6] &&
      words[at + 7] === key[7] &&
      words[at + 8] === key[8]
    );
  }

  /**
   * Makes a row for `key`. Where there is no place, what an endpoint sent counts on without the address that it sent
   * from.
   *
   * @param slot where it would lead; -1 for nowhere
   * @returns -1 where there is no row, and none can be made
   */
  #make(hash: number, slot: number): number {
    const { key } = this;
    if (slot < 0 && this.#mask < this.#limit) {
      this.#grow();
      return this.#row(hash);
    }
    if (slot < 0 || this.#size === this.#limit) {
      this.refused++;
      key[Word.InnerMacHigh] = (key[Word.InnerMacHigh] as number) & 0xffff;
      key[Word.InnerAddress] = 0;
      return this.#rowAt(this.#slot(hashOf(key, 0)));
    }
    if (this.#size * 2 > this.#mask) this.#grow();
    const row = this.#size++;
    this.#words.set(key, row << SHIFT);
    this.#lead(hash, row);
    return row;
  }

  /** Makes a slot lead to a row. */
  #lead(hash: number, row: number): void {
    const slots = this.#slots;
    let slot = hash & this.#mask;
    while (slots[slot * 2 + 1] !== 0) slot = (slot + 1) & this.#mask;
    slots[slot * 2] = hash;
    slots[slot * 2 + 1] = row + 1;
  }

  /** Takes rows in the order in which they came: none gets further from its first slot than it was. */
  #grow(): void {
    const before = this.#words;
    this.#words = new Int32Array(before.length * 2);
    this.#words.set(before);
    this.#sums = new Float64Array(this.#words.buffer);
    this.#slots = new Int32Array(this.#slots.length * 2);
    this.#mask = this.#mask * 2 + 1;
    for (let row = 0; row < this.#size; row++) this.#lead(hashOf(before, row << SHIFT), row);
  }
}

/** A row's inner MAC. @returns 0..2^48-1; 0 where the inner frame has none */
export function innerMac(traffic: Traffic, row: number): number {
  return (traffic.word(row, Word.InnerMacHigh) & 0xffff) * 0x1_0000_0000 + (traffic.word(row, Word.InnerMacLow) >>> 0);
}

/** The MAC that sent a row's outer frames. @returns 0..2^48-1; 0 where there is none */
export function outerMac(traffic: Traffic, row: number): number {
  return traffic.word(row, Word.OuterMacHigh) * 0x1_0000_0000 + (traffic.word(row, Word.OuterMacLow) >>> 0);
}

function hashOf(keys: Int32Array, at: number): number {
  const hash =
    Math.imul((keys[at + Word.VniAndFamily] as number) ^ ((keys[at + Word.PortAndKind] as number) << 7), 0x9e3779b1) ^
    Math.imul(keys[at + Word.Source] as number, 0x85ebca6b) ^
    Math.imul(keys[at + Word.Destination] as number, 0xc2b2ae35) ^
    Math.imul(keys[at + Word.InnerMacLow] as number, 0x27d4eb2f) ^
    Math.imul(keys[at + Word.InnerAddress] as number, 0x165667b1);
  return spread(hash);
}
