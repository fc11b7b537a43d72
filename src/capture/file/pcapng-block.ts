/**
 * What all blocks of pcapng have in common: a length at the start, the same one at the end, and bounds for both.
 */

/** Where a block's length is, and how long its last copy is. */
export const TOTAL = 4;
export const TRAILER_LEN = 4;
/** The longest block that is held for what it says of a section, an interface or statistics: 1 MiB. */
export const MAX_HEADER_BLOCK_LEN = 1_048_576;

/** Why a block of `total` bytes cannot be one; null where it can. @param what the block, for messages */
export function lengthFault(what: string, total: number, least: number, most: number): string | null {
  if (total < least) return `${what}: block of ${total} bytes, the least is ${least}`;
  if (total > most) return `${what}: block of ${total} bytes, the limit is ${most}`;
  return total % 4 === 0 ? null : `${what}: block of ${total} bytes, not a multiple of 4`;
}

/** Why a block of `total` bytes does not end as it began; null where it does. @param trailer the length at its end */
export function trailerFault(what: string, total: number, trailer: number): string | null {
  return trailer === total ? null : `${what}: block of ${total} bytes says ${trailer} at its end`;
}
