/**
 * What tables with open addressing have in common: how a key's hash is spread, and how far a look-up goes. Numbers and
 * arithmetic alone: AssemblyScript reads the numbers, too.
 */

/** What the second half of a hash is multiplied by. */
export const SPREAD_FACTOR = 0x2c1b3c6d;

/**
 * Spreads what the words of a key were mixed into over all of its bits: the low ones lead to a slot, the high ones tell
 * keys of one slot apart.
 *
 * @param hash 32 bits @returns 32 bits, another value for each. **Cost** no allocation.
 */
export function spread(hash: number): number {
  const half = Math.imul(hash ^ (hash >>> 15), SPREAD_FACTOR);
  return half ^ (half >>> 13);
}

/**
 * Slots that a look-up goes through at most, where a table has open addressing and is no more than half full. Keys as
 * they come meet in fewer than sixty. Of keys that somebody chose so that they meet, those beyond get no place once a table
 * has its largest size.
 */
export const MAX_PROBES = 256;
