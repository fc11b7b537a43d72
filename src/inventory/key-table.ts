/**
 * A hash table from four integers to a dense row number: open addressing over typed arrays, nothing allocated per look-up.
 */
import { MAX_PROBES, spread } from './open-addressing.js';

/** Integers of a slot: the key's hash, then the row plus one, 0 where it is free. Keys lie side by side, apart from them. */
const SLOT_SHIFT = 1;
const ROW = 1;

/** Rows by key, numbered 0, 1, 2, … in the order in which their keys were first seen. */
export class KeyTable {
  /** Rows so far. */
  size: number;
  /** Look-ups that found no place, in the table or among too many keys that meet: what they asked for has no row. */
  refused: number;
  readonly #limit: number;
  #slots: Int32Array;
  #keys: Int32Array;
  #mask: number;

  /** A table that has its largest size from the start, where that is known: to grow takes longer than to fill. @param rows at most */
  static sized(rows: number): KeyTable {
    return new KeyTable(rows, rows);
  }

  /** @param limit the most rows it will hold: what bounds its memory (some 50 bytes a row) @param rows that it has room for at first */
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

  /** The row of a key, made if it is new. @returns 0..size-1; -1 where there is no place for it. **Cost** amortised no allocation. */
  row(a: number, b: number, c: number, d: number): number {
    const found = hash(a, b, c, d);
    const slot = this.#slot(found, a | 0, b | 0, c | 0, d | 0);
    const row = slot < 0 ? -1 : (this.#slots[slot + ROW] as number) - 1;
    return row >= 0 ? row : this.#insert(slot, found, a, b, c, d);
  }

  /** The row of a key. @returns 0..size-1; -1 where it has none. **Cost** no allocation. */
  find(a: number, b: number, c: number, d: number): number {
    const slot = this.#slot(hash(a, b, c, d), a | 0, b | 0, c | 0, d | 0);
    return slot < 0 ? -1 : (this.#slots[slot + ROW] as number) - 1;
  }

  /** One of the four integers of a row's key. @param row 0..size-1 @param word 0..3 @returns a signed 32-bit integer. */
  word(row: number, word: 0 | 1 | 2 | 3): number {
    return this.#keys[(row << 2) + word] as number;
  }

  /** Where the slot of a key starts, or the free one that it would take; -1 where there is none near. */
  #slot(hash: number, a: number, b: number, c: number, d: number): number {
    const slots = this.#slots;
    const keys = this.#keys;
    const mask = this.#mask;
    for (let probe = 0; probe < MAX_PROBES; probe++) {
      const slot = ((hash + probe) & mask) << SLOT_SHIFT;
      const row = (slots[slot + ROW] as number) - 1;
      if (row < 0) return slot;
      if (slots[slot] !== hash) continue;
      const at = row << 2;
      if (keys[at] === a && keys[at + 1] === b && keys[at + 2] === c && keys[at + 3] === d) return slot;
    }
    return -1;
  }

  #insert(slot: number, hash: number, a: number, b: number, c: number, d: number): number {
    if (slot < 0 && this.#mask < this.#limit) {
      this.#grow();
      return this.row(a, b, c, d);
    }
    if (slot < 0 || this.size === this.#limit) {
      this.refused++;
      return -1;
    }
    const row = this.size++;
    // Written out: `set` takes longer for four integers than for four hundred.
    const keys = this.#keys;
    const at = row << 2;
    keys[at] = a;
    keys[at + 1] = b;
    keys[at + 2] = c;
    keys[at + 3] = d;
    this.#slots[slot] = hash;
    this.#slots[slot + ROW] = row + 1;
    if (this.size * 2 > this.#mask) this.#grow();
    return row;
  }

  /** Takes rows in the order in which they came: none gets further from its first slot than it was. */
  #grow(): void {
    const mask = this.#mask * 2 + 1;
    const slots = new Int32Array((mask + 1) << SLOT_SHIFT);
    const keys = new Int32Array((mask + 1) * 2);
    keys.set(this.#keys);
    for (let row = 0; row < this.size; row++) {
      const at = row << 2;
      const found = hash(keys[at] as number, keys[at + 1] as number, keys[at + 2] as number, keys[at + 3] as number);
      let index = found & mask;
      while (slots[(index << SLOT_SHIFT) + ROW] !== 0) index = (index + 1) & mask;
      slots[index << SLOT_SHIFT] = found;
      slots[(index << SLOT_SHIFT) + ROW] = row + 1;
    }
    this.#mask = mask;
    this.#slots = slots;
    this.#keys = keys;
  }
}

function hash(a: number, b: number, c: number, d: number): number {
  const mixed =
    Math.imul(a, 0x9e3779b1) ^ Math.imul(b, 0x85ebca6b) ^ Math.imul(c, 0xc2b2ae35) ^ Math.imul(d, 0x27d4eb2f);
  return spread(mixed);
}
