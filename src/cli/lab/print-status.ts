/**
 * `vxdump lab status`: the labs of this machine.
 */
import { type LabState, labNames, StateFile } from '../../lab/state.js';
import { runsLab } from '../../lab/take-down.js';
import { Exit } from '../exit.js';
import type { Io } from '../io.js';

/** Prints a line for each, or for the one that is named. @returns the exit code: whether there is any */
export async function printStatus({ name: wanted }: { readonly name?: string }, io: Io): Promise<number> {
  const names = labNames().filter((name) => wanted === undefined || name === wanted);
  for (const name of names) {
    const state = StateFile.open(name)?.state;
    if (state === undefined) continue;
    await io.stdout.write(`${name}\t${state.scenario}\t${state.runtime}\t${state.vtep}\t${phaseOf(state)}\n`);
  }
  if (names.length > 0) return Exit.Done;
  await io.stderr.write(wanted === undefined ? 'no lab is there\n' : `no lab named ${wanted} is there\n`);
  return Exit.Lab;
}

function phaseOf({ pid }: LabState): string {
  if (pid === null) return 'up';
  return runsLab(pid) ? `run by process ${pid}` : 'left by a process that died';
}
