/**
 * What one tap saw of late: a ring of sightings, found by key through chains of sequence numbers. A chain ends at the
 * first number that the ring has let go of, so letting go deletes nothing (as in LZ77).
 */
import { IDENTITY_WORDS, type Identity, Likeness } from './identity.js';

/** The most sightings of other keys that are passed over on a chain: a crafted capture may make it long. */
const MAX_SKIPS = 64;
/** Parts of a sighting's flags: the VLAN identifier, kept bytes, then single bits. */
const VLAN_MASK = 0xfff;
const KEPT_SHIFT = 16;
const HAS_MACS = 1 << 24;
const TO_GROUP = 1 << 25;
const TTL_WORD = 5;
const FIRST_KEY_WORD = 3;
const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_IPV6 = 0x86dd;

/**
 * A ring of sightings. Sequence numbers start at 1; those in `tail..next-1` are there. What every look-up reads is in
 * columns of its own, words only where keys agree: memory that is far away costs more than all else.
 */
export class Sightings {
  /** Slots, a power of two. */
  readonly capacity: number;
  /** The oldest sequence number that is there. */
  tail: number;
  /** The sequence number that the next sighting gets. */
  next: number;
  /** When the oldest one was seen, as the window counts: never running backwards; infinite where there is none. */
  oldestNs: number;
  readonly #mask: number;
  readonly #headMask: number;
  readonly #words: Int32Array;
  readonly #keys: Int32Array;
  readonly #flags: Int32Array;
  readonly #tunnels: Int32Array;
  readonly #frames: Uint32Array;
  readonly #times: Float64Array;
  readonly #clocks: Float64Array;
  readonly #before: Uint32Array;
  readonly #heads: Uint32Array;

  /** @param capacity the most sightings that it holds, a power of two; some 160 bytes each */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.tail = 1;
    this.next = 1;
    this.oldestNs = Number.POSITIVE_INFINITY;
    this.#mask = capacity - 1;
    this.#headMask = capacity * 2 - 1;
    this.#words = new Int32Array(capacity * IDENTITY_WORDS);
    this.#keys = new Int32Array(capacity);
    this.#flags = new Int32Array(capacity);
    this.#tunnels = new Int32Array(capacity);
    this.#frames = new Uint32Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#clocks = new Float64Array(capacity);
    this.#before = new Uint32Array(capacity);
    this.#heads = new Uint32Array(capacity * 2);
  }

  /**
   * Adds a sighting; where the ring is full, its oldest one must have been let go before.
   *
   * @param timeNs when it was seen, corrected
   * @param clockNs the same, never running backwards
   * @param tunnel its tunnel's number; -1 of a bare frame
   * @returns its sequence number
   */
  add(identity: Identity, frame: number, timeNs: number, clockNs: number, tunnel: number): number {
    const sequence = this.next++;
    const place = sequence & this.#mask;
    if (sequence === this.tail) this.oldestNs = clockNs;
    const to = this.#words;
    const at = place * IDENTITY_WORDS;
    const { words, key } = identity;
    for (let word = 0; word < IDENTITY_WORDS; word++) to[at + word] = words[word] as number;
    this.#keys[place] = key;
    this.#flags[place] =
      identity.vlanId |
      (identity.kept << KEPT_SHIFT) |
      (identity.hasMacs ? HAS_MACS : 0) |
      (identity.toGroup ? TO_GROUP : 0);
    this.#tunnels[place] = tunnel;
    this.#frames[place] = frame;
    this.#times[place] = timeNs;
    this.#clocks[place] = clockNs;
    const head = key & this.#headMask;
    this.#before[place] = this.#heads[head] as number;
    this.#heads[head] = sequence;
    return sequence;
  }

  /** Lets go of the oldest sighting. */
  letGo(): void {
    const tail = ++this.tail;
    this.oldestNs = tail < this.next ? (this.#clocks[tail & this.#mask] as number) : Number.POSITIVE_INFINITY;
  }

  /** The newest sighting with this key. @returns 0 where there is none. **Cost** no allocation. */
  newest(key: number): number {
    return this.#withKey(this.#heads[key & this.#headMask] as number, key);
  }

  /** The next older sighting with the key of `sequence`. @returns 0 where there is none. **Cost** no allocation. */
  older(sequence: number): number {
    const place = sequence & this.#mask;
    return this.#withKey(this.#before[place] as number, this.#keys[place] as number);
  }

  /** Where a sighting's words start in `words()`. */
  at(sequence: number): number {
    return (sequence & this.#mask) * IDENTITY_WORDS;
  }

  /** The words of all sightings. **Lifetime** of one's: until the ring comes round. */
  words(): Int32Array {
    return this.#words;
  }

  key(sequence: number): number {
    return this.#keys[sequence & this.#mask] as number;
  }

  frame(sequence: number): number {
    return this.#frames[sequence & this.#mask] as number;
  }

  tunnel(sequence: number): number {
    return this.#tunnels[sequence & this.#mask] as number;
  }

  timeNs(sequence: number): number {
    return this.#times[sequence & this.#mask] as number;
  }

  /** Broadcast or multicast. */
  toGroup(sequence: number): boolean {
    return ((this.#flags[sequence & this.#mask] as number) & TO_GROUP) !== 0;
  }

  hasMacs(sequence: number): boolean {
    return ((this.#flags[sequence & this.#mask] as number) & HAS_MACS) !== 0;
  }

  #withKey(from: number, key: number): number {
    let sequence = from;
    for (let skips = 0; sequence >= this.tail && skips < MAX_SKIPS; skips++) {
      const place = sequence & this.#mask;
      if (this.#keys[place] === key) return sequence;
      sequence = this.#before[place] as number;
    }
    return 0;
  }

  /** How a sighting here agrees with one of `other` that has its key. **Cost** no allocation. */
  likeness(sequence: number, other: Sightings, otherSequence: number): Likeness {
    const a = this.#words;
    const b = other.#words;
    const at = this.at(sequence);
    const to = other.at(otherSequence);
    const flagsA = this.#flags[sequence & this.#mask] as number;
    const flagsB = other.#flags[otherSequence & other.#mask] as number;
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
