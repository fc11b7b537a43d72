/**
 * The options of `vxdump lab`, by the names that commander gives them.
 */
import type { Choices } from '../../lab/blueprint.js';
import type { RuntimeName } from '../../lab/placement.js';
import type { Vtep } from '../../lab/scenario.js';

/** Options of all its verbs; each takes some of them. */
export interface LabFlags {
  readonly name: string;
  readonly runtime: RuntimeName;
  readonly vtep?: Vtep;
  readonly output?: string;
  readonly verify?: true;
  readonly quiet?: true;
  readonly json?: true;
}

/** What they choose for a lab. */
export function choicesOf({ name, runtime, vtep, output }: LabFlags): Choices {
  return { lab: name, runtime, vtep, output };
}
