/**
 * Which file of a rotation comes behind another: one whose name differs in its number or its time, and whose first frame
 * is no older than the last one of the file before.
 */
import { readdirSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { FrameBatch } from '../source.js';
import { openCapture } from './open.js';

/** How often the folder is looked through. */
const LOOK_MS = 500;

/**
 * Whether two names may be those of one rotation: alike but for a number at the end (tcpdump's -C and -W), and runs of
 * four digits and more (times of -G; dumpcap's numbers).
 */
export function ofOneRotation(name: string, other: string): boolean {
  return name !== other && shapeOf(name) === shapeOf(other);
}

function shapeOf(name: string): string {
  return name.replace(/\d+$/, '').replace(/\d{4,}/g, '#');
}

/** Goes from file to file. */
export class Succession {
  /** The present file. */
  path: string;
  #next: string | null;
  #seconds = Number.NEGATIVE_INFINITY;
  #nanoseconds = 0;
  #lookedMs = 0;

  constructor(path: string) {
    this.path = path;
    this.#next = null;
  }

  /** Takes notice of frames of the present file. */
  saw({ count, seconds, nanoseconds }: FrameBatch): void {
    if (count === 0 || Number.isNaN(seconds[count - 1])) return;
    this.#seconds = seconds[count - 1] as number;
    this.#nanoseconds = nanoseconds[count - 1] as number;
  }

  /** Whether another file has come behind the present one, which is not written any more then. */
  async hasNext(): Promise<boolean> {
    if (this.#next !== null) return true;
    const nowMs = Date.now();
    if (nowMs - this.#lookedMs < LOOK_MS) return false;
    this.#lookedMs = nowMs;
    this.#next = await this.#look();
    return this.#next !== null;
  }

  /** Goes on to the next file, where there is one. @returns its path; the same path where none has come */
  advance(): string {
    this.path = this.#next ?? this.path;
    this.#next = null;
    return this.path;
  }

  /** The file of this rotation that begins first behind the last frame. */
  async #look(): Promise<string | null> {
    const folder = dirname(this.path);
    const name = basename(this.path);
    const mine = statSync(this.path, { throwIfNoEntry: false });
    let found: string | null = null;
    let [seconds, nanoseconds] = [Number.POSITIVE_INFINITY, 0];
    for (const other of namesIn(folder)) {
      if (!ofOneRotation(name, other)) continue;
      const path = join(folder, other);
      const stats = statSync(path, { throwIfNoEntry: false });
      // What was written last before the present file was is behind us.
      if (!stats?.isFile() || (mine !== undefined && stats.mtimeMs < mine.mtimeMs)) continue;
      const first = await firstTime(path);
      if (first === null || isEarlier(first.seconds, first.nanoseconds, this.#seconds, this.#nanoseconds)) continue;
      if (!isEarlier(first.seconds, first.nanoseconds, seconds, nanoseconds)) continue;
      found = path;
      ({ seconds, nanoseconds } = first);
    }
    return found;
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // Gone, or not ours to read: then nothing comes behind.
    return [];
  }
}

/** When a capture begins; null where it has no frame yet, or is none. */
async function firstTime(path: string): Promise<{ seconds: number; nanoseconds: number } | null> {
  try {
    for await (const { count, seconds, nanoseconds } of await openCapture(path)) {
      if (count > 0) return { seconds: seconds[0] as number, nanoseconds: nanoseconds[0] as number };
    }
  } catch {
    // A header that is not whole yet.
  }
  return null;
}

function isEarlier(seconds: number, nanoseconds: number, thanSeconds: number, thanNanoseconds: number): boolean {
  return seconds < thanSeconds || (seconds === thanSeconds && nanoseconds < thanNanoseconds);
}
