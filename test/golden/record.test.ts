/**
 * Goldens that are recorded: what is folded, and what they pass. On the four frames of a ping in the lab, and on all
 * captures of the lab.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dissect, type FrameView } from '../../src/dissect/frame-view.js';
import { GoldenCheck } from '../../src/golden/check.js';
import { parseGolden } from '../../src/golden/expectation.js';
import type { TapGolden } from '../../src/golden/golden.js';
import { recordSequence } from '../../src/golden/record.js';
import { LayerKind } from '../../src/wire/stack.js';
import { framesOf } from '../helpers/captures.js';

const [ask, answer, ping, pong] = framesOf('fixtures/captures/ovs-golden.hv1-vm1.pcap') as [
  FrameView,
  FrameView,
  FrameView,
  FrameView,
];

/** A ping's frame with identifier and sequence number of one's own. */
function echo(frame: FrameView, ident: number, seq: number): FrameView {
  const bytes = Uint8Array.from(frame.bytes);
  const at = [...frame.layers()].find(({ kind }) => kind === LayerKind.Icmpv4)?.at ?? 0;
  bytes.set([ident >> 8, ident & 0xff, seq >> 8, seq & 0xff], at + 4);
  return dissect(bytes);
}

/** Request and reply, from sequence number 1 on. */
function pings(count: number, ident = 700): FrameView[] {
  return Array.from({ length: count }, (_, index) => [
    echo(ping, ident, index + 1),
    echo(pong, ident, index + 1),
  ]).flat();
}

async function passes(golden: string, frames: readonly FrameView[]): Promise<boolean> {
  const { taps, ...rest } = await parseGolden(golden, 'recorded.yaml');
  const check = new GoldenCheck({ taps, ...rest }, taps[0] as TapGolden, { explain: false });
  for (const frame of frames) check.add(frame);
  return check.finish().passed;
}

describe('a run of pings', () => {
  it('is one repeat, from one to as many as there were', async () => {
    const golden = await recordSequence([ask, answer, ...pings(5)], 'x', null);
    expect(golden.match(/- name:/g)).toHaveLength(4);
    expect(golden).toContain('  - repeat: { min: 1, max: 5 }\n');
    for (const count of [1, 2, 5]) expect(await passes(golden, [ask, answer, ...pings(count, 900)])).toBe(true);
    for (const count of [0, 6]) expect(await passes(golden, [ask, answer, ...pings(count)])).toBe(false);
  });

  it('still wants every reply to its request', async () => {
    const golden = await recordSequence([ask, answer, ...pings(3)], 'x', null);
    const [request, reply, ...more] = pings(2) as [FrameView, FrameView, ...FrameView[]];
    expect(await passes(golden, [ask, answer, request, reply, ...more])).toBe(true);
    expect(await passes(golden, [ask, answer, request, ...more])).toBe(false);
    expect(await passes(golden, [ask, answer, reply, request, ...more])).toBe(false);
    expect(await passes(golden, [ask, answer, request, echo(pong, 700, 9), ...more])).toBe(false);
  });

  it('that another one follows has names of its own', async () => {
    const capture = [...pings(3), ask, answer, ...pings(2, 701)];
    const golden = await recordSequence(capture, 'x', null);
    expect(golden.match(/repeat: \{.*\}/g)).toEqual(['repeat: { min: 1, max: 3 }', 'repeat: { min: 1, max: 2 }']);
    // Both begin with 1: it is not the same number.
    expect(new Set(golden.match(/\$seq\d/g))).toEqual(new Set(['$seq1', '$seq2']));
    expect(await passes(golden, capture)).toBe(true);
    expect(await passes(golden, [...pings(1), ask, answer, ...pings(2, 800)])).toBe(true);
  });

  it('without a last reply ends with the request', async () => {
    const capture = pings(3).slice(0, -1);
    const golden = await recordSequence(capture, 'x', null);
    expect(golden).toContain('repeat: { min: 1, max: 2 }');
    expect(await passes(golden, capture)).toBe(true);
    expect(await passes(golden, pings(3))).toBe(false);
  });

  it('once is no repeat', async () => {
    expect(await recordSequence([ask, answer, ...pings(1)], 'x', null)).not.toContain('repeat');
  });
});

it.each(readdirSync('fixtures/captures').filter((name) => /hv\d-(eth0|vm\db?)\.pcap$/.test(name)))(
  'what is recorded on %s passes there, and not without a frame of its own',
  async (name) => {
    const frames = framesOf(`fixtures/captures/${name}`, { vxlanPorts: [4789, 8472] });
    if (frames.length === 0) {
      await expect(recordSequence(frames, 'x', null)).rejects.toMatchObject({ code: 'E_GOLDEN' });
      return;
    }
    const golden = await recordSequence(frames, 'x', null);
    expect(await passes(golden, frames)).toBe(true);
    expect(await passes(golden, [])).toBe(false);
    expect(await passes(golden, [...frames, dissect(Uint8Array.of(1, 2, 3))])).toBe(false);
  },
);

it('records a frame of which nothing could be dissected', async () => {
  const runt = dissect(new Uint8Array(9));
  const golden = await recordSequence([ask, runt], 'x', null);
  expect(golden).toContain('  - name: "2 frame"\n    match:\n      frame.protocols: ""\n');
  expect(await passes(golden, [ask, runt])).toBe(true);
  expect(await passes(golden, [ask, answer])).toBe(false);
});
