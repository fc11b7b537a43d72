/**
 * Classic pcap (draft-ietf-opsawg-pcap), little-endian: one link type, no names, no drops. The form is in the reader's
 * comment, file/pcap.ts.
 */
import { VxdumpError } from '../../errors.js';
import { FILE_HEADER_LEN, MAJOR_VERSION } from '../file/pcap.js';
import { MIN_FRAME_LIMIT } from '../file/record-walker.js';
import type { CaptureInterface, FrameBatch } from '../source.js';
import type { ByteBuffer } from './byte-buffer.js';
import type { FrameEncoder } from './frame-encoder.js';

const MAGIC_MICROSECONDS = 0xa1b2c3d4;
const MAGIC_NANOSECONDS = 0xa1b23c4d;
const MINOR_VERSION = 4;
const ETHERNET = 1;
/** Times are 32 bits of seconds, unsigned: up to 2106. */
const MAX_SECONDS = 0xffff_ffff;

/** Makes a classic file. */
export class PcapEncoder implements FrameEncoder {
  readonly #path: string;
  readonly #digits: 6 | 9;
  #linkType = ETHERNET;

  /** @param path for messages @param digits decimals of a second that the times have */
  constructor(path: string, digits: 6 | 9) {
    this.#path = path;
    this.#digits = digits;
  }

  begin(out: ByteBuffer, interfaces: readonly CaptureInterface[]): void {
    const [first] = interfaces;
    this.#linkType = first?.linkType ?? ETHERNET;
    out.u32(this.#digits === 9 ? MAGIC_NANOSECONDS : MAGIC_MICROSECONDS);
    out.u16(MAJOR_VERSION);
    out.u16(MINOR_VERSION);
    for (let at = 8; at < FILE_HEADER_LEN - 8; at += 4) out.u32(0);
    out.u32(first?.snaplen || MIN_FRAME_LIMIT);
    out.u32(this.#linkType);
  }

  frame(out: ByteBuffer, batch: FrameBatch, index: number, interfaces: readonly CaptureInterface[]): void {
    const { linkType } = interfaces[batch.interfaceId[index] as number] as CaptureInterface;
    if (linkType !== this.#linkType) {
      const both = `${this.#linkType} and ${linkType}`;
      throw new VxdumpError(
        'E_WRITE',
        `${this.#path}: a pcap file has one link type, the frames have ${both}; name it .pcapng`,
      );
    }
    const capturedLen = batch.capturedLen[index] as number;
    const seconds = batch.seconds[index] as number;
    const timed = seconds >= 0 && seconds <= MAX_SECONDS;
    out.u32(timed ? seconds : 0);
    const nanoseconds = timed ? (batch.nanoseconds[index] as number) : 0;
    out.u32(this.#digits === 9 ? nanoseconds : Math.floor(nanoseconds / 1000));
    out.u32(capturedLen);
    out.u32(batch.wireLen[index] as number);
    out.copy(batch.bytes, batch.at[index] as number, capturedLen);
  }

  statistics(): void {
    // The format has no place for them.
  }
}
