/**
 * Traffic: what each sender put through each tunnel. The one table that is looked up per frame; VTEPs, tunnels and
 * endpoints are sums over its rows.
 *
 * A slot is one cache line: the key, then frames and bytes as doubles. A look-up waits for memory longer than it works,
 * so frames are gathered first and looked up together: then they wait side by side.
 */

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
/** Behind a gathered key: the frame's length on the wire, unsigned. */
export const WIRE_LEN = 9;
/** Behind a slot's key: not 0 where the slot is taken. */
const TAKEN = 9;
/** Integers of a slot, and of a gathered key. */
const STRIDE = 16;
const SHIFT = 4;
/** The doubles' places in a slot, counted in doubles. */
const FRAMES = 6;
const BYTES = 7;
/** Frames that are looked up together: their slots stay in the nearest cache. */
const GATHERED = 128;

/** The most rows: what bounds its memory, at some 200 bytes each. */
export const MAX_TRAFFIC_ROWS = 262_144;

/** The table. To count a frame, write its key and its length into `gathered` at `begin()`. */
export class Traffic {
  /** Keys of frames that are still to be counted. */
  readonly gathered: Int32Array;
  /** Frames that were new while the table was full: they count without their inner address, or not at all. */
  refused: number;
  readonly #limit: number;
  readonly #hashes: Int32Array;
  /** What was loaded ahead of time, or-ed: public and kept only so that the engine does not drop the loads. */
  touched: number;
  #waiting: number;
  #size: number;
  #words: Int32Array;
  #sums: Float64Array;
  #mask: number;

  /** @param limit the most rows */
  constructor(limit = MAX_TRAFFIC_ROWS) {
    this.gathered = new Int32Array(GATHERED * STRIDE);
    this.refused = 0;
    this.#limit = limit;
    this.#hashes = new Int32Array(GATHERED);
    this.touched = 0;
    this.#waiting = 0;
    this.#size = 0;
    const slots = new ArrayBuffer(1024 * STRIDE * 4);
    this.#words = new Int32Array(slots);
    this.#sums = new Float64Array(slots);
    this.#mask = 1023;
  }

  /** Where in `gathered` the next frame's key goes; all of it must be written. **Cost** amortised no allocation. */
  begin(): number {
    if (this.#waiting === GATHERED) this.#count();
    return this.#waiting++ << SHIFT;
  }

  /** Calls back for every row, in no order. @param row reads its words, its frames and its bytes */
  forEach(row: (word: (word: Word) => number, frames: number, bytes: number) => void): void {
    this.#count();
    for (let at = 0; at < this.#words.length; at += STRIDE) {
      if (this.#words[at + TAKEN] === 0) continue;
      const sums = at >> 1;
      row(
        (word) => this.#words[at + word] as number,
        this.#sums[sums + FRAMES] as number,
        this.#sums[sums + BYTES] as number,
      );
    }
  }

  /** Counts all frames that wait. */
  #count(): void {
    const { gathered } = this;
    const waiting = this.#waiting;
    const hashes = this.#hashes;
    const words = this.#words;
    const mask = this.#mask;
    // Short iterations without a branch on what they load: many loads are under way at once.
    let touched = 0;
    for (let i = 0; i < waiting; i++) {
      const hash = hashOf(gathered, i << SHIFT);
      hashes[i] = hash;
      touched |= words[((hash & mask) << SHIFT) + TAKEN] as number;
    }
    this.touched = touched;
    for (let i = 0; i < waiting; i++) this.#add(i << SHIFT, hashes[i] as number);
    this.#waiting = 0;
  }

  #add(at: number, hash: number): void {
    const { gathered } = this;
    let slot = this.#find(gathered, at, hash);
    if (this.#words[slot + TAKEN] === 0) {
      if (this.#size === this.#limit) {
        this.#refuse(at);
        return;
      }
      if (++this.#size * 2 > this.#mask) {
        this.#grow();
        slot = this.#find(gathered, at, hash);
      }
      this.#words.set(gathered.subarray(at, at + WORDS), slot);
      this.#words[slot + TAKEN] = 1;
    }
    this.#sum(slot, (gathered[at + WIRE_LEN] as number) >>> 0);
  }

  #sum(slot: number, bytes: number): void {
    const sums = this.#sums;
    const at = slot >> 1;
    sums[at + FRAMES] = (sums[at + FRAMES] as number) + 1;
    sums[at + BYTES] = (sums[at + BYTES] as number) + bytes;
  }

  /** The table is full: what an endpoint sent counts on, without the address that it sent from. */
  #refuse(at: number): void {
    const { gathered } = this;
    this.refused++;
    gathered[at + Word.InnerMacHigh] = (gathered[at + Word.InnerMacHigh] as number) & 0xffff;
    gathered[at + Word.InnerAddress] = 0;
    const slot = this.#find(gathered, at, hashOf(gathered, at));
    if (this.#words[slot + TAKEN] !== 0) this.#sum(slot, (gathered[at + WIRE_LEN] as number) >>> 0);
  }

  /** Where the slot of the key at `at` starts, or the free one that it would take. */
  #find(keys: Int32Array, at: number, hash: number): number {
    const words = this.#words;
    const mask = this.#mask;
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const start = slot << SHIFT;
      if (words[start + TAKEN] === 0) return start;
      let same = 0;
      for (let word = 0; word < WORDS; word++) same |= (words[start + word] as number) ^ (keys[at + word] as number);
      if (same === 0) return start;
    }
  }

  #grow(): void {
    const before = this.#words;
    const slots = new ArrayBuffer(before.byteLength * 2);
    this.#words = new Int32Array(slots);
    this.#sums = new Float64Array(slots);
    this.#mask = this.#mask * 2 + 1;
    for (let at = 0; at < before.length; at += STRIDE) {
      if (before[at + TAKEN] === 0) continue;
      this.#words.set(before.subarray(at, at + STRIDE), this.#find(before, at, hashOf(before, at)));
    }
  }
}

/** A row's inner MAC. @returns 0..2^48-1; 0 where the inner frame has none */
export function innerMac(word: (word: Word) => number): number {
  return (word(Word.InnerMacHigh) & 0xffff) * 0x1_0000_0000 + (word(Word.InnerMacLow) >>> 0);
}

function hashOf(keys: Int32Array, at: number): number {
  let hash =
    Math.imul((keys[at + Word.VniAndFamily] as number) ^ ((keys[at + Word.PortAndKind] as number) << 7), 0x9e3779b1) ^
    Math.imul(keys[at + Word.Source] as number, 0x85ebca6b) ^
    Math.imul(keys[at + Word.Destination] as number, 0xc2b2ae35) ^
    Math.imul(keys[at + Word.InnerMacLow] as number, 0x27d4eb2f) ^
    Math.imul(keys[at + Word.InnerAddress] as number, 0x165667b1);
  hash ^= hash >>> 15;
  hash = Math.imul(hash, 0x2c1b3c6d);
  return hash ^ (hash >>> 13);
}
