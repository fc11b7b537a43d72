/**
 * Where frames come from: interfaces and the batch, and nothing else. A source gives batches; a batch is columns over
 * bytes that the source owns. No source decodes past a record header.
 */

import { COLUMNS } from '../assembly/layout.js';

/** What the columns have of a frame: bytes. */
const BYTES_OF_FRAME = 8 + 5 * 4 + 2 + 1;

/** An interface, or what stands for one: a classic pcap file has exactly one. */
export interface CaptureInterface {
  /** LINKTYPE_ value of its frames. */
  readonly linkType: number;
  /** Bytes kept of a frame; 0 where there is no limit. */
  readonly snaplen: number;
  /** Its name, where the capture tells. */
  readonly name: string | null;
}

/** How a source came to its end. */
export interface SourceEnd {
  /** `complete`; `cut`: it ends inside a record; `corrupt`: a record contradicts itself and nothing after it was read. */
  readonly ended: 'complete' | 'cut' | 'corrupt';
  /** Where, in bytes from the start of the (decompressed) file. */
  readonly at: number;
  /** Why, for people; empty when complete. */
  readonly reason: string;
}

/** From when to when a capture is known to have been running, ns since 1970. */
export interface CaptureSpan {
  readonly fromNs: bigint;
  readonly untilNs: bigint;
}

/** Formats of capture files. */
export type CaptureFormat = 'pcap' | 'pcapng';
/** What a capture file is wrapped in. */
export type Compression = 'none' | 'gzip' | 'zstd';

/**
 * Frames as columns: frame `i` (0..count-1) is `bytes[at[i] .. at[i] + capturedLen[i])`.
 *
 * **Lifetime** the batch and its bytes are borrowed: the source's next step overwrites both.
 */
export class FrameBatch {
  bytes: Uint8Array;
  /** Frames in this batch, 0..capacity. */
  count: number;
  readonly at: Int32Array;
  readonly capturedLen: Int32Array;
  /** Length on the wire as the file gives it, 0..2^32-1; may be below `capturedLen` in a file that lies. */
  readonly wireLen: Uint32Array;
  /** Whole seconds since 1970, floored; NaN where the capture has no time for the frame. */
  readonly seconds: Float64Array;
  /** 0..999,999,999 on top of `seconds`. */
  readonly nanoseconds: Int32Array;
  readonly linkType: Uint16Array;
  /** Index into the source's `interfaces`. */
  readonly interfaceId: Int32Array;
  /** 1 where a live source saw a large segment that is cut only behind it (GSO), or was put together before it (GRO). */
  readonly gso: Uint8Array;

  /**
   * @param capacity the most frames it can hold
   * @param memory where its columns are to lie, at `assembly/layout`'s places; the capacity is `BATCH_CAPACITY` then
   */
  constructor(capacity: number, memory: ArrayBuffer | null = null) {
    const buffer = memory ?? new ArrayBuffer(capacity * BYTES_OF_FRAME);
    let at = memory === null ? 0 : COLUMNS;
    const column = (bytesEach: number): [ArrayBuffer, number, number] => {
      at += capacity * bytesEach;
      return [buffer, at - capacity * bytesEach, capacity];
    };
    this.bytes = new Uint8Array(0);
    this.count = 0;
    this.seconds = new Float64Array(...column(8));
    this.at = new Int32Array(...column(4));
    this.capturedLen = new Int32Array(...column(4));
    this.wireLen = new Uint32Array(...column(4));
    this.nanoseconds = new Int32Array(...column(4));
    this.interfaceId = new Int32Array(...column(4));
    this.linkType = new Uint16Array(...column(2));
    this.gso = new Uint8Array(...column(1));
  }
}

/** A stream of frames. Iterate it once; it closes itself at the end, and on `break`. */
export interface FrameSource extends AsyncIterable<FrameBatch> {
  /** The path as given, `-` for standard input; of a live source its interfaces. */
  readonly path: string;
  /** Decimal digits of a second that its times have: 6 or 9; what people are shown. */
  readonly timeDigits: 6 | 9;
  /** Grows while a pcapng file is read. */
  readonly interfaces: readonly CaptureInterface[];
  /** Lets go of what it reads from; safe to call twice. */
  close(): Promise<void>;
}

/** A capture file. */
export interface FileSource extends FrameSource {
  readonly format: CaptureFormat;
  readonly compression: Compression;
  /** How it ended; null until it has. */
  readonly end: SourceEnd | null;
  /** When it was being captured, as the file itself says, so far as it was read; null where it does not. */
  readonly span: CaptureSpan | null;
  /** Frames that were dropped while it was captured, as far as it was read; null where it does not tell. */
  readonly drops: number | null;
  /** Bytes taken from the file so far, before decompression: for progress. */
  readonly bytesRead: number;
  /** Bytes of the file; null where that cannot be known. */
  readonly size: number | null;
}
