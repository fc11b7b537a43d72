/**
 * The streams that commands write to: the process's own, or a test's.
 */
import { setMaxListeners } from 'node:events';
import { write } from 'node:fs';
import type { WriteStream } from 'node:tty';
import { pieces } from './pieces.js';

/** Where output goes. */
export interface Output {
  readonly isTTY: boolean;
  /** Width in characters, for tables. */
  readonly columns: number;
  /** Height in lines; 0 where it is not known. */
  readonly rows?: number;
  /** Writes, and waits where the reader is slow. @throws OutputError where the reader is gone or the disk is full */
  write(data: string | Uint8Array): Promise<void>;
}

/** What a command may touch of the world besides its files. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Aborted by SIGINT and SIGTERM. */
  readonly signal: AbortSignal;
  /** Ends the process at once: for output whose reader takes nothing, which the process would wait for. */
  quit(exit: number): void;
}

/** An output cannot be written to any more. */
export class OutputError extends Error {
  /** The reader has closed its end, as `head` does: no failure. */
  readonly readerGone: boolean;

  constructor(cause: NodeJS.ErrnoException) {
    super(`cannot write output: ${cause.message}`, { cause });
    this.name = 'OutputError';
    this.readerGone = cause.code === 'EPIPE';
  }
}

class StreamOutput implements Output {
  readonly #stream: WriteStream;
  readonly #fd: number;
  #error: OutputError | null;

  constructor(stream: WriteStream, fd: number) {
    this.#stream = stream;
    this.#fd = fd;
    this.#error = null;
    stream.on('error', (error) => {
      this.#error ??= new OutputError(error);
    });
  }

  get isTTY(): boolean {
    return this.#stream.isTTY === true;
  }

  get columns(): number {
    return this.#stream.columns ?? 120;
  }

  get rows(): number {
    return this.#stream.rows ?? 0;
  }

  async write(data: string | Uint8Array): Promise<void> {
    if (typeof data === 'string') for (const piece of pieces(data)) await this.#write(piece);
    else await this.#write(data);
  }

  #write(data: string | Uint8Array): Promise<void> {
    if (this.isTTY && this.#error === null) return writeTerminal(this.#fd, Buffer.from(data as Uint8Array));
    return new Promise((resolve, reject) => {
      if (this.#error !== null) return reject(this.#error);
      this.#stream.write(data, (error) => (error ? reject(new OutputError(error)) : resolve()));
    });
  }
}

/** Node's own writes to a terminal block the process, and a terminal may be stopped for hours: a thread waits instead. */
async function writeTerminal(fd: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += await new Promise<number>((resolve, reject) => {
      write(fd, bytes, at, (error, count) => (error ? reject(new OutputError(error)) : resolve(count)));
    });
  }
}

/** The process's own streams. The first SIGINT or SIGTERM aborts `signal`; a second one ends the process. */
export function processIo(): Io {
  const controller = new AbortController();
  // Every capture listens, however many there are.
  setMaxListeners(0, controller.signal);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => controller.abort());
  return {
    stdout: new StreamOutput(process.stdout, 1),
    stderr: new StreamOutput(process.stderr, 2),
    env: process.env,
    signal: controller.signal,
    quit: (exit) => process.exit(exit),
  };
}
