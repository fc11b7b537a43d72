/**
 * When the taps of a lab's run were capturing: `manifest.json` (`vxdump.lab-manifest/1`) beside the captures tells.
 */
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { CaptureSpan } from './source.js';

const SCHEMA = 'vxdump.lab-manifest/1';
/** A longer one is none of ours. */
const MAX_LEN = 4 * 1024 * 1024;

/** From when to when a capture ran by the manifest beside it; null where there is none, or it does not name the capture. */
export function manifestSpan(path: string): CaptureSpan | null {
  if (path === '-') return null;
  const manifest = join(dirname(path), 'manifest.json');
  try {
    const stat = statSync(manifest, { throwIfNoEntry: false });
    if (!stat?.isFile() || stat.size > MAX_LEN) return null;
    const { schema, captures } = JSON.parse(readFileSync(manifest, 'utf8'));
    if (schema !== SCHEMA) return null;
    const { fromNs, untilNs } = captures.find(({ file }: { file: unknown }) => file === basename(path));
    return { fromNs: BigInt(fromNs), untilNs: BigInt(untilNs) };
  } catch {
    // Whatever else it is, it proves nothing.
    return null;
  }
}
