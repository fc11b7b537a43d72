/** What bounds pairing: the window, hostile captures, and what a first look cannot know. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { type AnalyzeOptions, analyze } from '../../src/analyze.js';
import type { CorrelationRow } from '../../src/correlate/report/correlation.js';
import { MICRO, pcap } from '../helpers/capture-writer.js';
import { ethernet, frame, ipv4, payload, tcp, udp, vxlan } from '../helpers/frame-builder.js';
import { Scratch } from '../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

/** Frames of one flow, alike where their numbers are. */
const inner = (number: number, mac = 1) => [
  ethernet({ source: 0x520000000000 + mac, destination: 0x520000000100 + mac }),
  ipv4({ identification: number & 0xffff }),
  tcp({ sequenceNumber: number }),
  payload([1, 2, 3]),
];
const OUTER = [ethernet(), ipv4({ source: 0x0a000001, destination: 0x0a010001 }), udp({ destinationPort: 4789 })];
const bare = (number: number, mac = 1) => frame(...inner(number, mac));
const wrapped = (number: number, vni = 5000, mac = 1) => frame(...OUTER, vxlan({ vni }), ...inner(number, mac));
/** The way back, so that both ends are known. */
const back = (vni = 5000, mac = 1) =>
  frame(
    ethernet(),
    ipv4({ source: 0x0a010001, destination: 0x0a000001 }),
    udp({ destinationPort: 4789 }),
    vxlan({ vni }),
    ethernet({ source: 0x520000000100 + mac, destination: 0x520000000000 + mac }),
    ipv4(),
    tcp(),
  );

type Timed = readonly [us: number, bytes: Uint8Array];

async function pair(
  inside: readonly Timed[],
  outside: readonly Timed[],
  options?: AnalyzeOptions,
): Promise<CorrelationRow[]> {
  const write = (name: string, frames: readonly Timed[]): string => {
    const path = join(scratch.path, name);
    const records = frames.map(([us, bytes]) => ({ bytes, seconds: Math.floor(us / 1e6), fraction: us % 1e6 }));
    writeFileSync(path, pcap(records, { magic: MICRO }));
    return path;
  };
  const paths = [write('vm_overlay.pcap', inside), write('vm_underlay.pcap', outside)];
  return [...((await analyze(paths, options)).correlation?.taps ?? [])];
}
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe('the window', () => {
  it('decides how late a twin may be, not which one it is', async () => {
    const inside: Timed[] = [...range(8).map((n): Timed => [n * 1000, bare(n)]), [10_000, bare(99)]];
    const outside: Timed[] = [
      [0, back()],
      ...range(8).map((n): Timed => [n * 1000 + 50, wrapped(n)]),
      [310_000, wrapped(99)],
    ];
    expect((await pair(inside, outside))[0]).toMatchObject({
      matched: 9,
      overlayOnly: 0,
      latencyNs: { encap: { max: 3e8 } },
    });
    expect((await pair(inside, outside, { windowNs: 1e8 }))[0]).toMatchObject({
      matched: 8,
      overlayOnly: 1,
      underlayOnly: 2,
    });
  });

  it('pairs retries with their own, whichever of them was lost', async () => {
    const inside: Timed[] = range(20).flatMap((n): Timed[] => [
      [n * 1000, bare(n)],
      [n * 1000 + 400, bare(999)],
    ]);
    const lost = new Set([3, 11, 12]);
    const outside: Timed[] = [
      [0, back()],
      ...range(20).flatMap((n): Timed[] => [
        [n * 1000 + 50, wrapped(n)],
        ...(lost.has(n) ? [] : [[n * 1000 + 450, wrapped(999)] as const]),
      ]),
    ];
    const [row] = await pair(inside, outside);
    expect(row).toMatchObject({ matched: 37, overlayOnly: 3, duplicated: 0, ambiguous: 0, reordered: 0 });
    expect(row?.evidence.overlayOnly).toEqual([8, 24, 26]);
    // A queue that had lost one would shift every later pair by a millisecond.
    expect(row?.latencyNs.encap).toMatchObject({ min: 50_000, max: 50_000 });
  });

  it('does not give the late copy of a frame to a lost one that looked the same', async () => {
    const inside: Timed[] = [
      ...range(8).map((n): Timed => [n * 1000, bare(n)]),
      [10_000, bare(99)],
      [15_000, bare(99)],
    ];
    const outside: Timed[] = [
      [0, back()],
      ...range(8).map((n): Timed => [n * 1000 + 50, wrapped(n)]),
      [15_050, wrapped(99)],
      [15_100, wrapped(99)],
    ];
    const [row] = await pair(inside, outside);
    expect(row).toMatchObject({ matched: 9, overlayOnly: 1, duplicated: 1, evidence: { overlayOnly: [9] } });
    expect(row?.evidence.duplicated).toEqual([{ tap: 'vm_underlay', frame: 11 }]);
  });

  it('nor one that is later still, so that it is no duplicate any more', async () => {
    const inside: Timed[] = [
      ...range(8).map((n): Timed => [n * 1000, bare(n)]),
      [10_000, bare(99)],
      [15_000, bare(99)],
      // What was paired and has nothing that looks the same is let go of in the meantime.
      ...range(80).map((n): Timed => [20_000 + n * 1000, bare(100 + n)]),
    ];
    const outside: Timed[] = [
      [0, back()],
      ...range(8).map((n): Timed => [n * 1000 + 50, wrapped(n)]),
      [15_050, wrapped(99)],
      ...range(80).map((n): Timed => [20_000 + n * 1000 + 50, wrapped(100 + n)]),
      [60_500, wrapped(99)],
    ];
    outside.sort(([a], [b]) => a - b);
    const [row] = await pair(inside, outside);
    expect(row).toMatchObject({ matched: 89, overlayOnly: 1, underlayOnly: 2, duplicated: 0 });
    expect(row?.evidence.overlayOnly).toEqual([9]);
  });

  it('leaves copies of a frame to all to the VTEPs that they are for', async () => {
    const toAll = frame(
      ethernet({ source: 0x520000000001, destination: 0xffff_ffff_ffff }),
      ipv4(),
      tcp(),
      payload([7]),
    );
    const copy = (destination: number): Uint8Array => {
      const outer = [ethernet(), ipv4({ source: 0x0a000001, destination }), udp({ destinationPort: 4789 })];
      return Uint8Array.from([...frame(...outer, vxlan({ vni: 5000 }), payload(toAll))]);
    };
    // The tap is behind 10.1.0.1: it gets unicast, and then its own copy alone, though another one comes after it.
    const inside: Timed[] = [...range(8).map((n): Timed => [n * 1000 + 50, bare(n)]), [20_030, toAll]];
    const outside: Timed[] = [
      ...range(8).map((n): Timed => [n * 1000, wrapped(n)]),
      [20_000, copy(0x0a010001)],
      [20_060, copy(0x0a020001)],
    ];
    const [row] = await pair(inside, outside);
    expect(row).toMatchObject({
      matched: 9,
      underlayOnly: 0,
      duplicated: 0,
      latencyNs: { encap: null, decap: { count: 9 } },
    });
  });

  it('takes in a VNI that the first look has not seen, and claims no loss before it knows', async () => {
    const first = range(9000);
    const later = range(2000).map((n) => n + 20_000);
    const inside: Timed[] = [
      ...first.map((n): Timed => [n * 100, bare(n)]),
      ...later.map((n): Timed => [n * 1000, bare(n, 2)]),
    ];
    const outside: Timed[] = [
      [0, back()],
      ...first.map((n): Timed => [n * 100 + 30, wrapped(n)]),
      [19_000_000, back(7000, 2)],
      ...later.map((n): Timed => [n * 1000 + 30, wrapped(n, 7000, 2)]),
    ];
    const rows = await pair(inside, outside);
    expect(rows.map(({ vni, overlayOnly }) => [vni, overlayOnly])).toEqual([
      [5000, 0],
      [7000, 0],
    ]);
    expect(rows[0]?.matched).toBe(9000);
    expect(rows[1]?.matched).toBeGreaterThan(900);
    expect((await pair(inside, outside, { vnis: [5000] })).map(({ vni }) => vni)).toEqual([5000]);
  });
});

describe('hostile captures', () => {
  it('of identical frames take bounded time, and are called ambiguous', async () => {
    const [one, other] = [bare(1), wrapped(1)];
    const inside = range(50_000).map((n): Timed => [n * 4, one]);
    const outside = range(50_000).map((n): Timed => [n * 4 + 50, other]);
    const [row] = await pair(inside, outside);
    expect(row?.matched).toBeGreaterThan(49_000);
    expect(row?.ambiguous).toBeGreaterThan(49_000);
  }, 20_000);

  it('of one frame and its many copies count all but one as duplicates', async () => {
    const other = wrapped(1);
    const outside = range(20_000).map((n): Timed => [n * 100 + 50, other]);
    expect((await pair([[0, bare(1)]], outside))[0]).toMatchObject({ matched: 1, duplicated: 19_999, underlayOnly: 0 });
    // More of them in the window than what remembers copies from before it.
    const dense = range(100_000).map((n): Timed => [n * 5 + 50, other]);
    expect((await pair([[0, bare(1)]], dense))[0]).toMatchObject({ matched: 1, duplicated: 99_999, underlayOnly: 0 });
  });

  it('of one MAC in thousands of networks, which sends to thousands of others, take bounded time', async () => {
    const to = (n: number) => [
      ethernet({ source: 0x520000000001, destination: 0x540000000000 + n }),
      ipv4({ identification: n & 0xffff }),
      udp({ sourcePort: 1 + (n >> 4) }),
      payload([n >> 16, n >> 8, n]),
    ];
    const inside = range(20_000).map((n): Timed => [n * 20, frame(...to(n))]);
    const outside = range(20_000).map(
      (n): Timed => [n * 20 + 50, frame(...OUTER, vxlan({ vni: n }), ...to(n + 20_000))],
    );
    const rows = await pair(inside, outside);
    expect(rows).toHaveLength(20_000);
    expect(rows.every(({ matched, overlayOnly }) => matched === 0 && overlayOnly === 0)).toBe(true);
  }, 20_000);

  it('whose clocks jump keep their order and end', async () => {
    const inside = range(3000).map((n): Timed => [((n * 7919) % 3600) * 1e6, bare(n)]);
    const outside = range(3000).map((n): Timed => [((n * 104_729) % 3600) * 1e6, wrapped(n)]);
    const [row] = await pair(inside, outside);
    expect(row?.overlayFrames).toBe(3000);
    expect(row?.matched).toBeLessThanOrEqual(3000);
  });

  it('without a twin, or given twice, pair with nothing and say so', async () => {
    const notes: string[] = [];
    const onNote = (note: string) => notes.push(note);
    const rows = await pair(
      [[0, bare(1)]],
      [
        [5e6, wrapped(2)],
        [5e6, back()],
      ],
      { onNote },
    );
    expect(rows).toMatchObject([{ matched: 0, overlayOnly: 0, underlayOnly: 0 }]);
    // Of one run, the same frames were missed.
    const missed = await pair(
      [[0, bare(1)]],
      [
        [5000, wrapped(2)],
        [5000, back()],
      ],
    );
    expect(missed).toMatchObject([{ matched: 0, overlayOnly: 1, underlayOnly: 2 }]);
    expect(notes).toEqual([expect.stringMatching(/^nothing paired .*times do not overlap/)]);
    notes.length = 0;
    const [one, other] = ['vm1.pcap', 'vm2.pcap'].map((name) => join(scratch.path, name)) as [string, string];
    for (const path of [one, other]) writeFileSync(path, pcap([{ bytes: bare(1) }]));
    await analyze([one], { onNote });
    expect(notes).toEqual([]);
    await analyze([one, other], { onNote });
    expect(notes).toEqual([expect.stringMatching(/^nothing was compared between vm1, vm2: /)]);
    const path = join(scratch.path, 'both.pcap');
    writeFileSync(path, pcap([{ bytes: wrapped(1) }, { bytes: wrapped(2) }]));
    expect((await analyze([path, path])).correlation).toBeNull();
  });
});
