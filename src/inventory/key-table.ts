/**
 * A hash table from four integers to a dense row number: open addressing over typed arrays, nothing allocated per look-up.
 */

/** Integers of a slot: the key's four, then the row plus one; padded to half a cache line. */
const SLOT_SHIFT = 3;
const ROW = 4;

/** Rows by key, numbered 0, 1, 2, … in the order in which their keys were first seen. */
export class KeyTable {
  /** Rows so far. */
  size: number;
  /** Look-ups that found the table full: what they asked for has no row. */
  refused: number;
  readonly #limit: number;
  #slots: Int32Array;
  #keys: Int32Array;
  #mask: number;

  /** A table that has its largest size from the start, where that is known: to grow takes longer than to fill. @param rows at most */
  static sized(rows: number): KeyTable {
    return new KeyTable(rows, rows);
  }

  /** @param limit the most rows it will hold: what bounds its memory (some 150 bytes a row) @param rows that it has room for at first */
  constructor(limit: number, rows = 128) {
    this.size = 0;
    this.refused = 0;
    this.#limit = limit;
    let slots = 256;
    while (slots < rows * 2) slots *= 2;
    this.#slots = new Int32Array(slots << SLOT_SHIFT);
    this.#keys = new Int32Array(slots * 2);
    this.#mask = slots - 1;
  }

  /** The row of a key, made if it is new. @returns 0..size-1; -1 where the table is full. **Cost** amortised no allocation. */
  row(a: number, b: number, c: number, d: number): number {
    const slot = this.#slot(a | 0, b | 0, c | 0, d | 0);
    const row = (this.#slots[slot + ROW] as number) - 1;
    return row >= 0 ? row : this.#insert(slot, a, b, c, d);
  }

  /** The row of a key. @returns 0..size-1; -1 where it has none. **Cost** no allocation. */
  find(a: number, b: number, c: number, d: number): number {
    return (this.#slots[this.#slot(a | 0, b | 0, c | 0, d | 0) + ROW] as number) - 1;
  }

  /** One of the four integers of a row's key. @param row 0..size-1 @param word 0..3 @returns a signed 32-bit integer. */
  word(row: number, word: 0 | 1 | 2 | 3): number {
    return this.#keys[(row << 2) + word] as number;
  }

  /** Where the slot of a key starts, or the free one that it would take: the table is never more than half full. */
  #slot(a: number, b: number, c: number, d: number): number {
    const slots = this.#slots;
    const mask = this.#mask;
    for (let index = hash(a, b, c, d) & mask; ; index = (index + 1) & mask) {
      const at = index << SLOT_SHIFT;
      const ours = slots[at] === a && slots[at + 1] === b && slots[at + 2] === c && slots[at + 3] === d;
      if (ours || slots[at + ROW] === 0) return at;
    }
  }

  #insert(slot: number, a: number, b: number, c: number, d: number): number {
    if (this.size === this.#limit) {
      this.refused++;
      return -1;
    }
    const row = this.size++;
    // Written out, here and below: `set` takes longer for four integers than for four hundred.
    const keys = this.#keys;
    const at = row << 2;
    keys[at] = a;
    keys[at + 1] = b;
    keys[at + 2] = c;
    keys[at + 3] = d;
    this.#fill(slot, row);
    if (this.size * 2 > this.#mask) this.#grow();
    return row;
  }

  #fill(slot: number, row: number): void {
    const slots = this.#slots;
    const keys = this.#keys;
    const at = row << 2;
    slots[slot] = keys[at] as number;
    slots[slot + 1] = keys[at + 1] as number;
    slots[slot + 2] = keys[at + 2] as number;
    slots[slot + 3] = keys[at + 3] as number;
    slots[slot + ROW] = row + 1;
  }

  #grow(): void {
    this.#mask = this.#mask * 2 + 1;
    this.#slots = new Int32Array((this.#mask + 1) << SLOT_SHIFT);
    const keys = new Int32Array((this.#mask + 1) * 2);
    keys.set(this.#keys);
    this.#keys = keys;
    for (let row = 0; row < this.size; row++) {
      this.#fill(this.#slot(this.word(row, 0), this.word(row, 1), this.word(row, 2), this.word(row, 3)), row);
    }
  }
}

function hash(a: number, b: number, c: number, d: number): number {
  let h = Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
  h ^= h >>> 15;
  h = Math.imul(h, 0x2c1b3c6d);
  return h ^ (h >>> 13);
}
