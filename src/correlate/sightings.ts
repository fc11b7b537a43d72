/**
 * Sightings: when and where each frame was seen, in a ring of records. Those of one trail are a list.
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
/** Sightings that are kept beyond the oldest trail's: one that took over others' has older ones than its own. */
const SLACK = 4096;
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

/** A ring of sightings, numbered from 1. The oldest are overwritten: `has` says which are still there. */
export class Sightings {
  #mask: number;
  #records: Int32Array;
  #times: Float64Array;
  /** Of parts, from which byte on and how many bytes: nothing until there are any. */
  #parts: Uint32Array;
  #next: number;

  /** @param capacity a power of two, more than 4,096; 32 bytes each */
  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#records = new Int32Array(capacity << SHIFT);
    this.#times = new Float64Array(this.#records.buffer);
    this.#parts = new Uint32Array(0);
    this.#next = 1;
  }

  /** Makes room for twice as many. **Cost** allocates. */
  grow(): void {
    const [before, parts, mask] = [this.#records, this.#parts, this.#mask];
    this.#mask = mask * 2 + 1;
    this.#records = new Int32Array(before.length * 2);
    this.#times = new Float64Array(this.#records.buffer);
    this.#parts = new Uint32Array(parts.length * 2);
    const oldest = Math.max(1, this.#next - mask);
    moveRing(before, mask, this.#records, this.#mask, 1 << SHIFT, oldest, this.#next);
    if (parts.length > 0) moveRing(parts, mask, this.#parts, this.#mask, 2, oldest, this.#next);
  }

  /** Lets go of all memory: nothing can be added any more. */
  close(): void {
    this.#records = new Int32Array(0);
    this.#times = new Float64Array(0);
    this.#parts = new Uint32Array(0);
  }

  /**
   * Adds one.
   *
   * @param timeNs corrected
   * @param tunnel its tunnel's number; -1 of a bare frame
   * @param outer what tells its outer packet from others of the tunnel
   * @returns its number
   */
  add(frame: number, timeNs: number, endpoint: number, tunnel: number, outer: number): number {
    const sighting = this.#next++;
    const at = (sighting & this.#mask) << SHIFT;
    const records = this.#records;
    records[at + FRAME] = frame;
    records[at + ENDPOINT_AND_MARKS] = endpoint;
    this.#times[(at >> 1) + TIME] = timeNs;
    records[at + TUNNEL] = tunnel;
    records[at + OUTER] = outer;
    records[at + NEXT] = 0;
    records[at + IS_PART] = 0;
    return sighting;
  }

  /** Whether the next one would overwrite this one. */
  reaches(sighting: number): boolean {
    return this.#next - sighting >= this.#mask - SLACK;
  }

  /** Whether a sighting was not overwritten yet. */
  has(sighting: number): boolean {
    return sighting > 0 && this.#next - sighting <= this.#mask;
  }

  frame(sighting: number): number {
    return this.#word(sighting, FRAME) >>> 0;
  }

  timeNs(sighting: number): number {
    return this.#times[((sighting & this.#mask) << (SHIFT - 1)) + TIME] as number;
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

  /** Where it was a part only of what the trail is of: from which of its bytes on. */
  partOffset(sighting: number): number {
    return this.#word(sighting, IS_PART) === 0 ? 0 : (this.#parts[(sighting & this.#mask) << 1] as number);
  }

  /** Bytes of that part; 0 where it was the whole. */
  partLen(sighting: number): number {
    return this.#word(sighting, IS_PART) === 0 ? 0 : (this.#parts[((sighting & this.#mask) << 1) + 1] as number);
  }

  becomePart(sighting: number, offset: number, len: number): void {
    if (this.#parts.length === 0) this.#parts = new Uint32Array((this.#mask + 1) * 2);
    const place = sighting & this.#mask;
    this.#records[(place << SHIFT) + IS_PART] = 1;
    this.#parts[place << 1] = offset;
    this.#parts[(place << 1) + 1] = len;
  }

  marks(sighting: number): number {
    return this.#word(sighting, ENDPOINT_AND_MARKS) >>> MARKS_SHIFT;
  }

  mark(sighting: number, mark: number): void {
    const at = ((sighting & this.#mask) << SHIFT) + ENDPOINT_AND_MARKS;
    this.#records[at] = (this.#records[at] as number) | (mark << MARKS_SHIFT);
  }

  /** The next one of its trail; 0 behind the last. */
  after(sighting: number): number {
    return this.#word(sighting, NEXT) >>> 0;
  }

  link(sighting: number, next: number): void {
    this.#records[((sighting & this.#mask) << SHIFT) + NEXT] = next;
  }

  #word(sighting: number, word: number): number {
    return this.#records[((sighting & this.#mask) << SHIFT) + word] as number;
  }
}

/** Moves records of `stride` integers, numbered `first..next-1`, from one ring to a larger one: in as many pieces as they wrap. */
export function moveRing<T extends Int32Array | Uint32Array>(
  from: T,
  fromMask: number,
  to: T,
  toMask: number,
  stride: number,
  first: number,
  next: number,
): void {
  for (let number = first; number < next; ) {
    const at = number & fromMask;
    const count = Math.min(next - number, fromMask + 1 - at);
    to.set(from.subarray(at * stride, (at + count) * stride), (number & toMask) * stride);
    number += count;
  }
}
