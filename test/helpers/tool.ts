/**
 * Other people's programs as second opinions.
 */
import { spawnSync } from 'node:child_process';

/** Whether a program is installed. Under CI=true one that is missing is a failure; elsewhere a line says so. */
export function hasTool(program: string, argument = '--version'): boolean {
  if (spawnSync(program, [argument], { stdio: 'ignore' }).error === undefined) return true;
  if (process.env['CI'] === 'true') throw new Error(`${program} is not installed: this suite needs it`);
  console.log(`not run: ${program} is not installed`);
  return false;
}

/** A program's standard output, in UTC. */
export function outputOf(program: string, args: readonly string[]): string {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, TZ: 'UTC', LC_ALL: 'C' },
  });
  if (result.error !== undefined) throw result.error;
  return result.stdout;
}
