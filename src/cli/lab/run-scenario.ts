/**
 * `vxdump lab run`: the whole of it, from the doctor to what the captures say.
 */
import { analyze } from '../../analyze.js';
import { draw } from '../../lab/blueprint.js';
import { withLab } from '../../lab/build.js';
import { record } from '../../lab/record.js';
import type { Scenario } from '../../lab/scenario.js';
import { tapPoints, vxlanPorts } from '../../lab/topology.js';
import { analysisText } from '../../report/analysis-text.js';
import { wantsColor } from '../color.js';
import { Exit } from '../exit.js';
import type { Io } from '../io.js';
import { compareWithExpected } from './compare-expected.js';
import { choicesOf, type LabFlags } from './flags.js';
import { watchOf } from './watch.js';

/** Runs a scenario. @returns the exit code */
export async function runScenario(scenario: Scenario, flags: LabFlags, io: Io): Promise<number> {
  const startedMs = performance.now();
  const blueprint = await draw(scenario, choicesOf(flags));
  const { output } = blueprint;
  const taps = tapPoints(scenario);
  const watch = watchOf(flags, io);
  const analysis = await withLab(blueprint, watch, async (runner) => {
    await record(runner, blueprint);
    const analyzeMs = performance.now();
    watch.onPhase('analyze', null);
    const files = taps.map(({ tap, host, file }) => `${host}:${tap}=${output}/${file}`);
    const found = await analyze(files, { vxlanPorts: vxlanPorts(scenario), signal: io.signal });
    watch.onPhase('analyze', performance.now() - analyzeMs);
    return found;
  });
  const milliseconds = Math.round(performance.now() - startedMs);
  const problems = flags.verify ? await compareWithExpected(scenario, analysis, output) : null;
  if (flags.json) {
    const result = { schema: 'vxdump.lab-run/1', scenario: scenario.name, output, milliseconds };
    await io.stdout.write(`${JSON.stringify({ ...result, problems, analysis }, null, 1)}\n`);
  } else {
    await io.stdout.write(analysisText(analysis, { color: wantsColor('auto', io.stdout, io.env) }));
    if (!flags.quiet) await io.stderr.write(`\n${output}: ${taps.length} captures and manifest.json\n`);
  }
  if (problems === null) return Exit.Done;
  for (const problem of problems) await io.stderr.write(`vxdump: ${scenario.name}: ${problem}\n`);
  if (problems.length === 0 && !flags.quiet) await io.stderr.write(`${scenario.name}: as it must be\n`);
  return problems.length === 0 ? Exit.Done : Exit.Failed;
}
