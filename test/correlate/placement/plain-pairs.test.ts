/**
 * Plain pairs: what WebAssembly has to leave to `Placement`, amid frames that it pairs. Each is held against an analysis
 * without WebAssembly, and is to show what it is about.
 */
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type { Analysis } from '../../../src/analysis.js';
import type { AnalyzeOptions } from '../../../src/analyze.js';
import { PlainPairs } from '../../../src/correlate/placement/plain-pairs.js';
import type { CorrelationRow } from '../../../src/correlate/report/correlation.js';
import { analyzeTaps, type Timed } from '../../helpers/analyze-taps.js';
import { arp, ethernet, frame, ipv4, type Part, payload, tcp, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';
import { HV1, HV2, VM1, VM2 } from '../../helpers/two-hosts.js';

const NAMES = ['vm1_overlay', 'vm1_underlay'] as const;

const scratch = new Scratch();
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});
afterAll(() => scratch.remove());

/** What both taps saw. */
interface Seen {
  readonly bare: Timed[];
  readonly inner: Timed[];
}

interface Sent {
  /** From the overlay tap's VM, unless told. */
  readonly back?: boolean;
  readonly id: number;
  readonly data?: readonly number[];
  /** In place of UDP. */
  readonly segment?: Part;
}

/** A frame as the VM has it. */
function bareOf({ back = false, id, data = [1, 2, 3, 4], segment = udp() }: Sent): Part[] {
  const [from, to] = back ? [2, 1] : [1, 2];
  return [
    ethernet(back ? { source: VM2, destination: VM1 } : { source: VM1, destination: VM2 }),
    ipv4({ source: 0xc0a80000 + from, destination: 0xc0a80000 + to, identification: id & 0xffff }),
    segment,
    payload([...data, ...Array(30).fill(id & 0xff)]),
  ];
}

let outer = 0;

/** The same in its tunnel, a packet of its own each time. */
function innerOf(sent: Sent): Uint8Array {
  outer = (outer + 1) & 0xffff;
  const [source, destination] = sent.back ? [HV2, HV1] : [HV1, HV2];
  const tunnel = [udp({ destinationPort: 4789, checksum: 0 }), vxlan({ vni: 5000 })];
  return frame(ethernet(), ipv4({ source, destination, identification: outer }), ...tunnel, ...bareOf(sent));
}

/** A frame that both taps saw, 30 µs apart. */
function pass(seen: Seen, us: number, sent: Sent): void {
  seen.bare.push([sent.back ? us + 30 : us, frame(...bareOf(sent))]);
  seen.inner.push([sent.back ? us : us + 30, innerOf(sent)]);
}

/** Frames both ways, a hundred microseconds apart, numbered from 1 on. */
function talk(seen: Seen, fromUs: number, count: number, firstId = 1): void {
  for (let index = 0; index < count; index++) {
    pass(seen, fromUs + index * 100, { id: firstId + index, back: index % 2 === 1 });
  }
}

async function analyses(
  seen: Seen,
  options: AnalyzeOptions,
  [over, under]: readonly [string, string],
): Promise<{ analysis: Analysis; taken: number }> {
  let taken = 0;
  const { run } = PlainPairs.prototype;
  const both = vi.spyOn(PlainPairs.prototype, 'run').mockImplementation(function (this: PlainPairs, limitNs: number) {
    const before = this.position(0) + this.position(1);
    const any = run.call(this, limitNs);
    taken += this.position(0) + this.position(1) - before;
    return any;
  });
  const inOrder = (frames: readonly Timed[]): Timed[] => frames.toSorted(([a], [b]) => a - b);
  const taps = { [over]: inOrder(seen.bare), [under]: inOrder(seen.inner) };
  const analysis = await analyzeTaps(scratch, taps, options);
  both.mockRestore();
  return { analysis, taken };
}

/** Analyses both ways, which must say the same. @returns the row of both taps, after `least` frames were paired by WebAssembly */
async function rowOf(seen: Seen, least: number, options: AnalyzeOptions = {}): Promise<CorrelationRow> {
  const quick = await analyses(seen, options, NAMES);
  vi.stubGlobal('WebAssembly', undefined);
  const { analysis } = await analyses(seen, options, NAMES);
  vi.unstubAllGlobals();
  const bare = ({ captures, ...rest }: Analysis): unknown => [rest, captures.map((one) => ({ ...one, path: '' }))];
  expect(bare(quick.analysis)).toEqual(bare(analysis));
  expect(quick.taken).toBeGreaterThan(least);
  const rows = analysis.correlation?.taps ?? [];
  expect(rows.length).toBe(1);
  return rows[0] as CorrelationRow;
}

function fresh(): Seen {
  outer = 0;
  const seen: Seen = { bare: [], inner: [] };
  talk(seen, 0, 40);
  return seen;
}

test('a frame that was doubled in the underlay, at once and later', async () => {
  const seen = fresh();
  for (const [index, us] of [20, 3000, 9000].entries()) {
    pass(seen, 10_000 + index * 20_000, { id: 900 + index });
    seen.inner.push([10_030 + index * 20_000 + us, innerOf({ id: 900 + index })]);
  }
  talk(seen, 80_000, 100, 100);
  expect(await rowOf(seen, 200)).toMatchObject({ matched: 143, duplicated: 3 });
});

test('a frame that came behind one that was sent after it', async () => {
  const seen = fresh();
  seen.bare.push([10_000, frame(...bareOf({ id: 900 }))], [10_010, frame(...bareOf({ id: 901 }))]);
  seen.inner.push([10_040, innerOf({ id: 901 })], [10_050, innerOf({ id: 900 })]);
  talk(seen, 20_000, 40, 100);
  expect(await rowOf(seen, 100)).toMatchObject({ matched: 82, reordered: 1 });
});

test.each([200, 10])('the same frame sent twice, both or one of them encapsulated, %d µs apart', async (apart) => {
  for (const copies of [2, 1]) {
    const seen = fresh();
    for (const us of [10_000, 10_000 + apart]) seen.bare.push([us, frame(...bareOf({ id: 900 }))]);
    for (const us of [10_030, 10_030 + apart].slice(0, copies)) seen.inner.push([us, innerOf({ id: 900 })]);
    talk(seen, 20_000, 40, 100);
    expect(await rowOf(seen, 100)).toMatchObject({ matched: 80 + copies, overlayOnly: 2 - copies });
  }
});

test('frames that differ where no key looks', async () => {
  const seen = fresh();
  const [sent, other] = [Array(40).fill(5), [...Array(39).fill(5), 6]];
  seen.bare.push([10_000, frame(...bareOf({ id: 900, data: sent }))]);
  seen.inner.push([10_030, innerOf({ id: 900, data: other })]);
  talk(seen, 20_000, 40, 100);
  expect(await rowOf(seen, 100)).toMatchObject({ matched: 80, overlayOnly: 1, underlayOnly: 1 });
});

test('what is lost as the window passes, and what comes as it ends', async () => {
  for (const windowNs of [1e9, 5e6]) {
    const seen = fresh();
    for (const at of [1, 2, 3]) seen.bare.push([at * 7000, frame(...bareOf({ id: 900 + at }))]);
    // In a flow of its own, or it would come behind the others.
    const segment = udp({ sourcePort: 5000, destinationPort: 6000 });
    for (let index = 0; index < 5; index++) pass(seen, 22_000 + index * 100, { id: 940 + index, segment });
    seen.bare.push([30_000, frame(...bareOf({ id: 950, segment }))]);
    seen.inner.push([30_000 + windowNs / 1000 - 10, innerOf({ id: 950, segment })]);
    talk(seen, 31_000, 400, 100);
    talk(seen, 2_000_000, 40, 600);
    await rowOf(seen, 600, { windowNs });
  }
});

test('what waited for an address', async () => {
  const seen = fresh();
  seen.bare.push([10_000, frame(...bareOf({ id: 900 }))]);
  const asks = arp({ operation: 1, senderProtocol: HV1, targetProtocol: HV2 });
  const answers = arp({ operation: 2, senderProtocol: HV2, targetProtocol: HV1 });
  seen.inner.push([10_050, frame(ethernet({ destination: 0xffff_ffff_ffff }), asks)]);
  seen.inner.push([10_900, frame(ethernet(), answers)], [10_950, innerOf({ id: 900 })]);
  talk(seen, 20_000, 40, 100);
  expect((await rowOf(seen, 100)).firstPackets.length).toBe(1);
});

/** A TCP segment of so many bytes. */
const segmentOf = (id: number, from: number, len: number, back = false): Sent => ({
  ...{
    id,
    back,
    segment: tcp({ sourcePort: 40_000, destinationPort: 80, sequenceNumber: from, acknowledgmentNumber: 7 }),
  },
  data: Array(len - 30).fill(9),
});

test('a large segment, cut in the underlay, and put together from it', async () => {
  const seen = fresh();
  seen.bare.push([10_000, frame(...bareOf(segmentOf(900, 1000, 2000)))]);
  seen.inner.push([10_030, innerOf(segmentOf(900, 1000, 1000))], [10_031, innerOf(segmentOf(901, 2000, 1000))]);
  pass(seen, 10_015, segmentOf(902, 3000, 500));
  talk(seen, 20_000, 20, 100);
  seen.inner.push([30_000, innerOf(segmentOf(910, 1000, 1000, true))]);
  pass(seen, 29_990, segmentOf(911, 500, 500, true));
  seen.inner.push([30_001, innerOf(segmentOf(912, 2000, 1000, true))]);
  seen.bare.push([30_040, frame(...bareOf(segmentOf(910, 1000, 2000, true)))]);
  talk(seen, 40_000, 40, 200);
  expect(await rowOf(seen, 100)).toMatchObject({ matched: 104, overlayOnly: 0, underlayOnly: 0 });
});

test('a segment that was cut behind the tunnel, and one whose parts a clock shows late', async () => {
  const seen = fresh();
  seen.inner.push([10_000, innerOf(segmentOf(900, 1000, 2000, true))]);
  seen.bare.push([10_030, frame(...bareOf(segmentOf(900, 1000, 1000, true)))]);
  seen.bare.push([10_031, frame(...bareOf(segmentOf(901, 2000, 1000, true)))]);
  talk(seen, 20_000, 20, 100);
  seen.bare.push([30_000, frame(...bareOf(segmentOf(910, 3000, 2000, true)))]);
  seen.inner.push([30_005, innerOf(segmentOf(910, 3000, 1000, true))]);
  seen.inner.push([30_006, innerOf(segmentOf(911, 4000, 1000, true))]);
  talk(seen, 40_000, 40, 200);
  await rowOf(seen, 100);
});

test('a segment that fits a wire, and was cut all the same', async () => {
  const seen = fresh();
  for (let index = 0; index < 5; index++) pass(seen, 9000 + index * 100, segmentOf(800 + index, index * 100, 100));
  seen.bare.push([10_000, frame(...bareOf(segmentOf(900, 1000, 1200)))]);
  seen.inner.push([10_030, innerOf(segmentOf(900, 1000, 600))], [10_031, innerOf(segmentOf(901, 1600, 600))]);
  talk(seen, 20_000, 40, 100);
  expect(await rowOf(seen, 100)).toMatchObject({ matched: 86, overlayOnly: 0, underlayOnly: 0 });
});

test('segments that were put together and fit a wire all the same', async () => {
  const seen = fresh();
  for (let index = 0; index < 10; index++)
    pass(seen, 10_000 + index * 100, segmentOf(800 + index, index * 300, 300, true));
  seen.inner.push(
    [30_000, innerOf(segmentOf(900, 3000, 300, true))],
    [30_001, innerOf(segmentOf(901, 3300, 300, true))],
  );
  seen.bare.push([30_040, frame(...bareOf(segmentOf(900, 3000, 600, true)))]);
  talk(seen, 40_000, 40, 200);
  expect(await rowOf(seen, 100)).toMatchObject({ matched: 91, overlayOnly: 0, underlayOnly: 0 });
});

test('an encapsulation of what the VM did not send', async () => {
  const seen = fresh();
  seen.inner.push([10_030, innerOf({ id: 900 })], [10_090, innerOf({ id: 901, back: true })]);
  talk(seen, 20_000, 40, 100);
  expect(await rowOf(seen, 100)).toMatchObject({ matched: 80, underlayOnly: 2 });
});

test('equal times at both taps', async () => {
  const seen = fresh();
  for (let index = 0; index < 30; index++) {
    const us = 10_000 + index * 50;
    const sent = { id: 900 + index, back: index % 3 === 0 };
    seen.bare.push([us, frame(...bareOf(sent))]);
    seen.inner.push([us, innerOf(sent)]);
  }
  talk(seen, 20_000, 40, 100);
  await rowOf(seen, 100);
});

test('more frames under way than there was room for', async () => {
  const seen = fresh();
  for (let index = 0; index < 20_000; index++) {
    const sent = { id: 1000 + index, data: [index >> 8, index & 0xff] };
    seen.bare.push([10_000 + index, frame(...bareOf(sent))]);
    seen.inner.push([42_000 + index, innerOf(sent)]);
  }
  expect(await rowOf(seen, 30_000)).toMatchObject({ matched: 20_040, overlayOnly: 0 });
});

test('a clock that runs away', async () => {
  const seen: Seen = { bare: [], inner: [] };
  outer = 0;
  for (let index = 0; index < 600; index++) {
    const us = index * 2000;
    const sent = { id: index + 1, back: index % 2 === 1 };
    const aheadUs = Math.round(us * 80e-6);
    seen.bare.push([sent.back ? us + 300 : us, frame(...bareOf(sent))]);
    seen.inner.push([(sent.back ? us : us + 300) + aheadUs, innerOf(sent)]);
  }
  // Names that put both on one host would say that they have one clock.
  const names = ['a', 'b'] as const;
  const { analysis, taken } = await analyses(seen, {}, names);
  vi.stubGlobal('WebAssembly', undefined);
  const other = (await analyses(seen, {}, names)).analysis;
  expect(taken).toBeGreaterThan(60);
  const [row, its] = [analysis, other].map(({ correlation }) => correlation?.taps[0]) as [
    CorrelationRow,
    CorrelationRow,
  ];
  expect(row.matched).toBe(600);
  expect(row.clockDriftPpb).toBeGreaterThan(70_000);
  // The one frame that was next at the other tap may be corrected by what was known a frame before.
  expect(Math.abs(row.clockDriftPpb - its.clockDriftPpb)).toBeLessThan(1000);
  const means = [row, its].map(({ latencyNs }) => latencyNs.encap?.mean as number) as [number, number];
  expect(Math.abs(means[0] - means[1])).toBeLessThan(1000);
});
