/**
 * An analysis that grows comes to what `analyze` says of the same frames, without a first look at them.
 */
import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { analyze } from '../src/analyze.js';
import type { CorrelationRow, PairRecord } from '../src/correlate/report/correlation.js';
import type { FrameView } from '../src/dissect/frame-view.js';
import { LiveAnalysis, type LiveSnapshot, type LiveTap } from '../src/live-analysis.js';
import { framesOf } from './helpers/captures.js';

const FOLDER = 'fixtures/captures';
/** Scenarios in which each host has one overlay tap. */
const SCENARIOS = readdirSync(FOLDER).flatMap((name) => /^(lab-.*)\.hv1-vm1\.pcap$/.exec(name)?.[1] ?? []);
const HOST: readonly LiveTap[] = [
  { name: 'vm1', role: null },
  { name: 'eth0', role: null },
];
const LATENCY_MS = 20;

interface Timed {
  readonly tap: number;
  readonly frame: FrameView;
}

function inOrder(paths: readonly string[], vxlanPorts?: readonly number[]): Timed[] {
  const options = vxlanPorts === undefined ? {} : { vxlanPorts };
  const all = paths.flatMap((path, tap) => framesOf(path, options).map((frame) => ({ tap, frame })));
  return all.sort((a, b) => a.frame.seconds - b.frame.seconds || a.frame.nanoseconds - b.frame.nanoseconds);
}

function pathsOf(scenario: string): string[] {
  return [`${FOLDER}/${scenario}.hv1-vm1.pcap`, `${FOLDER}/${scenario}.hv1-eth0.pcap`];
}

async function grown(frames: readonly Timed[], taps = HOST): Promise<{ snapshot: LiveSnapshot; pairs: PairRecord[] }> {
  const pairs: PairRecord[] = [];
  const live = new LiveAnalysis(taps, { latencyMs: LATENCY_MS, onPairs: (found) => void pairs.push(...found) });
  for (const { tap, frame } of frames) live.add(tap, frame);
  await live.finish();
  return { snapshot: live.snapshot(), pairs };
}

const counts = ({ vni, overlayFrames, matched, overlayOnly, underlayOnly, duplicated, reordered }: CorrelationRow) => ({
  vni,
  overlayFrames,
  matched,
  overlayOnly,
  underlayOnly,
  duplicated,
  reordered,
});

describe('a live analysis', () => {
  it.each(SCENARIOS)('says of one host what analyze says: %s', async (scenario) => {
    const paths = pathsOf(scenario);
    const whole = await analyze([`vm1=${paths[0]}`, `eth0=${paths[1]}`]);
    const { snapshot } = await grown(inOrder(paths));
    expect(snapshot.tunnels).toEqual(whole.tunnels);
    expect(snapshot.vteps).toEqual(whole.vteps);
    expect(snapshot.endpoints).toEqual(whole.endpoints);
    expect(snapshot.taps.map(({ tap, role, frames }) => ({ tap, role, frames }))).toEqual(
      whole.captures.map(({ tap, role, frames }) => ({ tap, role, frames })),
    );
    expect(snapshot.correlation?.taps.map(counts) ?? []).toEqual(
      (whole.correlation?.taps ?? []).filter(({ overlay, underlay }) => overlay !== underlay).map(counts),
    );
  });

  it('tells a pair when its time has passed, also where no more frames come', async () => {
    const frames = inOrder(pathsOf('lab-six-packet'));
    const pairs: PairRecord[] = [];
    const live = new LiveAnalysis(HOST, { latencyMs: LATENCY_MS, onPairs: (found) => void pairs.push(...found) });
    for (const { tap, frame } of frames) live.add(tap, frame);
    const last = frames.at(-1)?.frame as FrameView;
    const lastMs = last.seconds * 1000 + last.nanoseconds / 1e6;
    await live.tell(lastMs);
    expect(pairs).toEqual([]);
    await live.tell(lastMs + 1_000 + LATENCY_MS + 1);
    expect(pairs).toHaveLength(4);
    const before = live.snapshot();
    await live.finish();
    expect(pairs).toHaveLength(4);
    expect(live.snapshot()).toEqual(before);
  });

  it('may be asked at any time, and comes to the same', async () => {
    const paths = ['vm1', 'eth0', 'eth0', 'vm2'].map((tap, at) => `${FOLDER}/lab-loss.hv${at < 2 ? 1 : 2}-${tap}.pcap`);
    const taps = ['vm1', 'a', 'b', 'vm2'].map((name) => ({ name, role: null }));
    const frames = inOrder(paths);
    const live = new LiveAnalysis(taps, { latencyMs: LATENCY_MS });
    for (const [index, { tap, frame }] of frames.entries()) {
      live.add(tap, frame);
      if (index % 50 === 0) live.snapshot();
    }
    await live.finish();
    const { snapshot } = await grown(frames, taps);
    expect(live.snapshot()).toEqual(snapshot);
    expect(snapshot.correlation?.hops.some(({ lost }) => lost > 0)).toBe(true);
  });

  it('pairs by the roles that it was given, and nothing on one interface', async () => {
    const frames = inOrder(pathsOf('lab-six-packet'));
    const given = await grown(frames, [
      { name: 'vm1', role: 'overlay' },
      { name: 'eth0', role: 'underlay' },
    ]);
    expect(given.pairs.map(({ overlay, underlay }) => [overlay.tap, underlay.tap])).toEqual(
      Array.from({ length: 4 }, () => ['vm1', 'eth0']),
    );
    const wrong = await grown(frames, [
      { name: 'vm1', role: 'underlay' },
      { name: 'eth0', role: 'underlay' },
    ]);
    expect(wrong.snapshot.correlation).toBeNull();
    const alone = await grown(
      frames.filter(({ tap }) => tap === 1).map(({ frame }) => ({ tap: 0, frame })),
      [{ name: 'eth0', role: null }],
    );
    expect(alone.snapshot).toMatchObject({ correlation: null, tunnels: [{ vni: 5000 }, { vni: 5000 }] });
  });
});
