import { afterAll, describe, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../../helpers/analyze-taps.js';
import { inFragments, ipv4Fragment, ipv6Fragment } from '../../helpers/fragments.js';
import { ethernet, frame, icmpv4, ipv4, payload, udp, vlan, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const inner = (len: number, tagged = false) => [
  ethernet(),
  ...(tagged ? [vlan({ identifier: 3 })] : []),
  ipv4(),
  icmpv4(),
  payload(new Uint8Array(len - 28)),
];
/** What an outer packet carries, with an inner IP packet of `len` bytes. */
const carried = (len: number, tagged?: boolean): Uint8Array =>
  frame(udp({ destinationPort: 4789 }), vxlan({ vni: 5000 }), ...inner(len, tagged));
const timed = (frames: readonly Uint8Array[]): Timed[] => frames.map((bytes, index) => [index, bytes]);

describe('outer-fragmented and inner-exceeds-mtu', () => {
  it('are told where VXLAN packets come in fragments, with the frames and both sizes', async () => {
    const first = inFragments(carried(1500), 1480);
    const analysis = await analyzeTaps(scratch, {
      eth0: timed([frame(ethernet(), ipv4(), payload(carried(1000))), ...first]),
      eth1: timed([
        ...first,
        ...inFragments(carried(1400), 1480),
        ...inFragments(carried(1460), 1400, { identification: 78 }),
      ]),
    });
    const evidence = [
      { tap: 'eth0', frame: 2 },
      { tap: 'eth0', frame: 3 },
      ...[1, 2, 4, 5].map((number) => ({ tap: 'eth1', frame: number })),
    ];
    expect(only(analysis, 'outer-fragmented')).toEqual([
      {
        id: 'outer-fragmented',
        severity: 'warning',
        message:
          '2 VXLAN packets of VNI 5000 from 10.0.0.1 to 10.0.0.2 came in fragments at eth0 and eth1: packets of up to 1550 bytes, in fragments of up to 1500.',
        evidence,
        fix: expect.stringContaining('an MTU of at least 1550'),
      },
    ]);
    expect(only(analysis, 'inner-exceeds-mtu')).toEqual([
      {
        id: 'inner-exceeds-mtu',
        severity: 'warning',
        message:
          'Inner packets of up to 1500 bytes of VNI 5000 from 10.0.0.1 to 10.0.0.2 do not fit the underlay: the tunnel adds 50 bytes, and the longest fragment has 1500.',
        evidence,
        fix: 'Give the VMs an MTU of 1450, or the underlay one of 1550 or more.',
      },
    ]);
  });

  it.each([
    ['over IPv6', inFragments(carried(1500), 1448, {}, ipv6Fragment), 70, 1570, 1496],
    ['with a tag inside', inFragments(carried(1500, true), 1480), 54, 1554, 1500],
  ])('know what the tunnel adds %s', async (_, frames, overhead, whole, fragment) => {
    const analysis = await analyzeTaps(scratch, { eth0: timed(frames) });
    expect(only(analysis, 'outer-fragmented')[0]?.message).toContain(
      `up to ${whole} bytes, in fragments of up to ${fragment}.`,
    );
    expect(only(analysis, 'inner-exceeds-mtu')[0]?.message).toContain(`Inner packets of up to 1500 bytes`);
    expect(only(analysis, 'inner-exceeds-mtu')[0]?.message).toContain(`adds ${overhead} bytes`);
  });

  it('know of no inner packet where there is none that they know', async () => {
    const data = frame(
      udp({ destinationPort: 4789 }),
      vxlan(),
      ethernet({ type: 0x88b5 }),
      payload(new Uint8Array(1500)),
    );
    const analysis = await analyzeTaps(scratch, { eth0: timed(inFragments(data, 1480)) });
    expect(only(analysis, 'outer-fragmented')).toHaveLength(1);
    expect(only(analysis, 'inner-exceeds-mtu')).toEqual([]);
  });

  it('are told of the first fragment alone, and of one that comes last', async () => {
    const [first, last] = inFragments(carried(1500), 1480) as [Uint8Array, Uint8Array];
    for (const frames of [[first], [last, first]]) {
      const analysis = await analyzeTaps(scratch, { eth0: timed(frames) });
      const lacks = frames.length === 1 ? '; 1 of them lacks a fragment that was lost, or not captured' : '';
      expect(only(analysis, 'outer-fragmented')[0]?.message).toContain(
        `packets of up to 1550 bytes, in fragments of up to 1500${lacks}.`,
      );
    }
  });

  it('count those of all senders, at the tap that saw the most', async () => {
    const other = (len: number): Uint8Array =>
      frame(
        ...[udp({ destinationPort: 4789 }), vxlan({ vni: 5000 }), ethernet({ source: 0x020000000077 }), ipv4()],
        ...[icmpv4(), payload(new Uint8Array(len - 28))],
      );
    const whole = [inFragments(carried(1500), 1480), inFragments(other(1500), 1480, { identification: 78 })].flat();
    const firsts = [whole[0], whole[2]] as Uint8Array[];
    const told = async (...taps: Uint8Array[][]) => {
      const named = Object.fromEntries(taps.map((frames, index) => [`eth${index}`, timed(frames)]));
      return only(await analyzeTaps(scratch, named), 'outer-fragmented').map(({ message }) =>
        message.replace(/ of VNI.*1500/, ''),
      );
    };
    expect(await told(whole)).toEqual(['2 VXLAN packets.']);
    expect(await told(whole, firsts.slice(1))).toEqual(['2 VXLAN packets.']);
    expect(await told(whole, firsts)).toEqual(['2 VXLAN packets.']);
    expect(await told(firsts, whole)).toEqual([
      '2 VXLAN packets; 2 of them lack a fragment that was lost, or not captured.',
    ]);
  });

  it('count the packets that lack a fragment', async () => {
    const frames = [78, 79].map(
      (identification) => inFragments(carried(1500), 1480, { identification })[0] as Uint8Array,
    );
    const analysis = await analyzeTaps(scratch, { eth0: timed(frames) });
    expect(only(analysis, 'outer-fragmented')[0]?.message).toContain('; 2 of them lack a fragment that was lost');
  });

  it('are not told of other fragments: inner ones, and those of no tunnel', async () => {
    const around = [ethernet(), ipv4(), udp({ destinationPort: 4789 }), vxlan({ vni: 5000 }), ethernet()];
    const data = frame(icmpv4(), payload(new Uint8Array(1600)));
    const analysis = await analyzeTaps(scratch, {
      eth0: timed([
        ...inFragments(data, 1400, { around, protocol: 1 }),
        ...inFragments(frame(udp({ destinationPort: 2049 }), payload(new Uint8Array(2000))), 1480),
      ]),
    });
    expect(only(analysis, 'outer-fragmented')).toEqual([]);
    expect(only(analysis, 'overlapping-fragments')).toEqual([]);
  });

  it('are not told of a quoted fragment', async () => {
    const quoted = ipv4Fragment(carried(1500), 0, 1480).subarray(14, 14 + 548);
    const bytes = frame(ethernet(), ipv4(), icmpv4({ type: 11, code: 1 }), payload(quoted));
    expect(only(await analyzeTaps(scratch, { eth0: timed([bytes]) }), 'outer-fragmented')).toEqual([]);
  });
});

describe('overlapping-fragments', () => {
  const data = carried(1500);
  const around = [ethernet(), ipv4(), udp({ destinationPort: 4789 }), vxlan({ vni: 5000 }), ethernet()];

  it('is told of what contradicts another fragment, outside and inside', async () => {
    const frames = [
      ipv4Fragment(data, 0, 800),
      ipv4Fragment(data, 792, 1600),
      ipv4Fragment(data, 0, 800, { around, protocol: 1 }),
      ipv4Fragment(data, 8, 16, { around, protocol: 1 }),
      ipv4Fragment(data, 24, 32, { around, protocol: 1 }),
    ];
    const analysis = await analyzeTaps(scratch, { eth0: timed(frames) });
    expect(only(analysis, 'overlapping-fragments')).toMatchObject([
      {
        severity: 'warning',
        message:
          '1 frame at eth0 holds an IP fragment that overlaps another one of its datagram, or goes past its end: that datagram is refused.',
        evidence: [{ tap: 'eth0', frame: 2 }],
      },
      {
        message: expect.stringContaining('1 frame at eth0 holds an inner IP fragment'),
        evidence: [{ tap: 'eth0', frame: 4 }],
      },
    ]);
  });

  it('counts frames', async () => {
    const frames = [77, 78].flatMap((identification) => [
      ipv4Fragment(data, 0, 800, { identification }),
      ipv4Fragment(data, 792, 1600, { identification }),
    ]);
    const [finding] = only(await analyzeTaps(scratch, { eth0: timed(frames) }), 'overlapping-fragments');
    expect(finding?.message).toBe(
      '2 frames at eth0 hold an IP fragment that overlaps another one of its datagram, or goes past its end: those datagrams are refused.',
    );
  });

  it('is not told of copies, nor of an identification that is used again', async () => {
    const frames = inFragments(data, 800);
    const again = inFragments(
      data.map((byte, at) => (at < 16 ? byte : byte ^ 1)),
      800,
    );
    const analysis = await analyzeTaps(scratch, { eth0: timed([...frames, ...frames, ...again, ...again]) });
    expect(only(analysis, 'overlapping-fragments')).toEqual([]);
  });
});
