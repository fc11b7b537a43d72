/** What the pcap and the pcapng writer have in common: they turn frames into the bytes of a file. */
import type { CaptureInterface, FrameBatch } from '../source.js';
import type { ByteBuffer } from './byte-buffer.js';

/** What is known of an interface when its capture ends. */
export interface InterfaceStatistics {
  /** Its index in the capture's interfaces. */
  readonly interfaceId: number;
  /** Frames that passed the filter; null where the source does not tell. */
  readonly received: number | null;
  /** Of those, frames that the kernel had no room for; null where the source does not tell. */
  readonly dropped: number | null;
  /** When it was being captured; null where that is not known. */
  readonly ran: Ran | null;
}

/** From when to when a capture ran, ns since 1970; until its last frame where nothing is known of what came behind. */
export interface Ran {
  readonly fromNs: bigint;
  readonly untilNs: bigint | null;
}

/** Makes the bytes of one capture file. */
export interface FrameEncoder {
  /** Starts a file. @param interfaces those that are known by then */
  begin(out: ByteBuffer, interfaces: readonly CaptureInterface[]): void;
  /**
   * Puts one frame of a batch. **Cost** copies it, allocates nothing.
   *
   * @param interfaces those that the batch's `interfaceId` counts; they may have grown
   * @throws E_WRITE where the format cannot hold it
   */
  frame(out: ByteBuffer, batch: FrameBatch, index: number, interfaces: readonly CaptureInterface[]): void;
  /** Puts what is known of the interfaces at the end, where the format has a place for it. */
  statistics(out: ByteBuffer, statistics: readonly InterfaceStatistics[]): void;
}
