/**
 * Chains: trails by key, the newest first. Their links are in the trails' records (places.ts), by number. There are two
 * chains of a key, one of the young trails and one of the others, and each ends at the first number that is too small for
 * it: what is let go of is deleted from neither (as in LZ77).
 */
import {
  MAX_TRAILS,
  OLDER,
  OTHER_SLOT,
  SLOT_SHIFT,
  SLOTS_MASK,
  SLOTS_PER_PLACE,
  YOUNG_SLOT,
} from '../tables/layout.js';
import type { PairingMemory } from '../tables/memory.js';
import type { Places } from './places.js';

/** The most trails of other keys that are passed over on a chain: a crafted capture may make it long. */
const MAX_SKIPS = 64;

/** The chains of one sort of key. */
export class Chain {
  readonly #places: Places;
  readonly #field: number;
  readonly #counts: Uint32Array;
  /** Two at a time, a young trail and another one: who looks for a new frame's key looks at both. */
  #slots: Uint32Array;

  /** @param slotsAt where its slots lie @param field where its two integers are in a record */
  constructor(memory: PairingMemory, slotsAt: number, places: Places, field: number) {
    this.#places = places;
    this.#field = field;
    this.#counts = memory.counts;
    this.#slots = memory.uint32(slotsAt, (MAX_TRAILS * SLOTS_PER_PLACE) << SLOT_SHIFT);
    this.clear();
  }

  /** Makes a trail the newest one of its key, among the young ones or the others, as it is one of them now. **Cost** no allocation. */
  link(trail: number, key: number): void {
    const places = this.#places;
    const { records } = places;
    const at = places.at(trail) + this.#field;
    const slot = this.#slotOf(key) + (trail >= places.young ? YOUNG_SLOT : OTHER_SLOT);
    records[at] = key;
    records[at + OLDER] = this.#slots[slot] as number;
    this.#slots[slot] = trail;
  }

  /** The newest trail with this key. @returns 0 where there is none. **Cost** no allocation. */
  newest(key: number): number {
    const young = this.#find(this.#slots[this.#slotOf(key) + YOUNG_SLOT] as number, key, this.#places.young);
    return young === 0 ? this.#newestOther(key) : young;
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

  /** Makes it empty, with slots for as many places as there are now: all trails are to be linked anew, from the oldest on. */
  clear(): void {
    const length = (this.#places.capacity * SLOTS_PER_PLACE) << SLOT_SHIFT;
    this.#counts[SLOTS_MASK] = length - 1;
    this.#slots.fill(0, 0, length);
  }

  /** Lets go of all memory. */
  close(): void {
    this.#slots = new Uint32Array(0);
  }

  #newestOther(key: number): number {
    return this.#find(this.#slots[this.#slotOf(key) + OTHER_SLOT] as number, key, this.#places.tail);
  }

  #slotOf(key: number): number {
    return (key << SLOT_SHIFT) & (this.#counts[SLOTS_MASK] as number);
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
