/** What the findings about sizes, fragments, ports and VNIs say of real captures: each lab directory, and each of its files. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AnalyzeOptions, analyze } from '../../src/analyze.js';
import { corpusPath, manifest } from '../helpers/corpus.js';

const IDS = [
  'port-mismatch',
  'icmp-from-vtep-kernel',
  'vni-mismatch',
  'not-decapsulated',
  'mtu-black-hole',
  'inner-exceeds-mtu',
  'outer-fragmented',
  'overlapping-fragments',
];
/** By directory; none in all others. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  'mtu-fragment': ['inner-exceeds-mtu', 'outer-fragmented'],
  'vni-mismatch': ['not-decapsulated'],
  'ovs-unshielded': ['icmp-from-vtep-kernel'],
};
/** A tunnelled packet of 1548 bytes in two fragments (frames 664 and 665), as tshark has it. */
const FRAGMENTED = 'akachana+rod-ix-pc-04/PR_1081677.pcap';
const corpus = corpusPath('findings about sizes, ports and VNIs');

async function found(paths: readonly string[], options: AnalyzeOptions = {}): Promise<string[]> {
  const { findings } = await analyze(paths, options);
  return [...new Set(findings.map(({ id }) => id).filter((id) => IDS.includes(id)))].sort();
}

describe.skipIf(corpus === null)('the lab captures of the corpus', () => {
  const lab = `${corpus}/lab`;
  it.each(corpus === null ? [] : readdirSync(lab))('%s', async (directory) => {
    const files = readdirSync(`${lab}/${directory}`).filter((name) => name.endsWith('.pcap'));
    const paths = files.map((name) => `${lab}/${directory}/${name}`);
    const expected = EXPECTED[directory] ?? [];
    expect(await found(paths)).toEqual(expected);
    for (const path of paths) expect(expected).toEqual(expect.arrayContaining(await found([path])));
  });
});

describe.skipIf(corpus === null)('the public captures', () => {
  it('have none, but for one that holds a packet in fragments', async () => {
    const told: Record<string, string[]> = {};
    for (const { path, vxlanPorts } of manifest(corpus as string)) {
      if (vxlanPorts.length === 0 || path.startsWith('lab/')) continue;
      const ids = await found([`${corpus}/${path}`], { vxlanPorts });
      if (ids.length > 0) told[path] = ids;
    }
    expect(told).toEqual({ [FRAGMENTED]: ['inner-exceeds-mtu', 'outer-fragmented'] });
  });
});
