/**
 * A scenario with all that was chosen for it: the VTEP, the runtime, the lab's name, where captures go.
 */
import { resolve } from 'node:path';
import { VxdumpError } from '../errors.js';
import { compose } from './compose.js';
import { netns } from './netns.js';
import type { Placement, RuntimeName } from './placement.js';
import { makePlan } from './plan.js';
import { machine } from './process.js';
import type { Scenario, Vtep } from './scenario.js';
import type { Plan } from './step.js';

/** What is chosen; what is left out is the scenario's. */
export interface Choices {
  readonly lab: string;
  readonly runtime: RuntimeName;
  readonly vtep?: Vtep | undefined;
  /** Folder on this machine that captures go to. */
  readonly output?: string | undefined;
}

/** All that there is to know of a lab before it is built. */
export interface Blueprint {
  readonly scenario: Scenario;
  readonly lab: string;
  readonly runtime: RuntimeName;
  readonly vtep: Vtep;
  readonly output: string;
  readonly placement: Placement;
  readonly plan: Plan;
}

/** Fills in what was not chosen. @throws VxdumpError E_LAB_SCENARIO where the scenario cannot be built so */
export async function draw(scenario: Scenario, { lab, runtime, ...chosen }: Choices): Promise<Blueprint> {
  const vtep = chosen.vtep ?? (scenario.vteps[0] as Vtep);
  if (!scenario.vteps.includes(vtep)) {
    const how = `--vtep ${scenario.vteps.join(' or --vtep ')}`;
    throw new VxdumpError('E_LAB_SCENARIO', `${scenario.name} cannot be built with --vtep ${vtep}: use ${how}`);
  }
  const output = resolve(chosen.output ?? `vxdump-lab-${scenario.name}`);
  const placement = await placementOf(lab, runtime);
  const plan = makePlan(scenario, { lab, vtep, placement, output });
  return { scenario, lab, runtime, vtep, output, placement, plan };
}

/** Where a lab's nodes are. */
export async function placementOf(lab: string, runtime: RuntimeName): Promise<Placement> {
  if (runtime === 'netns') return netns(lab);
  const hasV2 = await machine.run(['docker', 'compose', 'version'], { timeoutMs: 10_000 }).then(
    () => true,
    () => false,
  );
  return compose(lab, hasV2 ? ['docker', 'compose'] : ['docker-compose']);
}
