/** Duplicates, reordering and the first packet's wait, on captures of the lab, and of nearly the same. */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyze } from '../../src/analyze.js';
import type { Finding } from '../../src/findings/finding.js';
import { only } from '../helpers/analyze-taps.js';

const FIXTURES = 'fixtures/captures/';

/** The findings of one kind, in captures of a scenario. */
async function findings(scenario: string, id: string, taps = /./): Promise<readonly Finding[]> {
  const captures = readdirSync(FIXTURES)
    .filter((file) => file.startsWith(`lab-${scenario}.`) && taps.test(file))
    .map((file) => file.replace(/^lab-\w[\w-]*\.(hv\d)-(\w+)\.pcap$/, `$1:$1-$2=${FIXTURES}$&`));
  return only(await analyze(captures), id);
}
const frames = ({ evidence }: Finding): string => `${evidence[0]?.tap} ${evidence.map(({ frame }) => frame).join()}`;

describe('duplicates', () => {
  it('are told once for each direction, on the hop where they came to be', async () => {
    const found = await findings('duplicates', 'duplicates');
    expect(found.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
    expect(found.map(({ message }) => message)).toEqual([
      '9 of 41 frames (22 %) of VNI 5000 from 10.0.0.1 to 10.1.0.1 came to hv2-eth0 more often than hv1-eth0 saw them.',
      '9 of 50 frames (18 %) of VNI 5000 from 10.1.0.1 to 10.0.0.1 came to hv1-eth0 more often than hv2-eth0 saw them.',
    ]);
    expect(found.map(frames)).toEqual(['hv2-eth0 7,25,29,39,53,57,71,91,101', 'hv1-eth0 10,13,29,46,49,64,69,77,97']);
  });

  it('are not told of the receiving host alone: what came twice left twice', async () => {
    expect(await findings('duplicates', 'duplicates', /hv2/)).toEqual([]);
  });

  it('are not told where nothing is doubled', async () => {
    expect(await findings('reordering', 'duplicates')).toEqual([]);
    expect(await findings('three-vteps', 'duplicates')).toEqual([]);
  });
});

describe('reordering', () => {
  it('is told once for each direction, on the hop where it came to be', async () => {
    const found = await findings('reordering', 'reordering');
    expect(found.map(({ severity }) => severity)).toEqual(['warning', 'warning']);
    expect(found.map(({ message }) => message.replace(/ behind.*/, ''))).toEqual([
      '7 of 42 frames (17 %) of VNI 5000 from 10.0.0.1 to 10.1.0.1 came to hv2-eth0',
      '6 of 42 frames (14 %) of VNI 5000 from 10.1.0.1 to 10.0.0.1 came to hv1-eth0',
    ]);
    expect(found.map(frames)).toEqual(['hv2-eth0 7,23,33,45,59,77,85', 'hv1-eth0 12,30,48,66,70,78']);
  });

  it('is not told of one host alone, nor of frames that are lost or doubled', async () => {
    expect(await findings('reordering', 'reordering', /hv1/)).toEqual([]);
    expect(await findings('loss', 'reordering')).toEqual([]);
    expect(await findings('duplicates', 'reordering')).toEqual([]);
  });
});

describe('first-packet-wait', () => {
  it('is worth knowing, no more, where the first packet waited a little', async () => {
    const found = await findings('loss', 'first-packet-wait');
    expect(found).toMatchObject([
      {
        severity: 'info',
        message:
          'Frame 1 of hv1-vm1, the first to 10.1.0.1 in VNI 5000, waited 194 µs while the underlay was asked for that address.',
        evidence: [
          { tap: 'hv1-vm1', frame: 1 },
          { tap: 'hv1-eth0', frame: 3 },
        ],
      },
    ]);
  });

  it('is not told of the other side, which nobody had to ask for', async () => {
    expect(await findings('loss', 'first-packet-wait', /hv2/)).toEqual([]);
  });
});
