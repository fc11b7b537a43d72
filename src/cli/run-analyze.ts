/**
 * The work of `vxdump analyze`. Imported when it runs: the command tree is to be quick.
 */
import { analyze } from '../analyze.js';
import { printable } from '../fields/text.js';
import { analysisText } from '../report/analysis-text.js';
import { wantsColor } from './color.js';
import { Exit } from './exit.js';
import type { Io } from './io.js';
import { Progress } from './progress.js';

/** Options, by the names that commander gives them. */
export interface AnalyzeFlags {
  readonly format: 'text' | 'json';
  readonly vxlanPort: number[];
  readonly allowTruncated?: true;
  readonly color: string;
}

/** Analyses captures and prints the report. @returns the exit code @throws VxdumpError, OutputError */
export async function runAnalyze(captures: readonly string[], flags: AnalyzeFlags, io: Io): Promise<number> {
  const progress = new Progress(io);
  const notes: string[] = [];
  const analysis = await analyze(captures, {
    vxlanPorts: flags.vxlanPort,
    signal: io.signal,
    onProgress: (bytesRead, size) => progress.update(bytesRead, size),
    onNote: (note) => notes.push(note),
  }).finally(() => progress.stop());
  const text =
    flags.format === 'json'
      ? `${JSON.stringify(analysis, null, 1)}\n`
      : analysisText(analysis, { color: wantsColor(flags.color, io.stdout, io.env) });
  await io.stdout.write(text);
  for (const note of notes) await io.stderr.write(`vxdump: ${printable(note)}\n`);
  const cut = analysis.captures.some(({ ended }) => ended !== 'complete');
  return cut && !flags.allowTruncated ? Exit.CutCapture : Exit.Done;
}
