/**
 * Prints frames without ever making the capture wait: text that a slow reader has not taken grows to a limit, and frames
 * beyond it are counted instead.
 */
import type { Frame } from '../dissect/frame.js';
import type { FrameReport } from '../report/frame-report.js';
import { TextSink } from '../report/text-sink.js';
import type { Output } from './io.js';

/** Text that waits for its reader, at most: 16 MiB. */
const MAX_WAITING = 16_777_216;

/** Prints frames behind the capture's back. */
export class LivePrinter {
  /** Frames that were left out since the reader was too slow. */
  unprinted: number;
  readonly #report: FrameReport;
  readonly #output: Output;
  /** What is being gathered, and what is being written. */
  #front: TextSink;
  #back: TextSink;
  #writing: Promise<void> | null;
  #failure: unknown;

  constructor(report: FrameReport, output: Output) {
    this.unprinted = 0;
    this.#report = report;
    this.#output = output;
    this.#front = new TextSink();
    this.#back = new TextSink();
    this.#writing = null;
    this.#failure = null;
    this.#front.text(report.head);
  }

  /** Takes a frame. @throws OutputError where an earlier one could not be written */
  frame(frame: Frame): void {
    if (this.#failure !== null) throw this.#failure;
    if (this.#front.length > MAX_WAITING) {
      this.unprinted++;
      return;
    }
    this.#report.frame(frame, this.#front);
  }

  /** Sends on what was gathered, unless the reader still has to take what was sent before. */
  push(): void {
    if (this.#writing !== null || this.#front.length === 0) return;
    const sink = this.#front;
    this.#front = this.#back;
    this.#back = sink;
    this.#writing = this.#output.write(sink.written()).then(
      () => {
        sink.clear();
        this.#writing = null;
        this.push();
      },
      (error: unknown) => {
        this.#failure = error;
        this.#writing = null;
      },
    );
  }

  /** Writes out the rest, and waits for the reader. @throws OutputError */
  async finish(): Promise<void> {
    this.#front.text(this.#report.tail);
    this.push();
    while (this.#writing !== null) await this.#writing;
    if (this.#failure !== null) throw this.#failure;
  }
}
