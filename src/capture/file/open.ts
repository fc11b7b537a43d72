/** Opens a capture file of any format that we read, and gives its frames. */
import { BATCH_CAPACITY } from '../../assembly/layout.js';
import { memoryOf } from '../../assembly/memory.js';
import { VxdumpError } from '../../errors.js';
import {
  type CaptureFormat,
  type CaptureInterface,
  type CaptureSpan,
  type Compression,
  type FileSource,
  FrameBatch,
  type SourceEnd,
} from '../source.js';
import { ByteWindow } from './byte-window.js';
import { type ByteSource, nameOf, openBytes } from './bytes-in.js';
import { MAGIC_LEN, Magic, magicOf } from './magic.js';
import { FILE_HEADER_LEN, isPcap, MAJOR_VERSION, majorVersion, PcapWalker } from './pcap.js';
import { PcapngWalker } from './pcapng.js';
import { SECTION_START_LEN, sectionFault, sectionStart } from './pcapng-section.js';
import type { RecordWalker } from './record-walker.js';

/** First bytes shown of a file that is not a capture. */
const SHOWN_LEN = 16;

/** Options of `openCapture`. */
export interface OpenOptions {
  /** Aborted while opening: `openCapture` throws its reason. Aborted later: the frames stop, and `end` stays null. */
  readonly signal?: AbortSignal;
}

/**
 * Opens a capture file: pcap or pcapng, plain or in gzip or zstd, told by their first bytes. What is wrong with the
 * file header is thrown; what is wrong behind it is the source's `end`, after every whole frame before it.
 *
 * @param path a file, a FIFO, or `-` for standard input
 * @returns a source; iterate it once, or close it
 * @throws E_OPEN, E_EMPTY, E_NOT_A_CAPTURE, E_CUT_HEADER, E_BAD_HEADER, E_NO_DECOMPRESSOR; iterating throws E_OPEN
 * where the file can be read no further
 *
 * **Cost** a buffer of 256 KiB, which grows to the largest record, and the columns of a batch; nothing per frame.
 */
export async function openCapture(path: string, options: OpenOptions = {}): Promise<FileSource> {
  options.signal?.throwIfAborted();
  return openCaptureBytes(path, await openBytes(path), options);
}

/** As `openCapture`, from bytes that are open already. @param path for messages */
export async function openCaptureBytes(path: string, source: ByteSource, options: OpenOptions): Promise<FileSource> {
  const { signal } = options;
  let bytes = source;
  const stop = (): void => void bytes.close();
  signal?.addEventListener('abort', stop);
  try {
    const window = new ByteWindow();
    let compression: Compression = 'none';
    let magic = await readMagic(path, bytes, window);
    if (magic === Magic.Gzip || magic === Magic.Zstd) {
      const head = window.bytes.slice(0, window.end);
      window.end = 0;
      // Loaded only here: child processes and zlib are a tenth of a start-up.
      const { openGzip, openZstd } = await import('./inflate.js');
      compression = magic === Magic.Gzip ? 'gzip' : 'zstd';
      bytes = magic === Magic.Gzip ? openGzip(bytes, head) : await openZstd(bytes, head, path);
      magic = await readMagic(path, bytes, window);
    }
    const walker = await readHeader(path, bytes, window, magic);
    signal?.throwIfAborted();
    return new CaptureFile(path, compression, bytes, window, walker, signal);
  } catch (error) {
    await bytes.close();
    // Closed under our hands, the bytes look cut; what happened is the abort.
    signal?.throwIfAborted();
    throw error;
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

async function readMagic(path: string, bytes: ByteSource, window: ByteWindow): Promise<Magic> {
  if (!(await window.require(bytes, MAGIC_LEN))) {
    if (bytes.fault !== null) throw cutHeader(path, bytes, window, MAGIC_LEN);
    if (window.left === 0) {
      throw new VxdumpError(
        'E_EMPTY',
        `${nameOf(path)}: at byte 0: it is empty, without even a file header; capture again`,
      );
    }
  }
  return magicOf(window.bytes.subarray(0, Math.min(window.end, MAGIC_LEN)));
}

async function readHeader(path: string, bytes: ByteSource, window: ByteWindow, magic: Magic): Promise<RecordWalker> {
  if (isPcap(magic)) {
    if (!(await window.require(bytes, FILE_HEADER_LEN))) throw cutHeader(path, bytes, window, FILE_HEADER_LEN);
    const major = majorVersion(window.view, magic);
    if (major !== MAJOR_VERSION) throw badHeader(path, 4, `pcap version is ${major}, expected ${MAJOR_VERSION}`);
    window.start = FILE_HEADER_LEN;
    return new PcapWalker(window.view, magic);
  }
  if (magic === Magic.Pcapng) {
    if (!(await window.require(bytes, SECTION_START_LEN))) throw cutHeader(path, bytes, window, SECTION_START_LEN);
    const start = sectionStart(window.view, 0);
    if (start.fault !== null) throw badHeader(path, 0, start.fault);
    if (!(await window.require(bytes, start.total))) throw cutHeader(path, bytes, window, start.total);
    const fault = sectionFault(window.view, 0, start);
    if (fault !== null) throw badHeader(path, 0, fault);
    // The walk takes the section header again, and its byte order with it.
    return new PcapngWalker();
  }
  if (magic === Magic.Cut) throw cutHeader(path, bytes, window, FILE_HEADER_LEN);
  const shown = Buffer.from(window.bytes.subarray(0, Math.min(window.end, SHOWN_LEN))).toString('hex');
  const hex = shown.replace(/..(?=.)/g, '$& ');
  throw new VxdumpError(
    'E_NOT_A_CAPTURE',
    `${nameOf(path)}: at byte 0: not a capture, it starts with ${hex}; give pcap or pcapng, plain or in gzip or zstd`,
  );
}

function cutHeader(path: string, bytes: ByteSource, window: ByteWindow, needed: number): VxdumpError {
  const there = window.end;
  if (bytes.fault?.ended === 'corrupt') return badHeader(path, there, bytes.fault.reason);
  const why = bytes.fault === null ? '' : `, ${bytes.fault.reason}`;
  return new VxdumpError(
    'E_CUT_HEADER',
    `${nameOf(path)}: at byte ${there}: cut in its file header, which needs ${needed} bytes${why}; copy or capture it again`,
  );
}

function badHeader(path: string, at: number, reason: string): VxdumpError {
  return new VxdumpError('E_BAD_HEADER', `${nameOf(path)}: at byte ${at}: ${reason}; copy or capture it again`);
}

/** A batch whose columns lie where the bytes do. */
function batchBeside(bytes: Uint8Array, walker: RecordWalker): FrameBatch {
  const batch = new FrameBatch(BATCH_CAPACITY, memoryOf(bytes));
  walker.prepare(batch);
  return batch;
}

/** A capture file whose header has been read. */
class CaptureFile implements FileSource {
  readonly path: string;
  readonly format: CaptureFormat;
  readonly compression: Compression;
  end: SourceEnd | null;
  readonly #bytes: ByteSource;
  readonly #window: ByteWindow;
  readonly #walker: RecordWalker;
  readonly #signal: AbortSignal | undefined;
  readonly #stop: () => void;
  #iterated: boolean;
  #closed: boolean;

  constructor(
    path: string,
    compression: Compression,
    bytes: ByteSource,
    window: ByteWindow,
    walker: RecordWalker,
    signal: AbortSignal | undefined,
  ) {
    this.path = path;
    this.format = walker.format;
    this.compression = compression;
    this.end = null;
    this.#bytes = bytes;
    this.#window = window;
    this.#walker = walker;
    this.#signal = signal;
    this.#stop = () => void this.close();
    this.#iterated = false;
    this.#closed = false;
    signal?.addEventListener('abort', this.#stop);
  }

  get timeDigits(): 6 | 9 {
    return this.#walker.timeDigits;
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.#walker.interfaces;
  }

  get span(): CaptureSpan | null {
    return this.#walker.span;
  }

  get drops(): number | null {
    return this.#walker.drops;
  }

  get bytesRead(): number {
    return this.#bytes.bytesRead;
  }

  get size(): number | null {
    return this.#bytes.size;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FrameBatch, void, undefined> {
    if (this.#iterated) throw new TypeError(`${this.path}: a capture is iterated once; open it again`);
    this.#iterated = true;
    const window = this.#window;
    const walker = this.#walker;
    let { bytes } = window;
    let batch = batchBeside(bytes, walker);
    try {
      while (!this.#closed) {
        if (window.bytes !== bytes) {
          bytes = window.bytes;
          batch = batchBeside(bytes, walker);
        }
        walker.walk(window, batch);
        if (batch.count > 0) yield batch;
        if (this.#closed) return;
        if (walker.corrupt !== null) {
          this.end = walker.corrupt;
          return;
        }
        if (walker.needed === 0) continue;
        const filled = window.fill(this.#bytes, walker.needed);
        const more = typeof filled === 'boolean' ? filled : await filled;
        if (more || this.#closed) continue;
        this.end = this.#finish();
        return;
      }
    } finally {
      await this.close();
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#signal?.removeEventListener('abort', this.#stop);
    await this.#bytes.close();
  }

  /** How it ended once there are no more bytes. */
  #finish(): SourceEnd {
    const end = this.#walker.finish(this.#window);
    const fault = this.#bytes.fault;
    if (fault === null) return end;
    const reason = end.reason === '' ? fault.reason : `${fault.reason}; ${end.reason}`;
    return { ended: fault.ended, at: end.at, reason };
  }
}
