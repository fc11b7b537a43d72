/**
 * `vxdump assert` and `golden record` write files: never over what they read, and `-` is standard output.
 */
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { vxdump } from '../helpers/vxdump.js';

const UNDERLAY = 'fixtures/captures/ovs-golden.hv1-eth0.pcap';

let scratch: string;
let capture: string;
beforeEach(() => {
  scratch = mkdtempSync(join(tmpdir(), 'vxdump-assert-'));
  capture = join(scratch, 'eth0.pcap');
  copyFileSync(UNDERLAY, capture);
});
afterEach(() => rmSync(scratch, { recursive: true }));

it.each(['eth0.pcap', 'link'])('refuses a report, and a golden, in place of the capture: %s', async (name) => {
  symlinkSync('eth0.pcap', join(scratch, 'link'));
  const out = join(scratch, name);
  for (const args of [
    ['assert', capture, '--golden', 'six-packet', '--reporter', `junit=${out}`],
    ['assert', `underlay=${capture}`, '--golden', 'six-packet', '--reporter', 'pretty', '--reporter', `tap=${out}`],
    ['golden', 'record', capture, '-o', out],
  ]) {
    const stderr = `vxdump: ${out}: is the capture that is read; name another file\n`;
    expect(await vxdump(args)).toEqual({ exit: 2, stdout: '', stderr });
    expect(readFileSync(capture)).toEqual(readFileSync(UNDERLAY));
  }
});

it('refuses a report in place of the golden, and two reports in one file', async () => {
  const golden = join(scratch, 'ours.yaml');
  const { stdout: text } = await vxdump(['golden', 'show', 'six-packet']);
  writeFileSync(golden, text);
  expect(await vxdump(['assert', capture, '--golden', golden, '--reporter', `json=${golden}`])).toMatchObject({
    exit: 2,
    stderr: `vxdump: ${golden}: is the golden that is read; name another file\n`,
  });
  expect(readFileSync(golden, 'utf8')).toBe(text);
  const out = join(scratch, 'out');
  expect(
    await vxdump(['assert', capture, '--golden', golden, '--reporter', `json=${out}`, '--reporter', `tap=${out}`]),
  ).toMatchObject({ exit: 2, stderr: 'vxdump: assert: give each reporter a file of its own\n' });
});

it('takes - for standard output', async () => {
  const recorded = await vxdump(['golden', 'record', capture, '-o', '-']);
  expect(recorded).toEqual(await vxdump(['golden', 'record', capture]));
  const { stdout } = await vxdump(['assert', capture, '--golden', 'six-packet', '--reporter', 'tap=-']);
  expect(stdout).toMatch(/^TAP version 14\n1\.\.1\nok 1 /);
  expect(readdirSync(scratch)).toEqual(['eth0.pcap']);
  expect(readdirSync('.')).not.toContain('-');
});
