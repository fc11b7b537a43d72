/** Where the bytes of a capture go: a file, or a stream that the caller has. */
import { closeSync, fstatSync, openSync, statSync, writeSync } from 'node:fs';
import { VxdumpError } from '../../errors.js';

/** Takes bytes in their order. */
export interface ByteSink {
  /** Writes all of `bytes`, which it does not keep. @throws E_WRITE */
  write(bytes: Uint8Array): void | Promise<void>;
  /** Lets go of what is open. */
  close(): void;
}

/** Opens a file for writing; what was in it is gone. @throws E_WRITE */
export function openOutput(path: string): ByteSink {
  try {
    return new OutputFile(path, openSync(path, 'w'));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    let reason = `cannot be written: ${message}`;
    if (code === 'ENOENT') reason = 'cannot be written: no such directory; make it first';
    if (code === 'EISDIR') reason = 'is a directory; name a file in it';
    if (code === 'EACCES' || code === 'EPERM') reason = 'no permission to write it; name a file elsewhere';
    throw new VxdumpError('E_WRITE', `${path}: ${reason}`, cause);
  }
}

/** Makes sure that writing `output` would not destroy what is being read. @param what inputs are @throws E_WRITE */
export function refuseSameFile(output: string, inputs: readonly string[], what = 'capture'): void {
  const there = statSync(output, { throwIfNoEntry: false });
  if (!there?.isFile()) return;
  for (const input of inputs) {
    const stats = input === '-' ? fstatSync(0) : statSync(input, { throwIfNoEntry: false });
    if (stats !== undefined && stats.ino === there.ino && stats.dev === there.dev) {
      throw new VxdumpError('E_WRITE', `${output}: is the ${what} that is read; name another file`);
    }
  }
}

class OutputFile implements ByteSink {
  readonly #path: string;
  readonly #fd: number;
  #written = 0;

  constructor(path: string, fd: number) {
    this.#path = path;
    this.#fd = fd;
  }

  write(bytes: Uint8Array): void {
    try {
      for (let at = 0; at < bytes.length; ) {
        const count = writeSync(this.#fd, bytes, at, bytes.length - at);
        at += count;
        this.#written += count;
      }
    } catch (cause) {
      const { code, message } = cause as NodeJS.ErrnoException;
      const reason = code === 'ENOSPC' ? 'the disk is full' : message;
      throw new VxdumpError(
        'E_WRITE',
        `${this.#path}: ${reason} after ${this.#written} bytes; every whole frame in them can be read`,
        cause,
      );
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
