/**
 * The section header of pcapng (draft-ietf-opsawg-pcapng, section 4.1): the byte order and the version of what follows.
 */
import { lengthFault, MAX_HEADER_BLOCK_LEN, TOTAL, TRAILER_LEN, trailerFault } from './pcapng-block.js';

const BYTE_ORDER_MAGIC = 0x1a2b3c4d;
const BYTE_ORDER = 8;
const MAJOR = 12;
const MINOR = 14;
const MIN_SECTION_HEADER_LEN = 28;
/** Bytes of a section header that tell its byte order. */
export const SECTION_START_LEN = 12;
const MAJOR_VERSION = 1;

/** What the start of a section header says; `fault` is why it cannot be read, null where it can. */
export interface SectionStart {
  readonly little: boolean;
  /** Bytes of the block. */
  readonly total: number;
  readonly fault: string | null;
}

/** Reads the first twelve bytes of a section header at `at`. */
export function sectionStart(view: DataView, at: number): SectionStart {
  const little = view.getUint32(at + BYTE_ORDER, true) === BYTE_ORDER_MAGIC;
  if (!little && view.getUint32(at + BYTE_ORDER, false) !== BYTE_ORDER_MAGIC) {
    const found = view
      .getUint32(at + BYTE_ORDER, false)
      .toString(16)
      .padStart(8, '0');
    return { little, total: 0, fault: `section header: byte-order magic is ${found}, expected 1a2b3c4d` };
  }
  const total = view.getUint32(at + TOTAL, little);
  return { little, total, fault: lengthFault('section header', total, MIN_SECTION_HEADER_LEN, MAX_HEADER_BLOCK_LEN) };
}

/** Why a whole section header cannot be read; null where it can. */
export function sectionFault(view: DataView, at: number, start: SectionStart): string | null {
  const major = view.getUint16(at + MAJOR, start.little);
  const minor = view.getUint16(at + MINOR, start.little);
  // 1.2 was written by mistake and is the same as 1.0.
  if (major !== MAJOR_VERSION || (minor !== 0 && minor !== 2)) {
    return `section header: version ${major}.${minor}, expected 1.0`;
  }
  return trailerFault('section header', start.total, view.getUint32(at + start.total - TRAILER_LEN, start.little));
}
