/** Pairing on the captures of the lab: what was done to each is known, and has to come out. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../src/analysis.js';
import { type AnalyzeOptions, analyze } from '../../src/analyze.js';
import type { CorrelationRow, FrameReference } from '../../src/correlate/report/correlation.js';
import { corpusPath } from '../helpers/corpus.js';
import { Scratch } from '../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const corpus = corpusPath('pairing on the lab');
const validate = new Ajv2020({ allErrors: true, allowUnionTypes: true }).compile(
  JSON.parse(readFileSync('schema/analysis.json', 'utf8')),
);

const captureOf = (lab: string, name: string): string => join(corpus as string, 'lab', lab, `${name}.pcap`);

async function run(lab: string, names: readonly string[], options: AnalyzeOptions = {}): Promise<Analysis> {
  const paths = names.map((name) => (name.includes('/') ? name : captureOf(lab, name)));
  const analysis = await analyze(paths, options);
  expect(validate(analysis), JSON.stringify(validate.errors)).toBe(true);
  return analysis;
}

const rowsOf = (analysis: Analysis): readonly CorrelationRow[] => {
  if (analysis.correlation === null) throw new Error('no correlation');
  return analysis.correlation.taps;
};
const text = (frames: readonly FrameReference[]): string[] => frames.map(({ tap, frame }) => `${tap} ${frame}`);
const clean = { overlayOnly: 0, underlayOnly: 0, duplicated: 0, reordered: 0, ambiguous: 0, expired: 0 };

const ONE_HOST = ['vm1_overlay', 'vm1_underlay'];
const OTHER_HOST = ['vm2_overlay', 'vm2_underlay'];
const HALF = ['vm1_overlay', 'vm1_underlay', 'vm2_overlay'];
const ALL = ['vm1_overlay', 'vm1_underlay', 'vm2_overlay', 'vm2_underlay'];

describe.skipIf(corpus === null)('pairing on the lab', () => {
  describe.each(['golden', 'kernel-golden', 'ovs-golden', 'ovs-docker-golden', 'port-8472', 'udpcsum'])('%s', (lab) => {
    it.each([ONE_HOST, OTHER_HOST, HALF, ALL])('pairs completely: %s', async (...names) => {
      const rows = rowsOf(await run(lab, names));
      const overlays = names.filter((name) => name.endsWith('_overlay')).length;
      expect(rows).toHaveLength(overlays * (names.length - overlays));
      for (const row of rows) {
        expect(row).toMatchObject({ vni: 5000, overlayFrames: 4, matched: 4, clockOffsetNs: 0, ...clean });
        // The kernel keeps the first frame until it knows the VTEP's address; Open vSwitch was told to ask before.
        const waited = row.overlay === 'vm1_overlay' && !lab.startsWith('ovs') ? 1 : 0;
        expect(row.firstPackets.map(({ overlayFrame }) => overlayFrame)).toEqual(waited === 1 ? [1] : []);
        expect(row.latencyNs).toMatchObject({ encap: { count: 2 - waited }, decap: { count: 2 } });
        expect(row.latencyNs.encap?.min).toBeGreaterThan(0);
        expect(row.latencyNs.decap?.min).toBeGreaterThan(0);
      }
    });
  });

  it('lists pairs where asked, each once, in both directions', async () => {
    const { correlation } = await run('ovs-golden', ONE_HOST, { pairs: true });
    expect(
      correlation?.pairs?.map(({ overlay, underlay, direction }) => [overlay.frame, underlay.frame, direction]),
    ).toEqual([
      [1, 3, 'encap'],
      [2, 4, 'decap'],
      [3, 5, 'encap'],
      [4, 6, 'decap'],
    ]);
    expect((await run('ovs-golden', ONE_HOST)).correlation).not.toHaveProperty('pairs');
  });

  it('derived-loss: names the seven frames without an encapsulation', async () => {
    const { dropped_original_frame_numbers: dropped } = JSON.parse(
      readFileSync(join(corpus as string, 'lab/derived-loss/truth.json'), 'utf8'),
    );
    const [row, ...more] = rowsOf(await run('derived-loss', ['overlay', 'underlay']));
    expect(more).toEqual([]);
    expect(row).toMatchObject({ ...clean, overlayFrames: 82, matched: 75, overlayOnly: 7 });
    // The underlay began with an ARP exchange of its own, which the overlay has not: two frames less.
    expect(row?.evidence.overlayOnly).toEqual(dropped.map((frame: number) => frame - 2));
  });

  it('derived-dup: names the five duplicates, the later copy of each', async () => {
    const [row] = rowsOf(await run('derived-dup', ['overlay', 'underlay']));
    expect(row).toMatchObject({ ...clean, matched: 82, duplicated: 5 });
    expect(text(row?.evidence.duplicated ?? [])).toEqual([8, 12, 16, 70, 81].map((frame) => `underlay ${frame}`));
  });

  it('reorder20: names the four reordered frames, at the tap that they reach late', async () => {
    const rows = rowsOf(await run('reorder20', ALL));
    for (const row of rows) expect(row).toMatchObject({ ...clean, matched: 42, reordered: expect.any(Number) });
    const local = rows.filter(({ overlay, underlay }) => overlay.slice(0, 3) === underlay.slice(0, 3));
    expect(local.map(({ reordered }) => reordered)).toEqual([0, 0]);
    const late = rows.flatMap(({ evidence }) => text(evidence.reordered)).filter((frame) => frame.includes('underlay'));
    expect(late.sort()).toEqual(['vm1_underlay 10', 'vm1_underlay 42', 'vm2_underlay 31', 'vm2_underlay 39']);
  });

  it.each(['her-3vteps', 'three-hv'])('%s: a frame to all has a copy per remote VTEP', async (lab) => {
    const names = [1, 2, 3].flatMap((vm) => [`vm${vm}_overlay`, `vm${vm}_underlay`]);
    const analysis = await run(lab, names);
    expect(analysis.bum.length).toBeGreaterThan(0);
    for (const { copies, missing } of analysis.bum) {
      expect(new Set(copies.map(({ destination }) => destination)).size).toBe(2);
      expect(missing).toEqual([]);
    }
    for (const row of rowsOf(analysis)) expect(row).toMatchObject(clean);
    for (const row of rowsOf(analysis).filter(
      ({ overlay, underlay }) => overlay.slice(0, 3) === underlay.slice(0, 3),
    )) {
      expect(row.matched).toBe(row.overlayFrames);
    }
  });

  it('pairs clocks 3.5 s apart, and says so', async () => {
    const overlay = scratch.write(readFileSync(captureOf('derived-dup', 'overlay')), 'vm1_overlay.pcap');
    const underlay = scratch.write(shifted(captureOf('derived-dup', 'underlay'), 3.5), 'hv1_underlay.pcap');
    const [row] = rowsOf(await run('derived-dup', [overlay, underlay]));
    // An estimate is good to half the smallest round trip: copies 7 µs apart cannot always be told in order.
    expect(row).toMatchObject({ ...clean, matched: 82, duplicated: 5, ambiguous: expect.any(Number) });
    expect(Math.abs((row?.clockOffsetNs as number) - 3.5e9)).toBeLessThan(1e6);
    // Told, it need not be estimated.
    const told = await run('derived-dup', [overlay, underlay], { clockOffsetsNs: new Map([['hv1_underlay', 3.5e9]]) });
    expect(rowsOf(told)[0]).toMatchObject({ matched: 82, clockOffsetNs: 3.5e9 });
  });

  it('two-vnis: never pairs across tenants, though their frames are the same', async () => {
    const names = ['vm1_overlay', 'vm1b_overlay', 'vm1_underlay', 'vm2_overlay', 'vm2b_overlay', 'vm2_underlay'];
    const rows = rowsOf(await run('two-vnis', names));
    expect(rows).toHaveLength(8);
    for (const row of rows) {
      expect(row).toMatchObject({ ...clean, vni: row.overlay.includes('b_') ? 6000 : 5000, matched: 8 });
    }
    const [alone] = rowsOf(await run('two-vnis', ONE_HOST));
    expect(alone).toMatchObject({ ...clean, vni: 5000, matched: 8 });
    // What it is told counts, even where it is wrong: only the ARPs are alike.
    const [told] = rowsOf(await run('two-vnis', ONE_HOST, { vnis: [6000] }));
    expect(told).toMatchObject({ vni: 6000, matched: 2 });
  });

  it.each([ONE_HOST, OTHER_HOST, ALL])('tcp-offload-on: pairs super-frames that were cut: %s', async (...names) => {
    for (const row of rowsOf(await run('tcp-offload-on', names))) {
      expect(row).toMatchObject({ ...clean, overlayFrames: 138, matched: 138 });
    }
  });

  it('ovs-unshielded: one frame was never encapsulated; mtu-fragment: the tunnel told the sender', async () => {
    const [first] = rowsOf(await run('ovs-unshielded', ONE_HOST));
    expect(first).toMatchObject({ matched: 4, overlayOnly: 1, evidence: { overlayOnly: [1] } });
    // Frame 3 did not fit; frame 4 says so, and never was in a tunnel.
    const [second] = rowsOf(await run('mtu-fragment', ONE_HOST));
    expect(second).toMatchObject({ matched: 5, overlayOnly: 1, evidence: { overlayOnly: [3] } });
  });

  it('vni-mismatch: an empty overlay tap has pairs for nothing that arrived', async () => {
    const rows = rowsOf(await run('vni-mismatch', ALL));
    expect(rows.map(({ overlay, matched, underlayOnly }) => [overlay, matched, underlayOnly])).toEqual([
      ['vm1_overlay', 2, 0],
      ['vm1_overlay', 2, 0],
      ['vm2_overlay', 0, 2],
      ['vm2_overlay', 0, 2],
    ]);
  });

  it('gives the way of every frame over all taps, and what each hop took', async () => {
    const { correlation } = await run('ovs-golden', ALL, { pairs: true });
    const forth = ['vm1_overlay', 'vm1_underlay', 'vm2_underlay', 'vm2_overlay'];
    const back = [...forth].reverse();
    const chain = (places: readonly string[]): string[] => places.slice(1).map((to, at) => `${places[at]} > ${to}`);
    expect(correlation?.hops.map(({ from, to }) => `${from} > ${to}`)).toEqual([...chain(forth), ...chain(back)]);
    for (const hop of correlation?.hops ?? []) {
      expect(hop).toMatchObject({ vni: 5000, passed: 2, lost: 0, missed: 0, duplicated: 0, reordered: 0 });
      expect(hop.latencyNs?.min).toBeGreaterThan(0);
    }
    expect(correlation?.paths?.map(({ path }) => path.map(({ tap, frame }) => `${tap} ${frame}`))).toEqual([
      forth.map((tap, at) => `${tap} ${[1, 3, 3, 1][at]}`),
      back.map((tap, at) => `${tap} ${[2, 4, 4, 2][at]}`),
      forth.map((tap, at) => `${tap} ${[3, 5, 5, 3][at]}`),
      back.map((tap, at) => `${tap} ${[4, 6, 6, 4][at]}`),
    ]);
  });

  it('names the hop of what was reordered: between the two hosts', async () => {
    const { correlation } = await run('reorder20', ALL);
    const late = correlation?.hops.filter(({ reordered }) => reordered > 0) ?? [];
    expect(late.map(({ from, to, reordered }) => [from, to, reordered])).toEqual([
      ['vm1_underlay', 'vm2_underlay', 2],
      ['vm2_underlay', 'vm1_underlay', 2],
    ]);
  });

  it('golden-noisy: copies that one capture of all interfaces holds are hops, not duplicates', async () => {
    const [row, ...more] = rowsOf(await run('golden-noisy', ['hv1_any']));
    expect(more).toEqual([]);
    expect(row).toMatchObject({ overlay: 'hv1_any', underlay: 'hv1_any', vni: 5000, matched: 5, ...clean });
  });

  it('has nothing to say of one role', async () => {
    expect((await run('golden', ['vm1_overlay', 'vm2_overlay'])).correlation).toBeNull();
    expect((await run('golden', ['vm1_underlay'])).correlation).toBeNull();
  });

  it('takes forced roles, and gives the same bytes whenever it runs', async () => {
    const [inside, outside] = [captureOf('golden', 'vm1_overlay'), captureOf('golden', 'vm1_underlay')];
    const roles = new Map([
      [inside, 'underlay'],
      [outside, 'overlay'],
    ] as const);
    const analysis = await analyze([inside, outside], { roles });
    expect(analysis.captures.map(({ role }) => role)).toEqual(['underlay', 'overlay']);
    expect(rowsOf(analysis).every(({ matched }) => matched === 0)).toBe(true);
    expect(JSON.stringify(await run('reorder20', ALL))).toBe(JSON.stringify(await run('reorder20', ALL)));
  });
});

/** A classic little-endian capture with its times moved. @returns the file's bytes */
function shifted(path: string, seconds: number): Buffer {
  const bytes = Buffer.from(readFileSync(path));
  const unit = bytes.readUInt32LE(0) === 0xa1b23c4d ? 1e9 : 1e6;
  for (let at = 24; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) {
    const fraction = bytes.readUInt32LE(at + 4) + Math.round(seconds * unit);
    bytes.writeUInt32LE(bytes.readUInt32LE(at) + Math.floor(fraction / unit), at);
    bytes.writeUInt32LE(fraction % unit, at + 4);
  }
  return bytes;
}
