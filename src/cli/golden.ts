/**
 * `vxdump golden`: the sequences that ship, and files of one's own.
 */
import { Command } from 'commander';
import type { Io } from './io.js';
import { vxlanPortOption } from './options.js';

const EXAMPLES = `
Examples:
  vxdump golden show six-packet
  vxdump golden record good.pcap -o ours.yaml
  vxdump golden validate ours.yaml
  vxdump assert eth0.pcap --golden ours.yaml

What is recorded has a step for each frame; values that come again become names, frames that come again a repeat.
`;

/** The command. @param finish takes the exit code */
export function goldenCommand(io: Io, finish: (exit: number) => void): Command {
  const work = () => import('./run-golden.js');
  const golden = new Command('golden')
    .description('list, show, record and validate golden sequences')
    .addHelpText('after', EXAMPLES);
  golden
    .command('list')
    .description('name the goldens that ship')
    .action(async () => finish(await (await work()).listGoldens(io)));
  golden
    .command('show')
    .description('print a golden that ships: a file to start from')
    .argument('<name>')
    .action(async (name: string) => finish(await (await work()).showGolden(name, io)));
  golden
    .command('record')
    .description('write a golden from a good capture')
    .argument('<capture>', '[TAP=]FILE; - is standard input')
    .option('-o <file>', 'the file to write; stdout unless given')
    .option('--name <name>', "its name; the tap's unless given")
    .addOption(vxlanPortOption())
    .action(async (capture: string, flags: { o?: string; name?: string; vxlanPort: number[] }) =>
      finish(await (await work()).recordGolden(capture, flags, io)),
    );
  golden
    .command('validate')
    .description('check golden files')
    .argument('<file...>')
    .action(async (files: string[]) => finish(await (await work()).validateGoldens(files, io)));
  return golden;
}
