/**
 * `vxdump lab exec`: a command in a node of a lab that stands, with this process's own streams.
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { VxdumpError } from '../../errors.js';
import { placementOf } from '../../lab/blueprint.js';
import { ovsEnvironment } from '../../lab/placement.js';
import { loadScenario } from '../../lab/scenario.js';
import { StateFile } from '../../lab/state.js';
import { nodesOf } from '../../lab/topology.js';
import { UsageError } from '../usage-error.js';
import type { LabFlags } from './flags.js';

/** What a shell adds to the number of the signal that ended a command. */
const SIGNAL_EXIT = 128;

/** Runs it. @param words the node, then the command, behind a `--` or not @returns its exit code, as a shell has it */
export async function execInNode([node = '', ...words]: readonly string[], { name }: LabFlags): Promise<number> {
  const command = words[0] === '--' ? words.slice(1) : words;
  if (command.length === 0) throw new UsageError(`lab exec: name a command: vxdump lab exec ${node} -- COMMAND`);
  const { lab, scenario, runtime } = StateFile.require(name).state;
  const nodes = nodesOf(loadScenario(scenario), runtime);
  if (!nodes.includes(node)) {
    throw new VxdumpError('E_LAB_NAME', `lab ${lab} has no node ${node}: there are ${nodes.join(', ')}`);
  }
  const placement = await placementOf(lab, runtime);
  const argv = placement.inside(node, [...ovsEnvironment(placement.folder(node)), ...command]);
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: 'inherit' });
  // Ctrl-C reaches it by itself, since it is the terminal's too.
  const passOn = (): void => void child.kill('SIGTERM');
  process.on('SIGTERM', passOn);
  try {
    return await new Promise((done, fail) => {
      child.once('error', (error) => fail(new VxdumpError('E_LAB_MACHINE', `cannot run ${argv[0]}: ${error.message}`)));
      child.once('exit', (code, signal) => done(code ?? SIGNAL_EXIT + constants.signals[signal as NodeJS.Signals]));
    });
  } finally {
    process.off('SIGTERM', passOn);
  }
}
