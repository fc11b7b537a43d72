/**
 * Tests of the package run what ships: dist. One that is older than src would prove nothing.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';

/** The project's root. */
export const ROOT = new URL('../../', import.meta.url);

/** @throws where dist is missing, or older than any file of src */
export function requireBuilt(): void {
  const src = new URL('src/', ROOT);
  for (const name of readdirSync(src, { recursive: true, encoding: 'utf8' })) {
    if (!name.endsWith('.ts')) continue;
    const built = new URL(`dist/${name.replace(/\.ts$/, '.js')}`, ROOT);
    if (!existsSync(built) || statSync(built).mtimeMs < statSync(new URL(name, src)).mtimeMs) {
      throw new Error(`dist does not have src/${name} as it is: run npm run build`);
    }
  }
}
