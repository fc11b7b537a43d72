/**
 * Sightings: when and where each frame was seen, in records. Those of one trail are a list; its first two, which are all
 * that most have, share a cache line.
 */

import {
  AFTER,
  ENDPOINT_AND_MARKS,
  FRAME,
  FREE_LINES,
  FREE_LINES_AT,
  IS_PART,
  LINE,
  MARKS_SHIFT,
  MAX_SIGHTINGS as MOST,
  OUTER,
  SIGHTING_SHIFT,
  SIGHTINGS_AT,
  SIGHTINGS_END,
  TIME,
  TUNNEL,
  UNUSED_SIGHTING,
} from '../tables/layout.js';
import type { PairingMemory } from '../tables/memory.js';

/** Marks of a sighting. */
export const Mark = {
  /** Another trail would have done as well. */
  Ambiguous: 1,
  /** It came behind a frame of its flow that was sent after it. */
  Late: 2,
} as const;

/** The most sightings of one trail: a frame that was flooded has as many copies as there are VTEPs. */
export const MAX_SIGHTINGS = 1024;

/** Sightings, by number, two of them to a line: a line is given anew once the trail that had it lets it go. */
export class Sightings {
  readonly #counts: Uint32Array;
  #records: Int32Array;
  #times: Float64Array;
  /** Of parts, from which byte on and how many bytes: nothing until there are any. */
  #parts: Uint32Array;
  /** The first ones of lines that were let go. */
  #free: Int32Array;

  /** @param capacity a power of two, 2^19 at most; 34 bytes each */
  constructor(memory: PairingMemory, capacity: number) {
    const { counts } = memory;
    this.#counts = counts;
    this.#records = memory.int32(SIGHTINGS_AT, MOST << SIGHTING_SHIFT);
    this.#times = memory.float64(SIGHTINGS_AT, MOST << (SIGHTING_SHIFT - 1));
    this.#parts = new Uint32Array(0);
    this.#free = memory.int32(FREE_LINES_AT, MOST / LINE);
    // 0 is none.
    counts[UNUSED_SIGHTING] = LINE;
    counts[SIGHTINGS_END] = capacity;
  }

  /** How many there is room for. */
  get capacity(): number {
    return this.#counts[SIGHTINGS_END] as number;
  }

  /** Whether there is no room for another one. */
  get isFull(): boolean {
    const counts = this.#counts;
    return counts[FREE_LINES] === 0 && counts[UNUSED_SIGHTING] === counts[SIGHTINGS_END];
  }

  /** Makes room for twice as many. **Cost** allocates where there are parts. */
  grow(): void {
    const parts = this.#parts;
    this.#counts[SIGHTINGS_END] = this.capacity * 2;
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
    const at = sighting << SIGHTING_SHIFT;
    records[at + FRAME] = frame;
    records[at + ENDPOINT_AND_MARKS] = endpoint;
    this.#times[(at >> 1) + TIME] = timeNs;
    records[at + TUNNEL] = tunnel;
    records[at + OUTER] = outer;
    records[at + AFTER] = 0;
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
    const free = this.#counts[FREE_LINES] as number;
    this.#free[free] = first;
    this.#counts[FREE_LINES] = free + 1;
  }

  #takeLine(): number {
    const counts = this.#counts;
    const free = counts[FREE_LINES] as number;
    if (free > 0) {
      counts[FREE_LINES] = free - 1;
      return this.#free[free - 1] as number;
    }
    const first = counts[UNUSED_SIGHTING] as number;
    counts[UNUSED_SIGHTING] = first + LINE;
    return first;
  }

  frame(sighting: number): number {
    return this.#word(sighting, FRAME) >>> 0;
  }

  timeNs(sighting: number): number {
    return this.#times[(sighting << (SIGHTING_SHIFT - 1)) + TIME] as number;
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
    this.#records[(sighting << SIGHTING_SHIFT) + IS_PART] = 1;
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
    const at = (sighting << SIGHTING_SHIFT) + ENDPOINT_AND_MARKS;
    this.#records[at] = (this.#records[at] as number) | (mark << MARKS_SHIFT);
  }

  /** The next one of its trail; 0 behind the last. */
  after(sighting: number): number {
    return this.#word(sighting, AFTER) >>> 0;
  }

  link(sighting: number, next: number): void {
    this.#records[(sighting << SIGHTING_SHIFT) + AFTER] = next;
  }

  #word(sighting: number, word: number): number {
    return this.#records[(sighting << SIGHTING_SHIFT) + word] as number;
  }
}
