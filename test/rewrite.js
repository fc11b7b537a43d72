/**
 * Rewrites what tests compare with, from what vxdump prints now: look at the diff before you commit it.
 *
 * usage: node test/rewrite.js goldens [NAME...] | readme
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const [what, ...names] = process.argv.slice(2);
if (process.env.CI === 'true') {
  console.error('not under CI=true: what is expected is written by people');
  process.exit(2);
}
const run = spawnSync('npx', ['--no-install', 'vitest', 'run', `test/${what}.test.ts`], {
  cwd: fileURLToPath(new URL('../', import.meta.url)),
  env: { ...process.env, VXDUMP_REWRITE: names.join(',') || '*' },
  stdio: 'inherit',
});
process.exit(run.status ?? 1);
