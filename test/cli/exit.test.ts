/**
 * Exit codes and streams as a shell sees them: one spawn for each, of what ships.
 */
import { type SpawnSyncReturns, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requireBuilt } from '../helpers/built.js';
import { Scratch } from '../helpers/read-capture.js';

const CAPTURE = 'fixtures/captures/ovs-golden.hv1-eth0.pcap';

/** A relay doubles some frames; nothing else is wrong. */
const DOUBLED = ['hv1-vm1', 'hv1-eth0', 'hv2-eth0', 'hv2-vm2'].map(
  (tap) => `fixtures/captures/lab-duplicates.${tap}.pcap`,
);

beforeAll(requireBuilt);

function run(argv: readonly string[], input?: Uint8Array): SpawnSyncReturns<string> {
  return spawnSync('bin/vxdump.js', argv, { encoding: 'utf8', timeout: 20_000, ...(input && { input }) });
}

const scratch = new Scratch();
afterAll(() => scratch.remove());

describe('exit codes', () => {
  it('0: done, nothing on stderr', () => {
    expect(run(['analyze', CAPTURE])).toMatchObject({ status: 0, stderr: '' });
  });

  it('0: the same of more captures than a signal has listeners without a warning', () => {
    const captures = Array.from({ length: 12 }, (_, tap) => `tap${tap}=${CAPTURE}`);
    expect(run(['analyze', ...captures])).toMatchObject({ status: 0, stderr: '' });
  });

  it('0: --version and --help, on stdout', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    expect(run(['--version'])).toMatchObject({ status: 0, stdout: `${version}\n`, stderr: '' });
    expect(run(['read', '--help'])).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('Examples:'),
      stderr: '',
    });
  });

  it('1: a finding as bad as --fail-on says; 0 where it is less, or ignored', () => {
    const analysis = (...flags: string[]) => run(['analyze', ...DOUBLED, ...flags]).status;
    expect(analysis()).toBe(0);
    expect(analysis('--fail-on', 'warning')).toBe(1);
    expect(analysis('--fail-on', 'info')).toBe(1);
    expect(analysis('--fail-on', 'error')).toBe(0);
    expect(analysis('--fail-on', 'warning', '--ignore', 'reserved-bits,duplicates')).toBe(0);
  });

  it('2: usage, with nothing on stdout', () => {
    expect(run([])).toMatchObject({ status: 2, stdout: '', stderr: expect.stringContaining('Usage:') });
    for (const argv of [
      ['bogus'],
      ['analyze'],
      ['analyze', '--bogus', CAPTURE],
      ['analyze', '--ignore', 'bogus', CAPTURE],
      ['analyze', '--fail-on', 'bogus', CAPTURE],
      ['read'],
      ['read', CAPTURE, 'vxlan', 'and'],
    ]) {
      const outcome = run(argv);
      expect(outcome, argv.join(' ')).toMatchObject({ status: 2, stdout: '' });
      expect(outcome.stderr, argv.join(' ')).toMatch(/^vxdump: /);
    }
  });

  it('2: one input that cannot be opened, and nothing of the others is printed', () => {
    expect(run(['analyze', CAPTURE, '/nowhere.pcap'])).toMatchObject({
      status: 2,
      stdout: '',
      stderr: 'vxdump: /nowhere.pcap: no such file; check the path\n',
    });
  });

  it('3: a cut capture, after all its whole frames; 0 with --allow-truncated', () => {
    const path = scratch.write(readFileSync(CAPTURE).subarray(0, -1), 'cut.pcap');
    const cut = run(['read', '-t', path]);
    expect(cut.status).toBe(3);
    expect(cut.stdout.split('\n')).toHaveLength(6);
    expect(cut.stderr).toMatch(/cut at byte 520: .*; 5 whole frames before it\n$/);
    expect(run(['read', '--allow-truncated', path])).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/^\d\d:/),
    });
    expect(run(['analyze', path]).status).toBe(3);
  });

  it('0, in silence, when the reader goes away', () => {
    const capture = readFileSync(CAPTURE);
    const path = scratch.write(Buffer.concat([capture, ...Array(20_000).fill(capture.subarray(24))]), 'long.pcap');
    const line = `bin/vxdump.js read ${path} | head -n 1; echo "\${PIPESTATUS[0]}"`;
    const outcome = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    expect(outcome.stdout).toMatch(/^\S+ ARP, Request.*\n0\n$/);
    expect(outcome.stderr).toMatch(/^reading from file .*\n$/);
  });

  it('2, with one line, when the disk is full', () => {
    const full = openSync('/dev/full', 'w');
    const outcome = spawnSync('bin/vxdump.js', ['analyze', CAPTURE], {
      encoding: 'utf8',
      stdio: ['ignore', full, 'pipe'],
    });
    closeSync(full);
    expect(outcome).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^vxdump: cannot write output: .*ENOSPC.*\n$/),
    });
  });

  it('reads standard input, plain and compressed', () => {
    const bytes = readFileSync(CAPTURE);
    expect(run(['read', '--count', '-'], bytes)).toMatchObject({ status: 0, stdout: '6 packets\n' });
    expect(run(['-r', '-', '--count'], bytes)).toMatchObject({ status: 0, stdout: '6 packets\n' });
  });

  it('ends on SIGINT while it waits: 0 for read, with what it had printed; 130 for analyze', async () => {
    const bytes = readFileSync(CAPTURE).subarray(0, 24 + 2 * 58);
    for (const [argv, exit, lines] of [
      [['read', '-t', '-'], 0, 2],
      [['analyze', '-'], 130, 0],
    ] as const) {
      const child = spawn('bin/vxdump.js', argv, { stdio: ['pipe', 'pipe', 'pipe'] });
      let stdout = '';
      child.stdout.on('data', (data) => {
        stdout += data;
      });
      child.stdin.write(bytes);
      if (lines > 0) await once(child.stdout, 'data');
      else await new Promise((resolve) => setTimeout(resolve, 800));
      child.kill('SIGINT');
      const [status] = await once(child, 'close');
      expect(status, argv.join(' ')).toBe(exit);
      expect(stdout.split('\n').length - 1).toBe(lines);
    }
  });
});
