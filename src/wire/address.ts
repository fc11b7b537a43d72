/**
 * MAC and IP addresses as text, and back. Text is for people and records: the walk never makes any.
 */
import { u8, u16 } from './bytes.js';

const HEX: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));
// With what follows them: text is put together from half as many parts.
const HEX_COLON: readonly string[] = HEX.map((text) => `${text}:`);
const OCTET_DOT: readonly string[] = Array.from({ length: 256 }, (_, value) => `${value}.`);

/** A MAC address in lower-case colon form. @param mac 0..2^48-1. **Cost** one string. */
export function macText(mac: number): string {
  const high = Math.floor(mac / 0x1_0000_0000);
  const low = mac >>> 0;
  return `${HEX_COLON[high >> 8]}${HEX_COLON[high & 0xff]}${HEX_COLON[low >>> 24]}${HEX_COLON[(low >> 16) & 0xff]}${HEX_COLON[(low >> 8) & 0xff]}${HEX[low & 0xff]}`;
}

/** An IPv4 address in dotted form. @param address 0..2^32-1, or the same bits as a signed integer. **Cost** one string. */
export function ipv4Text(address: number): string {
  return `${OCTET_DOT[address >>> 24]}${OCTET_DOT[(address >> 16) & 0xff]}${OCTET_DOT[(address >> 8) & 0xff]}${address & 0xff}`;
}

/** The IPv6 address whose 16 bytes start at `at`, in canonical form (RFC 5952): the longest run of zeros as `::`, lower case. **Cost** one string. */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  let bestStart = -1;
  let bestLen = 1;
  let runStart = -1;
  for (let group = 0; group <= 8; group++) {
    if (group < 8 && u16(bytes, at + 2 * group) === 0) {
      if (runStart < 0) runStart = group;
    } else if (runStart >= 0) {
      if (group - runStart > bestLen) {
        bestStart = runStart;
        bestLen = group - runStart;
      }
      runStart = -1;
    }
  }
  if (bestStart === 0 && bestLen === 5 && u16(bytes, at + 10) === 0xffff) {
    return `::ffff:${u8(bytes, at + 12)}.${u8(bytes, at + 13)}.${u8(bytes, at + 14)}.${u8(bytes, at + 15)}`;
  }
  let text = '';
  for (let group = 0; group < 8; group++) {
    if (group === bestStart) {
      text += '::';
      group += bestLen - 1;
    } else {
      if (text !== '' && !text.endsWith(':')) text += ':';
      text += u16(bytes, at + 2 * group).toString(16);
    }
  }
  return text;
}

/** Whether a MAC is a group's, or everybody's. @param mac 0..2^48-1 */
export function isGroupMac(mac: number): boolean {
  return Math.floor(mac / 2 ** 40) % 2 === 1;
}

/** Whether an IPv4 address is multicast (224.0.0.0/4). @param address 0..2^32-1, or the same bits as a signed integer. */
export function isIpv4Multicast(address: number): boolean {
  return address >>> 28 === 14;
}
