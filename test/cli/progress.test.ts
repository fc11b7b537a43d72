/**
 * Progress as a terminal shows it: a real one, made by script(1).
 */
import { spawnSync } from 'node:child_process';
import { beforeAll, expect, it } from 'vitest';
import { requireBuilt } from '../helpers/built.js';

const CAPTURE = 'fixtures/captures/ovs-golden.hv1-eth0.pcap';
/** The capture four times, with more than a second before each: on a busy machine the first ones pass before anybody reads. */
const SLOW = `{ cat ${CAPTURE}; for i in 1 2 3; do sleep 1.2; tail -c +25 ${CAPTURE}; done; }`;

beforeAll(requireBuilt);

it('shows on a terminal once the work takes over a second, and leaves the report alone', () => {
  const line = `${SLOW} | bin/vxdump.js analyze --color never -`;
  const { stdout, status } = spawnSync('script', ['-qec', line, '/dev/null'], { encoding: 'utf8', timeout: 20_000 });
  expect(status).toBe(0);
  expect(stdout).toMatch(/\d+ MiB, \d+ MiB\/s/);
  expect(stdout).toContain('24 frames in 1 capture; 16 VXLAN, VNI 5000.');
});

it('never shows on a pipe', () => {
  const { stderr, status } = spawnSync('sh', ['-c', `${SLOW} | bin/vxdump.js analyze -`], { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
});
