/**
 * `vxdump lab plan`: every command of a run, as a shell would take it; none is run.
 */
import { draw } from '../../lab/blueprint.js';
import type { Scenario } from '../../lab/scenario.js';
import { commandLine } from '../../lab/step.js';
import { Exit } from '../exit.js';
import type { Io } from '../io.js';
import { choicesOf, type LabFlags } from './flags.js';

/** Prints the plan of a scenario. @returns the exit code */
export async function printPlan(scenario: Scenario, flags: LabFlags, io: Io): Promise<number> {
  const { plan } = await draw(scenario, choicesOf(flags));
  const lines: string[] = [];
  const undo: string[] = [];
  for (const { title, lanes } of [...plan.up, plan.captures, plan.prime, plan.traffic]) {
    if (lanes.length > 0) lines.push(`# ${title}`);
    for (const step of lanes.flat()) {
      const until = step.do === 'wait' ? `   # until ${step.has.join(' and ')}` : '';
      lines.push(`${commandLine(step.argv)}${step.do === 'start' ? ' &' : until}`);
      if (step.do === 'command' && step.undo !== undefined) undo.unshift(commandLine(step.undo));
    }
  }
  await io.stdout.write(`${[...lines, '# down', ...undo].join('\n')}\n`);
  return Exit.Done;
}
