/**
 * Geneve (RFC 8926, section 3.4); options are skipped.
 *
 * ```
 *  0   2          8               16                              31
 * +---+-----------+-+-+-----------+-------------------------------+
 * |Ver|  opt len  |O|C| reserved  |         protocol type         |
 * |                      VNI                      |   reserved    |
 * |  options, opt len * 4 bytes                                   |
 * ```
 */
import { u8, u16, u24 } from './bytes.js';
import { layerOfEtherType } from './ether-type.js';
import { LayerKind, type LayerStack } from './stack.js';
import { LenSource } from './stop.js';

/** Without options. */
export const HEADER_LEN = 8;
export const UDP_PORT = 6081;
const FLAGS = 1;
const PROTOCOL_TYPE = 2;
const VNI = 4;

/** Enters a Geneve header. **Stops** truncated, malformed (options), unsupported (version, protocol type). */
export function enter(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.Geneve, HEADER_LEN)) return LayerKind.None;
  const bytes = stack.bytes;
  const at = stack.at;
  if (version(bytes, at) !== 0) return stack.unsupported(LayerKind.Geneve);
  const len = HEADER_LEN + optionsLen(bytes, at);
  if (stack.end - at < len) {
    stack.noteShort(LayerKind.Geneve, len, LenSource.GeneveOptionsLength);
    return LayerKind.None;
  }
  stack.pushTunnel(LayerKind.Geneve, len);
  const next = layerOfEtherType(u16(bytes, at + PROTOCOL_TYPE));
  return next === LayerKind.None ? stack.unsupported(LayerKind.Geneve) : next;
}

/** Version: 0. @returns 0..3. */
export function version(bytes: Uint8Array, at: number): number {
  return u8(bytes, at) >> 6;
}

/** Length of the options. @returns 0..252 bytes. */
export function optionsLen(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at) & 0x3f) * 4;
}

/** The O flag: a control packet. @returns 0 or 1. */
export function control(bytes: Uint8Array, at: number): number {
  return u8(bytes, at + FLAGS) >> 7;
}

/** The C flag: critical options present. @returns 0 or 1. */
export function critical(bytes: Uint8Array, at: number): number {
  return (u8(bytes, at + FLAGS) >> 6) & 1;
}

/** Protocol type, an EtherType. @returns 0..65535. */
export function protocolType(bytes: Uint8Array, at: number): number {
  return u16(bytes, at + PROTOCOL_TYPE);
}

/** Virtual network identifier. @returns 0..2^24-1. */
export function vni(bytes: Uint8Array, at: number): number {
  return u24(bytes, at + VNI);
}
