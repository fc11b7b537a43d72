/**
 * Prints frames without ever making the capture wait: text that a slow reader has not taken is queued up to a limit, and
 * frames beyond it are counted instead of formatted.
 */
import { setTimeout } from 'node:timers/promises';
import type { Frame } from '../dissect/frame.js';
import type { FrameReport } from '../report/frame-report.js';
import { TextSink } from '../report/text-sink.js';
import type { Output } from './io.js';

/** Text that waits for its reader, at most: 16 MiB. */
const MAX_WAITING = 16_777_216;
/** Text is handed over in pieces of this size: each that was taken shows that the reader lives. */
const PIECE_LEN = 65_536;
/** Once the user wants to end, a reader that takes nothing for this long is not waited for, ms. */
export const PATIENCE_MS = 500;

/** Text, and how many frames are in it. */
interface Piece {
  readonly sink: TextSink;
  frames: number;
}

/** Prints frames behind the capture's back. */
export class LivePrinter {
  /** Frames that were left out since the reader was too slow. */
  unprinted: number;
  /** Other records that were. */
  unprintedRecords: number;
  /** Whether text was given up that is still being written: the process would wait for it. */
  gaveUp: boolean;
  readonly #report: FrameReport | null;
  readonly #output: Output;
  /** What is being gathered. */
  #filling: Piece;
  /** What is handed over next; the first is being written. */
  readonly #queue: Piece[];
  /** Pieces to use again. */
  readonly #free: Piece[];
  /** Bytes in the queue. */
  #waiting = 0;
  /** Pieces that the reader took. */
  #taken = 0;
  #writing: Promise<void> | null;
  #failure: unknown;

  /** @param report how frames are printed; null where none is */
  constructor(report: FrameReport | null, output: Output) {
    this.unprinted = 0;
    this.unprintedRecords = 0;
    this.gaveUp = false;
    this.#report = report;
    this.#output = output;
    this.#filling = { sink: new TextSink(), frames: 0 };
    this.#queue = [];
    this.#free = [];
    this.#writing = null;
    this.#failure = null;
    this.#filling.sink.text(report?.head ?? '');
  }

  /** Whether the reader still has to take something. */
  get isBusy(): boolean {
    return this.#writing !== null;
  }

  /** Takes a frame. @throws OutputError where an earlier one could not be written */
  frame(frame: Frame): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#waiting >= MAX_WAITING) {
      this.unprinted++;
      return;
    }
    this.#report?.frame(frame, this.#filling.sink);
    this.#filling.frames++;
    if (this.#filling.sink.length >= PIECE_LEN) this.#queueFilled();
  }

  /** Takes records other than frames, each a text. @throws OutputError as for frames */
  records(texts: readonly string[]): void {
    if (this.#failure !== null) throw this.#failure;
    for (const text of texts) {
      if (this.#waiting >= MAX_WAITING) {
        this.unprintedRecords++;
        continue;
      }
      this.#filling.sink.text(text);
      if (this.#filling.sink.length >= PIECE_LEN) this.#queueFilled();
    }
  }

  /** Sends on what was gathered, unless the reader still has to take what was sent before. */
  push(): void {
    if (this.#writing !== null) return;
    if (this.#filling.sink.length > 0) this.#queueFilled();
    if (this.#queue.length === 0) return;
    this.#writing = this.#write().then(
      () => {
        this.#writing = null;
      },
      (error: unknown) => {
        this.#failure = error;
        this.#writing = null;
      },
    );
  }

  /**
   * Writes out the rest, and waits for the reader.
   *
   * @param signal once aborted, a reader that takes nothing is given up, and what it did not take counts as unprinted
   * @throws OutputError
   */
  async finish(signal: AbortSignal): Promise<void> {
    this.#filling.sink.text(this.#report?.tail ?? '');
    this.#queueFilled();
    this.push();
    while (this.#writing !== null) {
      const taken = this.#taken;
      const ended = new AbortController();
      const patience = setTimeout(PATIENCE_MS, undefined, { signal: ended.signal }).catch(() => {});
      await Promise.race([this.#writing, patience]);
      ended.abort();
      if (this.#writing === null || !signal.aborted || this.#taken > taken) continue;
      for (const { frames } of this.#queue) this.unprinted += frames;
      this.gaveUp = true;
      return;
    }
    if (this.#failure !== null) throw this.#failure;
  }

  #queueFilled(): void {
    this.#queue.push(this.#filling);
    this.#waiting += this.#filling.sink.length;
    this.#filling = this.#free.pop() ?? { sink: new TextSink(), frames: 0 };
  }

  /** Writes until nothing waits, what is queued meanwhile and was gathered too. */
  async #write(): Promise<void> {
    for (;;) {
      const [piece] = this.#queue;
      if (piece === undefined) {
        if (this.#filling.sink.length === 0) return;
        this.#queueFilled();
        continue;
      }
      await this.#output.write(piece.sink.written());
      this.#queue.shift();
      this.#waiting -= piece.sink.length;
      this.#taken++;
      piece.sink.clear();
      piece.frames = 0;
      this.#free.push(piece);
    }
  }
}
