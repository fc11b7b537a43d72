/**
 * Sightings: when and where each frame was seen, in records. Those of one trail are a list; its first two, which are all
 * that most have, share a cache line.
 */

/** Marks of a sighting. */
export const Mark = {
  /** Another trail would have done as well. */
  Ambiguous: 1,
  /** It came behind a frame of its flow that was sent after it. */
  Late: 2,
} as const;

/** The most sightings of one trail: a frame that was flooded has as many copies as there are VTEPs. */
export const MAX_SIGHTINGS = 1024;
/** Integers of a sighting: half a cache line, with its time as one double. */
const SHIFT = 3;
const FRAME = 0;
/** Its endpoint, 16 bits, and its marks above them. */
const ENDPOINT_AND_MARKS = 1;
const MARKS_SHIFT = 16;
/** Counted in doubles. */
const TIME = 1;
const TUNNEL = 4;
const OUTER = 5;
const NEXT = 6;
/** Whether it was a part only. */
const IS_PART = 7;
/** Sightings of a line. */
const LINE = 2;

/** Sightings, by number, two of them to a line: a line is given anew once the trail that had it lets it go. */
export class Sightings {
  #records: Int32Array;
  #times: Float64Array;
  /** Of parts, from which byte on and how many bytes: nothing until there are any. */
  #parts: Uint32Array;
  /** The first ones of lines that were let go, `freeCount` of them. */
  #free: Int32Array;
  #freeCount = 0;
  /** The first number of the first line that nobody had yet; 0 is none. */
  #unused = LINE;

  /** @param capacity a power of two; 34 bytes each */
  constructor(capacity: number) {
    this.#records = new Int32Array(capacity << SHIFT);
    this.#times = new Float64Array(this.#records.buffer);
    this.#parts = new Uint32Array(0);
    this.#free = new Int32Array(capacity / LINE);
  }

  /** How many there is room for. */
  get capacity(): number {
    return this.#records.length >> SHIFT;
  }

  /** Whether there is no room for another one. */
  get isFull(): boolean {
    return this.#freeCount === 0 && this.#unused === this.capacity;
  }

  /** Makes room for twice as many. **Cost** allocates. */
  grow(): void {
    const [records, free, parts] = [this.#records, this.#free, this.#parts];
    this.#records = new Int32Array(records.length * 2);
    this.#records.set(records);
    this.#times = new Float64Array(this.#records.buffer);
    this.#free = new Int32Array(free.length * 2);
    this.#free.set(free);
    this.#parts = new Uint32Array(parts.length * 2);
    this.#parts.set(parts);
  }

  /** Lets go of all memory: nothing can be added any more. */
  close(): void {
    this.#records = new Int32Array(0);
    this.#times = new Float64Array(0);
    this.#free = new Int32Array(0);
    this.#parts = new Uint32Array(0);
  }

  /**
   * Adds one; there must be room.
   *
   * @param timeNs corrected
   * @param tunnel its tunnel's number; -1 of a bare frame
   * @param outer what tells its outer packet from others of the tunnel
   * @param last the last one of its trail, which it is to be linked behind; 0 without
   * @returns its number
   */
  add(frame: number, timeNs: number, endpoint: number, tunnel: number, outer: number, last: number): number {
    const records = this.#records;
    // Where the last one is the first of its line, nobody else has the rest.
    const sighting = last !== 0 && last % LINE === 0 ? last + 1 : this.#takeLine();
    const at = sighting << SHIFT;
    records[at + FRAME] = frame;
    records[at + ENDPOINT_AND_MARKS] = endpoint;
    this.#times[(at >> 1) + TIME] = timeNs;
    records[at + TUNNEL] = tunnel;
    records[at + OUTER] = outer;
    records[at + NEXT] = 0;
    records[at + IS_PART] = 0;
    return sighting;
  }

  /** Lets go of a list. @param first its first one **Cost** no allocation. */
  letGo(first: number): void {
    for (let sighting = first; sighting !== 0; sighting = this.after(sighting)) {
      if (sighting % LINE === 0) this.letGoLine(sighting);
    }
  }

  /** Lets go of a list that is one line: nothing of it is read. **Cost** no allocation. */
  letGoLine(first: number): void {
    this.#free[this.#freeCount++] = first;
  }

  #takeLine(): number {
    if (this.#freeCount > 0) return this.#free[--this.#freeCount] as number;
    const first = this.#unused;
    this.#unused += LINE;
    return first;
  }

  frame(sighting: number): number {
    return this.#word(sighting, FRAME) >>> 0;
  }

  timeNs(sighting: number): number {
    return this.#times[(sighting << (SHIFT - 1)) + TIME] as number;
  }

  endpoint(sighting: number): number {
    return this.#word(sighting, ENDPOINT_AND_MARKS) & 0xffff;
  }

  tunnel(sighting: number): number {
    return this.#word(sighting, TUNNEL);
  }

  outer(sighting: number): number {
    return this.#word(sighting, OUTER);
  }

  /** Whether a list has one of this endpoint and tunnel, or is too long to look through. @param first its first one */
  haveBeenAt(first: number, endpoint: number, tunnel: number): boolean {
    let count = 0;
    for (let at = first; at !== 0; at = this.after(at)) {
      if (this.tunnel(at) !== tunnel) continue;
      if (this.endpoint(at) === endpoint || ++count === MAX_SIGHTINGS) return true;
    }
    return false;
  }

  /** Where it was a part only of what the trail is of: from which of its bytes on. */
  partOffset(sighting: number): number {
    return this.#word(sighting, IS_PART) === 0 ? 0 : (this.#parts[sighting << 1] as number);
  }

  /** Bytes of that part; 0 where it was the whole. */
  partLen(sighting: number): number {
    return this.#word(sighting, IS_PART) === 0 ? 0 : (this.#parts[(sighting << 1) + 1] as number);
  }

  becomePart(sighting: number, offset: number, len: number): void {
    if (this.#parts.length === 0) this.#parts = new Uint32Array(this.capacity * 2);
    this.#records[(sighting << SHIFT) + IS_PART] = 1;
    this.#parts[sighting << 1] = offset;
    this.#parts[(sighting << 1) + 1] = len;
  }

  /** Bytes that two of one trail have in common where one is a part; 0 where both are whole, -1 where there are none. @param wholeLen bytes of the whole */
  overlap(a: number, b: number, wholeLen: number): number {
    const lenA = this.partLen(a);
    const lenB = this.partLen(b);
    if (lenA === 0 && lenB === 0) return 0;
    const [fromA, fromB] = [this.partOffset(a), this.partOffset(b)];
    const from = Math.max(lenA === 0 ? 0 : fromA, lenB === 0 ? 0 : fromB);
    const to = Math.min(lenA === 0 ? wholeLen : fromA + lenA, lenB === 0 ? wholeLen : fromB + lenB);
    return to > from ? to - from : -1;
  }

  marks(sighting: number): number {
    return this.#word(sighting, ENDPOINT_AND_MARKS) >>> MARKS_SHIFT;
  }

  mark(sighting: number, mark: number): void {
    const at = (sighting << SHIFT) + ENDPOINT_AND_MARKS;
    this.#records[at] = (this.#records[at] as number) | (mark << MARKS_SHIFT);
  }

  /** The next one of its trail; 0 behind the last. */
  after(sighting: number): number {
    return this.#word(sighting, NEXT) >>> 0;
  }

  link(sighting: number, next: number): void {
    this.#records[(sighting << SHIFT) + NEXT] = next;
  }

  #word(sighting: number, word: number): number {
    return this.#records[(sighting << SHIFT) + word] as number;
  }
}
