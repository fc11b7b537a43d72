/**
 * A bar on the terminal for work that takes longer than a second; never on a pipe.
 */
import type { SingleBar } from 'cli-progress';
import type { Io } from './io.js';

const SHOW_AFTER_MS = 1_000;
const MIB = 1024 * 1024;

/** Shows how far a read has come. */
export class Progress {
  readonly #shown: boolean;
  readonly #startedMs: number;
  #bar: SingleBar | null;
  #loading: boolean;
  #stopped: boolean;

  constructor(io: Io) {
    this.#shown = io.stderr.isTTY;
    this.#startedMs = performance.now();
    this.#bar = null;
    this.#loading = false;
    this.#stopped = false;
  }

  /** Tells how far the work is. @param bytesRead so far @param size in all; null where that is not known */
  update(bytesRead: number, size: number | null): void {
    if (!this.#shown) return;
    const elapsedMs = performance.now() - this.#startedMs;
    if (elapsedMs < SHOW_AFTER_MS) return;
    if (this.#bar === null) {
      if (!this.#loading) void this.#load(size);
      return;
    }
    const rate = (bytesRead / MIB / (elapsedMs / 1000)).toFixed(0);
    this.#bar.update(Math.round(bytesRead / MIB), { rate });
  }

  /** Takes the bar away. */
  stop(): void {
    this.#stopped = true;
    this.#bar?.stop();
  }

  async #load(size: number | null): Promise<void> {
    this.#loading = true;
    const { SingleBar } = (await import('cli-progress')).default;
    if (this.#stopped) return;
    const format =
      size === null
        ? '{value} MiB, {rate} MiB/s'
        : '[{bar}] {percentage}% of {total} MiB, {rate} MiB/s, {eta_formatted} left';
    this.#bar = new SingleBar({ format, clearOnComplete: true, hideCursor: true, stream: process.stderr });
    this.#bar.start(Math.max(1, Math.round((size ?? 0) / MIB)), 0, { rate: '0' });
  }
}
