/**
 * `vxdump read`: a line, a tree or a record for every frame of a capture.
 */
import { Command, Option } from 'commander';
import type { Io } from './io.js';
import { allowTruncatedOption, vxlanPortOption, wholeNumber } from './options.js';
import { outputOptions } from './output-options.js';
import { type ReadFlags, type Repeats, TIMES } from './read-flags.js';

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
  const repeats: Repeats = { t: 0, v: 0, x: 0, X: 0 };
  const command = new Command('read')
    .description('print the frames of a capture: lines, trees, hexadecimal or records')
    .argument('[words...]', 'the capture (- is standard input), unless -r names it; then a filter')
    .option('-r <file>', 'the capture, as in tcpdump')
    .addOption(
      new Option('--format <format>', 'how to print a frame')
        .choices(['text', 'ndjson', 'json', 'csv', 'fields'])
        .default('text'),
    )
    .addOption(linkHeaderOrFields(words))
    .option('-V', 'print every field of every layer')
    .option('-c <n>', 'stop after n frames', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--follow', 'wait for more at the end of the file, and for the file that takes its name')
    .option('--count', 'print only how many frames there are')
    .option('-x', 'add bytes in hexadecimal; -xx with the link header')
    .option('-X', 'add bytes in hexadecimal and ASCII; -XX with the link header')
    .option('-v', 'say more; -vv says most')
    .option('-t', 'no time; -tt epoch, -ttt delta, -tttt date, -ttttt since the first frame')
    .addOption(new Option('--time <style>', 'how to print the time').choices(Object.keys(TIMES)))
    .option('-n', 'accepted: addresses and ports are always numbers')
    .option('-l', 'accepted: output never waits for a full buffer')
    .addOption(vxlanPortOption())
    .addOption(allowTruncatedOption())
    .addHelpText('after', EXAMPLES)
    .action(async (rest: string[], flags: ReadFlags) => {
      const { runRead } = await import('./run-read.js');
      finish(await runRead(rest, flags, repeats, io));
    });
  for (const option of outputOptions('write frames to a capture instead; - is standard output')) {
    command.addOption(option);
  }
  for (const letter of ['t', 'v', 'x', 'X'] as const) {
    command.on(`option:${letter}`, () => {
      repeats[letter]++;
    });
  }
  return command;
}

/** `-e` is tcpdump's link-header switch, and tshark's choice of a field where `--format fields` stands on the line. */
function linkHeaderOrFields(words: readonly string[]): Option {
  const fields = words.some(
    (word, index) => word === '--format=fields' || (word === 'fields' && words[index - 1] === '--format'),
  );
  if (!fields) return new Option('-e', 'print the link header; with --format fields: -e FIELD chooses a field');
  return new Option('-e <field>', 'a field to print; once for each').argParser((name, names: string[] = []) => [
    ...names,
    name,
  ]);
}
