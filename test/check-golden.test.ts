/**
 * `pairs: complete`: every frame of the overlay has its encapsulation at the underlay. On a run of the lab with two taps
 * of one host, and with each encapsulation gone, or of other contents.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkGolden } from '../src/check-golden.js';
import { passed } from '../src/golden/verdict.js';
import { vxdump } from './helpers/vxdump.js';

const OVERLAY = 'fixtures/captures/ovs-golden.hv1-vm1.pcap';
const UNDERLAY = 'fixtures/captures/ovs-golden.hv1-eth0.pcap';
/** The overlay's part is all that is held against steps: what fails besides are pairs. */
const GOLDEN = `schema: vxdump.golden/1
name: pairs
pairs: complete
tap: overlay
steps:
  - repeat: { min: 1 }
    steps:
      - { name: any frame, match: { eth.src: 00:00:00 } }
`;

let scratch: string;
let golden: string;
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), 'vxdump-pairs-'));
  golden = file('pairs.yaml', GOLDEN);
});
afterAll(() => rmSync(scratch, { recursive: true }));

function file(name: string, content: string | Uint8Array): string {
  writeFileSync(join(scratch, name), content);
  return join(scratch, name);
}

/** The underlay capture with the record of one frame changed, or left out. @param frame from 1 */
function spoilt(frame: number, edit: ((record: Buffer) => void) | null): string {
  const bytes = readFileSync(UNDERLAY);
  const parts = [bytes.subarray(0, 24)];
  for (let at = 24, number = 1; at < bytes.length; number++) {
    const end = at + 16 + bytes.readUInt32LE(at + 8);
    const record = bytes.subarray(at, end);
    if (number === frame) edit?.(record);
    if (number !== frame || edit !== null) parts.push(record);
    at = end;
  }
  return file('underlay.pcap', Buffer.concat(parts));
}

async function problemsOf(...captures: string[]): Promise<readonly string[]> {
  const results = await checkGolden(captures, golden);
  expect(results.length).toBeGreaterThan(0);
  expect(results.every(({ verdict }) => verdict.passed)).toBe(true);
  const problems = results.flatMap((result) => result.problems);
  expect(results.every(passed)).toBe(problems.length === 0);
  return problems;
}

describe('pairs: complete', () => {
  it('passes where every frame has its encapsulation, in either order, with further taps', async () => {
    expect(await problemsOf(OVERLAY, UNDERLAY)).toEqual([]);
    expect(await problemsOf(UNDERLAY, OVERLAY)).toEqual([]);
    expect(await problemsOf(OVERLAY, UNDERLAY, 'fixtures/captures/ovs-golden.hv2-eth0.pcap')).toEqual([]);
  });

  // The underlay's own ARP is in front: frame 1 of the overlay is inside frame 3.
  it.each([1, 2, 3, 4])('fails without the encapsulation of frame %i, and names that frame', async (frame) => {
    expect(await problemsOf(`overlay=${OVERLAY}`, `underlay=${spoilt(frame + 2, null)}`)).toEqual([
      `pairs: 1 of 4 frames at overlay have no encapsulation in VNI 5000 at underlay: frame ${frame}`,
    ]);
  });

  it.each([
    ['from another MAC inside', (record: Buffer) => record.writeUInt8(99, 16 + 14 + 20 + 8 + 8 + 11)],
    [
      'of other contents',
      (record: Buffer) => record.writeUInt8((record[record.length - 1] as number) ^ 1, record.length - 1),
    ],
  ])('fails with an encapsulation %s', async (_, edit) => {
    for (const frame of [1, 2, 3, 4]) {
      const [problem = '', ...more] = await problemsOf(`overlay=${OVERLAY}`, `underlay=${spoilt(frame + 2, edit)}`);
      expect(problem).toMatch(new RegExp(`: frame ${frame}$`));
      expect(more).toEqual([]);
    }
  });

  it('fails for a tap of another run, whatever the others have', async () => {
    const other = 'other=fixtures/captures/kernel-golden.hv1-vm1.pcap';
    expect(await problemsOf(OVERLAY, UNDERLAY, other)).toEqual(['pairs: no frame at other has its encapsulation']);
  });

  it('says so in every report, and exits with 1', async () => {
    const captures = [`overlay=${OVERLAY}`, `underlay=${spoilt(5, null)}`];
    for (const reporter of ['pretty', 'json', 'junit', 'tap', 'github']) {
      const { exit, stdout } = await vxdump(['assert', ...captures, '--golden', golden, '--reporter', reporter]);
      expect(exit, reporter).toBe(1);
      expect(stdout, reporter).toMatch(/1 of 4 frames at overlay .* at underlay: frame 3/);
    }
  });

  it.each([
    [[OVERLAY], 'needs an overlay and an underlay capture; ovs-golden.hv1-vm1 is overlay'],
    [[OVERLAY, 'fixtures/captures/ovs-golden.hv2-vm2.pcap'], 'needs an overlay and an underlay capture; '],
    [[OVERLAY, 'underlay=-'], 'reads captures twice: give files, not standard input'],
  ])('of %j is refused', async (captures, words) => {
    const outcome = await vxdump(['assert', ...captures, '--golden', golden]);
    expect(outcome).toMatchObject({ exit: 2, stdout: '' });
    expect(outcome.stderr).toContain(`vxdump: golden pairs: pairs: complete ${words}`);
  });
});

describe('several captures, and a golden of one tap', () => {
  /** The underlay's own ARP, and nothing tunnelled; a file header alone. */
  const silent = (): string => file('silent.pcap', readFileSync(UNDERLAY).subarray(0, 24 + 2 * (16 + 42)));
  const empty = (name = 'empty.pcap'): string => file(name, readFileSync(UNDERLAY).subarray(0, 24));

  it.each([
    ['nothing tunnelled', silent],
    ['no frame', empty],
  ])('fails where one of them has %s', async (_, other) => {
    for (const captures of [
      [other(), UNDERLAY],
      [UNDERLAY, other()],
    ]) {
      const results = await checkGolden(captures, 'six-packet');
      expect(results.map(passed)).toEqual(captures.map((path) => path === UNDERLAY));
      expect(await vxdump(['assert', ...captures, '--golden', 'six-packet'])).toMatchObject({ exit: 1, stderr: '' });
    }
  });

  it('fails, and is not refused, where none has a tunnel', async () => {
    expect((await checkGolden([silent(), empty()], 'six-packet')).map(passed)).toEqual([false, false]);
  });

  it('says which it leaves out: those that are another tap by their name, or by their MACs', async () => {
    for (const other of [OVERLAY, empty('vm1_overlay.pcap'), `overlay=${empty()}`]) {
      const { exit, stderr } = await vxdump(['assert', other, UNDERLAY, '--golden', 'six-packet']);
      expect(exit).toBe(0);
      expect(stderr).toBe(`vxdump: ${other.replace('overlay=', '')}: no tap of golden six-packet: not tested\n`);
    }
  });
});
