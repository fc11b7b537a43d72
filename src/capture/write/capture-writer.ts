/**
 * Writes frames into a capture file, or into one file after another. Times are kept to the nanosecond.
 *
 * A file is pcapng; classic pcap where the caller says so. Putting a frame never waits: `flush` takes what was put to
 * the disk, and a capture that ends without warning lacks what came after the last one.
 */
import type { CaptureFormat, CaptureInterface, FrameBatch } from '../source.js';
import { ByteBuffer } from './byte-buffer.js';
import type { FrameEncoder, InterfaceStatistics } from './frame-encoder.js';
import { type ByteSink, openOutput } from './output-file.js';
import { PcapEncoder } from './pcap-encoder.js';
import { PcapngEncoder } from './pcapng-encoder.js';
import { Rotation, type RotationOptions } from './rotation.js';

/** How to write. */
export interface WriterOptions {
  readonly format: CaptureFormat;
  /** Decimals of a second that a classic file's times have; pcapng has nine. */
  readonly timeDigits: 6 | 9;
  /** When to go on in another file; null: never. */
  readonly rotation: RotationOptions | null;
  /** Where the bytes go instead of into the file of that name, as for standard output. */
  readonly sink?: ByteSink;
}

/** The format that a file's name asks for: classic for `.pcap`, else pcapng. */
export function formatOfName(path: string): CaptureFormat {
  return /\.pcap$/.test(path) ? 'pcap' : 'pcapng';
}

/** Writes one capture. */
export class CaptureWriter {
  /** Frames put so far. */
  frames: number;
  readonly #buffer: ByteBuffer;
  readonly #encoder: FrameEncoder;
  readonly #rotation: Rotation | null;
  readonly #path: string;
  /** Null while the name is not known: it may tell the first frame's time. */
  #sink: ByteSink | null;
  /** Bytes of the present file that have been flushed. */
  #flushed = 0;
  #begun: boolean;
  /** When the present file's first frame was captured, ns since 1970, where another file has those before it. */
  #continuedNs: bigint | null;
  #closed: boolean;

  /**
   * Opens the file, unless its name is to tell the time of its first frame.
   *
   * @param path its name
   * @throws E_WRITE where it cannot be opened
   */
  constructor(path: string, options: WriterOptions) {
    this.frames = 0;
    this.#buffer = new ByteBuffer();
    this.#encoder = options.format === 'pcap' ? new PcapEncoder(path, options.timeDigits) : new PcapngEncoder();
    this.#rotation = options.rotation === null ? null : new Rotation(path, options.rotation);
    this.#path = path;
    const named = (options.rotation?.everySeconds ?? null) === null;
    this.#sink = options.sink ?? (named ? openOutput(this.#rotation?.name(0) ?? path) : null);
    this.#begun = false;
    this.#continuedNs = null;
    this.#closed = false;
  }

  /**
   * Puts the file's header with the interfaces that are known; the first frame does it otherwise.
   *
   * @param seconds the time that the file's name may tell, since 1970
   * @throws E_WRITE
   */
  begin(interfaces: readonly CaptureInterface[], seconds: number): void {
    if (this.#begun) return;
    this.#begun = true;
    this.#sink ??= openOutput(this.#rotation?.name(seconds) ?? this.#path);
    this.#encoder.begin(this.#buffer, interfaces);
  }

  /**
   * Puts one frame of a batch. **Cost** copies it, allocates nothing.
   *
   * @param interfaces those of its source
   * @returns false where no more files may be begun: the frame was not put, and the capture is over
   * @throws E_WRITE where the file cannot hold it, or the next file cannot be opened
   */
  put(batch: FrameBatch, index: number, interfaces: readonly CaptureInterface[]): boolean {
    const buffer = this.#buffer;
    if (this.#rotation !== null) {
      const step = this.#rotation.step(this.#flushed + buffer.length, batch.seconds[index] as number);
      if (step === 'end') return false;
      if (step === 'next') {
        this.#end();
        const seconds = BigInt(batch.seconds[index] as number);
        this.#continuedNs = seconds * 1_000_000_000n + BigInt(batch.nanoseconds[index] as number);
      }
    }
    if (!this.#begun) this.begin(interfaces, batch.seconds[index] as number);
    this.#encoder.frame(buffer, batch, index, interfaces);
    this.frames++;
    return true;
  }

  /** Writes out what was put. @throws E_WRITE */
  async flush(): Promise<void> {
    const { length } = this.#buffer;
    if (length === 0) return;
    const written = this.#sink?.write(this.#buffer.filled());
    // A file has taken it by now: then nothing may come between, since frames are put at any time.
    if (written instanceof Promise) await written;
    this.#flushed += length;
    this.#buffer.length = 0;
  }

  /**
   * Ends the file.
   *
   * @param interfaces those of the source, for a file without a frame
   * @param statistics what is known of them
   * @throws E_WRITE
   */
  async close(interfaces: readonly CaptureInterface[], statistics: readonly InterfaceStatistics[] = []): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.begin(interfaces, Date.now() / 1000);
      const fromNs = this.#continuedNs;
      const ofFile = statistics.map(({ ran, ...rest }) => ({
        ...rest,
        ran: ran === null || fromNs === null ? ran : { ...ran, fromNs },
      }));
      this.#encoder.statistics(this.#buffer, ofFile);
      await this.flush();
    } finally {
      this.#sink?.close();
    }
  }

  /** Ends a file that another one follows. Only files rotate, and they write at once. */
  #end(): void {
    void this.#sink?.write(this.#buffer.filled());
    this.#sink?.close();
    this.#sink = null;
    this.#buffer.length = 0;
    this.#flushed = 0;
    this.#begun = false;
  }
}
