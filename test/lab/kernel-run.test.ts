/**
 * The lab for real, the quick one: the kernel's VXLAN in network namespaces. It needs root; where it is not permitted it says
 * so, and under CI=true that fails.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { StateFile } from '../../src/lab/state.js';
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
