/**
 * `vxdump lab`: a VXLAN network on this machine, healthy or broken on purpose.
 */
import { Command, Option } from 'commander';
import type { Io } from './io.js';
import type { LabFlags } from './lab/flags.js';

const EXAMPLES = `
Examples:
  vxdump lab run                                build, capture, ping, analyze, take down
  vxdump lab run mtu-black-hole -o captures     a network that is broken on purpose
  vxdump lab run six-packet --verify            fails unless what must come out comes out
  vxdump lab up --vtep kernel                   stay in it: then status, exec, capture, down
  vxdump lab exec hv1 -- ping -c1 192.168.1.2
  vxdump lab plan learned                       every command, without running one

All but list and plan need root. What this machine lacks, vxdump lab doctor says.
`;

/** The command. @param finish takes the exit code */
export function labCommand(io: Io, finish: (exit: number) => void): Command {
  const lab = new Command('lab')
    .enablePositionalOptions()
    .description('a real VXLAN network on this machine, healthy or broken on purpose')
    .addHelpText('after', EXAMPLES);
  const add = (verb: string, description: string): Command =>
    lab
      .command(verb)
      .description(description)
      .action(async (...given: unknown[]) => {
        const { runLab } = await import('./run-lab.js');
        // Commander gives the arguments, then the options, then the command.
        const words = given.slice(0, -2).flat() as string[];
        finish(await runLab(verb, words, given.at(-2) as LabFlags, io));
      });
  of(told(add('run', 'build it, capture, ping, analyze, and take it down')))
    .addOption(output())
    .option('--verify', 'exit 1 unless the goldens and findings of the scenario come out');
  of(told(add('up', 'build it and leave it there')));
  of(add('plan', 'print every command of a run')).addOption(output());
  add('status', 'say what is there').option('--name <name>', 'this lab alone');
  named(add('exec', 'run a command in a node'))
    .argument('<node>', 'hv1, hv2, …')
    .argument('<command...>', 'the command and its words, behind -- or not')
    .passThroughOptions();
  named(add('capture', 'capture at every tap until Ctrl-C')).addOption(output());
  named(add('down', 'take it down, after a crash too'));
  add('list', 'the scenarios').option('--json', 'as JSON');
  built(add('doctor', 'say what this machine lacks, and what mends it')).option('--json', 'as JSON');
  return lab;
}

function of(command: Command): Command {
  return built(named(command.argument('[scenario]', 'vxdump lab list names them', 'six-packet')));
}

function output(): Option {
  return new Option('-o, --output <folder>', 'where the captures go').default(undefined, 'vxdump-lab-SCENARIO');
}

function named(command: Command): Command {
  return command.option('--name <name>', "the lab's name", 'lab');
}

function told(command: Command): Command {
  return command.option('--quiet', 'no progress').option('--json', 'the result as JSON');
}

function built(command: Command): Command {
  return command
    .addOption(new Option('--runtime <runtime>', 'what hypervisors are').choices(['netns', 'docker']).default('netns'))
    .addOption(new Option('--vtep <vtep>', "what tunnels (default: the scenario's first)").choices(['ovs', 'kernel']));
}
