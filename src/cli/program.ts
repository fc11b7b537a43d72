/**
 * The command tree; the only reader of argv. Each command's work is imported when it runs, so that `--help` is quick.
 */
import { Command, CommanderError } from 'commander';
import { VxdumpError } from '../errors.js';
import { FilterError } from '../fields/filter-syntax.js';
import { printable } from '../fields/text.js';
import { analyzeCommand } from './analyze.js';
import { assertCommand } from './assert.js';
import { decapCommand } from './decap.js';
import { Exit } from './exit.js';
import { filterFault } from './filter-caret.js';
import { goldenCommand } from './golden.js';
import { type Io, OutputError, processIo } from './io.js';
import { labCommand } from './lab.js';
import { liveCommand } from './live.js';
import { readCommand } from './read.js';
import { version } from './version.js';

/**
 * Runs one command line.
 *
 * @param argv the words after the program's name
 * @param io where it writes
 * @returns the exit code
 */
export async function main(argv: readonly string[], io: Io = processIo()): Promise<number> {
  try {
    return await run(argv, io);
  } catch (error) {
    if (error instanceof OutputError && error.readerGone) return Exit.Done;
    if (error instanceof FilterError) {
      await io.stderr.write(filterFault(error)).catch(() => {});
      return Exit.Usage;
    }
    if (error instanceof VxdumpError || error instanceof OutputError) {
      await io.stderr.write(`vxdump: ${printable(error.message)}\n`).catch(() => {});
      return Exit.Usage;
    }
    if (io.signal.aborted) return Exit.Interrupted;
    throw error;
  }
}

async function run(argv: readonly string[], io: Io): Promise<number> {
  const texts: [Io['stdout'], string][] = [];
  let exit: number = Exit.Done;
  const program = new Command('vxdump')
    .enablePositionalOptions()
    .description('Reads, dissects and explains VXLAN traffic: which hop lost the frame, and why.')
    .version(version(), '--version', 'print the version')
    .addHelpText('after', EXAMPLES);
  const finish = (code: number): void => {
    exit = code;
  };
  const words = withCommand(argv);
  program.addCommand(analyzeCommand(io, finish));
  program.addCommand(readCommand(io, finish, words));
  program.addCommand(liveCommand(io, finish, words));
  program.addCommand(decapCommand(io, finish));
  program.addCommand(assertCommand(io, finish));
  program.addCommand(goldenCommand(io, finish));
  program.addCommand(labCommand(io, finish));
  for (const command of withSubcommands(program)) {
    const name = pathOf(command);
    command
      .exitOverride()
      .showHelpAfterError(`(${name} --help says more)`)
      .configureOutput({
        outputError: (text, write) => write(text.replace(/^error:/, 'vxdump:')),
        writeOut: (text) => texts.push([io.stdout, text]),
        writeErr: (text) => texts.push([io.stderr, text]),
        getOutHelpWidth: () => Math.min(io.stdout.columns, 120),
        getErrHelpWidth: () => Math.min(io.stderr.columns, 120),
      });
  }
  try {
    await program.parseAsync(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exit = error.exitCode === 0 ? Exit.Done : Exit.Usage;
  }
  for (const [output, text] of texts) await output.write(text);
  return exit;
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)];
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`;
}

/** `vxdump -r FILE …` and `vxdump - …` are `read`, `-i IF …` and `-D` are `live`, as a user of tcpdump expects. */
function withCommand(argv: readonly string[]): string[] {
  const first = argv[0];
  if (first === undefined || !first.startsWith('-') || ['--help', '-h', '--version'].includes(first)) return [...argv];
  if (first === '-' || argv.some((word) => /^-[a-zA-Z]*r/.test(word))) return ['read', ...argv];
  return argv.some((word) => /^-[a-zA-Z]*[iD]/.test(word)) ? ['live', ...argv] : [...argv];
}

const EXAMPLES = `
Examples:
  vxdump analyze underlay.pcap                      what it holds: VTEPs, tunnels, endpoints
  vxdump analyze vm1=vm1.pcap eth0=eth0.pcap.gz     several captures in one report
  vxdump read underlay.pcap                         a line per frame, the tunnel first
  vxdump live eth0                                  the same, as it comes
  tcpdump -i eth0 -w - | vxdump -r -                the same, from a pipe
  vxdump lab run                                    build a VXLAN network, capture a ping, take it down
`;
