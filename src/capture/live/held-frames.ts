/** Frames of one source that wait for those of others: copies, first in, first out. */
import { FrameBatch } from '../source.js';

/** A batch that owns its bytes. */
interface Held {
  batch: FrameBatch;
  arrivedMs: number;
  len: number;
}

/** The queue of one source. */
export class HeldFrames {
  /** The source's place; its frames name it as their interface. */
  readonly place: number;
  /** How long a frame may be on its way to here, ms. */
  readonly latencyMs: number;
  /** Whether more may come. */
  isOpen: boolean;
  /** Bytes that are held. */
  heldLen: number;
  /** The place of the first frame in its batch. */
  index: number;
  /** The greatest time so far, the first frame's included, in ns since the base. */
  keyNs: number;
  readonly #baseSeconds: number;
  readonly #queue: Held[];
  /** Batches to use again. */
  readonly #free: Held[];

  /** @param baseSeconds what times are counted from: near enough, they are exact to the nanosecond (104 days) */
  constructor(place: number, latencyMs: number, baseSeconds: number) {
    this.place = place;
    this.latencyMs = latencyMs;
    this.#baseSeconds = baseSeconds;
    this.isOpen = true;
    this.heldLen = 0;
    this.index = 0;
    this.keyNs = Number.NEGATIVE_INFINITY;
    this.#queue = [];
    this.#free = [];
  }

  get isEmpty(): boolean {
    return this.#queue.length === 0;
  }

  /** The first frame's batch. **Lifetime** until the step behind its last frame. */
  get batch(): FrameBatch {
    return (this.#queue[0] as Held).batch;
  }

  /** The first frame's length on the wire. */
  get wireLen(): number {
    return this.batch.wireLen[this.index] as number;
  }

  /** When the first frame's batch came, ms since 1970. */
  get arrivedMs(): number {
    return (this.#queue[0] as Held).arrivedMs;
  }

  /** Takes in a batch. **Cost** copies it. */
  put(from: FrameBatch, nowMs: number): void {
    const { count } = from;
    if (count === 0) return;
    let len = 0;
    for (let i = 0; i < count; i++) len += from.capturedLen[i] as number;
    const held = this.#fitting(count, len);
    held.arrivedMs = nowMs;
    held.len = len;
    const { batch } = held;
    batch.count = count;
    batch.capturedLen.set(from.capturedLen.subarray(0, count));
    batch.wireLen.set(from.wireLen.subarray(0, count));
    batch.seconds.set(from.seconds.subarray(0, count));
    batch.nanoseconds.set(from.nanoseconds.subarray(0, count));
    batch.gso.set(from.gso.subarray(0, count));
    batch.linkType.set(from.linkType.subarray(0, count));
    batch.interfaceId.fill(this.place, 0, count);
    for (let i = 0, at = 0; i < count; i++) {
      const start = from.at[i] as number;
      const frameLen = from.capturedLen[i] as number;
      batch.bytes.set(from.bytes.subarray(start, start + frameLen), at);
      batch.at[i] = at;
      at += frameLen;
    }
    this.heldLen += len;
    this.#queue.push(held);
    if (this.#queue.length === 1) this.#look();
  }

  /** Goes to the next frame. @returns whether it is in the same batch */
  step(): boolean {
    this.index++;
    if (this.index < this.batch.count) {
      this.#look();
      return true;
    }
    const used = this.#queue.shift() as Held;
    this.heldLen -= used.len;
    if (this.#free.length < 2) this.#free.push(used);
    this.index = 0;
    if (!this.isEmpty) this.#look();
    return false;
  }

  #look(): void {
    const { batch, index } = this;
    const timeNs = ((batch.seconds[index] as number) - this.#baseSeconds) * 1e9 + (batch.nanoseconds[index] as number);
    if (timeNs > this.keyNs) this.keyNs = timeNs;
  }

  /** A batch with room enough. */
  #fitting(count: number, len: number): Held {
    const held = this.#free.pop() ?? { batch: new FrameBatch(count), arrivedMs: 0, len: 0 };
    if (held.batch.at.length < count) held.batch = new FrameBatch(count);
    if (held.batch.bytes.length < len) held.batch.bytes = new Uint8Array(len);
    return held;
  }
}
