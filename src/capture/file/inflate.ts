/**
 * Takes gzip (RFC 1952) and zstd (RFC 8878) off a byte source: with node:zlib, and where this Node has no zstd that
 * can be trusted, with the program `zstd`.
 *
 * Everything that was decoded before a fault is given out before the fault is. The one exception: of corrupt data, the
 * piece that was being decoded when it showed, 64 KiB at most.
 */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex, Writable } from 'node:stream';
import * as zlib from 'node:zlib';
import { VxdumpError } from '../../errors.js';
import { type ByteFault, type ByteSource, nameOf, readError, StreamBytes } from './bytes-in.js';

/** Compressed bytes given to the decoder at once: few at first, so that an early fault loses little. */
const FIRST_PIECE_LEN = 64;
const MAX_PIECE_LEN = 65_536;
/** Decoded bytes of one chunk. */
const CHUNK_LEN = 65_536;
/** The checks at the end of gzip data. They go in alone: a wrong one then costs nothing of what it vouches for. */
const GZIP_TRAILER_LEN = 8;
/** The first bytes of zstd data, and no more. */
const ZSTD_MAGIC = Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd);
/** Of what the child says on stderr, this much is kept. */
const MAX_SAID_LEN = 4096;

/** Node's documentation calls it a stream option; its types do not have it. */
const DECODER_OPTIONS: zlib.ZlibOptions & { highWaterMark: number } = { chunkSize: CHUNK_LEN, highWaterMark: 1 };

/** Takes gzip off `source`, whose first bytes, `head`, have been read already. */
export function openGzip(source: ByteSource, head: Uint8Array): ByteSource {
  return new Decoder(source, zlib.createGunzip(DECODER_OPTIONS), new Pieces(source, head, GZIP_TRAILER_LEN), 'gzip');
}

/**
 * Takes zstd off `source`, whose first bytes, `head`, have been read already.
 *
 * @param path for messages
 * @throws E_NO_DECOMPRESSOR where neither this Node nor the machine has a zstd that tells a cut file from a whole one
 */
export async function openZstd(source: ByteSource, head: Uint8Array, path: string): Promise<ByteSource> {
  const pieces = new Pieces(source, head, 0);
  const { createZstdDecompress } = zlib as { createZstdDecompress?: (options: object) => Duplex };
  if (createZstdDecompress !== undefined && (await tellsCuts(createZstdDecompress({})))) {
    return new Decoder(source, createZstdDecompress(DECODER_OPTIONS), pieces, 'zstd');
  }
  const child = spawn('zstd', ['-dc']);
  try {
    await once(child, 'spawn');
  } catch (error) {
    const advice = 'install zstd, use Node 24 or newer, or unpack the file first';
    throw new VxdumpError('E_NO_DECOMPRESSOR', `${nameOf(path)}: nothing here takes zstd off; ${advice}`, error);
  }
  return new ZstdChild(source, child, pieces, path);
}

/** Whether a zstd decoder fails on cut data. Node 22's does not: it ends as if all had come. */
async function tellsCuts(decoder: Duplex): Promise<boolean> {
  decoder.resume();
  decoder.end(ZSTD_MAGIC);
  return new Promise((resolve) => {
    decoder.once('error', () => resolve(true)).once('end', () => resolve(false));
  });
}

/** The compressed bytes in pieces, the head first. */
class Pieces {
  readonly #source: ByteSource;
  readonly #head: Uint8Array;
  #headUsed = 0;
  readonly #buffer: Uint8Array;
  /** Bytes that are held back until it is known that more follow: the last of the file go in alone. */
  readonly #heldLen: number;
  /** Of `#buffer`: given out, and filled. */
  #given = 0;
  #filled = 0;
  #len = FIRST_PIECE_LEN;

  constructor(source: ByteSource, head: Uint8Array, heldLen: number) {
    this.#source = source;
    this.#head = head;
    this.#buffer = new Uint8Array(MAX_PIECE_LEN + heldLen);
    this.#heldLen = heldLen;
  }

  /** The next piece, borrowed until the next call; null at the end. */
  async next(): Promise<Uint8Array | null> {
    this.#buffer.copyWithin(0, this.#given, this.#filled);
    this.#filled -= this.#given;
    this.#given = 0;
    while (this.#filled <= this.#heldLen) {
      const count = await this.#more(this.#buffer.subarray(0, this.#heldLen + this.#len));
      if (count === 0) return this.#give(this.#filled);
      this.#filled += count;
    }
    this.#len = Math.min(this.#len * 2, MAX_PIECE_LEN);
    return this.#give(this.#filled - this.#heldLen);
  }

  #give(count: number): Uint8Array | null {
    this.#given = count;
    return count === 0 ? null : this.#buffer.subarray(0, count);
  }

  #more(target: Uint8Array): number | Promise<number> {
    if (this.#headUsed === this.#head.length) return this.#source.read(target, this.#filled);
    const part = this.#head.subarray(this.#headUsed, this.#headUsed + target.length - this.#filled);
    target.set(part, this.#filled);
    this.#headUsed += part.length;
    return part.length;
  }
}

/** Writes all pieces, each once the one before it has been taken. */
async function pump(pieces: Pieces, to: Writable): Promise<void> {
  for (let piece = await pieces.next(); piece !== null; piece = await pieces.next()) {
    const taken = piece;
    await new Promise<void>((resolve, reject) => {
      to.write(taken, (error) => (error ? reject(error) : resolve()));
    });
  }
  to.end();
}

/** Bytes out of one of node:zlib's decoders. */
class Decoder implements ByteSource {
  fault: ByteFault | null;
  readonly #source: ByteSource;
  readonly #stream: Duplex;
  readonly #pieces: Pieces;
  readonly #what: string;
  #chunk: Uint8Array;
  /** Bytes of `#chunk` given out already. */
  #used = 0;
  #started: boolean;
  #over: boolean;
  /** Set where the compressed bytes cannot be read. */
  #failure: unknown;
  #wake: () => void;

  /** @param stream with a `highWaterMark` of 1: it then never decodes on while a chunk of it is not taken */
  constructor(source: ByteSource, stream: Duplex, pieces: Pieces, what: string) {
    this.fault = null;
    this.#source = source;
    this.#stream = stream;
    this.#pieces = pieces;
    this.#what = what;
    this.#chunk = new Uint8Array(0);
    this.#started = false;
    this.#over = false;
    this.#failure = null;
    this.#wake = () => {};
    stream.on('readable', () => this.#wake());
    stream.on('error', (error: NodeJS.ErrnoException) => {
      this.fault = this.#faultOf(error);
      this.#end();
    });
    stream.on('end', () => this.#end());
    stream.on('close', () => this.#end());
  }

  get bytesRead(): number {
    return this.#source.bytesRead;
  }

  get size(): number | null {
    return this.#source.size;
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    if (!this.#started) {
      this.#started = true;
      void this.#pump();
    }
    while (this.#used === this.#chunk.length) {
      const chunk: Uint8Array | null = this.#stream.read();
      if (chunk === null) {
        if (this.#failure !== null) throw this.#failure;
        if (this.#over) return 0;
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      } else {
        this.#chunk = chunk;
        this.#used = 0;
      }
    }
    const count = Math.min(this.#chunk.length - this.#used, target.length - at);
    target.set(this.#chunk.subarray(this.#used, this.#used + count), at);
    this.#used += count;
    return count;
  }

  async close(): Promise<void> {
    this.#stream.destroy();
    await this.#source.close();
  }

  async #pump(): Promise<void> {
    try {
      await pump(this.#pieces, this.#stream);
    } catch (error) {
      // What the decoder itself says comes as its `error` event.
      if (error instanceof VxdumpError) this.#failure = error;
      this.#wake();
    }
  }

  #end(): void {
    this.#over = true;
    this.#wake();
  }

  #faultOf(error: NodeJS.ErrnoException): ByteFault {
    if (error.code === 'Z_BUF_ERROR') return { ended: 'cut', reason: `the ${this.#what} data ends too early` };
    return { ended: 'corrupt', reason: `the ${this.#what} data is corrupt: ${error.message}` };
  }
}

/** Bytes out of `zstd -dc`. */
class ZstdChild implements ByteSource {
  fault: ByteFault | null;
  readonly #source: ByteSource;
  readonly #path: string;
  readonly #child: ChildProcessWithoutNullStreams;
  readonly #output: StreamBytes;
  readonly #ended: Promise<unknown>;
  #said: string;
  #closed: boolean;
  #failure: unknown;

  constructor(source: ByteSource, child: ChildProcessWithoutNullStreams, pieces: Pieces, path: string) {
    this.fault = null;
    this.#source = source;
    this.#path = path;
    this.#child = child;
    this.#output = new StreamBytes(path, child.stdout);
    this.#ended = once(child, 'close');
    this.#said = '';
    this.#closed = false;
    this.#failure = null;
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#said = (this.#said + text).slice(0, MAX_SAID_LEN);
    });
    // A child that has ended refuses what is written to it; why it ended is read from its exit.
    child.stdin.on('error', () => {});
    void this.#pump(pieces);
  }

  get bytesRead(): number {
    return this.#source.bytesRead;
  }

  get size(): number | null {
    return this.#source.size;
  }

  async read(target: Uint8Array, at: number): Promise<number> {
    const count = await this.#output.read(target, at);
    if (count > 0 || this.#closed) return count;
    await this.#ended;
    if (this.#failure !== null) throw this.#failure;
    const { exitCode, signalCode } = this.#child;
    if (signalCode !== null && !this.#closed) {
      throw readError(this.#path, this.bytesRead, `zstd was ended by ${signalCode}`);
    }
    if (exitCode !== 0) this.fault = zstdFault(this.#said);
    return 0;
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#child.kill('SIGKILL');
    await this.#output.close();
    await this.#ended;
    await this.#source.close();
  }

  async #pump(pieces: Pieces): Promise<void> {
    try {
      await pump(pieces, this.#child.stdin);
    } catch (error) {
      if (!(error instanceof VxdumpError)) return;
      this.#failure = error;
      this.#child.kill('SIGKILL');
    }
  }
}

function zstdFault(said: string): ByteFault {
  if (/premature end|unexpected end/i.test(said)) return { ended: 'cut', reason: 'the zstd data ends too early' };
  const reason =
    said
      .trim()
      .split('\n')
      .at(-1)
      ?.replace(/^.*?:\s*/, '') ?? '';
  return { ended: 'corrupt', reason: `the zstd data is corrupt: ${reason}` };
}
