/**
 * `vxdump analyze`: one report over one or many captures.
 */
import { isIP, SocketAddress } from 'node:net';
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Io } from './io.js';
import { allowTruncatedOption, colorOption, vxlanPortOption, wholeNumber } from './options.js';
import type { AnalyzeFlags } from './run-analyze.js';

const EXAMPLES = `
Examples:
  vxdump analyze underlay.pcap
  vxdump analyze vm1=vm1_overlay.pcap eth0=vm1_underlay.pcap.gz
  vxdump analyze vm1_overlay.pcap hv1:eth0=a.pcap hv2:eth0=b.pcap vm2_overlay.pcap
  vxdump analyze --overlay inside.pcap --underlay outside.pcap
  vxdump analyze --format ndjson vm1_overlay.pcap vm1_underlay.pcap
  vxdump analyze --format json underlay.pcapng | jq .tunnels
  vxdump analyze --vteps 10.0.0.1,10.1.0.1,10.2.0.1 eth0.pcap
  vxdump analyze --fail-on error --ignore clock-offset *.pcap
  vxdump analyze --format sarif *.pcap > findings.sarif
  zcat big.pcap.gz | vxdump analyze -

With several captures, frames seen bare at one tap are paired with their encapsulations at others. Which
is which shows in file names (X_overlay, X_underlay) and frames; a capture that --overlay and --underlay
both name holds both. With more than two, or two of the underlay, the way of each frame from tap to tap is
followed: the report says at which hop frames were lost. --format ndjson prints a record per pair, and per way
of a frame.

The report begins with the worst that was found. Findings are verdicts with the frames that show them;
docs/findings.md says of each what it means, how to confirm it and how to mend it.

A capture is named by what stands before its "=" (hv1:eth0=FILE names the host too), else by its file.
pcap and pcapng, gzip and zstd are told by their first bytes.
`;

/** The command. @param finish takes the exit code */
export function analyzeCommand(io: Io, finish: (exit: number) => void): Command {
  return new Command('analyze')
    .description('report what captures hold, pair what they saw, and say what is wrong')
    .argument('[capture...]', '[[HOST:]TAP=]FILE; - is standard input')
    .addOption(
      new Option('--format <format>', 'how to print it; ndjson has pairs and paths, sarif findings')
        .choices(['text', 'json', 'ndjson', 'sarif'])
        .default('text'),
    )
    .addOption(captureOption('--overlay', 'a capture whose bare frames count'))
    .addOption(captureOption('--underlay', 'a capture whose encapsulations count'))
    .addOption(
      new Option('--vni <vnis>', "the overlay taps' VNIs, with commas between; else learnt").argParser((text) =>
        text.split(',').map(wholeNumber(0, 0xff_ffff)),
      ),
    )
    .addOption(
      new Option('--window <time>', 'how long a frame waits for its twin: 1s, 50ms, 200us').argParser(positiveDuration),
    )
    .addOption(new Option('--pairs', 'list every pair, and the way of every frame (json)'))
    .addOption(
      new Option('--clock-offset <TAP=NS>', "what a tap's clock is ahead; repeatable")
        .default([], 'estimated')
        .argParser((text, before: [string, number][]) => [...before, clockOffset(text)]),
    )
    .addOption(
      new Option(
        '--vteps <addresses>',
        'VTEPs that frames to a group are to reach, with commas between; else those seen in the VNI',
      ).argParser((text) => text.split(',').map(vtepAddress)),
    )
    .addOption(
      new Option('--fail-on <severity>', 'exit 1 where a finding is as bad, or worse').choices([
        'error',
        'warning',
        'info',
      ]),
    )
    .addOption(
      new Option('--ignore <ids>', 'findings not to tell, with commas between; repeatable')
        .default([], 'none')
        .argParser((text, before: string[]) => [...before, ...text.split(',')]),
    )
    .addOption(vxlanPortOption())
    .addOption(allowTruncatedOption())
    .addOption(colorOption())
    .addHelpText('after', EXAMPLES)
    .action(async (captures: string[], flags: AnalyzeFlags) => {
      const { runAnalyze } = await import('./run-analyze.js');
      finish(await runAnalyze(captures, flags, io));
    });
}

function captureOption(name: string, description: string): Option {
  return new Option(`${name} <capture>`, `${description}; repeatable`)
    .default([], 'by name and frames')
    .argParser((text, before: string[]) => [...before, text]);
}

/** `1s`, `50ms`, `200us`, `10ns`; a bare number is seconds. @returns ns */
function positiveDuration(text: string): number {
  const [, value, unit = 's'] = /^(\d+(?:\.\d+)?)(s|ms|us|ns)?$/.exec(text) ?? [];
  const ns = Number(value) * { s: 1e9, ms: 1e6, us: 1e3, ns: 1 }[unit as 's' | 'ms' | 'us' | 'ns'];
  if (!(ns > 0)) throw new InvalidArgumentError('It takes a time above 0: 1s, 50ms, 200us.');
  return ns;
}

/** An IP address, as reports spell it. */
function vtepAddress(text: string): string {
  const family = isIP(text);
  if (family === 0) throw new InvalidArgumentError('It takes IP addresses, with commas between.');
  return new SocketAddress({ address: text, family: family === 4 ? 'ipv4' : 'ipv6' }).address;
}

function clockOffset(text: string): [string, number] {
  const [, tap, ns] = /^(.+)=(-?\d+)$/.exec(text) ?? [];
  if (tap === undefined) throw new InvalidArgumentError("It takes a tap's name, =, and whole nanoseconds.");
  return [tap, Number(ns)];
}
