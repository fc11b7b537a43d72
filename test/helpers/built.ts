/**
 * Tests of the package run what ships: dist. One that is older than src would prove nothing.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';

/** The project's root. */
export const ROOT = new URL('../../', import.meta.url);

/** @throws where dist is missing, or older than any file of src */
export function requireBuilt(): void {
  const src = new URL('src/', ROOT);
  const program = new URL('dist/cli/program.js', ROOT);
  const builtMs = existsSync(program) ? statSync(program).mtimeMs : 0;
  for (const name of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (name.endsWith('.ts') && statSync(new URL(name, src)).mtimeMs > builtMs) {
      throw new Error(`dist does not have src/${name} as it is: run npm run build`);
    }
  }
}
