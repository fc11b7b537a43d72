/**
 * Where the bytes of a capture file come from: a regular file, read synchronously into the caller's buffer, or a
 * stream (standard input, a FIFO, a decompressor's output), whose chunks are copied there.
 */
import { closeSync, constants, createReadStream, fstatSync, openSync, readSync, type Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import { VxdumpError } from '../../errors.js';

/** Why bytes came to an end that is not the file's own. */
export interface ByteFault {
  readonly ended: 'cut' | 'corrupt';
  readonly reason: string;
}

/** Bytes in their order. */
export interface ByteSource {
  /** Bytes taken from the file so far, before decompression. */
  readonly bytesRead: number;
  /** Bytes of the file; null where that cannot be known. */
  readonly size: number | null;
  /** Set once `read` has given 0 too early; null at the file's own end. */
  readonly fault: ByteFault | null;
  /**
   * Puts the next bytes at `target[at]` and behind it.
   *
   * @returns how many, at least 1; 0 at the end, and after `close`
   * @throws E_OPEN where reading fails
   */
  read(target: Uint8Array, at: number): number | Promise<number>;
  /** Lets go of what is open; safe to call twice, and ends a `read` that waits. */
  close(): Promise<void>;
}

/** Synchronous reads between two turns of the event loop: timers, signals and `AbortSignal` need theirs. */
const READS_PER_TURN = 64;
const STDIN_FD = 0;
const FIFO_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK;

/**
 * Opens a path for reading; `-` is standard input.
 *
 * @throws E_OPEN where that fails, or the path is a directory
 */
export async function openBytes(path: string): Promise<ByteSource> {
  try {
    if (path === '-') {
      const stats = fstatSync(STDIN_FD);
      if (stats.isDirectory()) throw directory(path);
      return stats.isFile() ? new FileBytes(path, STDIN_FD, stats) : new StreamBytes(path, process.stdin);
    }
    const stats = await stat(path);
    if (stats.isDirectory()) throw directory(path);
    if (stats.isFile()) return new FileBytes(path, openSync(path, 'r'), stats);
    // Polled, as standard input is: a read of a FIFO in a thread could not be called off, nor could its opening.
    if (stats.isFIFO()) return new StreamBytes(path, new Socket({ fd: openSync(path, FIFO_FLAGS) }));
    const stream = createReadStream(path);
    await new Promise((resolve, reject) => stream.once('open', resolve).once('error', reject));
    return new StreamBytes(path, stream);
  } catch (error) {
    throw error instanceof VxdumpError ? error : openError(path, error);
  }
}

/** The path as messages name it. */
export function nameOf(path: string): string {
  return path === '-' ? 'standard input' : path;
}

function directory(path: string): VxdumpError {
  return new VxdumpError('E_OPEN', `${nameOf(path)}: is a directory; name a capture file in it`);
}

function openError(path: string, cause: unknown): VxdumpError {
  const { code, message } = cause as NodeJS.ErrnoException;
  let reason = `cannot be opened: ${message}`;
  if (code === 'ENOENT') reason = 'no such file; check the path';
  if (code === 'EACCES' || code === 'EPERM') reason = 'no permission to read it; change its mode, or run as its owner';
  return new VxdumpError('E_OPEN', `${nameOf(path)}: ${reason}`, cause);
}

/** An error for a read that failed after the file was opened. */
export function readError(path: string, bytesRead: number, cause: unknown): VxdumpError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new VxdumpError('E_OPEN', `${nameOf(path)}: reading failed after ${bytesRead} bytes: ${reason}`, cause);
}

/** A regular file. */
class FileBytes implements ByteSource {
  bytesRead: number;
  readonly size: number;
  readonly fault: null;
  readonly #path: string;
  readonly #fd: number;
  #reads = 0;
  #closed: boolean;

  constructor(path: string, fd: number, stats: Stats) {
    this.bytesRead = 0;
    this.size = stats.size;
    this.fault = null;
    this.#path = path;
    this.#fd = fd;
    this.#closed = false;
  }

  read(target: Uint8Array, at: number): number | Promise<number> {
    this.#reads++;
    return this.#reads % READS_PER_TURN === 0 ? this.#readAfterTurn(target, at) : this.#readNow(target, at);
  }

  async #readAfterTurn(target: Uint8Array, at: number): Promise<number> {
    await setImmediate();
    return this.#readNow(target, at);
  }

  #readNow(target: Uint8Array, at: number): number {
    if (this.#closed) return 0;
    try {
      const count = readSync(this.#fd, target, at, target.length - at, null);
      this.bytesRead += count;
      return count;
    } catch (error) {
      throw readError(this.#path, this.bytesRead, error);
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#fd !== STDIN_FD) closeSync(this.#fd);
  }
}

/** A stream of chunks. */
export class StreamBytes implements ByteSource {
  bytesRead: number;
  readonly size: null;
  readonly fault: null;
  readonly #path: string;
  readonly #stream: Readable;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array;
  /** Bytes of `#chunk` given out already. */
  #used = 0;
  #closed: boolean;

  constructor(path: string, stream: Readable) {
    this.bytesRead = 0;
    this.size = null;
    this.fault = null;
    this.#path = path;
    this.#stream = stream;
    this.#chunks = stream[Symbol.asyncIterator]();
    this.#chunk = new Uint8Array(0);
    this.#closed = false;
  }

  read(target: Uint8Array, at: number): number | Promise<number> {
    return this.#used < this.#chunk.length ? this.#take(target, at) : this.#readNext(target, at);
  }

  async #readNext(target: Uint8Array, at: number): Promise<number> {
    try {
      const next = await this.#chunks.next();
      if (next.done === true) return 0;
      this.#chunk = next.value;
      this.#used = 0;
      this.bytesRead += next.value.length;
    } catch (error) {
      // A stream that is closed under a waiting read fails it.
      if (this.#closed) return 0;
      throw readError(this.#path, this.bytesRead, error);
    }
    return this.#take(target, at);
  }

  #take(target: Uint8Array, at: number): number {
    const count = Math.min(this.#chunk.length - this.#used, target.length - at);
    target.set(this.#chunk.subarray(this.#used, this.#used + count), at);
    this.#used += count;
    return count;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#stream.destroy();
  }
}
