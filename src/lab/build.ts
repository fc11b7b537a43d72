/**
 * Builds labs: the name is taken first, then the steps run. A lab lasts as long as the work in it, or is left to stand.
 */
import type { Blueprint } from './blueprint.js';
import { requireAll, survey } from './doctor.js';
import { machine } from './process.js';
import { Runner } from './run.js';
import { StateFile } from './state.js';

/** Who looks on. */
export interface Watch {
  readonly signal: AbortSignal;
  /** PATH, where programs are looked for. */
  readonly searchPath: string;
  /** Told when a phase begins, and with its time when it has ended. */
  onPhase(title: string, milliseconds: number | null): void;
  /** Told what could not be undone; `lab down` tries it again. */
  onLeft(failure: string): void;
}

/** Builds a lab, works in it, and takes it down, whatever happens. @throws VxdumpError E_LAB_… */
export async function withLab<Result>(
  blueprint: Blueprint,
  watch: Watch,
  work: (runner: Runner) => Promise<Result>,
): Promise<Result> {
  const lab = await begin(blueprint, watch);
  try {
    await lab.up();
    return await work(lab.runner);
  } finally {
    await lab.down();
  }
}

/** Builds a lab that stays until `lab down`. @throws VxdumpError E_LAB_… once all is undone */
export async function buildToStay(blueprint: Blueprint, watch: Watch): Promise<void> {
  const lab = await begin(blueprint, watch);
  try {
    await lab.up();
    lab.file.update({ pid: null, undo: lab.runner.undoCommands() });
  } catch (error) {
    await lab.down();
    throw error;
  }
}

async function begin({ scenario, lab, vtep, runtime, plan }: Blueprint, watch: Watch) {
  requireAll(await survey(machine, { vtep, runtime, relay: scenario.wire !== null, searchPath: watch.searchPath }));
  const file = StateFile.create({ lab, scenario: scenario.name, vtep, runtime, pid: process.pid, undo: [] });
  const runner = new Runner({
    runtime: machine,
    signal: watch.signal,
    onUndo: (undo) => file.update({ undo }),
    onPhase: watch.onPhase,
  });
  return {
    file,
    runner,
    async up(): Promise<void> {
      for (const phase of plan.up) await runner.phase(phase);
    },
    async down(): Promise<void> {
      const startedMs = performance.now();
      watch.onPhase('down', null);
      const failures = await runner.undo();
      if (failures.length === 0) file.remove();
      watch.onPhase('down', performance.now() - startedMs);
      for (const failure of failures) watch.onLeft(failure);
    },
  };
}
