/**
 * What one tap saw of late: a ring of sightings, found by key through chains of sequence numbers. A chain ends at the
 * first number that the ring has let go of, so letting go deletes nothing (as in LZ77).
 */
import { IDENTITY_WORDS, type Identity, Likeness } from './identity.js';

/** Integers of a slot: the identity's words, then these. */
const SLOT_SHIFT = 5;
const FLAGS = 28;
const KEY = 29;
const TUNNEL = 30;
const FRAME = 31;
/** Parts of FLAGS: the VLAN identifier, kept bytes, then single bits. */
const VLAN_MASK = 0xfff;
const KEPT_SHIFT = 16;
const HAS_MACS = 1 << 24;
const TO_GROUP = 1 << 25;
const TTL_WORD = 5;
const FIRST_KEY_WORD = 3;
const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_IPV6 = 0x86dd;

/** A ring of sightings. Sequence numbers start at 1; those in `tail..next-1` are there. */
export class Sightings {
  /** Slots, a power of two. */
  readonly capacity: number;
  /** The oldest sequence number that is there. */
  tail: number;
  /** The sequence number that the next sighting gets. */
  next: number;
  readonly #mask: number;
  readonly #slots: Int32Array;
  readonly #times: Float64Array;
  readonly #clocks: Float64Array;
  readonly #before: Uint32Array;
  readonly #heads: Uint32Array;

  /** @param capacity the most sightings that it holds, a power of two; some 180 bytes each */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.tail = 1;
    this.next = 1;
    this.#mask = capacity - 1;
    this.#slots = new Int32Array(capacity << SLOT_SHIFT);
    this.#times = new Float64Array(capacity);
    this.#clocks = new Float64Array(capacity);
    this.#before = new Uint32Array(capacity);
    this.#heads = new Uint32Array(capacity * 2);
  }

  /**
   * Adds a sighting; one that the ring is full of must have been let go before.
   *
   * @param timeNs when it was seen, corrected
   * @param clockNs the same, never running backwards
   * @param tunnel its tunnel's number; -1 of a bare frame
   * @returns its sequence number
   */
  add(identity: Identity, frame: number, timeNs: number, clockNs: number, tunnel: number): number {
    const sequence = this.next++;
    const place = sequence & this.#mask;
    const slots = this.#slots;
    const at = place << SLOT_SHIFT;
    const { words, key } = identity;
    for (let word = 0; word < IDENTITY_WORDS; word++) slots[at + word] = words[word] as number;
    slots[at + FLAGS] =
      identity.vlanId |
      (identity.kept << KEPT_SHIFT) |
      (identity.hasMacs ? HAS_MACS : 0) |
      (identity.toGroup ? TO_GROUP : 0);
    slots[at + KEY] = key;
    slots[at + TUNNEL] = tunnel;
    slots[at + FRAME] = frame;
    this.#times[place] = timeNs;
    this.#clocks[place] = clockNs;
    const head = key & (this.capacity * 2 - 1);
    this.#before[place] = this.#heads[head] as number;
    this.#heads[head] = sequence;
    return sequence;
  }

  /** The newest sighting that may have this key. @returns 0 where there is none. **Cost** no allocation. */
  newest(key: number): number {
    const sequence = this.#heads[key & (this.capacity * 2 - 1)] as number;
    return sequence >= this.tail ? sequence : 0;
  }

  /** The next older one on the chain of `sequence`. @returns 0 where there is none. **Cost** no allocation. */
  older(sequence: number): number {
    const before = this.#before[sequence & this.#mask] as number;
    return before >= this.tail ? before : 0;
  }

  /** Where a sighting's words start in `words()`. */
  at(sequence: number): number {
    return (sequence & this.#mask) << SLOT_SHIFT;
  }

  /** The words of all slots. **Lifetime** of a slot: until the ring comes round. */
  words(): Int32Array {
    return this.#slots;
  }

  key(sequence: number): number {
    return this.#slots[this.at(sequence) + KEY] as number;
  }

  frame(sequence: number): number {
    return (this.#slots[this.at(sequence) + FRAME] as number) >>> 0;
  }

  tunnel(sequence: number): number {
    return this.#slots[this.at(sequence) + TUNNEL] as number;
  }

  timeNs(sequence: number): number {
    return this.#times[sequence & this.#mask] as number;
  }

  /** Its time for the window, which never runs backwards. */
  clockNs(sequence: number): number {
    return this.#clocks[sequence & this.#mask] as number;
  }

  /** Broadcast or multicast. */
  toGroup(sequence: number): boolean {
    return ((this.#slots[this.at(sequence) + FLAGS] as number) & TO_GROUP) !== 0;
  }

  hasMacs(sequence: number): boolean {
    return ((this.#slots[this.at(sequence) + FLAGS] as number) & HAS_MACS) !== 0;
  }

  /** How a sighting here agrees with one of `other`. **Cost** no allocation. */
  likeness(sequence: number, other: Sightings, otherSequence: number): Likeness {
    const a = this.#slots;
    const b = other.#slots;
    const at = this.at(sequence);
    const to = other.at(otherSequence);
    if (a[at + KEY] !== b[to + KEY]) return Likeness.None;
    const flagsA = a[at + FLAGS] as number;
    const flagsB = b[to + FLAGS] as number;
    const keptA = (flagsA >> KEPT_SHIFT) & 0xff;
    const keptB = (flagsB >> KEPT_SHIFT) & 0xff;
    const vlanA = flagsA & VLAN_MASK;
    const vlanB = flagsB & VLAN_MASK;
    if (vlanA !== vlanB && vlanA !== 0 && vlanB !== 0) return Likeness.None;
    // Behind what was kept both have zeros: words past the shorter one count only where both end alike.
    const kept = keptA < keptB ? keptA : keptB;
    const words = keptA === keptB ? IDENTITY_WORDS : kept >> 2;
    let ttl = 0;
    for (let word = FIRST_KEY_WORD; word < words; word++) {
      const difference = (a[at + word] as number) ^ (b[to + word] as number);
      if (difference === 0) continue;
      const mask = word === TTL_WORD ? ttlMask((a[at + FIRST_KEY_WORD] as number) >>> 16) : 0;
      if ((difference & ~mask) !== 0) return Likeness.None;
      ttl = difference;
    }
    const rest = kept & 3;
    if (keptA !== keptB && rest !== 0) {
      const difference = (a[at + words] as number) ^ (b[to + words] as number);
      if (difference >>> (32 - rest * 8) !== 0) return Likeness.None;
    }
    const macs =
      (flagsA & flagsB & HAS_MACS) === 0 || (a[at] === b[to] && a[at + 1] === b[to + 1] && a[at + 2] === b[to + 2]);
    if (macs && ttl === 0) return Likeness.Same;
    // A router changes both; cooked frames cannot show the MACs.
    const routed = ttl !== 0 && (!macs || (flagsA & flagsB & HAS_MACS) === 0);
    return routed ? Likeness.Routed : Likeness.None;
  }
}

function ttlMask(etherType: number): number {
  if (etherType === ETHER_TYPE_IPV4) return 0x0000ff00;
  return etherType === ETHER_TYPE_IPV6 ? 0x00ff0000 : 0;
}
