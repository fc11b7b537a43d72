/**
 * `vxdump lab doctor`: what this machine lacks, and what mends it.
 */
import { type Check, survey } from '../../lab/doctor.js';
import { machine } from '../../lab/process.js';
import type { Vtep } from '../../lab/scenario.js';
import { Exit } from '../exit.js';
import type { Io } from '../io.js';
import type { LabFlags } from './flags.js';

/** Prints a line for each thing that a lab needs. @returns the exit code: whether all are there */
export async function printSurvey({ runtime, vtep, json }: LabFlags, io: Io): Promise<number> {
  const vteps: Vtep[] = vtep === undefined ? ['ovs', 'kernel'] : [vtep];
  const found = new Map<string, Check>();
  for (const each of vteps) {
    const needs = { runtime, vtep: each, relay: true, searchPath: io.env['PATH'] ?? '' };
    for (const check of await survey(machine, needs)) found.set(check.what, check);
  }
  const all = [...found.values()];
  if (json) await io.stdout.write(`${JSON.stringify(all, null, 1)}\n`);
  else
    for (const { what, ok, mend } of all) await io.stdout.write(`${ok ? 'ok     ' : 'MISSING'}  ${ok ? what : mend}\n`);
  return all.every(({ ok }) => ok) ? Exit.Done : Exit.Lab;
}
