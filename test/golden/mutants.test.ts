/**
 * Mutants of the truth: from each golden capture of the lab, every step missing, doubled, swapped, in the wrong VNI, to
 * the wrong VTEP, with a wrong MAC, with request and reply exchanged. Each fails at that step, and says so.
 */
import { describe, expect, it } from 'vitest';
import { dissect, type FrameView } from '../../src/dissect/frame-view.js';
import { compileField } from '../../src/fields/field.js';
import { GoldenCheck } from '../../src/golden/check.js';
import type { Golden, TapGolden } from '../../src/golden/golden.js';
import { shippedGolden } from '../../src/golden/shipped.js';
import { passed, type TapVerdict } from '../../src/golden/verdict.js';
import { prettyGolden } from '../../src/report/golden/pretty.js';
import { textReport } from '../../src/report/text-line.js';
import { LayerKind } from '../../src/wire/stack.js';
import { framesOf, textOf } from '../helpers/captures.js';

const CAPTURES = [
  ['six-packet', 'kernel-golden.hv1-eth0'],
  ['six-packet', 'ovs-golden.hv1-eth0'],
  ['six-packet', 'ovs-golden.hv2-eth0'],
  ['six-packet', 'port-8472.hv1-eth0'],
  ['six-packet-repeat', 'ovs-golden.hv1-eth0'],
  ['four-packet', 'kernel-golden.hv1-vm1'],
  ['four-packet', 'ovs-golden.hv1-vm1'],
  ['four-packet', 'ovs-golden.hv2-vm2'],
] as const;

function check(name: string, frames: readonly FrameView[]): TapVerdict {
  const golden = shippedGolden(name) as Golden;
  const run = new GoldenCheck(golden, golden.taps[0] as TapGolden);
  for (const [index, frame] of frames.entries()) run.add(plain(frame, index + 1));
  return run.finish();
}

/** The frame under another number. */
function plain(frame: FrameView, number: number) {
  const { tap, interfaceId, interfaceName, capturedLen, wireLen, seconds, nanoseconds, stack } = frame;
  return { number, tap, interfaceId, interfaceName, capturedLen, wireLen, seconds, nanoseconds, stack };
}

/** The frame with bytes changed. */
function edited(frame: FrameView, edit: (bytes: Uint8Array) => void): FrameView {
  const bytes = Uint8Array.from(frame.bytes);
  edit(bytes);
  return dissect(bytes, { vxlanPorts: [4789, 8472] });
}

/** The lines that say what was expected and what came, without blanks in front and without times. */
function bothFrames(verdict: TapVerdict, golden: Golden): string[] {
  const text = prettyGolden([{ golden, path: '', cut: null, verdict, problems: [] }], { color: false });
  const first = /\n {6}expected {2}(?!because)\s*(.*)\n {6}actual {4}(?:[\d:.]{15} )?(.*)\n/.exec(text);
  return first === null ? [] : [first[1] as string, first[2] as string];
}

/** A frame as `read -e -t` prints it. */
function lineOf(frame: FrameView): string {
  return textOf(textReport({ digits: 6, linkHeader: true, time: 'none' }), [frame]).trimEnd();
}

/** Where the last layer of a kind starts; -1 without. */
function last(frame: FrameView, kind: LayerKind): number {
  return [...frame.layers()].findLast((layer) => layer.kind === kind)?.at ?? -1;
}

/** Ways to spoil a frame; null where it has nothing of the sort. */
const SPOILT: Readonly<Record<string, (frame: FrameView) => FrameView | null>> = {
  'on the wrong VNI': (frame) => {
    const at = last(frame, LayerKind.Vxlan);
    return at < 0 ? null : edited(frame, (bytes) => (bytes[at + 6] = (bytes[at + 6] as number) ^ 1));
  },
  'to the wrong VTEP': (frame) =>
    last(frame, LayerKind.Vxlan) < 0 ? null : edited(frame, (bytes) => (bytes[14 + 19] = 99)),
  'from the wrong MAC': (frame) => {
    const at = last(frame, LayerKind.Ethernet);
    return edited(frame, (bytes) => (bytes[at + 11] = 0x77));
  },
  'to the wrong MAC': (frame) => {
    const at = last(frame, LayerKind.Ethernet);
    return edited(frame, (bytes) => (bytes[at + 5] = 0x77));
  },
  'with an ARP sender of the wrong MAC': (frame) => {
    const at = last(frame, LayerKind.Arp);
    return at < 0 ? null : edited(frame, (bytes) => (bytes[at + 13] = 0x77));
  },
  'with request and reply exchanged': (frame) => {
    const arp = last(frame, LayerKind.Arp);
    const icmp = last(frame, LayerKind.Icmpv4);
    return edited(frame, (bytes) => {
      if (arp >= 0) bytes[arp + 7] = 3 - (bytes[arp + 7] as number);
      else bytes[icmp] = 8 - (bytes[icmp] as number);
    });
  },
};

describe.each(CAPTURES)('%s on %s', (name, capture) => {
  const golden = shippedGolden(name) as Golden;
  const frames = framesOf(`fixtures/captures/${capture}.pcap`, { vxlanPorts: [4789, 8472] });
  const steps = frames.map((_, index) => index);
  const fails = (mutant: readonly FrameView[], step: number | readonly number[]): TapVerdict => {
    const verdict = check(name, mutant);
    expect(verdict.passed).toBe(false);
    const allowed = [step].flat().map((index) => golden.taps[0]?.steps[index]?.name);
    expect(allowed).toContain(verdict.divergence?.step?.name);
    const text = prettyGolden([{ golden, path: capture, cut: null, verdict, problems: [] }], { color: false });
    expect(text.split('\n')[1]).toContain(verdict.divergence?.step?.name);
    return verdict;
  };

  it('passes', () => {
    const verdict = check(name, frames);
    expect(verdict).toMatchObject({ passed: true, matched: frames.length, divergence: null });
    expect(passed({ golden, path: '', cut: null, verdict, problems: [] })).toBe(true);
  });

  it.each(steps)('fails without step %i, and says that this one is missing', (step) => {
    const verdict = fails(frames.toSpliced(step, 1), step);
    expect(verdict.divergence?.outcome).toBe('missing');
    expect(verdict.rows.filter(({ outcome }) => outcome !== 'matched')).toHaveLength(1);
    const [expected, actual] = bothFrames(verdict, golden);
    const next = frames[step + 1];
    expect(actual).toBe(next === undefined ? 'the end of the capture' : lineOf(next));
    // It is made from another frame: the target's MAC in an ARP request is none of the golden's business.
    const bare = (line = ''): string => line.replace(/(who-has [\d.]+) \([\da-f:]+\)/, '$1');
    expect(bare(expected)).toBe(bare(lineOf(frames[step] as FrameView)));
  });

  it.each(steps)('fails with step %i twice, and says that one is extra', (step) => {
    const verdict = fails(frames.toSpliced(step, 0, frames[step] as FrameView), step);
    expect(verdict.divergence).toMatchObject({ outcome: 'extra', frame: step + 2 });
    expect(verdict.rows.filter(({ outcome }) => outcome !== 'matched')).toHaveLength(1);
    const next = frames[step + 1];
    const expected = next === undefined ? 'the end of the capture' : lineOf(next);
    expect(bothFrames(verdict, golden)).toEqual([expected, lineOf(frames[step] as FrameView)]);
  });

  it.each(steps.slice(1))('fails with step %i before the one that goes before it', (step) => {
    const swapped = frames.toSpliced(step - 1, 2, frames[step] as FrameView, frames[step - 1] as FrameView);
    const verdict = fails(swapped, [step - 1, step]);
    expect(verdict.divergence?.outcome).toBe('order');
    expect(bothFrames(verdict, golden)).toEqual(
      [frames[step - 1], frames[step]].map((frame) => lineOf(frame as FrameView)),
    );
    expect(verdict.actual?.frame).toBe(step);
  });

  for (const [what, spoil] of Object.entries(SPOILT)) {
    for (const step of steps) {
      const spoilt = spoil(frames[step] as FrameView);
      if (spoilt === null) continue;
      it(`fails with step ${step} ${what}`, () => {
        const verdict = fails(frames.with(step, spoilt), step);
        expect(verdict.divergence).toMatchObject({ outcome: 'field', frame: step + 1 });
        expect(verdict.divergence?.fields.length).toBeGreaterThan(0);
        expect(verdict.rows.filter(({ outcome }) => outcome !== 'matched')).toHaveLength(1);
        // What was spoilt is mended in the frame that was expected, and nothing else.
        expect(bothFrames(verdict, golden)).toEqual([lineOf(frames[step] as FrameView), lineOf(spoilt)]);
      });
    }
  }

  it('fails without any frame', () => {
    expect(check(name, [])).toMatchObject({ passed: false, frames: 0, divergence: { outcome: 'missing' } });
  });

  it('reads fields by their names', () => {
    for (const step of golden.taps[0]?.steps ?? []) {
      for (const { field } of step.conditions) expect(compileField(field.name).name).toBe(field.name);
    }
  });
});
