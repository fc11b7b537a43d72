/**
 * `vxdump read`: a line, a tree or a record for every frame of a capture.
 */
import { Command } from 'commander';
import type { Io } from './io.js';
import { allowTruncatedOption, vxlanPortOption } from './options.js';
import { outputOptions } from './output-options.js';
import { addPrintOptions } from './print-options.js';
import type { ReadFlags } from './read-flags.js';

const EXAMPLES = `
Examples:
  vxdump read underlay.pcap                                 a line per frame, tunnels first
  vxdump read -e -tttt underlay.pcap -c 10                  with MACs and dates, ten frames
  vxdump read -V underlay.pcap                              every field of every layer
  vxdump read --format ndjson underlay.pcap | jq .layers    a JSON record per frame
  vxdump read --format fields -e inner.ip.src -e vxlan.vni underlay.pcap
  vxdump read underlay.pcap vxlan 5000 and not inner.arp    frames that pass a filter
  vxdump read underlay.pcap 'inner.ip.src == 10.0.0.0/8 or udp.dstport in {53, 4789..4790}'
  vxdump read underlay.pcap.gz -w some.pcapng -c 1000       into a file instead; .pcap makes it classic
  vxdump read --follow /var/tmp/eth0.pcap vxlan             as another program writes it
  vxdump -r underlay.pcap                                   the same as read, as in tcpdump
`;

/** The command. @param finish takes the exit code @param words the command line, which decides what -e means */
export function readCommand(io: Io, finish: (exit: number) => void, words: readonly string[]): Command {
  const command = new Command('read')
    .description('print the frames of a capture: lines, trees, hexadecimal or records')
    .argument('[words...]', 'the capture (- is standard input), unless -r names it; then a filter')
    .option('-r <file>', 'the capture, as in tcpdump')
    .option(
      '--follow',
      'wait for more at the end of the file, and for the one that takes its name, or is next in a rotation',
    )
    .option('--count', 'print only how many frames there are')
    .addOption(vxlanPortOption())
    .addOption(allowTruncatedOption())
    .addHelpText('after', EXAMPLES)
    .action(async (rest: string[], flags: ReadFlags) => {
      const { runRead } = await import('./run-read.js');
      finish(await runRead(rest, flags, repeats, io));
    });
  const repeats = addPrintOptions(command, words);
  for (const option of outputOptions('write frames to a capture instead; - is standard output')) {
    command.addOption(option);
  }
  return command;
}
