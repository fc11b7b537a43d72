/** Analyses captures that a test makes up: written to files, read as any other. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Analysis } from '../../src/analysis.js';
import { type AnalyzeOptions, analyze } from '../../src/analyze.js';
import type { Finding } from '../../src/findings/finding.js';
import { MICRO, type PcapOptions, pcap } from './capture-writer.js';
import type { Scratch } from './read-capture.js';

/** A frame, when it was seen, µs, and its length on the wire where that is more. */
export type Timed = readonly [us: number, bytes: Uint8Array, wireLen?: number];
/** Frames by the names of their taps: `vm1_overlay`, `vm1_underlay`. */
export type Taps = Readonly<Record<string, readonly Timed[]>>;

let runs = 0;

/** The analysis of captures that hold these frames. */
export function analyzeTaps(
  scratch: Scratch,
  taps: Taps,
  options: AnalyzeOptions = {},
  file: PcapOptions = {},
): Promise<Analysis> {
  const folder = join(scratch.path, `taps-${runs++}`);
  mkdirSync(folder);
  const paths = Object.entries(taps).map(([name, frames]) => {
    const path = join(folder, `${name}.pcap`);
    const records = frames.map(([us, bytes, wireLen = bytes.length]) => {
      return { bytes, wireLen, seconds: Math.floor(us / 1e6), fraction: us % 1e6 };
    });
    writeFileSync(path, pcap(records, { magic: MICRO, ...file }));
    return path;
  });
  return analyze(paths, options);
}

/** The findings of one kind. */
export function only(analysis: Analysis, id: string): readonly Finding[] {
  return analysis.findings.filter((finding) => finding.id === id);
}
