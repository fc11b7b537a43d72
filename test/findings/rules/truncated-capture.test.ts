import { readFileSync } from 'node:fs';
import { afterAll, expect, it } from 'vitest';
import { analyze } from '../../../src/analyze.js';
import { only } from '../../helpers/analyze-taps.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const whole = readFileSync('fixtures/captures/ovs-golden.hv1-eth0.pcap');

it('is told where a file ends inside a record, with the last whole frame', async () => {
  const analysis = await analyze([scratch.write(whole.subarray(0, 200), 'cut.pcap')]);
  expect(only(analysis, 'truncated-capture')).toMatchObject([
    {
      severity: 'info',
      message: expect.stringMatching(
        /^The capture of cut is cut behind 2 whole frames: record .*; what came later was/,
      ),
      evidence: [{ tap: 'cut', frame: 2 }],
      fix: expect.stringContaining('SIGINT'),
    },
  ]);
});

it('is told where a record claims an absurd length, even the first one', async () => {
  const corrupt = Buffer.from(whole);
  corrupt.writeUInt32LE(0x7fff_ffff, 24 + 8);
  const [finding] = only(await analyze([scratch.write(corrupt, 'corrupt.pcap')]), 'truncated-capture');
  expect(finding).toMatchObject({ message: expect.stringContaining('is corrupt behind 0 whole frames'), evidence: [] });
  expect(finding?.fix).toContain('binary mode');
});

it('is not told of a whole file, be it cut between two records', async () => {
  const firstLen = whole.readUInt32LE(24 + 8);
  const shorter = whole.subarray(0, 24 + 16 + firstLen);
  expect(only(await analyze([scratch.write(shorter, 'shorter.pcap')]), 'truncated-capture')).toEqual([]);
});
