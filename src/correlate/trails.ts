/**
 * Trails: a trail is one frame, wherever it was seen. Its identity is kept once, in a ring of records; its sightings
 * are a list. Trails of equal keys are chained by number, and a chain ends at the first number that the ring has let go
 * of, so letting go deletes nothing (as in LZ77). A second chain leads from stretches of a flow to the trails that hold
 * them: what a large segment and its several small ones have in common.
 */
import { IDENTITY_WORDS, type Identity } from './identity.js';
import { Likeness, likenessOf } from './likeness.js';
import { connectionOf } from './segment.js';
import { moveRing, Sightings } from './sightings.js';

/** The most trails of other keys that are passed over on a chain: a crafted capture may make it long. */
const MAX_SKIPS = 64;
/** Sightings that there is room for, for each trail; and slots that lead from keys to trails. */
const SIGHTINGS_PER_TRAIL = 2;
const HEADS_PER_TRAIL = 4;
/** Marks of a trail, beside its identity's flags: it was counted as soon as it was whole; others look like copies of it. */
const SETTLED = 1 << 28;
const HAS_COPIES = 1 << 29;
/** A trail whose sightings went over to another one. */
const ABSORBED = -2;

/** Integers of a trail: what is kept of it besides, then its identity's words. */
const KEY = 0;
const FLAGS = 1;
const VNI = 2;
const OPEN_ENDPOINT = 3;
/** Counted in doubles. */
const OPEN_TIME = 2;
const CLOCK = 3;
const FIRST = 8;
const LAST = 9;
const TWIN = 10;
const BEFORE = 11;
const SPAN_KEY = 12;
const SPAN_FROM = 13;
const SPAN_LEN = 14;
const SPAN_BEFORE = 15;
const WORDS = 16;
const STRIDE = WORDS + IDENTITY_WORDS;

/** A ring of trails, numbered from 1; those in `tail..next-1` are there. It grows with what the window holds. */
export class Trails {
  readonly sightings: Sightings;
  /** The oldest trail that is there. */
  tail: number;
  /** The number that the next one gets. */
  next: number;
  /** When the oldest one was opened, as the window counts: never running backwards; infinite where there is none. */
  oldestNs: number;
  readonly #most: number;
  #mask: number;
  #records: Int32Array;
  #times: Float64Array;
  #heads: Uint32Array;
  #spanHeads: Uint32Array;
  /** By trail, its TCP connection (segment.ts), side by side: many are passed over to find one. */
  #connections: Int32Array;

  /**
   * @param capacity the trails that there is room for at first, a power of two, some 256 bytes each with their sightings
   * @param most the most that it grows to, a power of two
   */
  constructor(capacity: number, most: number) {
    this.sightings = new Sightings(capacity * SIGHTINGS_PER_TRAIL);
    this.tail = 1;
    this.next = 1;
    this.oldestNs = Number.POSITIVE_INFINITY;
    this.#most = most;
    this.#mask = capacity - 1;
    this.#records = new Int32Array(capacity * STRIDE);
    this.#times = new Float64Array(this.#records.buffer);
    this.#heads = new Uint32Array(capacity * HEADS_PER_TRAIL);
    this.#spanHeads = new Uint32Array(capacity);
    this.#connections = new Int32Array(capacity);
  }

  /** Whether the oldest trail has to be let go, or room be made, before another one is opened or a sighting is added. */
  get isFull(): boolean {
    if (this.next === this.tail) return false;
    const first = this.firstSighting(this.tail);
    return this.next - this.tail > this.#mask || (first !== 0 && this.sightings.reaches(first));
  }

  /** Makes room for twice as many. @returns false where there are as many as may be. **Cost** allocates. */
  grow(): boolean {
    if (this.#mask + 1 === this.#most) return false;
    const [before, connections, mask] = [this.#records, this.#connections, this.#mask];
    this.sightings.grow();
    this.#mask = mask * 2 + 1;
    this.#records = new Int32Array(before.length * 2);
    this.#times = new Float64Array(this.#records.buffer);
    this.#heads = new Uint32Array(this.#heads.length * 2);
    this.#spanHeads = new Uint32Array(this.#spanHeads.length * 2);
    this.#connections = new Int32Array(this.#mask + 1);
    moveRing(before, mask, this.#records, this.#mask, STRIDE, this.tail, this.next);
    moveRing(connections, mask, this.#connections, this.#mask, 1, this.tail, this.next);
    for (let trail = this.tail; trail < this.next; trail++) this.#chain(trail, this.#at(trail));
    return true;
  }

  /** Lets go of all memory: nothing can be opened any more. */
  close(): void {
    this.sightings.close();
    this.#records = new Int32Array(0);
    this.#times = new Float64Array(0);
    this.#heads = new Uint32Array(0);
    this.#spanHeads = new Uint32Array(0);
    this.#connections = new Int32Array(0);
  }

  /** Makes an identity be read to where the next trail keeps it. The ring must not be full. **Lifetime** until the next trail is opened, or `grow`. */
  lend(identity: Identity): void {
    // A pointer that is written costs more than one that is compared.
    if (identity.words !== this.#records) identity.words = this.#records;
    identity.at = (this.next & this.#mask) * STRIDE + WORDS;
  }

  /**
   * Opens a trail with its first sighting.
   *
   * @param identity one that was lent to, and read since
   * @param clockNs the sighting's time as the window counts, never running backwards
   * @param vni -1 where it is not known yet
   * @returns its number
   */
  open(identity: Identity, sighting: number, vni: number, clockNs: number): number {
    const trail = this.next++;
    if (trail === this.tail) this.oldestNs = clockNs;
    const records = this.#records;
    const at = (trail & this.#mask) * STRIDE;
    const { span } = identity;
    records[at + KEY] = identity.key;
    records[at + FLAGS] = identity.flags;
    records[at + VNI] = vni;
    records[at + OPEN_ENDPOINT] = this.sightings.endpoint(sighting);
    this.#times[(at >> 1) + OPEN_TIME] = this.sightings.timeNs(sighting);
    this.#times[(at >> 1) + CLOCK] = clockNs;
    records[at + FIRST] = sighting;
    records[at + LAST] = sighting;
    records[at + TWIN] = 0;
    records[at + SPAN_KEY] = span.key;
    records[at + SPAN_FROM] = span.from;
    records[at + SPAN_LEN] = span.len;
    this.#connections[trail & this.#mask] = connectionOf(records, at + WORDS);
    this.#chain(trail, at);
    return trail;
  }

  /** Makes a trail the newest one of its key, and of its stretch's flow. */
  #chain(trail: number, at: number): void {
    const records = this.#records;
    const head = (records[at + KEY] as number) & (this.#heads.length - 1);
    records[at + BEFORE] = this.#heads[head] as number;
    this.#heads[head] = trail;
    const spanKey = records[at + SPAN_KEY] as number;
    if (spanKey === 0) return;
    const spanHead = spanKey & this.#mask;
    records[at + SPAN_BEFORE] = this.#spanHeads[spanHead] as number;
    this.#spanHeads[spanHead] = trail;
  }

  /** Appends a sighting. */
  append(trail: number, sighting: number): void {
    const at = this.#at(trail);
    this.sightings.link((this.#records[at + LAST] as number) >>> 0, sighting);
    this.#records[at + LAST] = sighting;
  }

  /** Moves the sightings of one trail behind those of another that its stretch lies in, as `len` bytes of it from `offset` on. */
  absorb(trail: number, part: number, offset: number, len: number): void {
    const { sightings } = this;
    const records = this.#records;
    const times = this.#times;
    const from = this.#at(part);
    const to = this.#at(trail);
    const first = this.firstSighting(part);
    for (let sighting = first; sighting !== 0; sighting = sightings.after(sighting)) {
      sightings.becomePart(sighting, offset, len);
    }
    if ((times[(from >> 1) + OPEN_TIME] as number) < (times[(to >> 1) + OPEN_TIME] as number)) {
      times[(to >> 1) + OPEN_TIME] = times[(from >> 1) + OPEN_TIME] as number;
      records[to + OPEN_ENDPOINT] = records[from + OPEN_ENDPOINT] as number;
    }
    sightings.link((records[to + LAST] as number) >>> 0, first);
    records[to + LAST] = records[from + LAST] as number;
    if (records[to + VNI] === -1) records[to + VNI] = records[from + VNI] as number;
    records[from + VNI] = ABSORBED;
    records[from + FIRST] = 0;
  }

  /** Lets go of the oldest trail. */
  letGo(): void {
    const tail = ++this.tail;
    this.oldestNs =
      tail < this.next ? (this.#times[(this.#at(tail) >> 1) + CLOCK] as number) : Number.POSITIVE_INFINITY;
  }

  /** The newest trail with this key. @returns 0 where there is none. **Cost** no allocation. */
  newest(key: number): number {
    return this.#with(KEY, key, BEFORE, this.#heads[key & (this.#heads.length - 1)] as number);
  }

  /** The next older trail with the key of `trail`. @returns 0 where there is none. **Cost** no allocation. */
  older(trail: number): number {
    const at = this.#at(trail);
    return this.#with(KEY, this.#records[at + KEY] as number, BEFORE, (this.#records[at + BEFORE] as number) >>> 0);
  }

  /** The newest trail with a stretch of this flow. @returns 0 where there is none. **Cost** no allocation. */
  newestSpan(spanKey: number): number {
    return this.#with(SPAN_KEY, spanKey, SPAN_BEFORE, this.#spanHeads[spanKey & this.#mask] as number);
  }

  /** The next older one. @returns 0 where there is none. **Cost** no allocation. */
  olderSpan(trail: number): number {
    const records = this.#records;
    const at = this.#at(trail);
    return this.#with(
      SPAN_KEY,
      records[at + SPAN_KEY] as number,
      SPAN_BEFORE,
      (records[at + SPAN_BEFORE] as number) >>> 0,
    );
  }

  /** The first trail behind one, up to `last`, whose connection has the same integer. @returns 0 where there is none. **Cost** no allocation. */
  nextOfConnection(trail: number, last: number): number {
    const connections = this.#connections;
    const mask = this.#mask;
    const connection = connections[trail & mask];
    for (let other = trail + 1; other <= last; other++) if (connections[other & mask] === connection) return other;
    return 0;
  }

  /** How a frame agrees with one that has its key. **Cost** no allocation. */
  likeness(identity: Identity, trail: number): Likeness {
    const records = this.#records;
    const at = this.#at(trail);
    if (records[at + VNI] === ABSORBED) return Likeness.None;
    return likenessOf(identity.words, identity.at, identity.flags, records, at + WORDS, records[at + FLAGS] as number);
  }

  /** How two trails agree that have the same key. **Cost** no allocation. */
  alike(trail: number, other: number): Likeness {
    const records = this.#records;
    const [a, b] = [this.#at(trail), this.#at(other)];
    const [flagsA, flagsB] = [records[a + FLAGS] as number, records[b + FLAGS] as number];
    return likenessOf(records, a + WORDS, flagsA, records, b + WORDS, flagsB);
  }

  wasAbsorbed(trail: number): boolean {
    return this.#records[this.#at(trail) + VNI] === ABSORBED;
  }

  /** Its VNI; -1 where it is not known, so for as long as it was seen bare only. */
  vni(trail: number): number {
    return this.#records[this.#at(trail) + VNI] as number;
  }

  setVni(trail: number, vni: number): void {
    this.#records[this.#at(trail) + VNI] = vni;
  }

  /** When its first sighting was, and where. */
  openNs(trail: number): number {
    return this.#times[(this.#at(trail) >> 1) + OPEN_TIME] as number;
  }

  openEndpoint(trail: number): number {
    return this.#records[this.#at(trail) + OPEN_ENDPOINT] as number;
  }

  firstSighting(trail: number): number {
    return (this.#records[this.#at(trail) + FIRST] as number) >>> 0;
  }

  /** An earlier trail that it looks like a copy of; 0 without. */
  twin(trail: number): number {
    return (this.#records[this.#at(trail) + TWIN] as number) >>> 0;
  }

  setTwin(trail: number, twin: number): void {
    this.#records[this.#at(trail) + TWIN] = twin;
    const at = this.#at(twin) + FLAGS;
    this.#records[at] = (this.#records[at] as number) | HAS_COPIES;
  }

  /** Bits of `Flag` (identity.ts). */
  flags(trail: number): number {
    return this.#records[this.#at(trail) + FLAGS] as number;
  }

  /** Whether parts may come to it, or it to a larger one: it was neither absorbed nor settled. */
  isOpen(trail: number): boolean {
    return !this.wasAbsorbed(trail) && !this.isSettled(trail);
  }

  /** Whether it was settled before its time, being whole. */
  isSettled(trail: number): boolean {
    return (this.flags(trail) & SETTLED) !== 0;
  }

  markSettled(trail: number): void {
    this.#records[this.#at(trail) + FLAGS] = this.flags(trail) | SETTLED;
  }

  /** Whether later trails have it as their twin. */
  hasCopies(trail: number): boolean {
    return (this.flags(trail) & HAS_COPIES) !== 0;
  }

  key(trail: number): number {
    return this.#records[this.#at(trail) + KEY] as number;
  }

  spanFrom(trail: number): number {
    return (this.#records[this.#at(trail) + SPAN_FROM] as number) >>> 0;
  }

  spanLen(trail: number): number {
    return (this.#records[this.#at(trail) + SPAN_LEN] as number) >>> 0;
  }

  /** Where its words start in `words()`. */
  at(trail: number): number {
    return this.#at(trail) + WORDS;
  }

  /** What holds the words of all trails. **Lifetime** until `grow`; of one's words, until the ring comes round. */
  words(): Int32Array {
    return this.#records;
  }

  #at(trail: number): number {
    return (trail & this.#mask) * STRIDE;
  }

  /** The first trail of a chain that has this value. */
  #with(field: number, value: number, before: number, from: number): number {
    const records = this.#records;
    let trail = from;
    for (let skips = 0; trail >= this.tail && skips < MAX_SKIPS; skips++) {
      const at = this.#at(trail);
      if (records[at + field] === value) return trail;
      trail = (records[at + before] as number) >>> 0;
    }
    return 0;
  }
}
