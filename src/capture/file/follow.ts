/**
 * A capture file that is still being written: the end of the file is no end. Where another file has taken its name, or
 * it was cut to begin again, or the next one of its rotation has begun, the frames go on with that one.
 */
import { closeSync, fstatSync, openSync, readSync, statSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import type {
  CaptureFormat,
  CaptureInterface,
  CaptureSpan,
  Compression,
  FileSource,
  FrameBatch,
  SourceEnd,
} from '../source.js';
import { type ByteSource, readError } from './bytes-in.js';
import { type OpenOptions, openCaptureBytes } from './open.js';
import { Succession } from './succession.js';

/** How often the end of the file is looked at. */
const POLL_MS = 100;

/**
 * Opens a file to follow it; waits for its header where that is not there yet.
 *
 * @param options with the signal that ends it: nothing else does
 * @throws as `openCapture`; iterating as well, for a file that takes its place
 */
export async function followCapture(path: string, options: OpenOptions = {}): Promise<FileSource> {
  const succession = new Succession(path);
  return new FollowedCapture(succession, await openOne(succession, options), options);
}

function openOne(succession: Succession, options: OpenOptions): Promise<FileSource> {
  return openCaptureBytes(succession.path, new FollowedBytes(succession), options);
}

/** The bytes of one file: they end where another has taken its name, or comes behind it. */
class FollowedBytes implements ByteSource {
  bytesRead: number;
  readonly size: null;
  readonly fault: null;
  readonly #path: string;
  readonly #succession: Succession;
  readonly #fd: number;
  readonly #closing: AbortController;

  constructor(succession: Succession) {
    this.bytesRead = 0;
    this.size = null;
    this.fault = null;
    this.#path = succession.path;
    this.#succession = succession;
    this.#fd = openSync(this.#path, 'r');
    this.#closing = new AbortController();
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    const { signal } = this.#closing;
    let hasNext = false;
    while (!signal.aborted) {
      // Asked before the read: what is written between the two is read.
      const over = hasNext || this.#isOver();
      const count = this.#readNow(target, at);
      if (count > 0 || over) return count;
      hasNext = await this.#succession.hasNext();
      if (!hasNext) await setTimeout(POLL_MS, undefined, { signal }).catch(() => {});
    }
    return 0;
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    closeSync(this.#fd);
  }

  #readNow(target: Uint8Array, at: number): number {
    try {
      const count = readSync(this.#fd, target, at, target.length - at, null);
      this.bytesRead += count;
      return count;
    } catch (error) {
      throw readError(this.#path, this.bytesRead, error);
    }
  }

  /** Whether no more will come: the name is another file's, or the file has become shorter than what was read. */
  #isOver(): boolean {
    const mine = fstatSync(this.#fd);
    if (mine.size < this.bytesRead) return true;
    const named = statSync(this.#path, { throwIfNoEntry: false });
    return named !== undefined && (named.ino !== mine.ino || named.dev !== mine.dev);
  }
}

/** One file after another, as one capture. */
class FollowedCapture implements FileSource {
  readonly path: string;
  readonly interfaces: CaptureInterface[];
  readonly size: null;
  #now: FileSource;
  readonly #succession: Succession;
  readonly #options: OpenOptions;
  #closed: boolean;

  constructor(succession: Succession, first: FileSource, options: OpenOptions) {
    this.path = succession.path;
    this.#succession = succession;
    this.interfaces = [];
    this.size = null;
    this.#now = first;
    this.#options = options;
    this.#closed = false;
  }

  get format(): CaptureFormat {
    return this.#now.format;
  }

  get compression(): Compression {
    return this.#now.compression;
  }

  get timeDigits(): 6 | 9 {
    return this.#now.timeDigits;
  }

  get end(): SourceEnd | null {
    return this.#now.end;
  }

  get span(): CaptureSpan | null {
    return this.#now.span;
  }

  get drops(): number | null {
    return this.#now.drops;
  }

  get bytesRead(): number {
    return this.#now.bytesRead;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FrameBatch, void, undefined> {
    try {
      while (!this.#closed) {
        const base = this.interfaces.length;
        for await (const batch of this.#now) {
          this.interfaces.push(...this.#now.interfaces.slice(this.interfaces.length - base));
          // Written anew by every walk, save for classic files, which have one interface.
          if (this.#now.format === 'pcap') batch.interfaceId.fill(base, 0, batch.count);
          else for (let row = 0; row < batch.count; row++) (batch.interfaceId[row] as number) += base;
          this.#succession.saw(batch);
          yield batch;
        }
        // A record that contradicts itself ends it; one that rotation cut does not.
        if (this.#closed || this.#options.signal?.aborted || this.#now.end?.ended === 'corrupt') return;
        this.#succession.advance();
        this.#now = await openOne(this.#succession, this.#options);
      }
    } catch (error) {
      if (this.#options.signal?.aborted) return;
      throw error;
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#now.close();
  }
}
