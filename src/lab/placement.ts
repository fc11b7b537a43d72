/**
 * Where the lab's nodes live. A placement only says which commands make nodes, reach into them and remove them.
 */
import type { Scenario } from './scenario.js';
import type { Phase } from './step.js';

/** What hypervisors are. */
export type RuntimeName = 'netns' | 'docker';

/** How a runtime names and reaches nodes. Pure: it runs nothing. */
export interface Placement {
  /** The same command, inside a node. */
  inside(node: string, argv: readonly string[]): string[];
  /** A folder in the node for what its daemons keep. */
  folder(node: string): string;
  /** Sets kernel settings in a node; null where the runtime has done so already. */
  settings(node: string, settings: readonly string[]): string[] | null;
  /**
   * A process that stays and writes a file of this machine, which is its last word.
   *
   * @returns what starts it, and what sends it a signal, whose name is put behind (null: it is vxdump's own child)
   */
  writes(
    node: string,
    name: string,
    argv: readonly string[],
    file: string,
  ): { argv: string[]; signal: string[] | null };
  /** Makes the nodes and the wire between their eth0. */
  nodes(scenario: Scenario): readonly Phase[];
}

/** What makes the tools of Open vSwitch work on the instance that is kept in a folder. */
export function ovsEnvironment(folder: string): string[] {
  const names = ['OVS_RUNDIR', 'OVS_LOGDIR', 'OVS_DBDIR', 'OVS_SYSCONFDIR'];
  return ['env', ...names.map((name) => `${name}=${folder}`)];
}

/** Lab names: short enough for socket paths, and nothing that a shell or a path would take otherwise. */
export const LAB_NAME = /^[a-z0-9][a-z0-9-]{0,19}$/;

/** Where labs of this machine keep their state. */
export const STATE_ROOT = '/run/vxdump-lab';
