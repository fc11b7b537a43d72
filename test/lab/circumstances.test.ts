/**
 * The lab where it cannot work, for real: each time one line that says what to do, exit 5, and nothing left.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../src/analysis.js';
import { compareWithExpected } from '../../src/cli/lab/compare-expected.js';
import { loadScenario } from '../../src/lab/scenario.js';
import { ROOT } from '../helpers/built.js';
import { AS_NOBODY, ReadableCopy } from '../helpers/nobody.js';

const PROGRAM = fileURLToPath(new URL('bin/vxdump.js', ROOT));
const folder = mkdtempSync(join(tmpdir(), 'vxdump-lab-'));
const lab = `c${process.pid}`;
const permitted =
  process.getuid?.() === 0 && ['ip', 'tcpdump', 'setpriv'].every((tool) => spawnSync('which', [tool]).status === 0);
if (!permitted) console.warn('the lab was not tried where it cannot work: it needs root, ip, tcpdump and setpriv');
afterAll(() => rmSync(folder, { recursive: true }));

/** Runs the lab. @param before what runs it, such as setpriv @param path PATH in place of this process's */
function run(
  output: string,
  vtep: string,
  { before = [] as string[], program = PROGRAM, path = process.env['PATH'] ?? '' } = {},
) {
  const argv = [process.execPath, program, 'lab', 'run', '--vtep', vtep, '--name', lab, '-o', output, '--quiet'];
  const [command = '', ...words] = [...before, ...argv];
  const { status, stdout, stderr } = spawnSync(command, words, {
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
  });
  expect(stdout).toBe('');
  expect(status, stderr).toBe(5);
  expect(stderr.trimEnd().split('\n')).toHaveLength(1);
  expect(existsSync(`/run/vxdump-lab/${lab}`)).toBe(false);
  expect(execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })).not.toContain(`vxdump-${lab}-`);
  expect(existsSync(output)).toBe(false);
  return stderr;
}

/** A PATH that has all that this one has but some programs. */
function pathWithout(...missing: string[]): string {
  const path = mkdtempSync(join(folder, 'path-'));
  for (const from of (process.env['PATH'] ?? '').split(delimiter)) {
    if (!existsSync(from)) continue;
    for (const name of readdirSync(from)) {
      if (!missing.includes(name) && !existsSync(join(path, name))) {
        try {
          symlinkSync(join(from, name), join(path, name));
        } catch {
          // A link that leads nowhere is there already.
        }
      }
    }
  }
  return path;
}

describe.runIf(permitted)('the lab', () => {
  it('says that it is not root', () => {
    const copy = new ReadableCopy();
    try {
      const nobody = { before: AS_NOBODY, program: copy.program };
      expect(run(join(tmpdir(), lab), 'kernel', nobody)).toBe('vxdump: not root: run it with sudo\n');
    } finally {
      copy.remove();
    }
  });

  it('names the package of a program that is missing', () => {
    expect(run(join(folder, 'a'), 'kernel', { path: pathWithout('tcpdump') })).toBe(
      'vxdump: tcpdump is not installed: apt-get install tcpdump\n',
    );
    expect(run(join(folder, 'b'), 'ovs', { path: pathWithout('ovs-vsctl') })).toBe(
      'vxdump: ovs-vsctl is not installed: apt-get install openvswitch-switch\n',
    );
  });

  it('leaves no half capture on a full disk', () => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'none', disk]).status === 0;
    expect(mounted).toBe(true);
    try {
      expect(run(join(disk, 'out'), 'kernel')).toMatch(/disk is full|no space left/);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

describe('what comes out is compared exactly', () => {
  const findings = (...rows: [string, string][]): Analysis =>
    ({ findings: rows.map(([severity, id]) => ({ severity, id })) }) as unknown as Analysis;
  const scenario = loadScenario('duplicates');

  it.each([
    [[['warning', 'duplicates']], []],
    [
      [
        ['warning', 'duplicates'],
        ['info', 'reserved-bits'],
      ],
      [],
    ],
    [[], ['expected the warning duplicates; analyze reports none']],
    [
      [['error', 'duplicates']],
      ['expected the warning duplicates; analyze reports duplicates', 'not expected: the error duplicates'],
    ],
    [
      [
        ['warning', 'duplicates'],
        ['error', 'loss'],
      ],
      ['not expected: the error loss'],
    ],
  ] as [[string, string][], string[]][])('%j', async (rows, problems) => {
    expect(await compareWithExpected(scenario, findings(...rows), folder)).toEqual(problems);
  });
});
