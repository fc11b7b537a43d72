/**
 * Files that a test makes, in a folder of its own that goes with the test run.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

/** A path in a new folder, so that the file may have any name. */
export function scratchFile(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'vxdump-test-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, name);
}
