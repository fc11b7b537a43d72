/**
 * What ships, run by a user who may do nothing: from a copy that others may read, wherever the checkout lies.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, requireBuilt } from './built.js';

/** The user and group `nobody`. */
export const NOBODY = 65_534;
/** What starts a program as nobody, even one whose file has capabilities. */
export const AS_NOBODY = [
  'setpriv',
  ...[`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--bounding-set=-all', '--inh-caps=-all'],
];

/** A copy of the package as it is installed: the program, dist, and the packages that they import. */
export class ReadableCopy {
  readonly path: string;

  constructor() {
    requireBuilt();
    this.path = mkdtempSync(join(tmpdir(), 'vxdump-copy-'));
    for (const name of ['bin', 'dist', 'package.json', ...installed()]) {
      cpSync(fileURLToPath(new URL(name, ROOT)), join(this.path, name), { recursive: true });
    }
    // A copy has the modes of what it is of.
    execFileSync('chmod', ['-R', 'a+rX', this.path]);
  }

  get program(): string {
    return join(this.path, 'bin', 'vxdump.js');
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The packages that come with vxdump, those of other platforms left out. */
function installed(): string[] {
  const { packages } = JSON.parse(readFileSync(new URL('package-lock.json', ROOT), 'utf8')) as {
    packages: Record<string, { dev?: boolean; peer?: boolean }>;
  };
  return Object.entries(packages)
    .filter(([name, { dev, peer }]) => name !== '' && !dev && !peer && existsSync(new URL(name, ROOT)))
    .map(([name]) => name);
}
