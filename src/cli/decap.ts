/**
 * `vxdump decap`: what the tunnels carry, as a capture of its own.
 */
import { Command, Option } from 'commander';
import type { Io } from './io.js';
import { allowTruncatedOption, vxlanPortOption, wholeNumber } from './options.js';
import type { DecapFlags } from './run-decap.js';

const EXAMPLES = `
Examples:
  vxdump decap underlay.pcap -o inner.pcapng                every inner frame, an interface for each VNI
  vxdump decap underlay.pcap -o inner.pcap --vni 5000       those of one VNI, as classic pcap
  vxdump decap underlay.pcap -o inner.pcap --split          inner-5000.pcap, inner-5001.pcap, …
  vxdump decap underlay.pcap -o - | tcpdump -nn -r -        on, into another program

OUT is pcap where its name ends in .pcap, else pcapng. Times are kept. A frame in nested tunnels loses all of them up
to the innermost that has a VNI.
`;

/** The command. @param finish takes the exit code */
export function decapCommand(io: Io, finish: (exit: number) => void): Command {
  return new Command('decap')
    .description('write the frames inside the tunnels as a capture')
    .argument('<capture>', 'a file; - is standard input')
    .argument('[filter...]', 'of the frames as they were captured')
    .requiredOption('-o <out>', 'the file to write; - is standard output')
    .addOption(new Option('--vni <vni>', 'only frames of this VNI').argParser(wholeNumber(0, 0xff_ffff)))
    .option('--split', 'a file for each VNI: OUT with -VNI behind its stem')
    .option('-c <n>', 'stop after n frames written', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .addOption(vxlanPortOption())
    .addOption(allowTruncatedOption())
    .addHelpText('after', EXAMPLES)
    .action(async (capture: string, filter: string[], flags: DecapFlags) => {
      const { runDecap } = await import('./run-decap.js');
      finish(await runDecap(capture, filter.join(' '), flags, io));
    });
}
