/**
 * Pairs and paths as NDJSON: schemas `vxdump.pair/1` and `vxdump.path/1`, a record a line.
 */
import type { PairRecord, PathRecord } from '../correlate/report/correlation.js';

/** A pair as a record, its line ended. **Cost** allocates. */
export function pairLine(pair: PairRecord): string {
  return `${JSON.stringify({ schema: 'vxdump.pair/1', ...pair })}\n`;
}

/** A frame's way as a record, its line ended. **Cost** allocates. */
export function pathLine(path: PathRecord): string {
  return `${JSON.stringify({ schema: 'vxdump.path/1', ...path })}\n`;
}
