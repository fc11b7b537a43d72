/**
 * Chains: trails by key, the newest first. Their links are in the trails' records (places.ts), by number. There are two
 * chains of a key, one of the young trails and one of the others, and each ends at the first number that is too small for
 * it: what is let go of is deleted from neither (as in LZ77).
 */
import type { Places } from './places.js';

/** The most trails of other keys that are passed over on a chain: a crafted capture may make it long. */
const MAX_SKIPS = 64;
/** What there is of a chain in a record: the key, and the next older trail. */
export const CHAIN_WORDS = 2;
const OLDER = 1;
/** Slots that lead from keys to trails, for each place. */
const YOUNG_SLOTS = 2;
const OTHER_SLOTS = 4;

/** The chains of one sort of key. */
export class Chain {
  readonly #places: Places;
  readonly #field: number;
  #young: Uint32Array;
  #others: Uint32Array;

  /** @param field where its two integers are in a record */
  constructor(places: Places, field: number) {
    this.#places = places;
    this.#field = field;
    this.#young = new Uint32Array(places.capacity * YOUNG_SLOTS);
    this.#others = new Uint32Array(places.capacity * OTHER_SLOTS);
  }

  /** Makes a trail the newest one of its key, among the young ones or the others, as it is one of them now. **Cost** no allocation. */
  link(trail: number, key: number): void {
    const places = this.#places;
    const { records } = places;
    const heads = trail >= places.young ? this.#young : this.#others;
    const at = places.at(trail) + this.#field;
    const slot = key & (heads.length - 1);
    records[at] = key;
    records[at + OLDER] = heads[slot] as number;
    heads[slot] = trail;
  }

  /** The newest trail with this key. @returns 0 where there is none. **Cost** no allocation. */
  newest(key: number): number {
    const young = this.newestYoung(key);
    return young === 0 ? this.#newestOther(key) : young;
  }

  /** The newest one if it is young: where the next one is linked, too. @returns 0 where it is not. **Cost** no allocation. */
  newestYoung(key: number): number {
    return this.#find(this.#young[key & (this.#young.length - 1)] as number, key, this.#places.young);
  }

  /** The next older trail with the key of `trail`. @returns 0 where there is none. **Cost** no allocation. */
  older(trail: number): number {
    const { records, young, tail } = this.#places;
    const at = this.#places.at(trail) + this.#field;
    const key = records[at] as number;
    const older = (records[at + OLDER] as number) >>> 0;
    if (trail < young) return this.#find(older, key, tail);
    const found = this.#find(older, key, young);
    return found === 0 ? this.#newestOther(key) : found;
  }

  /** Makes it empty, with slots for as many places as there are now: all trails are to be linked anew, from the oldest on. **Cost** allocates. */
  clear(): void {
    const { capacity } = this.#places;
    this.#young = new Uint32Array(capacity * YOUNG_SLOTS);
    this.#others = new Uint32Array(capacity * OTHER_SLOTS);
  }

  #newestOther(key: number): number {
    return this.#find(this.#others[key & (this.#others.length - 1)] as number, key, this.#places.tail);
  }

  /** The first trail from one on that has this key, none below `least`. */
  #find(first: number, key: number, least: number): number {
    const places = this.#places;
    const { records } = places;
    let trail = first;
    for (let skips = 0; trail >= least && skips < MAX_SKIPS; skips++) {
      const at = places.at(trail) + this.#field;
      if (records[at] === key) return trail;
      trail = (records[at + OLDER] as number) >>> 0;
    }
    return 0;
  }
}
