/** What the pcap and the pcapng walk have in common. */
import type { CaptureFormat, CaptureInterface, CaptureSpan, FrameBatch, SourceEnd } from '../source.js';
import type { ByteWindow } from './byte-window.js';

/**
 * A frame may have this many bytes whatever the snaplen says: real writers pass it. libpcap's MAXIMUM_SNAPLEN and
 * Wireshark's WTAP_MAX_PACKET_SIZE_STANDARD.
 */
export const MIN_FRAME_LIMIT = 262_144;
/** The largest snaplen that is believed: 64 MiB. */
export const MAX_FRAME_LIMIT = 67_108_864;

/** The longest frame that is read from an interface, bytes. @param snaplen 0 where there is no limit */
export function frameLimit(snaplen: number): number {
  return Math.min(Math.max(snaplen, MIN_FRAME_LIMIT), MAX_FRAME_LIMIT);
}

/** A walk over records: synchronous, over bytes in memory, and resumed when more have come. */
export interface RecordWalker {
  readonly format: CaptureFormat;
  readonly timeDigits: 6 | 9;
  readonly interfaces: readonly CaptureInterface[];
  /** As `FileSource` has it. */
  readonly span: CaptureSpan | null;
  /** Bytes from `window.start` on that the next step waits for; 0 where the batch was full. */
  readonly needed: number;
  /** The record that contradicts itself; null while all is well. Nothing is walked after it. */
  readonly corrupt: SourceEnd | null;
  /** Frames that the file says were dropped, as far as it was walked; null where it does not tell. */
  readonly drops: number | null;
  /** Fills the columns that are the same for every frame of the file. */
  prepare(batch: FrameBatch): void;
  /**
   * Walks whole records into `batch`, from its first row on, and moves `window.start` behind the last.
   *
   * @param batch has its columns in the memory of the window's bytes, where `memoryOf` these is not null
   */
  walk(window: ByteWindow, batch: FrameBatch): void;
  /** How the file ended, once no more bytes come. */
  finish(window: ByteWindow): SourceEnd;
}
