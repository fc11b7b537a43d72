/**
 * Numbers for MACs, or for pairs of them, within something that has a number itself: a VNI, or one of `Ways`.
 */
import { KeyTable } from '../inventory/key-table.js';

/** MACs are 0..2^48-1 each; their halves are looked up, as a table's code is made for small integers. */
export class MacTable {
  readonly #table: KeyTable;

  /** @param size the most that there may be */
  constructor(size: number) {
    this.#table = KeyTable.sized(size);
  }

  /** The number of one, given to it if it has none yet. @returns 0, 1, 2, …, in the order of first sight */
  number(within: number, mac: number, other = 0): number {
    return this.#table.row(within, highs(mac, other), mac | 0, other | 0);
  }

  /** Whether one has no number yet; it is given one. */
  isNew(within: number, mac: number, other = 0): boolean {
    return this.#table.size === this.number(within, mac, other);
  }

  /** The number of one that has one. @returns -1 where it has none */
  find(within: number, mac: number, other = 0): number {
    return this.#table.find(within, highs(mac, other), mac | 0, other | 0);
  }
}

/** The upper 16 bits of both. */
function highs(mac: number, other: number): number {
  return (Math.floor(mac / 2 ** 32) << 16) | Math.floor(other / 2 ** 32);
}
