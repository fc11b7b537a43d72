/**
 * The lab for real, the quick one: the kernel's VXLAN in network namespaces. It needs root; where it is not permitted it says
 * so, and under CI=true that fails.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { StateFile } from '../../src/lab/state.js';
import { ROOT, requireBuilt } from '../helpers/built.js';
import { AS_NOBODY, ReadableCopy } from '../helpers/nobody.js';
import { vxdump } from '../helpers/vxdump.js';

const isRoot = process.getuid?.() === 0;
const hasTools = ['ip', 'tcpdump', 'ping', 'sysctl'].every((tool) => spawnSync('which', [tool]).status === 0);
const permitted = isRoot && hasTools;
if (!permitted) console.warn('the lab was not run: it needs root, ip, tcpdump, ping and sysctl');

const folder = mkdtempSync(join(tmpdir(), 'vxdump-lab-'));
const lab = `t${process.pid}`;
afterAll(() => rmSync(folder, { recursive: true }));

const ours = (): string[] =>
  execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.startsWith(`vxdump-${lab}-`));

describe('without root or tools', () => {
  it.runIf(process.env['CI'] === 'true')('the lab is permitted in CI', () => expect(permitted).toBe(true));
});

describe.runIf(permitted)('lab run with the kernel', () => {
  it('captures six and four frames, writes its manifest, leaves nothing', async () => {
    const output = join(folder, 'six');
    const { exit, stdout, stderr } = await vxdump([
      'lab',
      'run',
      'six-packet',
      '--vtep',
      'kernel',
      '--name',
      lab,
      '-o',
      output,
      '--json',
    ]);
    expect(stderr).toBe('');
    expect(exit).toBe(0);
    const { analysis } = JSON.parse(stdout);
    expect(analysis.captures.map(({ tap, frames }: { tap: string; frames: number }) => [tap, frames])).toEqual([
      ['vm1_overlay', 4],
      ['vm1_underlay', 6],
      ['vm2_overlay', 4],
      ['vm2_underlay', 6],
    ]);
    const manifest = JSON.parse(readFileSync(join(output, 'manifest.json'), 'utf8'));
    expect(manifest).toMatchObject({ schema: 'vxdump.lab-manifest/1', scenario: 'six-packet', vtep: 'kernel' });
    expect(manifest.captures.map(({ frames }: { frames: number }) => frames)).toEqual([4, 6, 4, 6]);
    expect(readdirSync(output).sort()).toEqual([
      'manifest.json',
      'vm1_overlay.pcap',
      'vm1_underlay.pcap',
      'vm2_overlay.pcap',
      'vm2_underlay.pcap',
    ]);
    expect(ours()).toEqual([]);
    expect(existsSync(`/run/vxdump-lab/${lab}`)).toBe(false);
  });

  it('does not touch a namespace that another made under its name', async () => {
    const foreign = `vxdump-${lab}-hv2`;
    execFileSync('ip', ['netns', 'add', foreign]);
    try {
      const { exit, stderr } = await vxdump(['lab', 'up', '--vtep', 'kernel', '--name', lab]);
      expect(exit).toBe(5);
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
      expect(stderr).toContain('File exists');
      expect(ours().map((line) => line.split(' ')[0])).toEqual([foreign]);
    } finally {
      execFileSync('ip', ['netns', 'del', foreign]);
    }
  });

  it('refuses a name that is taken, and down clears it', async () => {
    const up = await vxdump(['lab', 'up', '--vtep', 'kernel', '--name', lab, '--quiet']);
    expect(up).toEqual({ exit: 0, stdout: '', stderr: '' });
    try {
      const again = await vxdump(['lab', 'run', '--vtep', 'kernel', '--name', lab, '-o', join(folder, 'again')]);
      expect(again.exit).toBe(5);
      expect(again.stderr).toBe(
        `vxdump: a lab named ${lab} is there already, or was left: vxdump lab down --name ${lab}\n`,
      );
      expect(existsSync(join(folder, 'again'))).toBe(false);
      expect((await vxdump(['lab', 'status', '--name', lab])).stdout).toContain(
        `${lab}\tsix-packet\tnetns\tkernel\tup`,
      );
    } finally {
      expect((await vxdump(['lab', 'down', '--name', lab])).exit).toBe(0);
    }
    expect(ours()).toEqual([]);
    expect((await vxdump(['lab', 'down', '--name', lab])).exit).toBe(0);
  });
});

describe.runIf(permitted)('a lab that stands', { timeout: 30_000 }, () => {
  beforeAll(async () => {
    requireBuilt();
    expect((await vxdump(['lab', 'up', '--vtep', 'kernel', '--name', lab, '--quiet'])).exit).toBe(0);
  });
  afterAll(() => vxdump(['lab', 'down', '--name', lab]));

  const program = fileURLToPath(new URL('bin/vxdump.js', ROOT));
  const exec = (...words: string[]): string[] => [program, 'lab', 'exec', '--name', lab, 'hv1', ...words];
  const outcome = (words: readonly string[], before: readonly string[] = []): unknown => {
    const [command, ...argv] = [...before, process.execPath, ...words] as [string, ...string[]];
    const { status, stdout, stderr } = spawnSync(command, argv, { encoding: 'utf8' });
    return { status, stdout, stderr };
  };

  it.each([
    [['--', 'echo', 'here'], { status: 0, stdout: 'here\n', stderr: '' }],
    [['echo', 'here'], { status: 0, stdout: 'here\n', stderr: '' }],
    [['--', 'sh', '-c', 'echo "$1"', '--', '--'], { status: 0, stdout: '--\n', stderr: '' }],
    [['--', 'sh', '-c', 'exit 7'], { status: 7, stdout: '', stderr: '' }],
    [['--', 'sh', '-c', 'kill -KILL $$'], { status: 137, stdout: '', stderr: '' }],
    [['--'], { status: 2, stdout: '', stderr: 'vxdump: lab exec: name a command: vxdump lab exec hv1 -- COMMAND\n' }],
  ])('runs %j in a node', (words, expected) => {
    expect(outcome(exec(...words))).toEqual(expected);
  });

  it('passes SIGTERM on to the command', async () => {
    const child = spawn(process.execPath, exec('--', 'sh', '-c', 'echo up; exec sleep 60'));
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    expect(await ended).toEqual([143, null]);
  });

  it('is what status tells, and its name alone where one is given', async () => {
    const row = `${lab}\tsix-packet\tnetns\tkernel\tup\n`;
    expect(await vxdump(['lab', 'status', '--name', lab])).toEqual({ exit: 0, stdout: row, stderr: '' });
    const all = await vxdump(['lab', 'status']);
    expect(all).toMatchObject({ exit: 0, stderr: '' });
    expect(all.stdout).toContain(row);
    const none = { exit: 5, stdout: '', stderr: 'no lab named not-there is there\n' };
    expect(await vxdump(['lab', 'status', '--name', 'not-there'])).toEqual(none);
  });

  it('is not taken down by who may not', () => {
    const copy = new ReadableCopy();
    try {
      for (const verb of [['down'], ['capture'], ['exec', 'hv1', '--', 'true']]) {
        const [name, ...words] = verb as [string, ...string[]];
        expect(outcome([copy.program, 'lab', name, '--name', lab, ...words], AS_NOBODY)).toEqual({
          status: 5,
          stdout: '',
          stderr: 'vxdump: not root: run it with sudo\n',
        });
      }
    } finally {
      copy.remove();
    }
    expect(ours()).toHaveLength(3);
  });
});

describe('a lab that is not there', () => {
  it('needs no taking down, and down says so', async () => {
    const outcome = { exit: 0, stdout: '', stderr: 'no lab named not-there is there\n' };
    expect(await vxdump(['lab', 'down', '--name', 'not-there'])).toEqual(outcome);
  });

  it.runIf(isRoot)('has no taps once its process has died', async () => {
    const state = { lab, scenario: 'six-packet', vtep: 'kernel', runtime: 'netns', pid: 4_194_305, undo: [] } as const;
    const file = StateFile.create(state);
    try {
      expect(await vxdump(['lab', 'capture', '--name', lab])).toEqual({
        exit: 5,
        stdout: '',
        stderr: `vxdump: lab ${lab} was left by a process that died: vxdump lab down --name ${lab}\n`,
      });
    } finally {
      file.remove();
    }
  });
});

describe('the state of a lab', () => {
  it('is on disk with each change, and its name is checked', () => {
    const root = join(folder, 'state');
    const state = { lab: 'a', scenario: 'loss', vtep: 'ovs', runtime: 'netns', pid: 1, undo: [] } as const;
    const file = StateFile.create(state, root);
    file.update({ undo: [['unmake']] });
    expect(StateFile.open('a', root)?.state.undo).toEqual([['unmake']]);
    expect(() => StateFile.create(state, root)).toThrow('vxdump lab down --name a');
    expect(() => StateFile.open('../a', root)).toThrow("no lab's name");
    file.remove();
    expect(existsSync(root)).toBe(false);
    expect(StateFile.open('a', root)).toBe(null);
  });
});

describe('the command line of the lab', () => {
  it.each([
    [['lab', 'run', 'nonsense'], 2, 'no scenario nonsense: there are arp-flux'],
    [['lab', 'run', 'arp-flux', '--vtep', 'ovs'], 2, 'arp-flux cannot be built with --vtep ovs: use --vtep kernel'],
    [['lab', 'exec', '--name', 'not-there', 'hv1', '--', 'true'], 5, 'no lab named not-there is there'],
    [['lab', 'down', '--name', 'NOT'], 2, "no lab's name"],
  ])('%j exits %i', async (argv, exit, text) => {
    const outcome = await vxdump(argv);
    expect(outcome.exit).toBe(exit);
    expect(outcome.stdout).toBe('');
    expect(outcome.stderr).toContain(text);
  });

  it('prints a plan that says how it is undone', async () => {
    const { exit, stdout } = await vxdump(['lab', 'plan', 'six-packet', '--vtep', 'kernel', '-o', '/out']);
    expect(exit).toBe(0);
    expect(stdout).toContain('ip netns add vxdump-lab-hv1\n');
    expect(stdout.slice(stdout.indexOf('# down'))).toContain('ip netns del');
  });
});
