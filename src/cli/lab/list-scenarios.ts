/**
 * `vxdump lab list`: the scenarios.
 */
import { loadScenario, scenarioNames } from '../../lab/scenario.js';
import { Exit } from '../exit.js';
import type { Io } from '../io.js';
import type { LabFlags } from './flags.js';

/** Prints a line for each. @returns the exit code */
export async function listScenarios(flags: LabFlags, io: Io): Promise<number> {
  const scenarios = scenarioNames().map(loadScenario);
  if (flags.json) await io.stdout.write(`${JSON.stringify(scenarios, null, 1)}\n`);
  else {
    const width = Math.max(...scenarios.map(({ name }) => name.length));
    for (const { name, title, vteps } of scenarios) {
      await io.stdout.write(`${name.padEnd(width)}  ${vteps.join(', ').padEnd(11)}  ${title}\n`);
    }
  }
  return Exit.Done;
}
