/**
 * Sightings: when and where each frame was seen, in a ring of columns. Those of one trail are a list.
 */

/** Marks of a sighting. */
export const Mark = {
  /** Another trail would have done as well. */
  Ambiguous: 1,
  /** It came behind a frame of its flow that was sent after it. */
  Late: 2,
} as const;

/** Sightings that are kept beyond the oldest trail's: one that took over others' has older ones than its own. */
const SLACK = 4096;

/** A ring of sightings, numbered from 1. The oldest are overwritten: `has` says which are still there. */
export class Sightings {
  readonly #mask: number;
  readonly #frames: Uint32Array;
  readonly #times: Float64Array;
  readonly #endpoints: Uint16Array;
  readonly #tunnels: Int32Array;
  readonly #outers: Int32Array;
  readonly #offsets: Uint32Array;
  readonly #lens: Uint32Array;
  readonly #marks: Uint8Array;
  readonly #nexts: Uint32Array;
  #next: number;

  /** @param capacity a power of two; some 40 bytes each */
  constructor(capacity: number) {
    this.#mask = capacity - 1;
    this.#frames = new Uint32Array(capacity);
    this.#times = new Float64Array(capacity);
    this.#endpoints = new Uint16Array(capacity);
    this.#tunnels = new Int32Array(capacity);
    this.#outers = new Int32Array(capacity);
    this.#offsets = new Uint32Array(capacity);
    this.#lens = new Uint32Array(capacity);
    this.#marks = new Uint8Array(capacity);
    this.#nexts = new Uint32Array(capacity);
    this.#next = 1;
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
    const place = sighting & this.#mask;
    this.#frames[place] = frame;
    this.#times[place] = timeNs;
    this.#endpoints[place] = endpoint;
    this.#tunnels[place] = tunnel;
    this.#outers[place] = outer;
    this.#lens[place] = 0;
    this.#marks[place] = 0;
    this.#nexts[place] = 0;
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
    return this.#frames[sighting & this.#mask] as number;
  }

  timeNs(sighting: number): number {
    return this.#times[sighting & this.#mask] as number;
  }

  endpoint(sighting: number): number {
    return this.#endpoints[sighting & this.#mask] as number;
  }

  tunnel(sighting: number): number {
    return this.#tunnels[sighting & this.#mask] as number;
  }

  outer(sighting: number): number {
    return this.#outers[sighting & this.#mask] as number;
  }

  /** Where it was a part only of what the trail is of: from which of its bytes on. */
  partOffset(sighting: number): number {
    return this.#offsets[sighting & this.#mask] as number;
  }

  /** Bytes of that part; 0 where it was the whole. */
  partLen(sighting: number): number {
    return this.#lens[sighting & this.#mask] as number;
  }

  becomePart(sighting: number, offset: number, len: number): void {
    const place = sighting & this.#mask;
    this.#lens[place] = len;
    this.#offsets[place] = offset;
  }

  marks(sighting: number): number {
    return this.#marks[sighting & this.#mask] as number;
  }

  mark(sighting: number, mark: number): void {
    const place = sighting & this.#mask;
    this.#marks[place] = (this.#marks[place] as number) | mark;
  }

  /** The next one of its trail; 0 behind the last. */
  after(sighting: number): number {
    return this.#nexts[sighting & this.#mask] as number;
  }

  link(sighting: number, next: number): void {
    this.#nexts[sighting & this.#mask] = next;
  }
}
