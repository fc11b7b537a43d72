/**
 * Plain frames: of the common shape and an open flow, with all checksums right, for one MAC alone, and unlike the few before
 * them. All that they show is that there was one more: WebAssembly counts them where flows, repeats and recent frames are
 * kept, and nobody looks at their layers. Most frames are plain. What it gains stands in docs/adr/0012-flows.md.
 *
 * Where frames are paired, those without a tunnel may be plain as well, and echoes are listed.
 */
import { BATCH_CAPACITY, SIZE } from '../assembly/layout.js';
import { instantiate } from '../assembly/memory.js';
import { type DissectorOptions, portKinds } from '../dissect/dissector.js';
import type { Flows } from './flows.js';
import { code as pairedCode } from './paired-frames.wasm';
import { code } from './plain-frames.wasm';
import {
  ECHO,
  ECHOES_AT,
  MAX_PAIRED,
  PORT_KINDS_AT,
  RUN_AT,
  RUN_BARE,
  RUN_BARE_TCP,
  RUN_BARE_UDP,
  RUN_BYTES,
  RUN_ECHOES,
  RUN_LEN,
  RUN_TCP,
  RUN_UDP,
} from './plain-layout.js';
import type { RecentFrames } from './recent-frames.js';
import type { Repeats } from './repeats.js';

/** As plain-frames.as.ts and paired-frames.as.ts say: only the latter asks for `takes`. */
type Run = (from: number, end: number, frame: number, baseSeconds: number, beforeNs: number, takes: number) => number;

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
  readonly #isPaired: boolean;
  readonly #options: DissectorOptions;
  #bytes: Uint8Array;
  /** Null where frames lie in memory that WebAssembly has no part in. */
  #run: Run | null;
  #said: Int32Array;
  #sizes: Int32Array;
  #echoes: Int32Array;

  constructor(flows: Flows, repeats: Repeats, recent: RecentFrames, isPaired: boolean, options: DissectorOptions) {
    this.#flows = flows;
    this.#repeats = repeats;
    this.#recent = recent;
    this.#isPaired = isPaired;
    this.#options = options;
    this.#bytes = new Uint8Array(0);
    this.#run = null;
    this.#said = new Int32Array(RUN_LEN);
    this.#sizes = new Int32Array(0);
    this.#echoes = new Int32Array(0);
  }

  /**
   * Counts the plain frames in a row, up to the first that is none.
   *
   * @param from place of the first in the batch
   * @param end where to stop at the latest
   * @param frame its number, from 1
   * @param baseSeconds what times are counted from
   * @param beforeNs time of the frame before: no plain one steps back
   * @param takes where frames are paired, which of them may be plain: bits of `plain-layout`
   * @returns how many frames were counted, 0 and up; `bytes`, `udp` and the like tell of them
   *
   * **Cost** no allocation; a sum over the frames.
   */
  run(
    batch: TimedColumns,
    from: number,
    end: number,
    frame: number,
    baseSeconds: number,
    beforeNs: number,
    takes: number,
  ): number {
    const { bytes } = batch;
    if (bytes !== this.#bytes) this.#hold(batch);
    if (this.#run === null || !this.#repeats.isOver(bytes)) return 0;
    return this.#run(from, end, frame, baseSeconds, beforeNs, takes);
  }

  /** Bytes of the frames that `run` counted last. */
  get bytes(): number {
    return this.#said[RUN_BYTES] as number;
  }

  /** Of those, how many are in a tunnel, and have UDP as their last layer. */
  get udp(): number {
    return this.#said[RUN_UDP] as number;
  }

  /** The same with TCP; of the rest in tunnels it is ICMP. */
  get tcp(): number {
    return this.#said[RUN_TCP] as number;
  }

  /** How many are in no tunnel: UDP, TCP, and ICMP. */
  get bare(): number {
    return this.#said[RUN_BARE] as number;
  }

  get bareUdp(): number {
    return this.#said[RUN_BARE_UDP] as number;
  }

  get bareTcp(): number {
    return this.#said[RUN_BARE_TCP] as number;
  }

  /** Where frames are paired, how many are echoes. */
  get echoes(): number {
    return this.#said[RUN_ECHOES] as number;
  }

  /** Of an echo what `plain-layout` says. */
  echo(index: number, word: number): number {
    return this.#echoes[index * ECHO + word] as number;
  }

  /** Where frames are paired, what `FrameSizes` keeps of each, by its place in the batch. */
  get sizes(): Int32Array {
    return this.#sizes;
  }

  /** Takes other bytes: what is kept moves to their memory. */
  #hold({ bytes, seconds }: TimedColumns): void {
    this.#bytes = bytes;
    const isBeside = seconds.buffer === bytes.buffer;
    const own = this.#isPaired ? pairedCode : code;
    this.#run = isBeside ? (instantiate<{ run: Run }>(bytes, own)?.run ?? null) : null;
    if (this.#run === null) return;
    const memory = bytes.buffer as ArrayBuffer;
    this.#flows.moveTo(memory);
    this.#repeats.moveTo(memory);
    this.#recent.moveTo(memory);
    this.#said = new Int32Array(memory, RUN_AT, RUN_LEN);
    if (!this.#isPaired) return;
    this.#sizes = new Int32Array(memory, SIZE, BATCH_CAPACITY);
    this.#echoes = new Int32Array(memory, ECHOES_AT, MAX_PAIRED * ECHO);
    new Uint8Array(memory, PORT_KINDS_AT).set(portKinds(this.#options));
  }
}
