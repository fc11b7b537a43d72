/**
 * The command over captures that nobody here wrote: exit 0, 2 or 3, and as many frames as another program finds.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { allCaptures, corpusPath } from './helpers/corpus.js';
import { readRecords, vxdump } from './helpers/vxdump.js';

const FILE_TIMEOUT_MS = 60_000;
const corpus = corpusPath('the command over every capture');
const files = corpus === null ? [] : allCaptures(corpus);
const hasCapinfos = spawnSync('capinfos', ['--version']).status === 0;

/** What must hold for any file. */
function expectLawful(exit: number, stderr: string): void {
  expect([0, 2, 3]).toContain(exit);
  if (exit !== 0) expect(stderr.trim(), 'says why').not.toBe('');
  expect(stderr).not.toMatch(/\n\s+at /);
}

describe.skipIf(corpus === null)('the corpus', () => {
  it('is there', () => {
    expect(files.length, `captures in ${corpus}`).toBeGreaterThan(100);
  });

  it('can be counted by capinfos', () => {
    if (!hasCapinfos) console.log('capinfos is not installed: frame counts were not compared');
    if (process.env['CI'] === 'true') expect(hasCapinfos, 'capinfos under CI=true').toBe(true);
  });

  it.each(files)(
    '%s',
    async (name) => {
      const path = join(corpus as string, name);
      const { exit, frames, stderr } = await readRecords(path);
      expectLawful(exit, stderr);
      const analysis = await vxdump(['analyze', '--format', 'json', path]);
      expectLawful(analysis.exit, analysis.stderr);
      expect(analysis.exit).toBe(exit);
      if (exit !== 2) expect(JSON.parse(analysis.stdout).captures[0].frames).toBe(frames);
      if (!hasCapinfos) return;
      const capinfos = spawnSync('capinfos', ['-c', '-M', '-T', '-r', path], { encoding: 'utf8' });
      if (capinfos.status === 0) {
        expect(frames).toBe(Number(capinfos.stdout.trim().split('\t').at(-1)));
        expect(exit).toBe(0);
      }
    },
    FILE_TIMEOUT_MS,
  );
});
