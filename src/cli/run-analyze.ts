/**
 * The work of `vxdump analyze`. Imported when it runs: the command tree is to be quick.
 */
import type { Analysis } from '../analysis.js';
import { analyze } from '../analyze.js';
import { printable } from '../fields/text.js';
import { SEVERITIES, type Severity } from '../findings/finding.js';
import { RULES } from '../findings/registry.js';
import { analysisText } from '../report/analysis-text.js';
import { jsonText } from '../report/json-text.js';
import { pairLine, pathLine } from '../report/pair-line.js';
import { sarifText } from '../report/sarif.js';
import { wantsColor } from './color.js';
import { Exit } from './exit.js';
import type { Io } from './io.js';
import { Progress } from './progress.js';
import { UsageError } from './usage-error.js';
import { compileLate, keepYoungGenerationSmall } from './v8-flags.js';
import { version } from './version.js';

/** Options, by the names that commander gives them. */
export interface AnalyzeFlags {
  readonly format: 'text' | 'json' | 'ndjson' | 'sarif';
  readonly overlay: string[];
  readonly underlay: string[];
  readonly vni?: number[];
  readonly window?: number;
  readonly pairs?: true;
  readonly clockOffset: [string, number][];
  readonly vteps?: string[];
  readonly failOn?: Severity;
  readonly ignore: string[];
  readonly vxlanPort: number[];
  readonly allowTruncated?: true;
  readonly color: string;
}

/** Analyses captures and prints the report. @returns the exit code @throws VxdumpError, OutputError */
export async function runAnalyze(given: readonly string[], flags: AnalyzeFlags, io: Io): Promise<number> {
  // A capture that an option names besides is the same one; one that is given twice is two taps.
  const forced = [...new Set([...flags.overlay, ...flags.underlay])];
  const captures = [...given, ...forced.filter((capture) => !given.includes(capture))];
  if (captures.length === 0) throw new UsageError('analyze: no capture given');
  const unknown = flags.ignore.find((id) => !RULES.some((rule) => rule.id === id));
  if (unknown !== undefined) {
    throw new UsageError(`analyze: --ignore ${unknown}: no finding has that id; docs/findings.md lists them`);
  }
  keepYoungGenerationSmall();
  const progress = new Progress(io);
  const notes: string[] = [];
  const records = flags.format === 'ndjson';
  const analysis = await analyze(captures, {
    vxlanPorts: flags.vxlanPort,
    roles: forcedRoles(flags),
    ...(flags.vni === undefined ? {} : { vnis: flags.vni }),
    ...(flags.window === undefined ? {} : { windowNs: flags.window }),
    clockOffsetsNs: new Map(flags.clockOffset),
    pairs: flags.pairs === true,
    ...(flags.vteps === undefined ? {} : { vteps: flags.vteps }),
    ignore: new Set(flags.ignore),
    ...(records
      ? {
          onPairs: (pairs) => io.stdout.write(pairs.map(pairLine).join('')),
          onPaths: (paths) => io.stdout.write(paths.map(pathLine).join('')),
        }
      : {}),
    signal: io.signal,
    onProgress: (bytesRead, size) => progress.update(bytesRead, size),
    // What reads frames runs for long; what makes a report mostly has ended before its compiled code comes.
    onRead: compileLate,
    onNote: (note) => notes.push(note),
  }).finally(() => progress.stop());
  if (flags.format === 'json') {
    for (const piece of jsonText(analysis)) await io.stdout.write(piece);
  } else if (flags.format === 'sarif') await io.stdout.write(sarifText(analysis, version()));
  else if (!records) {
    await io.stdout.write(analysisText(analysis, { color: wantsColor(flags.color, io.stdout, io.env) }));
  }
  for (const note of notes) await io.stderr.write(`vxdump: ${printable(note)}\n`);
  const cut = analysis.captures.some(({ ended }) => ended !== 'complete');
  if (cut && !flags.allowTruncated) return Exit.CutCapture;
  return flags.failOn !== undefined && isAsBadAs(analysis, flags.failOn) ? Exit.Failed : Exit.Done;
}

/** Whether a finding is of a severity, or worse. */
function isAsBadAs({ findings }: Analysis, severity: Severity): boolean {
  return findings.some((finding) => SEVERITIES.indexOf(finding.severity) <= SEVERITIES.indexOf(severity));
}

/** Roles that options force; a capture that both name is mixed. */
function forcedRoles({ overlay, underlay }: AnalyzeFlags): Map<string, 'overlay' | 'underlay' | 'mixed'> {
  const roles = new Map<string, 'overlay' | 'underlay' | 'mixed'>();
  for (const capture of overlay) roles.set(capture, underlay.includes(capture) ? 'mixed' : 'overlay');
  for (const capture of underlay) if (!roles.has(capture)) roles.set(capture, 'underlay');
  return roles;
}
