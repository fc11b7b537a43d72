/** Writes capture files byte by byte for the readers' tests, right and wrong ones alike. It shares no code with src. */

export type Order = 'little' | 'big';

/** A frame to write; what is not given is derived. */
export interface FrameIn {
  readonly bytes: Uint8Array;
  readonly seconds?: number;
  /** As it stands in the file: microseconds or nanoseconds. */
  readonly fraction?: number;
  readonly wireLen?: number;
  /** The captured length that the record claims. */
  readonly capturedLen?: number;
}

export function u16(value: number, order: Order): Buffer {
  const buffer = Buffer.alloc(2);
  if (order === 'little') buffer.writeUInt16LE(value);
  else buffer.writeUInt16BE(value);
  return buffer;
}

export function u32(value: number, order: Order): Buffer {
  const buffer = Buffer.alloc(4);
  if (order === 'little') buffer.writeUInt32LE(value);
  else buffer.writeUInt32BE(value);
  return buffer;
}

export function u64(value: bigint, order: Order): Buffer {
  const buffer = Buffer.alloc(8);
  const bits = BigInt.asUintN(64, value);
  if (order === 'little') buffer.writeBigUInt64LE(bits);
  else buffer.writeBigUInt64BE(bits);
  return buffer;
}

export interface PcapOptions {
  readonly order?: Order;
  readonly magic?: number;
  readonly major?: number;
  readonly snaplen?: number;
  readonly linkType?: number;
}

export const MICRO = 0xa1b2c3d4;
export const NANO = 0xa1b23c4d;
export const MODIFIED = 0xa1b2cd34;

export function pcap(frames: readonly FrameIn[], options: PcapOptions = {}): Buffer {
  const { order = 'little', magic = MICRO, major = 2, snaplen = 262_144, linkType = 1 } = options;
  const parts = [
    u32(magic, order),
    u16(major, order),
    u16(4, order),
    Buffer.alloc(8),
    u32(snaplen, order),
    u32(linkType, order),
  ];
  for (const frame of frames) {
    const len = frame.bytes.length;
    parts.push(u32(frame.seconds ?? 0, order), u32(frame.fraction ?? 0, order));
    parts.push(u32(frame.capturedLen ?? len, order), u32(frame.wireLen ?? len, order));
    if (magic === MODIFIED) parts.push(u32(7, order), u16(0x800, order), Buffer.from([4, 0]));
    parts.push(Buffer.from(frame.bytes));
  }
  return Buffer.concat(parts);
}

function pad4(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 3)]);
}

/** A block around `body`; `total` and `trailer` to lie with. */
export function block(type: number, body: Uint8Array, order: Order, total?: number, trailer?: number): Buffer {
  const padded = pad4(body);
  const len = padded.length + 12;
  return Buffer.concat([u32(type, order), u32(total ?? len, order), padded, u32(trailer ?? total ?? len, order)]);
}

export function option(code: number, value: Uint8Array, order: Order, len = value.length): Buffer {
  return Buffer.concat([u16(code, order), u16(len, order), pad4(value)]);
}

export function sectionHeader(order: Order, options: Uint8Array = Buffer.alloc(0), major = 1): Buffer {
  const body = [u32(0x1a2b3c4d, order), u16(major, order), u16(0, order), u64(-1n, order), options];
  return block(0x0a0d0d0a, Buffer.concat(body), order);
}

export function interfaceBlock(order: Order, linkType = 1, snaplen = 0, options: readonly Uint8Array[] = []): Buffer {
  return block(1, Buffer.concat([u16(linkType, order), u16(0, order), u32(snaplen, order), ...options]), order);
}

function timed(units: bigint, order: Order): Buffer {
  const bits = BigInt.asUintN(64, units);
  return Buffer.concat([u32(Number(bits >> 32n), order), u32(Number(bits & 0xffffffffn), order)]);
}

/** An enhanced packet block. */
export function enhanced(id: number, units: bigint, frame: FrameIn, order: Order, options?: Uint8Array): Buffer {
  const len = frame.bytes.length;
  const head = [u32(id, order), timed(units, order), u32(frame.capturedLen ?? len, order)];
  const body = [...head, u32(frame.wireLen ?? len, order), pad4(frame.bytes), options ?? Buffer.alloc(0)];
  return block(6, Buffer.concat(body), order);
}

/** An obsolete packet block. */
export function obsolete(id: number, units: bigint, frame: FrameIn, order: Order): Buffer {
  const len = frame.bytes.length;
  const head = [u16(id, order), u16(3, order), timed(units, order), u32(len, order)];
  return block(2, Buffer.concat([...head, u32(frame.wireLen ?? len, order), pad4(frame.bytes)]), order);
}

/** A statistics block. */
export function statistics(id: number, options: readonly Uint8Array[], order: Order): Buffer {
  return block(5, Buffer.concat([u32(id, order), timed(0n, order), ...options]), order);
}

/** An option that holds a time. */
export function timeOption(code: number, units: bigint, order: Order): Buffer {
  return option(code, timed(units, order), order);
}

/** A simple packet block. */
export function simple(bytes: Uint8Array, wireLen: number, order: Order): Buffer {
  return block(3, Buffer.concat([u32(wireLen, order), pad4(bytes)]), order);
}

/** A frame of `len` bytes that no other `seed` gives. */
export function bytesOf(len: number, seed = 0): Buffer {
  const bytes = Buffer.alloc(len);
  for (let i = 0; i < len; i++) bytes[i] = (i * 31 + seed * 17 + (i >> 8)) & 0xff;
  return bytes;
}
