/**
 * `vxdump analyze`: one report over one or many captures.
 */
import { Command, Option } from 'commander';
import { printable } from '../fields/text.js';
import { wantsColor } from './color.js';
import { Exit } from './exit.js';
import type { Io } from './io.js';
import { allowTruncatedOption, colorOption, vxlanPortOption } from './options.js';

interface AnalyzeFlags {
  readonly format: 'text' | 'json';
  readonly vxlanPort: number[];
  readonly allowTruncated?: true;
  readonly color: string;
}

const EXAMPLES = `
Examples:
  vxdump analyze underlay.pcap
  vxdump analyze vm1=vm1_overlay.pcap eth0=vm1_underlay.pcap.gz
  vxdump analyze --format json underlay.pcapng | jq .tunnels
  zcat big.pcap.gz | vxdump analyze -

A capture is named by what stands before its "=" (hv1:eth0=FILE names the host too), else by its file.
pcap and pcapng, gzip and zstd are told by their first bytes.
`;

/** The command. @param finish takes the exit code */
export function analyzeCommand(io: Io, finish: (exit: number) => void): Command {
  return new Command('analyze')
    .description('report what captures hold: VTEPs, VNIs, tunnels, endpoints')
    .argument('<capture...>', '[[HOST:]TAP=]FILE; - is standard input')
    .addOption(new Option('--format <format>', 'how to print it').choices(['text', 'json']).default('text'))
    .addOption(vxlanPortOption())
    .addOption(allowTruncatedOption())
    .addOption(colorOption())
    .addHelpText('after', EXAMPLES)
    .action(async (captures: string[], flags: AnalyzeFlags) => finish(await runAnalyze(captures, flags, io)));
}

async function runAnalyze(captures: readonly string[], flags: AnalyzeFlags, io: Io): Promise<number> {
  const [{ analyze }, { analysisText }, { Progress }] = await Promise.all([
    import('../analyze.js'),
    import('../report/analysis-text.js'),
    import('./progress.js'),
  ]);
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
