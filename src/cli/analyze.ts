/**
 * `vxdump analyze`: one report over one or many captures.
 */
import { Command, Option } from 'commander';
import type { Io } from './io.js';
import { allowTruncatedOption, colorOption, vxlanPortOption } from './options.js';
import type { AnalyzeFlags } from './run-analyze.js';

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
    .action(async (captures: string[], flags: AnalyzeFlags) => {
      const { runAnalyze } = await import('./run-analyze.js');
      finish(await runAnalyze(captures, flags, io));
    });
}
