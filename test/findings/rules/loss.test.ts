import { afterAll, describe, expect, it } from 'vitest';
import { analyze } from '../../../src/analyze.js';
import { analyzeTaps, only, type Timed } from '../../helpers/analyze-taps.js';
import { block, enhanced, interfaceBlock, option, pcap, sectionHeader, u64 } from '../../helpers/capture-writer.js';
import { echo, ethernet, frame, icmpv4, ipv4, type Part, payload, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';
import { pings as pingsThrough, VM1, VM2 } from '../../helpers/tunnelled.js';
import { seen, TAPS } from '../../helpers/two-hosts.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const [VM, FAR] = [0x520000000001, 0x520000000002];
const [VM_IP, FAR_IP] = [0xc0a80101, 0xc0a80102];
const [HV1, HV2] = [0x0a000001, 0x0a010001];

const inner = (outwards: boolean, ...above: Part[]): Part[] => [
  ethernet(outwards ? { source: VM, destination: FAR } : { source: FAR, destination: VM }),
  ipv4(outwards ? { source: VM_IP, destination: FAR_IP } : { source: FAR_IP, destination: VM_IP }),
  ...above,
];
const wrap = (outwards: boolean, ...above: Part[]): Uint8Array =>
  frame(
    ethernet(),
    ipv4(outwards ? { source: HV1, destination: HV2 } : { source: HV2, destination: HV1 }),
    udp({ destinationPort: 4789 }),
    vxlan({ vni: 5000 }),
    ...inner(outwards, ...above),
  );
const ping = (outwards: boolean, sequenceNumber: number): Part[] => [
  icmpv4({ type: outwards ? 8 : 0, rest: echo(7, sequenceNumber) }),
  payload([1, 2, 3, 4]),
];

interface Fate {
  /** Whether the request is at the underlay tap. */
  readonly leaves?: boolean;
  /** Whether the reply comes. */
  readonly answered?: boolean;
}

/** Pings from an overlay tap through its underlay tap, some with a fate of their own. */
function pings(count: number, fates: Readonly<Record<number, Fate>>): { vm1_overlay: Timed[]; vm1_underlay: Timed[] } {
  const overlay: Timed[] = [];
  const underlay: Timed[] = [];
  for (let number = 1; number <= count; number++) {
    const { leaves = true, answered = true } = fates[number] ?? {};
    const us = number * 10_000;
    overlay.push([us, frame(...inner(true, ...ping(true, number)))]);
    if (leaves) underlay.push([us + 40, wrap(true, ...ping(true, number))]);
    if (!answered) continue;
    underlay.push([us + 500, wrap(false, ...ping(false, number))]);
    overlay.push([us + 540, frame(...inner(false, ...ping(false, number)))]);
  }
  return { vm1_overlay: overlay, vm1_underlay: underlay };
}

describe('loss', () => {
  it('is told of frames that vanish, with their numbers, of how many, in which direction', async () => {
    const lost = { leaves: false, answered: false };
    const analysis = await analyzeTaps(scratch, pings(20, { 5: lost, 9: lost }));
    expect(only(analysis, 'loss')).toMatchObject([
      {
        severity: 'error',
        message:
          '2 of 20 frames (10 %) of VNI 5000 from 10.0.0.1 to 10.1.0.1 vanished between vm1_overlay and vm1_underlay.',
        evidence: [9, 16].map((number) => ({ tap: 'vm1_overlay', frame: number })),
      },
    ]);
    expect(only(analysis, 'tap-missed-frames')).toEqual([]);
  });

  it('is not told where an answer shows that the frame passed: the tap missed it', async () => {
    const analysis = await analyzeTaps(scratch, pings(20, { 5: { leaves: false }, 9: { leaves: false } }));
    expect(only(analysis, 'loss')).toEqual([]);
    expect(only(analysis, 'tap-missed-frames')).toMatchObject([
      {
        severity: 'info',
        message: expect.stringMatching(/^vm1_underlay did not see 2 frames that are known to have passed it/),
        evidence: [9, 17].map((number) => ({ tap: 'vm1_overlay', frame: number })),
      },
    ]);
  });

  it('counts what was answered apart from what vanished', async () => {
    const fates = { 5: { leaves: false }, 9: { leaves: false, answered: false } };
    const analysis = await analyzeTaps(scratch, pings(20, fates));
    expect(only(analysis, 'loss')).toMatchObject([{ message: expect.stringMatching(/^1 of 20 frames \(5 %\)/) }]);
    expect(only(analysis, 'tap-missed-frames')).toMatchObject([
      { message: expect.stringMatching(/see 1 frame that is/) },
    ]);
  });

  it('is not told of what came after the underlay tap had ended: nothing proves that it was capturing', async () => {
    const gone = { leaves: false, answered: false };
    const analysis = await analyzeTaps(scratch, pings(20, { 19: gone, 20: gone }));
    expect(only(analysis, 'loss')).toEqual([]);
  });

  it.each([
    ['some', 40, 20],
    ['more than are listed', 3000, 2000],
  ])('is not told of what came before a tap saw anything: %s', async (_, count, from) => {
    const late = seen(
      Array.from({ length: count }, (_, n) => ({ at: TAPS.filter((tap) => tap !== 'vm2_overlay' || n >= from) })),
    );
    expect(only(await analyzeTaps(scratch, late), 'loss')).toEqual([]);
    const { vm2_underlay, vm2_overlay } = late;
    expect(only(await analyzeTaps(scratch, { vm2_underlay, vm2_overlay }), 'loss')).toEqual([]);
  });

  it('is not told of what came after a tap had ended, though it is more than is listed', async () => {
    const gone = seen(
      Array.from({ length: 3000 }, (_, n) => ({ at: TAPS.filter((tap) => tap !== 'vm2_overlay' || n < 500) })),
    );
    expect(only(await analyzeTaps(scratch, gone), 'loss')).toEqual([]);
  });

  it('names frames that vanished before the first one between their MACs passed', async () => {
    const taps = seen(
      Array.from({ length: 20 }, (_, n) => ({ at: TAPS.filter((tap) => tap !== 'vm2_overlay' || n > 9) })),
    );
    // The tap was capturing: it saw another one's frame.
    taps.vm2_overlay.unshift([1, frame(...inner(false, ...ping(false, 1)))]);
    expect(only(await analyzeTaps(scratch, taps), 'loss')).toMatchObject([
      {
        message: expect.stringMatching(/^10 of 20 frames \(50 %\) .* between vm2_underlay and vm2_overlay\.$/),
        evidence: [1, 2, 3, 4].map((number) => ({ tap: 'vm2_underlay', frame: number })),
      },
    ]);
  });

  it('is not told where answers show that all passed, though these are more than are listed', async () => {
    const fates = Object.fromEntries(Array.from({ length: 1200 }, (_, n) => [n + 100, { leaves: false }]));
    const analysis = await analyzeTaps(scratch, pings(1400, fates));
    expect(only(analysis, 'loss')).toEqual([]);
    expect(only(analysis, 'tap-missed-frames')).toHaveLength(1);
  });

  const twice = (frames: readonly Timed[]): Timed[] =>
    frames.flatMap(([us, bytes]): Timed[] => [
      [us, bytes],
      [us + 3, bytes],
    ]);

  it('is not told of the second copies that a mirror gives a tap', async () => {
    const { vm1_overlay, vm1_underlay } = pings(20, {});
    const analysis = await analyzeTaps(scratch, { vm1_overlay: twice(vm1_overlay), vm1_underlay });
    expect(analysis.findings.map(({ id }) => id)).toEqual(['mirrored-tap']);
  });

  it('is told of more than the copies of what passed', async () => {
    const gone = { leaves: false, answered: false };
    const fates = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [index + 5, gone]));
    const { vm1_overlay, vm1_underlay } = pings(20, fates);
    expect(only(await analyzeTaps(scratch, { vm1_overlay: twice(vm1_overlay), vm1_underlay }), 'loss')).toMatchObject([
      { message: expect.stringMatching(/, 9 of them likely, since vm1_overlay sees frames twice\.$/) },
    ]);
  });

  it('counts as likely what came after that, where something else vanished before', async () => {
    const gone = { leaves: false, answered: false };
    expect(only(await analyzeTaps(scratch, pings(20, { 5: gone, 20: gone })), 'loss')).toMatchObject([
      {
        message: expect.stringMatching(
          /^2 of 20 frames .* vanished .*, 1 of them likely, since vm1_underlay is not shown to have been capturing then\.$/,
        ),
        evidence: [9, 38].map((number) => ({ tap: 'vm1_overlay', frame: number })),
      },
    ]);
  });

  it('holds what was answered before the underlay tap saw anything against nothing that vanished later', async () => {
    const fates = { 1: { leaves: false }, 5: { leaves: false, answered: false } };
    expect(only(await analyzeTaps(scratch, pings(20, fates)), 'loss')).toMatchObject([
      { message: expect.stringMatching(/^1 of 20 frames \(5 %\) .* between vm1_overlay and vm1_underlay\.$/) },
    ]);
  });

  it('lists the first hundred frames, of however many', async () => {
    const fates = Object.fromEntries(
      Array.from({ length: 101 }, (_, index) => [index + 2, { leaves: false, answered: false }]),
    );
    const [found, ...more] = only(await analyzeTaps(scratch, pings(120, fates)), 'loss');
    expect(more).toEqual([]);
    expect(found?.message).toMatch(/^101 of 120 frames/);
    expect(found?.evidence).toHaveLength(100);
  });

  it('does not take an answer to one frame for proof of another', async () => {
    const fates = { 5: { leaves: false }, 20: { leaves: false, answered: false } };
    expect(only(await analyzeTaps(scratch, pings(20, fates)), 'loss')).toEqual([]);
  });

  it.each([
    [1, ['2 of 20 frames (10 %)', '1 of them likely, since the capture of vm1_underlay dropped 1 frame itself']],
    [2, []],
  ])('counts as likely what the capture may have dropped itself: %s of 2', async (dropped, texts) => {
    const gone = { leaves: false, answered: false };
    const { vm1_overlay, vm1_underlay } = pings(20, { 5: gone, 9: gone });
    const overlay = vm1_overlay.map(([us, bytes]) => ({ bytes, seconds: 0, fraction: us }));
    const underlay = [
      ...vm1_underlay.map(([us, bytes]) => enhanced(0, BigInt(us), { bytes }, 'little')),
      block(5, Buffer.concat([Buffer.alloc(12), option(5, u64(BigInt(dropped), 'little'), 'little')]), 'little'),
    ];
    const analysis = await analyze([
      scratch.write(pcap(overlay), 'vm1_overlay.pcap'),
      scratch.write(
        Buffer.concat([sectionHeader('little'), interfaceBlock('little'), ...underlay]),
        'vm1_underlay.pcapng',
      ),
    ]);
    expect(only(analysis, 'capture-drops')).toHaveLength(1);
    const told = only(analysis, 'loss').map(({ message }) => message);
    expect(told).toHaveLength(Math.min(texts.length, 1));
    for (const text of texts) expect(told[0]).toContain(text);
  });

  it('says that ways may be several between underlay taps alone', async () => {
    const several = 'Where several ways share the load';
    for (const [from, behind] of TAPS.slice(1).map((to, index) => [TAPS[index], to])) {
      const vanishing = TAPS.slice(0, TAPS.indexOf(behind as (typeof TAPS)[number]));
      const taps = seen(Array.from({ length: 20 }, (_, n) => (n === 9 ? { at: vanishing } : {})));
      const [finding] = only(await analyzeTaps(scratch, taps), 'loss');
      expect(finding?.message).toContain(`vanished between ${from} and ${behind}.`);
      expect(finding?.fix.includes(several)).toBe(from === 'vm1_underlay');
    }
  });

  it('explains silence of what it is of', async () => {
    const lossy = async (isLost: boolean) =>
      analyzeTaps(
        scratch,
        seen(Array.from({ length: 20 }, (_, n) => (n === 9 && isLost ? { at: TAPS.slice(0, 2) } : {}))),
      );
    expect(only(await lossy(false), 'one-way-tunnel')).toHaveLength(1);
    expect(only(await lossy(true), 'one-way-tunnel')).toEqual([]);
  });

  it('explains silence between its own VTEPs alone', async () => {
    const gone = { leaves: false, answered: false };
    const { vm1_overlay, vm1_underlay } = pings(20, { 5: gone });
    const elsewhere = { from: 0x0a020001, to: 0x0a030001 };
    const silent = [1, 2].map((number): Timed => [number, pingsThrough(elsewhere, VM1, VM2, number)]);
    const analysis = await analyzeTaps(scratch, { vm1_overlay, vm1_underlay: [...silent, ...vm1_underlay] });
    expect(only(analysis, 'loss')).toHaveLength(1);
    expect(only(analysis, 'one-way-tunnel')).toHaveLength(1);
  });

  it('is not told where nothing is lost', async () => {
    const analysis = await analyzeTaps(scratch, pings(20, {}));
    expect(analysis.findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(only(analysis, 'tap-missed-frames')).toEqual([]);
  });
});

describe('tap-missed-frames', () => {
  it('is told of replies that came out of the tunnel and are not at the underlay tap', async () => {
    const { vm1_overlay, vm1_underlay } = pings(20, {});
    const missing = wrap(false, ...ping(false, 7));
    const rest = vm1_underlay.filter(([, bytes]) => Buffer.compare(bytes, missing) !== 0);
    expect(rest).toHaveLength(vm1_underlay.length - 1);
    const analysis = await analyzeTaps(scratch, { vm1_overlay, vm1_underlay: rest });
    expect(only(analysis, 'tap-missed-frames')).toMatchObject([
      {
        evidence: [{ tap: 'vm1_overlay', frame: 14 }],
        message: expect.stringMatching(/^vm1_underlay did not see 1 frame /),
      },
    ]);
    expect(only(analysis, 'loss')).toEqual([]);
  });
});

describe('clock-offset', () => {
  const shifted = (byUs: number) => {
    const { vm1_overlay, vm1_underlay } = pings(20, {});
    return { vm1_overlay: vm1_overlay, far_underlay: vm1_underlay.map(([us, bytes]): Timed => [us + byUs, bytes]) };
  };

  it('is told with what the offset may be wrong by', async () => {
    const analysis = await analyzeTaps(scratch, shifted(3_500_000));
    expect(only(analysis, 'clock-offset')).toMatchObject([
      {
        severity: 'info',
        message:
          'The clock of far_underlay is 3.5 s ahead of that of vm1_overlay (± 40 µs); latencies are corrected by that.',
      },
    ]);
  });

  it('is not told below a millisecond', async () => {
    expect(only(await analyzeTaps(scratch, shifted(900)), 'clock-offset')).toEqual([]);
  });
});

describe('latency-outlier', () => {
  const slow = (byUs: number, count = 40) => {
    const { vm1_overlay, vm1_underlay } = pings(count, {});
    const last = count * 10_000 + 40;
    return {
      vm1_overlay,
      vm1_underlay: vm1_underlay
        .map(([us, bytes]): Timed => [us === last ? us + byUs : us, bytes])
        .sort(([a], [b]) => a - b),
    };
  };

  it('is told of a frame that took far longer than the others', async () => {
    const analysis = await analyzeTaps(scratch, slow(30_000));
    expect(only(analysis, 'latency-outlier')).toMatchObject([
      {
        severity: 'info',
        message: expect.stringMatching(
          /^Of 40 frames of VNI 5000 from 10.0.0.1 to 10.1.0.1 the slowest took 30.04 ms between vm1_overlay and vm1_underlay; half took 40 µs/,
        ),
      },
    ]);
  });

  it('is not told of less than 10 ms, nor of a few frames', async () => {
    expect(only(await analyzeTaps(scratch, slow(9_000)), 'latency-outlier')).toEqual([]);
    expect(only(await analyzeTaps(scratch, slow(30_000, 12)), 'latency-outlier')).toEqual([]);
  });
});
