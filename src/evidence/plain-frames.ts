/**
 * Plain frames: of the common shape and an open flow, with all checksums right, for one MAC alone, and unlike the few before
 * them. All that they show is that there was one more: WebAssembly counts them where flows, repeats and recent frames are
 * kept, and nobody looks at their layers. Most frames are plain. What it gains stands in docs/adr/0012-flows.md.
 */
import { instantiate } from '../assembly/memory.js';
import type { Flows } from './flows.js';
import { code } from './plain-frames.wasm';
import { RUN_AT, RUN_BYTES, RUN_LEN, RUN_TCP, RUN_UDP } from './plain-layout.js';
import type { RecentFrames } from './recent-frames.js';
import type { Repeats } from './repeats.js';

/** As plain-frames.as.ts says. */
type Run = (from: number, end: number, frame: number, baseSeconds: number, beforeNs: number) => number;

/** Frames as columns: what is used of a capture's batch here. */
export interface TimedColumns {
  readonly bytes: Uint8Array;
  readonly count: number;
  readonly seconds: Float64Array;
  readonly nanoseconds: Int32Array;
}

/** The plain frames of one tap. */
export class PlainFrames {
  readonly #flows: Flows;
  readonly #repeats: Repeats;
  readonly #recent: RecentFrames;
  #bytes: Uint8Array;
  /** Null where frames lie in memory that WebAssembly has no part in. */
  #run: Run | null;
  #said: Int32Array;

  constructor(flows: Flows, repeats: Repeats, recent: RecentFrames) {
    this.#flows = flows;
    this.#repeats = repeats;
    this.#recent = recent;
    this.#bytes = new Uint8Array(0);
    this.#run = null;
    this.#said = new Int32Array(RUN_LEN);
  }

  /**
   * Counts the plain frames in a row, up to the first that is none.
   *
   * @param from place of the first in the batch
   * @param frame its number, from 1
   * @param baseSeconds what times are counted from
   * @param beforeNs time of the frame before: no plain one steps back
   * @returns how many frames were counted, 0 and up; `bytes`, `udp` and `tcp` tell of them
   *
   * **Cost** no allocation; a sum over the frames.
   */
  run(batch: TimedColumns, from: number, frame: number, baseSeconds: number, beforeNs: number): number {
    const { bytes } = batch;
    if (bytes !== this.#bytes) this.#hold(batch);
    if (this.#run === null || !this.#repeats.isOver(bytes)) return 0;
    return this.#run(from, batch.count, frame, baseSeconds, beforeNs);
  }

  /** Bytes of the frames that `run` counted last. */
  get bytes(): number {
    return this.#said[RUN_BYTES] as number;
  }

  /** Of those, how many have UDP as their last layer. */
  get udp(): number {
    return this.#said[RUN_UDP] as number;
  }

  /** Of those, how many have TCP as their last layer; it is ICMP of the rest. */
  get tcp(): number {
    return this.#said[RUN_TCP] as number;
  }

  /** Takes other bytes: what is kept moves to their memory. */
  #hold({ bytes, seconds }: TimedColumns): void {
    this.#bytes = bytes;
    const isBeside = seconds.buffer === bytes.buffer;
    this.#run = isBeside ? (instantiate<{ run: Run }>(bytes, code)?.run ?? null) : null;
    if (this.#run === null) return;
    const memory = bytes.buffer as ArrayBuffer;
    this.#flows.moveTo(memory);
    this.#repeats.moveTo(memory);
    this.#recent.moveTo(memory);
    this.#said = new Int32Array(memory, RUN_AT, RUN_LEN);
  }
}
