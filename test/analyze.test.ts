import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../src/analysis.js';
import { analyze } from '../src/analyze.js';
import { Scratch } from './helpers/read-capture.js';

const CAPTURES = 'fixtures/captures/';
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync('schema/analysis.json', 'utf8')),
);

async function analyzed(...names: string[]): Promise<Analysis> {
  const analysis = await analyze(names.map((name) => (name.includes('/') ? name : CAPTURES + name)));
  expect(validate(analysis), JSON.stringify(validate.errors)).toBe(true);
  return analysis;
}

const scratch = new Scratch();
afterAll(() => scratch.remove());

describe('analyze', () => {
  it('reports the two taps of a hypervisor', async () => {
    const analysis = await analyzed('ovs-golden.hv1-vm1.pcap', 'ovs-golden.hv1-eth0.pcap');
    expect(analysis.captures).toMatchObject([
      { role: 'overlay', frames: 4, vxlanFrames: 0, bytes: 280, ended: 'complete', stops: {} },
      { role: 'underlay', frames: 6, vxlanFrames: 4, bytes: 564, linkTypes: ['EN10MB'] },
    ]);
    expect(analysis.vteps).toEqual([
      { address: '10.0.0.1', macs: ['02:42:0a:00:00:01'], vnis: [5000], frames: 2 },
      { address: '10.1.0.1', macs: ['02:42:0a:01:00:01'], vnis: [5000], frames: 2 },
    ]);
    expect(analysis.tunnels).toEqual(
      ['10.0.0.1', '10.1.0.1'].map((source, index, both) => ({
        vni: 5000,
        source,
        destination: both[1 - index],
        destinationPort: 4789,
        frames: 2,
        bytes: 240,
        inner: { arp: 1, icmp: 1 },
      })),
    );
    expect(analysis.endpoints).toEqual([
      { vni: 5000, mac: '00:00:00:00:00:01', addresses: ['192.168.1.1'], vtep: '10.0.0.1', frames: 2 },
      { vni: 5000, mac: '00:00:00:00:00:02', addresses: ['192.168.1.2'], vtep: '10.1.0.1', frames: 2 },
    ]);
  });

  it('knows an IPv6 underlay', async () => {
    const { vteps, tunnels } = await analyzed('ipv6-underlay-zerocsum.hv1-eth0.pcap');
    expect(vteps.map(({ address }) => address)).toEqual(['fd00:10::1', 'fd00:10::2']);
    expect(tunnels.every(({ source, destination }) => source !== destination && source.startsWith('fd00:10::'))).toBe(
      true,
    );
  });

  it('lists a VTEP that never answers, with no frame of its own', async () => {
    const { vteps } = await analyzed('vni-mismatch.hv1-eth0.pcap');
    expect(vteps).toMatchObject([
      { address: '10.0.0.1', frames: 2 },
      { address: '10.1.0.1', frames: 0, macs: [], vnis: [5000] },
    ]);
  });

  it('calls a capture that holds frames bare and encapsulated mixed', async () => {
    const { captures } = await analyzed('golden-noisy.hv1-any.pcap');
    expect(captures[0]).toMatchObject({ role: 'mixed', linkTypes: ['LINUX_SLL2'], vxlanFrames: 5 });
  });

  it('gives an empty capture the role of its name, and else none', async () => {
    const header = readFileSync(`${CAPTURES}ovs-golden.hv1-eth0.pcap`).subarray(0, 24);
    const named = scratch.write(header, 'vm2_overlay.pcap');
    const plain = scratch.write(header, 'plain.pcap');
    const { captures } = await analyzed(named, plain);
    expect(captures).toMatchObject([
      { role: 'overlay', frames: 0, firstTimeNs: null, lastTimeNs: null, ended: 'complete' },
      { role: 'empty', frames: 0 },
    ]);
  });

  it('reports where a capture was cut, and counts what was whole', async () => {
    const path = scratch.write(readFileSync(`${CAPTURES}ovs-golden.hv1-eth0.pcap`).subarray(0, 200), 'cut.pcap');
    const notes: string[] = [];
    const { captures } = await analyze([path], { onNote: (note) => notes.push(note) });
    expect(captures[0]).toMatchObject({ ended: 'cut', frames: 2 });
    expect(notes).toEqual([expect.stringMatching(/cut\.pcap: cut at byte 140: .*; 2 whole frames before it$/)]);
  });

  it('hints at VXLAN on a port that was not listed, and decodes it once it is', async () => {
    const path = `${CAPTURES}port-8472.hv1-eth0.pcap`;
    const hidden = await analyze([path], { vxlanPorts: [4789] });
    expect(hidden.captures[0]?.vxlanFrames).toBe(0);
    expect(hidden.findings.map(({ id }) => id)).toContain('vxlan-on-unlisted-port');
    expect((await analyze([path])).captures[0]?.vxlanFrames).toBe(4);
  });

  it('opens all captures before it reads any', async () => {
    await expect(analyze([`${CAPTURES}ovs-golden.hv1-eth0.pcap`, 'no-such-file'])).rejects.toMatchObject({
      code: 'E_OPEN',
    });
  });

  it('takes standard input once only', async () => {
    await expect(analyze(['-', 'b=-'])).rejects.toMatchObject({ code: 'E_USAGE' });
  });

  it('ends with its reason when it is aborted', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = analyze([`${CAPTURES}ovs-golden.hv1-eth0.pcap`], {
      signal: controller.signal,
      onProgress: () => controller.abort(reason),
    });
    await expect(running).rejects.toBe(reason);
  });

  it('tells once when all is read, before the report is made', async () => {
    const told: string[] = [];
    const captures = ['ovs-golden.hv1-eth0.pcap', 'golden-noisy.hv1-any.pcap'].map((name) => `${CAPTURES}${name}`);
    await analyze(captures, {
      onProgress: (bytesRead, size) => told.push(bytesRead === size ? 'all' : 'some'),
      onRead: () => told.push('read'),
    });
    expect(told.filter((what) => what === 'read')).toHaveLength(1);
    expect(told.slice(-2)).toEqual(['all', 'read']);
  });

  it('gives the same bytes for the same input', async () => {
    const names = ['ovs-golden.hv1-eth0.pcap', 'golden-noisy.hv1-any.pcap'];
    expect(JSON.stringify(await analyzed(...names))).toBe(JSON.stringify(await analyzed(...names)));
  });
});
