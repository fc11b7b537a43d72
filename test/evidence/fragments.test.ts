/** A tunnelled datagram in fragments counts once, wherever it is counted. */
import { afterAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../src/analysis.js';
import { analyzeTaps, type Timed } from '../helpers/analyze-taps.js';
import { ipv4Fragment, ipv6Fragment } from '../helpers/fragments.js';
import { ethernet, frame, icmpv4, ipv4, payload, tcp, udp, vxlan } from '../helpers/frame-builder.js';
import { Scratch } from '../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const VM = { source: 0x520000000001, destination: 0x520000000002 };
const bytes = (count: number): Uint8Array => Uint8Array.from({ length: count }, (_, at) => (at * 7) & 0xff);
const ping = (number: number, len = 1000) =>
  [ethernet(VM), ipv4({ identification: number }), icmpv4({ rest: number }), payload(bytes(len))] as const;
const bare = (number: number, len?: number): Uint8Array => frame(...ping(number, len));
/** What the outer IP packet of a ping carries. */
const carried = (number: number, len?: number): Uint8Array =>
  frame(udp({ destinationPort: 4789, checksum: 0 }), vxlan({ vni: 5000 }), ...ping(number, len));
/** The outer fragments of a ping, cut at these places. */
const cut = (number: number, ...places: number[]): Uint8Array[] => {
  const all = carried(number);
  const ends = [...places, all.length];
  return ends.map((to, index) => ipv4Fragment(all, ends[index - 1] ?? 0, to, { identification: 100 + number }));
};
const whole = (number: number): Uint8Array =>
  frame(ethernet(), ipv4({ identification: 100 + number, protocol: 17 }), payload(carried(number)));

/** A VM's tap, and its host's with these frames for a ping. */
const taps = (underlay: readonly Uint8Array[], number = 1): Record<string, Timed[]> => ({
  vm1_overlay: [
    [1, bare(number)],
    [900, frame(ethernet(VM), ipv4(), tcp())],
  ],
  vm1_underlay: [
    ...underlay.map((one, index): Timed => [10 + index, one]),
    [
      910,
      frame(
        ethernet(),
        ipv4({ identification: 9 }),
        udp({ destinationPort: 4789 }),
        vxlan({ vni: 5000 }),
        ethernet(VM),
        ipv4(),
        tcp(),
      ),
    ],
  ],
});
const row = ({ correlation }: Analysis) => correlation?.taps[0];
const total = (frames: readonly Uint8Array[]): number => frames.reduce((sum, { length }) => sum + length, 0);

describe('a tunnelled datagram in fragments', () => {
  it.each([
    ['in order', [0, 1, 2], 1],
    ['the last one first', [2, 1, 0], 3],
    ['the first one in the middle', [1, 0, 2], 2],
  ] as const)('counts once, at its first fragment: %s', async (_, order, first) => {
    const parts = cut(1, 400, 800);
    const frames = order.map((place) => parts[place] as Uint8Array);
    const analysis = await analyzeTaps(scratch, taps(frames), { pairs: true });
    expect(analysis.captures[1]).toMatchObject({ frames: 4, vxlanFrames: 2 });
    expect(analysis.tunnels).toMatchObject([{ frames: 2, inner: { icmp: 1, tcp: 1 } }]);
    expect(row(analysis)).toMatchObject({ matched: 2, overlayOnly: 0, underlayOnly: 0, duplicated: 0 });
    expect(analysis.correlation?.pairs?.[0]).toMatchObject({ overlay: { frame: 1 }, underlay: { frame: first } });
  });

  it('counts with all of its bytes', async () => {
    const parts = cut(1, 400, 800);
    for (const frames of [parts, parts.toReversed(), cut(1, 48), [whole(1)]]) {
      const { tunnels } = await analyzeTaps(scratch, { eth0: frames.map((one, index): Timed => [index, one]) });
      expect(tunnels).toMatchObject([{ frames: 1, bytes: total(frames) }]);
    }
  });

  it('pairs where the first fragment shows too little of the inner frame', async () => {
    for (const at of [8, 16, 64]) {
      const analysis = await analyzeTaps(scratch, taps(cut(1, at)), { pairs: true });
      expect(analysis.correlation?.pairs?.[0]).toMatchObject({ overlay: { frame: 1 }, underlay: { frame: 1 } });
      expect(analysis.captures[1]).toMatchObject({ frames: 3, vxlanFrames: 2 });
      expect(row(analysis)).toMatchObject({ matched: 2, overlayOnly: 0, underlayOnly: 0 });
    }
  });

  it('pairs where a capture filter by port left its first fragment alone', async () => {
    const [first] = cut(1, 800);
    const analysis = await analyzeTaps(scratch, taps([first as Uint8Array]));
    expect(row(analysis)).toMatchObject({ matched: 2, overlayOnly: 0 });
  });

  it('leaves no bare frame where a tap sees both sides', async () => {
    const all = taps(cut(1, 400, 800));
    const frames = [...(all.vm1_overlay as Timed[]), ...(all.vm1_underlay as Timed[])].sort(([a], [b]) => a - b);
    const analysis = await analyzeTaps(scratch, { any: frames });
    expect(analysis.captures[0]).toMatchObject({ role: 'mixed', vxlanFrames: 2 });
    expect(row(analysis)).toMatchObject({ overlayFrames: 2, matched: 2 });
  });

  it('does not count where too little came of it', async () => {
    const [first] = cut(1, 64);
    const analysis = await analyzeTaps(scratch, taps([first as Uint8Array]));
    expect(analysis.captures[1]).toMatchObject({ frames: 2, vxlanFrames: 1 });
    expect(row(analysis)).toMatchObject({ matched: 1 });
  });

  it('counts twice where a tap saw it twice', async () => {
    const parts = cut(1, 800);
    const analysis = await analyzeTaps(scratch, taps(parts.flatMap((one) => [one, one])));
    expect(row(analysis)).toMatchObject({ matched: 2, duplicated: 1 });
  });

  it('counts over IPv6', async () => {
    const all = carried(1);
    const parts = [ipv6Fragment(all, 0, 800), ipv6Fragment(all, 800, all.length)];
    const analysis = await analyzeTaps(scratch, { eth0: parts.map((one, index): Timed => [index, one]) });
    expect(analysis.tunnels).toMatchObject([{ frames: 1, bytes: total(parts) }]);
  });
});

it('fragments of an inner datagram pair each with its encapsulation', async () => {
  const data = frame(icmpv4({ rest: 5 }), payload(bytes(1200)));
  const outer = (identification: number) =>
    [ethernet(), ipv4({ identification }), udp({ destinationPort: 4789 }), vxlan({ vni: 5000 }), ethernet(VM)] as const;
  const part = (from: number, to: number, around: Parameters<typeof ipv4Fragment>[3]) =>
    ipv4Fragment(data, from, to, { protocol: 1, ...around });
  const analysis = await analyzeTaps(scratch, {
    vm1_overlay: [
      [1, part(0, 1000, { around: [ethernet(VM)] })],
      [2, part(1000, data.length, { around: [ethernet(VM)] })],
    ],
    vm1_underlay: [
      [11, part(0, 1000, { around: outer(1) })],
      [12, part(1000, data.length, { around: outer(2) })],
    ],
  });
  expect(analysis.captures[1]).toMatchObject({ frames: 2, vxlanFrames: 2 });
  expect(row(analysis)).toMatchObject({ matched: 2, overlayOnly: 0, underlayOnly: 0 });
});
