/**
 * `vxdump lab up`: a lab that stays.
 */
import { draw } from '../../lab/blueprint.js';
import { buildToStay } from '../../lab/build.js';
import type { Scenario } from '../../lab/scenario.js';
import { StateFile } from '../../lab/state.js';
import { Exit } from '../exit.js';
import type { Io } from '../io.js';
import { choicesOf, type LabFlags } from './flags.js';
import { watchOf } from './watch.js';

/** Builds it. @returns the exit code */
export async function bringUp(scenario: Scenario, flags: LabFlags, io: Io): Promise<number> {
  await buildToStay(await draw(scenario, choicesOf(flags)), watchOf(flags, io));
  if (flags.json) await io.stdout.write(`${JSON.stringify(StateFile.open(flags.name)?.state)}\n`);
  else if (!flags.quiet) {
    const name = flags.name === 'lab' ? '' : ` --name ${flags.name}`;
    await io.stderr.write(`up: vxdump lab exec${name} hv1 -- COMMAND works in it, vxdump lab down${name} ends it\n`);
  }
  return Exit.Done;
}
