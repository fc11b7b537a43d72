/**
 * Where the lab's nodes live. A placement only says which commands make nodes, reach into them and remove them.
 */
import type { Scenario } from './scenario.js';
import type { Phase } from './step.js';

/** How a runtime names and reaches nodes. Pure: it runs nothing. */
export interface Placement {
  /** The same command, inside a node. */
  inside(node: string, argv: readonly string[]): string[];
  /** A folder in the node for what its daemons keep; null where they need none. */
  folder(node: string): string | null;
  /** Sets kernel settings in a node; null where the runtime has done so already. */
  settings(node: string, settings: readonly string[]): string[] | null;
  /** A process that stays: what starts it, and what sends it a signal (its name is put behind). */
  stays(node: string, name: string, argv: readonly string[]): { argv: string[]; signal: string[] | null };
  /** Makes the nodes and the wire between their eth0. */
  nodes(scenario: Scenario): readonly Phase[];
}

/** Lab names: short enough for socket paths, and nothing that a shell or a path would take otherwise. */
export const LAB_NAME = /^[a-z0-9][a-z0-9-]{0,19}$/;

/** Where labs of this machine keep their state. */
export const STATE_ROOT = '/run/vxdump-lab';
