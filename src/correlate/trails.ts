/**
 * Trails: a trail is one frame, wherever it was seen. Its identity is kept once, in a ring of columns; its sightings
 * are a list. Trails of equal keys are chained by number, and a chain ends at the first number that the ring has let go
 * of, so letting go deletes nothing (as in LZ77). A second chain leads from stretches of a flow to the trails that hold
 * them: what a large segment and its several small ones have in common.
 */
import { IDENTITY_WORDS, type Identity } from './identity.js';
import { Likeness, likenessOf } from './likeness.js';
import { Sightings } from './sightings.js';

/** The most trails of other keys that are passed over on a chain: a crafted capture may make it long. */
const MAX_SKIPS = 64;
/** Sightings that there is room for, for each trail. */
const SIGHTINGS_PER_TRAIL = 2;
/** Marks of a trail, beside its identity's flags: it was counted as soon as it was whole; others look like copies of it. */
const SETTLED = 1 << 28;
const HAS_COPIES = 1 << 29;
/** A trail whose sightings went over to another one. */
const ABSORBED = -2;

/** A ring of trails, numbered from 1; those in `tail..next-1` are there. */
export class Trails {
  /** Slots, a power of two. */
  readonly capacity: number;
  readonly sightings: Sightings;
  /** The oldest trail that is there. */
  tail: number;
  /** The number that the next one gets. */
  next: number;
  /** When the oldest one was opened, as the window counts: never running backwards; infinite where there is none. */
  oldestNs: number;
  readonly #mask: number;
  readonly #headMask: number;
  readonly #words: Int32Array;
  readonly #keys: Int32Array;
  readonly #flags: Int32Array;
  readonly #vnis: Int32Array;
  readonly #openTimes: Float64Array;
  readonly #openEndpoints: Uint16Array;
  readonly #clocks: Float64Array;
  readonly #firsts: Uint32Array;
  readonly #lasts: Uint32Array;
  readonly #twins: Uint32Array;
  readonly #heads: Uint32Array;
  readonly #before: Uint32Array;
  readonly #spanHeads: Uint32Array;
  readonly #spanBefore: Uint32Array;
  readonly #spanKeys: Int32Array;
  readonly #spanFroms: Uint32Array;
  readonly #spanLens: Uint32Array;

  /** @param capacity the most trails that it holds, a power of two; some 280 bytes each, sightings included */
  constructor(capacity: number) {
    this.capacity = capacity;
    this.sightings = new Sightings(capacity * SIGHTINGS_PER_TRAIL);
    this.tail = 1;
    this.next = 1;
    this.oldestNs = Number.POSITIVE_INFINITY;
    this.#mask = capacity - 1;
    this.#headMask = capacity * 2 - 1;
    this.#words = new Int32Array(capacity * IDENTITY_WORDS);
    this.#keys = new Int32Array(capacity);
    this.#flags = new Int32Array(capacity);
    this.#vnis = new Int32Array(capacity);
    this.#openTimes = new Float64Array(capacity);
    this.#openEndpoints = new Uint16Array(capacity);
    this.#clocks = new Float64Array(capacity);
    this.#firsts = new Uint32Array(capacity);
    this.#lasts = new Uint32Array(capacity);
    this.#twins = new Uint32Array(capacity);
    this.#heads = new Uint32Array(capacity * 2);
    this.#before = new Uint32Array(capacity);
    this.#spanHeads = new Uint32Array(capacity);
    this.#spanBefore = new Uint32Array(capacity);
    this.#spanKeys = new Int32Array(capacity);
    this.#spanFroms = new Uint32Array(capacity);
    this.#spanLens = new Uint32Array(capacity);
  }

  /** Whether the oldest trail has to be let go before another one is opened or a sighting is added. */
  get isFull(): boolean {
    if (this.next === this.tail) return false;
    const first = this.#firsts[this.tail & this.#mask] as number;
    return this.next - this.tail === this.capacity || this.sightings.reaches(first);
  }

  /**
   * Opens a trail with its first sighting; where the ring is full, its oldest one must have been let go before.
   *
   * @param clockNs the sighting's time as the window counts, never running backwards
   * @param vni -1 where it is not known yet
   * @returns its number
   */
  open(identity: Identity, sighting: number, vni: number, clockNs: number): number {
    const trail = this.next++;
    const place = trail & this.#mask;
    if (trail === this.tail) this.oldestNs = clockNs;
    const to = this.#words;
    const at = place * IDENTITY_WORDS;
    const { words, key, span } = identity;
    for (let word = 0; word < IDENTITY_WORDS; word++) to[at + word] = words[word] as number;
    this.#keys[place] = key;
    this.#flags[place] = identity.flags;
    this.#vnis[place] = vni;
    this.#openTimes[place] = this.sightings.timeNs(sighting);
    this.#openEndpoints[place] = this.sightings.endpoint(sighting);
    this.#clocks[place] = clockNs;
    this.#firsts[place] = sighting;
    this.#lasts[place] = sighting;
    this.#twins[place] = 0;
    const head = key & this.#headMask;
    this.#before[place] = this.#heads[head] as number;
    this.#heads[head] = trail;
    this.#spanKeys[place] = span.key;
    if (span.key !== 0) {
      this.#spanFroms[place] = span.from;
      this.#spanLens[place] = span.len;
      const spanHead = span.key & this.#mask;
      this.#spanBefore[place] = this.#spanHeads[spanHead] as number;
      this.#spanHeads[spanHead] = trail;
    }
    return trail;
  }

  /** Appends a sighting. */
  append(trail: number, sighting: number): void {
    const place = trail & this.#mask;
    this.sightings.link(this.#lasts[place] as number, sighting);
    this.#lasts[place] = sighting;
  }

  /** Moves the sightings of one trail behind those of another that its stretch lies in, as parts of it. */
  absorb(trail: number, part: number): void {
    const { sightings } = this;
    const place = part & this.#mask;
    const to = trail & this.#mask;
    const offset = ((this.#spanFroms[place] as number) - (this.#spanFroms[to] as number)) >>> 0;
    const first = this.#firsts[place] as number;
    for (let sighting = first; sighting !== 0; sighting = sightings.after(sighting)) {
      sightings.becomePart(sighting, offset, this.#spanLens[place] as number);
    }
    if ((this.#openTimes[place] as number) < (this.#openTimes[to] as number)) {
      this.#openTimes[to] = this.#openTimes[place] as number;
      this.#openEndpoints[to] = this.#openEndpoints[place] as number;
    }
    sightings.link(this.#lasts[to] as number, first);
    this.#lasts[to] = this.#lasts[place] as number;
    if (this.#vnis[to] === -1) this.#vnis[to] = this.#vnis[place] as number;
    this.#vnis[place] = ABSORBED;
    this.#firsts[place] = 0;
  }

  /** Lets go of the oldest trail. */
  letGo(): void {
    const tail = ++this.tail;
    this.oldestNs = tail < this.next ? (this.#clocks[tail & this.#mask] as number) : Number.POSITIVE_INFINITY;
  }

  /** The newest trail with this key. @returns 0 where there is none. **Cost** no allocation. */
  newest(key: number): number {
    return this.#withKey(this.#heads[key & this.#headMask] as number, key);
  }

  /** The next older trail with the key of `trail`. @returns 0 where there is none. **Cost** no allocation. */
  older(trail: number): number {
    const place = trail & this.#mask;
    return this.#withKey(this.#before[place] as number, this.#keys[place] as number);
  }

  /** The newest trail with a stretch of this flow. @returns 0 where there is none. **Cost** no allocation. */
  newestSpan(spanKey: number): number {
    return this.#withSpanKey(this.#spanHeads[spanKey & this.#mask] as number, spanKey);
  }

  /** The next older one. @returns 0 where there is none. **Cost** no allocation. */
  olderSpan(trail: number): number {
    const place = trail & this.#mask;
    return this.#withSpanKey(this.#spanBefore[place] as number, this.#spanKeys[place] as number);
  }

  /** How a frame agrees with one that has its key. **Cost** no allocation. */
  likeness(identity: Identity, trail: number): Likeness {
    const place = trail & this.#mask;
    if (this.#vnis[place] === ABSORBED) return Likeness.None;
    const { words, flags } = identity;
    return likenessOf(words, 0, flags, this.#words, place * IDENTITY_WORDS, this.#flags[place] as number);
  }

  /** How two trails agree that have the same key. **Cost** no allocation. */
  alike(trail: number, other: number): Likeness {
    const [a, b] = [trail & this.#mask, other & this.#mask];
    const words = this.#words;
    const [flagsA, flagsB] = [this.#flags[a] as number, this.#flags[b] as number];
    return likenessOf(words, a * IDENTITY_WORDS, flagsA, words, b * IDENTITY_WORDS, flagsB);
  }

  wasAbsorbed(trail: number): boolean {
    return this.#vnis[trail & this.#mask] === ABSORBED;
  }

  /** Its VNI; -1 where it is not known, so for as long as it was seen bare only. */
  vni(trail: number): number {
    return this.#vnis[trail & this.#mask] as number;
  }

  setVni(trail: number, vni: number): void {
    this.#vnis[trail & this.#mask] = vni;
  }

  /** When its first sighting was, and where. */
  openNs(trail: number): number {
    return this.#openTimes[trail & this.#mask] as number;
  }

  openEndpoint(trail: number): number {
    return this.#openEndpoints[trail & this.#mask] as number;
  }

  firstSighting(trail: number): number {
    return this.#firsts[trail & this.#mask] as number;
  }

  /** An earlier trail that it looks like a copy of; 0 without. */
  twin(trail: number): number {
    return this.#twins[trail & this.#mask] as number;
  }

  setTwin(trail: number, twin: number): void {
    this.#twins[trail & this.#mask] = twin;
    const place = twin & this.#mask;
    this.#flags[place] = (this.#flags[place] as number) | HAS_COPIES;
  }

  /** Bits of `Flag` (identity.ts). */
  flags(trail: number): number {
    return this.#flags[trail & this.#mask] as number;
  }

  /** Whether parts may come to it, or it to a larger one: it was neither absorbed nor settled. */
  isOpen(trail: number): boolean {
    return !this.wasAbsorbed(trail) && !this.isSettled(trail);
  }

  /** Whether it was settled before its time, being whole. */
  isSettled(trail: number): boolean {
    return ((this.#flags[trail & this.#mask] as number) & SETTLED) !== 0;
  }

  markSettled(trail: number): void {
    const place = trail & this.#mask;
    this.#flags[place] = (this.#flags[place] as number) | SETTLED;
  }

  /** Whether later trails have it as their twin. */
  hasCopies(trail: number): boolean {
    return ((this.#flags[trail & this.#mask] as number) & HAS_COPIES) !== 0;
  }

  key(trail: number): number {
    return this.#keys[trail & this.#mask] as number;
  }

  spanFrom(trail: number): number {
    return this.#spanFroms[trail & this.#mask] as number;
  }

  spanLen(trail: number): number {
    return this.#spanLens[trail & this.#mask] as number;
  }

  /** Where its words start in `words()`. */
  at(trail: number): number {
    return (trail & this.#mask) * IDENTITY_WORDS;
  }

  /** The words of all trails. **Lifetime** of one's: until the ring comes round. */
  words(): Int32Array {
    return this.#words;
  }

  #withKey(from: number, key: number): number {
    let trail = from;
    for (let skips = 0; trail >= this.tail && skips < MAX_SKIPS; skips++) {
      const place = trail & this.#mask;
      if (this.#keys[place] === key) return trail;
      trail = this.#before[place] as number;
    }
    return 0;
  }

  #withSpanKey(from: number, spanKey: number): number {
    let trail = from;
    for (let skips = 0; trail >= this.tail && skips < MAX_SKIPS; skips++) {
      const place = trail & this.#mask;
      if (this.#spanKeys[place] === spanKey) return trail;
      trail = this.#spanBefore[place] as number;
    }
    return 0;
  }
}
