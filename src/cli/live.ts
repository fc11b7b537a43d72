/**
 * `vxdump live`: frames of interfaces, as they come.
 */
import { Command, InvalidArgumentError, Option } from 'commander';
import type { Io } from './io.js';
import { vxlanPortOption, wholeNumber } from './options.js';
import { outputOptions } from './output-options.js';
import { addPrintOptions } from './print-options.js';
import type { LiveFlags } from './run-live.js';

const EXAMPLES = `
Examples:
  vxdump live eth0                                a line per frame, tunnels first
  vxdump live eth0 vxlan 5000 and inner.arp       frames that pass a filter
  vxdump live vm1 eth0 -w both.pcapng             two interfaces into one capture
  vxdump live vm1 eth0 --stats                    who talks, and what pairs, in tables; Ctrl-C ends it
  vxdump live vm1 eth0 --format ndjson            frames, and pairs as they become final
  vxdump live eth0 -f 'udp port 4789' -w ring -C 100 -W 10
  vxdump live eth0 --format ndjson | jq .layers
  vxdump -i any -c 10                             as in tcpdump

Words that are interfaces come first, the rest is a filter on all layers; -f is libpcap's, runs in the kernel and
finds tagged frames, too. Ctrl-C ends it, SIGUSR1 prints the counters. docs/live.md says how to do without root.
`;

/** The command. @param finish takes the exit code @param words the command line, which decides what -e means */
export function liveCommand(io: Io, finish: (exit: number) => void, words: readonly string[]): Command {
  const command = new Command('live')
    .description('capture on interfaces: print frames, or write them')
    .argument('[words...]', 'interfaces (any is all of them), unless -i names them; then a filter')
    .addOption(interfaceOption('-i', 'an interface, as in tcpdump').default([], 'the first words'))
    .option('-D', 'list the interfaces')
    .addOption(
      new Option('--source <source>', 'how to capture')
        .choices(['auto', 'ring', 'tcpdump', 'dumpcap', 'cap'])
        .default('auto'),
    )
    .option('-f <filter>', 'a libpcap filter that the kernel runs')
    .addOption(
      new Option('-s <bytes>', 'bytes to keep of a frame')
        .default(262_144)
        .argParser((text) => wholeNumber(0, 262_144)(text) || 262_144),
    )
    .option('-B <kib>', "the kernel's buffer, KiB", wholeNumber(64, 4_194_304))
    .addOption(
      new Option('-Q <direction>', 'frames of one direction only').choices(['in', 'out', 'inout']).default('inout'),
    )
    .option('-p', 'not promiscuous: leave out frames for other stations')
    .option('-Z <user>', 'run on as this user, once the interfaces are open')
    .addOption(interfaceOption('--overlay', 'an interface whose bare frames are paired'))
    .addOption(interfaceOption('--underlay', 'an interface whose encapsulations are paired'))
    .addOption(
      new Option('--stats [seconds]', 'tables instead of frames, anew every so many seconds')
        .preset('2')
        .argParser(statsSeconds),
    )
    .option('-U', 'with -w: write each frame at once, not within a second');
  const repeats = addPrintOptions(command, words);
  command.addOption(vxlanPortOption());
  for (const option of outputOptions('write frames to a pcapng capture instead; - is standard output')) {
    command.addOption(option);
  }
  return command.addHelpText('after', EXAMPLES).action(async (rest: string[], flags: LiveFlags) => {
    const { runLive } = await import('./run-live.js');
    finish(await runLive(rest, flags, repeats, io));
  });
}

function interfaceOption(flag: string, description: string): Option {
  return new Option(`${flag} <interface>`, `${description}; repeatable`)
    .default([], 'as frames tell')
    .argParser((name, names: string[]) => [...names, name]);
}

/** The word behind `--stats`, which is the user's next one where there is no number. */
function statsSeconds(text: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1 || Number(text) > 86_400) {
    throw new InvalidArgumentError('It takes seconds, from 1 to 86400, or stands behind the interfaces.');
  }
  return Number(text);
}
