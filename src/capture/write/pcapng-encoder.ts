/**
 * pcapng (draft-ietf-opsawg-pcapng), little-endian, times in nanoseconds: one section, a block for each interface before
 * its first frame, statistics at the end. The form is in the reader's comment, file/pcapng.ts.
 */
import type { CaptureInterface, FrameBatch } from '../source.js';
import type { ByteBuffer } from './byte-buffer.js';
import type { FrameEncoder, InterfaceStatistics } from './frame-encoder.js';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const SIMPLE = 3;
const STATISTICS = 5;
const ENHANCED = 6;
const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const OPTION_END = 0;
const OPTION_APPLICATION = 4;
const OPTION_NAME = 2;
const OPTION_RESOLUTION = 9;
const OPTION_START_TIME = 2;
const OPTION_END_TIME = 3;
const OPTION_RECEIVED = 4;
const OPTION_DROPPED = 5;
const OPTION_END_LEN = 4;
const NANOSECONDS = 9;
const ENHANCED_LEN = 32;
const SIMPLE_LEN = 16;
/** 2^64 ns: times are up to 2554. */
const MAX_SECONDS = 18_446_744_073;
const BILLION = 1_000_000_000n;

const utf8 = new TextEncoder();

/** Makes a pcapng file. */
export class PcapngEncoder implements FrameEncoder {
  #interfaces = 0;
  /** Of the file's last frame that has a time; 0 without. */
  #seconds = 0;
  #nanoseconds = 0;

  begin(out: ByteBuffer, interfaces: readonly CaptureInterface[]): void {
    const application = utf8.encode('vxdump');
    const len = 28 + optionLen(application.length) + OPTION_END_LEN;
    out.u32(SECTION_HEADER);
    out.u32(len);
    out.u32(BYTE_ORDER_MAGIC);
    out.u16(1);
    out.u16(0);
    // How long the section is is not known.
    out.u32(0xffff_ffff);
    out.u32(0xffff_ffff);
    option(out, OPTION_APPLICATION, application);
    out.u32(OPTION_END);
    out.u32(len);
    this.#interfaces = 0;
    this.#seconds = 0;
    this.#nanoseconds = 0;
    this.#describe(out, interfaces);
  }

  frame(out: ByteBuffer, batch: FrameBatch, index: number, interfaces: readonly CaptureInterface[]): void {
    const interfaceId = batch.interfaceId[index] as number;
    const capturedLen = batch.capturedLen[index] as number;
    const wireLen = batch.wireLen[index] as number;
    const seconds = batch.seconds[index] as number;
    const nanoseconds = batch.nanoseconds[index] as number;
    if (interfaceId >= this.#interfaces) this.#describe(out, interfaces);
    const timed = seconds >= 0 && seconds <= MAX_SECONDS;
    if (!timed && interfaceId === 0 && capturedLen === simpleLen(wireLen, interfaces[0])) {
      const len = SIMPLE_LEN + padded(capturedLen);
      out.u32(SIMPLE);
      out.u32(len);
      out.u32(wireLen);
      out.copy(batch.bytes, batch.at[index] as number, capturedLen);
      out.pad(capturedLen);
      out.u32(len);
      return;
    }
    const len = ENHANCED_LEN + padded(capturedLen);
    out.u32(ENHANCED);
    out.u32(len);
    out.u32(interfaceId);
    time(out, timed ? seconds : 0, timed ? nanoseconds : 0);
    out.u32(capturedLen);
    out.u32(wireLen);
    out.copy(batch.bytes, batch.at[index] as number, capturedLen);
    out.pad(capturedLen);
    out.u32(len);
    if (timed) {
      this.#seconds = seconds;
      this.#nanoseconds = nanoseconds;
    }
  }

  statistics(out: ByteBuffer, statistics: readonly InterfaceStatistics[]): void {
    const lastNs = BigInt(this.#seconds) * BILLION + BigInt(this.#nanoseconds);
    for (const { interfaceId, received, dropped, ran } of statistics) {
      if (interfaceId >= this.#interfaces) continue;
      const untilNs = ran?.untilNs ?? lastNs;
      const span = ran === null || untilNs < ran.fromNs ? null : { fromNs: ran.fromNs, untilNs };
      const count = (span === null ? 0 : 2) + (received === null ? 0 : 1) + (dropped === null ? 0 : 1);
      const len = 24 + count * optionLen(8) + OPTION_END_LEN;
      out.u32(STATISTICS);
      out.u32(len);
      out.u32(interfaceId);
      timeNs(out, span === null ? lastNs : untilNs);
      if (span !== null) {
        timeOption(out, OPTION_START_TIME, span.fromNs);
        timeOption(out, OPTION_END_TIME, span.untilNs);
      }
      if (received !== null) counter(out, OPTION_RECEIVED, received);
      if (dropped !== null) counter(out, OPTION_DROPPED, dropped);
      out.u32(OPTION_END);
      out.u32(len);
    }
  }

  /** Writes the blocks of interfaces that have none yet. */
  #describe(out: ByteBuffer, interfaces: readonly CaptureInterface[]): void {
    for (; this.#interfaces < interfaces.length; this.#interfaces++) {
      const { linkType, snaplen, name } = interfaces[this.#interfaces] as CaptureInterface;
      const text = name === null ? null : utf8.encode(name);
      const len = 20 + (text === null ? 0 : optionLen(text.length)) + optionLen(1) + OPTION_END_LEN;
      out.u32(INTERFACE);
      out.u32(len);
      out.u16(linkType);
      out.u16(0);
      out.u32(snaplen);
      if (text !== null) option(out, OPTION_NAME, text);
      option(out, OPTION_RESOLUTION, Uint8Array.of(NANOSECONDS));
      out.u32(OPTION_END);
      out.u32(len);
    }
  }
}

/** Bytes that a simple packet block has of a frame. */
function simpleLen(wireLen: number, { snaplen } = { snaplen: 0 }): number {
  return snaplen === 0 ? wireLen : Math.min(wireLen, snaplen);
}

function padded(len: number): number {
  return (len + 3) & ~3;
}

function optionLen(len: number): number {
  return 4 + padded(len);
}

function option(out: ByteBuffer, code: number, value: Uint8Array): void {
  out.u16(code);
  out.u16(value.length);
  out.copy(value, 0, value.length);
  out.pad(value.length);
}

function counter(out: ByteBuffer, code: number, value: number): void {
  out.u16(code);
  out.u16(8);
  out.u64(value);
}

function timeOption(out: ByteBuffer, code: number, ns: bigint): void {
  out.u16(code);
  out.u16(8);
  timeNs(out, ns);
}

function timeNs(out: ByteBuffer, ns: bigint): void {
  out.u32(Number(ns >> 32n));
  out.u32(Number(ns & 0xffff_ffffn));
}

/** Puts a time in nanoseconds: 64 bits, in steps that doubles hold exactly. */
function time(out: ByteBuffer, seconds: number, nanoseconds: number): void {
  const upper = Math.floor(seconds / 65_536) * 1_000_000_000;
  const lower = (seconds % 65_536) * 1_000_000_000 + nanoseconds;
  const rest = (upper % 65_536) * 65_536 + lower;
  out.u32(Math.floor(upper / 65_536) + Math.floor(rest / 0x1_0000_0000));
  out.u32(rest % 0x1_0000_0000);
}
