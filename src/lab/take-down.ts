/**
 * Takes down what a state file names, and only that: a lab that stands, or one whose process was killed.
 */
import { readFileSync } from 'node:fs';
import { VxdumpError } from '../errors.js';
import { machine } from './process.js';
import { StateFile } from './state.js';

const UNDO_MS = 20_000;

/**
 * Takes a lab down. Where there is none, nothing is to do.
 *
 * @returns what could not be undone, a line each; the lab stays known where there is such
 * @throws VxdumpError E_LAB_NAME where a process runs it
 */
export async function takeDown(lab: string): Promise<string[]> {
  const file = StateFile.open(lab);
  if (file === null) return [];
  const { pid, undo } = file.state;
  if (pid !== null && runsLab(pid)) {
    throw new VxdumpError('E_LAB_NAME', `lab ${lab} is run by process ${pid}: end that with Ctrl-C`);
  }
  const failures: string[] = [];
  for (const argv of undo) {
    try {
      await machine.run(argv, { timeoutMs: UNDO_MS });
    } catch (error) {
      failures.push((error as Error).message);
    }
  }
  if (failures.length === 0) file.remove();
  return failures;
}

/** Whether the process is there, and no other that has its number since. */
export function runsLab(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    return /\blab\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  } catch {
    return false;
  }
}
