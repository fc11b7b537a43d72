/**
 * Rows of the traffic in order: what belongs together then lies side by side, and lists are made by going along it.
 */
import { type Addresses, orderOf } from './addresses.js';
import { MAX_TRAFFIC_ROWS, STRIDE, type Traffic, Word } from './traffic.js';

/** The numbers of all rows. Each call orders them by one word more, and that before all others. */
export class RowOrder {
  readonly rows: Int32Array;
  readonly #words: Int32Array;
  readonly #ipv6Ranks: Int32Array;
  readonly #keys: Float64Array;

  /** @param rows in the order that equal ones keep; as they are numbered unless given. **Cost** allocates */
  constructor(traffic: Traffic, addresses: Addresses, rows = numbersTo(traffic.rows)) {
    this.rows = rows.slice();
    this.#words = traffic.words;
    this.#ipv6Ranks = addresses.ipv6Ranks();
    this.#keys = new Float64Array(rows.length);
  }

  /** Orders by a word, or by some of its bits, as an unsigned number. */
  by(word: Word, mask = ~0): this {
    fillByWord(this.#keys, this.rows, this.#words, word, mask);
    this.#sort();
    return this;
  }

  /** Orders by an outer address. */
  byOuter(word: typeof Word.Source | typeof Word.Destination): this {
    return this.#byAddress(word, Word.VniAndFamily, 24);
  }

  /** Orders by the inner address. */
  byInner(): this {
    return this.#byAddress(Word.InnerAddress, Word.InnerMacHigh, 16);
  }

  #byAddress(word: Word, familyWord: Word, familyShift: number): this {
    const ranks = this.#ipv6Ranks;
    if (ranks.length === 0) return this.by(word);
    fillByAddress(this.#keys, this.rows, this.#words, word, familyWord, familyShift, ranks);
    this.#sort();
    return this;
  }

  /**
   * Sorts rows by the keys that were made for them, with the place that each has so far in the low bits: without a
   * comparison of ours an engine sorts doubles in a tenth of the time.
   */
  #sort(): void {
    const { rows } = this;
    const keys = this.#keys;
    keys.sort();
    const before = rows.slice();
    for (let place = 0; place < rows.length; place++) {
      rows[place] = before[(keys[place] as number) & (MAX_TRAFFIC_ROWS - 1)] as number;
    }
  }
}

// Loops are functions of their own: compiled while they run, with nothing behind them that has not run yet.

/** Gives each row a key: a word, or some of its bits, and in the low bits the row's place. */
function fillByWord(keys: Float64Array, rows: Int32Array, words: Int32Array, word: Word, mask: number): void {
  for (let place = 0; place < rows.length; place++) {
    const value = ((words[(rows[place] as number) * STRIDE + word] as number) & mask) >>> 0;
    keys[place] = value * MAX_TRAFFIC_ROWS + place;
  }
}

/** The same by an address. @param familyWord where its family is @param familyShift above as many bits */
function fillByAddress(
  keys: Float64Array,
  rows: Int32Array,
  words: Int32Array,
  word: Word,
  familyWord: Word,
  familyShift: number,
  ipv6Ranks: Int32Array,
): void {
  for (let place = 0; place < rows.length; place++) {
    const at = (rows[place] as number) * STRIDE;
    const family = (words[at + familyWord] as number) >>> familyShift;
    keys[place] = orderOf(family, words[at + word] as number, ipv6Ranks) * MAX_TRAFFIC_ROWS + place;
  }
}

function numbersTo(count: number): Int32Array {
  const numbers = new Int32Array(count);
  for (let number = 0; number < count; number++) numbers[number] = number;
  return numbers;
}
