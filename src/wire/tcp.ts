/**
 * Transmission Control Protocol (RFC 9293, section 3.1): the header; no streams.
 *
 * ```
 *  0       4      8               16                              31
 * +-------------------------------+-------------------------------+
 * |          source port          |       destination port        |
 * |                        sequence number                        |
 * |                    acknowledgment number                      |
 * | offset| rsvd |     flags      |            window             |
 * |           checksum            |        urgent pointer         |
 * ```
 */
import { u8, u16, u32 } from './bytes.js';
import { LayerKind, type LayerStack } from './stack.js';
import { LenSource } from './stop.js';

/** Without options. */
export const HEADER_LEN = 20;
const SOURCE_PORT = 0;
const DESTINATION_PORT = 2;
const SEQUENCE_NUMBER = 4;
const ACKNOWLEDGMENT_NUMBER = 8;
const DATA_OFFSET = 12;
const FLAGS = 12;
const WINDOW = 14;
const CHECKSUM = 16;
const URGENT_POINTER = 18;

/** Flag bits, the least significant first. */
export const Flag = { Fin: 1, Syn: 2, Rst: 4, Psh: 8, Ack: 16, Urg: 32, Ece: 64, Cwr: 128, Ae: 256 } as const;

/** Enters a TCP header. **Stops** truncated, malformed (data offset). */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Tcp, HEADER_LEN)) return LayerKind.None;
  let len = headerLen(stack.bytes, stack.at);
  if (len < HEADER_LEN) return stack.malformed(LayerKind.Tcp, HEADER_LEN, len, LenSource.TcpDataOffset);
  if (stack.end - stack.at < len) {
    // Its fixed part is there and says all that we read: short captures often end within the options.
    if (!stack.firstFragment) stack.noteShort(LayerKind.Tcp, len, LenSource.TcpDataOffset);
    len = stack.end - stack.at;
  }
  stack.push(LayerKind.Tcp, len);
  return LayerKind.None;
}

/** Source port. @returns 0..65535. */
export function sourcePort(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + SOURCE_PORT);
}

/** Destination port. @returns 0..65535. */
export function destinationPort(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + DESTINATION_PORT);
}

/** Sequence number as on the wire. @returns 0..2^32-1. */
export function sequenceNumber(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + SEQUENCE_NUMBER);
}

/** Acknowledgment number as on the wire. @returns 0..2^32-1. */
export function acknowledgmentNumber(bytes: Uint8Array, at: number): number {
  return u32(bytes, at + ACKNOWLEDGMENT_NUMBER);
}

/** Header length, options included, as the data offset declares it. @returns 20..60 bytes. */
export function headerLen(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at + DATA_OFFSET) >> 4) << 2;
}

/** All flags, see `Flag`. @returns 0..511 (the three reserved bits left out). */
export function flags(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + FLAGS) & 0x1ff;
}

/** Window as on the wire, not scaled. @returns 0..65535. */
export function window(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + WINDOW);
}

/** Checksum. @returns 0..65535. */
export function checksum(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + CHECKSUM);
}

/** Urgent pointer. @returns 0..65535. */
export function urgentPointer(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + URGENT_POINTER);
}
