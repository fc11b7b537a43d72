/**
 * Pairs as NDJSON: schema `vxdump.pair/1`, a record a line.
 */
import type { PairRecord } from '../correlate/correlation.js';

/** A pair as a record, its line ended. **Cost** allocates. */
export function pairLine(pair: PairRecord): string {
  return `${JSON.stringify({ schema: 'vxdump.pair/1', ...pair })}\n`;
}
