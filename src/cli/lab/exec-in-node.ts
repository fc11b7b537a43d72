/**
 * `vxdump lab exec`: a command in a node of a lab that stands, with this process's own streams.
 */
import { spawn } from 'node:child_process';
import { VxdumpError } from '../../errors.js';
import { placementOf } from '../../lab/blueprint.js';
import { ovsEnvironment } from '../../lab/placement.js';
import { loadScenario } from '../../lab/scenario.js';
import { StateFile } from '../../lab/state.js';
import { nodesOf } from '../../lab/topology.js';
import { Exit } from '../exit.js';
import type { LabFlags } from './flags.js';

/** Runs it. @returns its exit code */
export async function execInNode([node = '', ...command]: readonly string[], { name }: LabFlags): Promise<number> {
  const { lab, scenario, runtime } = StateFile.require(name).state;
  const nodes = nodesOf(loadScenario(scenario), runtime);
  if (!nodes.includes(node)) {
    throw new VxdumpError('E_LAB_NAME', `lab ${lab} has no node ${node}: there are ${nodes.join(', ')}`);
  }
  const placement = await placementOf(lab, runtime);
  const argv = placement.inside(node, [...ovsEnvironment(placement.folder(node)), ...command]);
  const child = spawn(argv[0] as string, argv.slice(1), { stdio: 'inherit' });
  return new Promise((done, fail) => {
    child.once('error', (error) => fail(new VxdumpError('E_LAB_MACHINE', `cannot run ${argv[0]}: ${error.message}`)));
    child.once('exit', (code) => done(code ?? Exit.Interrupted));
  });
}
