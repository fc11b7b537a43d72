/**
 * `vxdump lab status`: the labs of this machine.
 */
import { type LabState, labNames, StateFile } from '../../lab/state.js';
import { runsLab } from '../../lab/take-down.js';
import { Exit } from '../exit.js';
import type { Io } from '../io.js';
import type { LabFlags } from './flags.js';

/** Prints a line for each. @returns the exit code: whether the one that is named is there */
export async function printStatus(flags: LabFlags, io: Io): Promise<number> {
  const names = labNames();
  for (const name of names) {
    const state = StateFile.open(name)?.state;
    if (state === undefined) continue;
    await io.stdout.write(`${name}\t${state.scenario}\t${state.runtime}\t${state.vtep}\t${phaseOf(state)}\n`);
  }
  if (names.length === 0) await io.stderr.write('no lab is there\n');
  return names.includes(flags.name) ? Exit.Done : Exit.Lab;
}

function phaseOf({ pid }: LabState): string {
  if (pid === null) return 'up';
  return runsLab(pid) ? `run by process ${pid}` : 'left by a process that died';
}
