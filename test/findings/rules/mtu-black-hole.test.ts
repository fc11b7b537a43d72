import { afterAll, describe, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../../helpers/analyze-taps.js';
import { ethernet, frame, icmpv4, ipv4, type Part, payload, tcp, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const HV1 = 0x0a000001;
const HV2 = 0x0a010001;
const [VM1, VM2] = [0x520000000001, 0x520000000002];
const [IP1, IP2] = [0xc0a80101, 0xc0a80102];

const link = (outwards: boolean): Part =>
  ethernet(outwards ? { source: VM1, destination: VM2 } : { source: VM2, destination: VM1 });
const ends = (outwards: boolean) => (outwards ? { source: IP1, destination: IP2 } : { source: IP2, destination: IP1 });
/** An inner frame with an IP packet of `len` bytes. */
const ping = (number: number, len: number, outwards = true): Part[] => [
  link(outwards),
  ipv4({ identification: number, ...ends(outwards) }),
  icmpv4({ rest: number }),
  payload(new Uint8Array(len - 28)),
];
const segment = (number: number, len: number): Part[] => [
  link(true),
  ipv4({ identification: number, ...ends(true) }),
  tcp({ sequenceNumber: number * 100_000 }),
  payload(new Uint8Array(len - 40)),
];
const outer = (outwards: boolean, number: number, inner: readonly Part[]): Part[] => [
  ipv4({ source: outwards ? HV1 : HV2, destination: outwards ? HV2 : HV1, identification: number }),
  udp({ destinationPort: 4789, checksum: 0 }),
  vxlan({ vni: 5000 }),
  ...inner,
];

/** Where a frame was seen: at the sender, at both hosts, and at the receiver; or up to one of them. */
const TAPS = ['vm1_overlay', 'vm1_underlay', 'vm2_underlay', 'vm2_overlay'] as const;
interface Sent {
  readonly inner: readonly Part[];
  readonly outwards?: boolean;
  /** The last tap that saw it; the receiver, unless told. */
  readonly upTo?: (typeof TAPS)[number];
}

/** What the taps saw of frames that were sent one after the other. */
async function found(
  sent: readonly Sent[],
  extra: Partial<Record<(typeof TAPS)[number], Timed[]>> = {},
  id = 'mtu-black-hole',
) {
  const taps: Record<string, Timed[]> = Object.fromEntries(TAPS.map((tap) => [tap, []]));
  sent.forEach(({ inner, outwards = true, upTo }, index) => {
    const way = outwards ? TAPS : TAPS.toReversed();
    for (const [hop, tap] of way.entries()) {
      const bytes = tap.endsWith('overlay')
        ? frame(...inner)
        : frame(ethernet(), ...outer(outwards, 1000 + index, inner));
      taps[tap]?.push([index * 1000 + hop * 20, bytes]);
      if (tap === upTo) break;
    }
  });
  for (const [tap, frames] of Object.entries(extra)) taps[tap]?.push(...frames);
  return only(await analyzeTaps(scratch, taps), id);
}

const small = (...numbers: number[]): Sent[] => numbers.map((number) => ({ inner: ping(number, 1400) }));
const back = (...numbers: number[]): Sent[] =>
  numbers.map((number) => ({ inner: ping(number, 100, false), outwards: false }));
const large = (upTo: Sent['upTo'], numbers: readonly number[], len = 1500): Sent[] =>
  numbers.map((number) => ({ inner: ping(number, len), ...(upTo ? { upTo } : {}) }));
/** Before and behind what vanishes: taps are shown to capture. */
const between = (sent: readonly Sent[]): Sent[] => [...small(1, 2), ...back(3), ...sent, ...small(90, 91), ...back(92)];

describe('mtu-black-hole', () => {
  it.each([
    ['vm1_overlay', 'vm1_underlay'],
    ['vm1_underlay', 'vm2_underlay'],
    ['vm2_underlay', 'vm2_overlay'],
  ] as const)('is told of larger frames that vanish behind %s', async (from, to) => {
    const lost = large(from, [10, 11, 12]);
    expect(await found(between(lost))).toEqual([
      {
        id: 'mtu-black-hole',
        severity: 'error',
        message: `3 frames of VNI 5000 from 10.0.0.1 to 10.1.0.1 vanished between ${from} and ${to} and no ICMP error says why: inner packets of up to 1400 bytes passed, those of 1500 did not.`,
        evidence: [0, 1, 2].map((index) => ({ tap: from, frame: 4 + index })),
        fix: expect.stringContaining('give the VMs an MTU of 1400'),
      },
    ]);
  });

  it('explains their loss', async () => {
    expect(await found(between(large('vm1_overlay', [10, 11, 12])), {}, 'loss')).toEqual([]);
    expect(await found(between(large('vm1_overlay', [10, 11])), {}, 'loss')).toHaveLength(1);
  });

  it('is told where such frames pass the other way', async () => {
    const replies = [20, 21].map((number) => ({ inner: ping(number, 1500, false), outwards: false }));
    expect(await found(between([...large('vm1_overlay', [10, 11, 12]), ...replies]))).toHaveLength(1);
    expect(await found(between([...large('vm2_underlay', [10, 11, 12]), ...replies]))).toHaveLength(1);
  });

  it('names all sizes that did not pass', async () => {
    const lost = [
      ...large('vm1_overlay', [10], 1480),
      ...large('vm1_overlay', [11], 1500),
      ...large('vm1_overlay', [12], 1401),
    ];
    const [finding] = await found(between(lost));
    expect(finding?.message).toContain('up to 1400 bytes passed, those of 1401 to 1500 did not.');
    expect(finding?.evidence.map(({ frame }) => frame)).toEqual([4, 5, 6]);
  });

  it("is told of those whose size is known, though another one's is not", async () => {
    const lost = [...large('vm1_overlay', [10, 11, 12]), { inner: segment(13, 9000), upTo: 'vm1_overlay' } as const];
    expect((await found(between(lost)))[0]?.message).toContain('4 frames of VNI 5000');
  });

  it('says what is likely only', async () => {
    const lost = large('vm1_overlay', [10, 11, 12]);
    const message = (await found([...between(lost), ...large('vm1_overlay', [95], 1500)]))[0]?.message;
    expect(message).toContain('4 frames');
    expect(message).toContain('(1 of them likely: vm1_underlay is not shown to capture then)');
  });

  it.each([
    ['two vanish', large('vm1_overlay', [10, 11])],
    [
      'the size of two alone is known',
      [...large('vm1_overlay', [10, 11]), { inner: segment(12, 9000), upTo: 'vm1_overlay' }],
    ],
    ['one of that size passed', [...large('vm1_overlay', [10, 11, 12]), ...large(undefined, [13])]],
    [
      'one of that size from another guest passed',
      [
        {
          inner: [
            ethernet({ source: 0x520000000003, destination: VM2 }),
            ipv4({ identification: 5, source: 0xc0a80103, destination: IP2 }),
            icmpv4(),
            payload(new Uint8Array(1472)),
          ],
        },
        ...small(6),
        ...large('vm1_overlay', [10, 11, 12]),
      ],
    ],
    [
      'a small one vanished too',
      [...large('vm1_overlay', [10, 11, 12]), { inner: ping(14, 1400), upTo: 'vm1_overlay' }],
    ],
    [
      'they were segments yet to be cut',
      [10, 11, 12].map((number) => ({ inner: segment(number, 9000), upTo: 'vm1_overlay' })),
    ],
  ] as [string, Sent[]][])('is not told where %s', async (_, sent) => {
    expect(await found(between(sent))).toEqual([]);
  });

  it('is not told where the first guest passed one of that size, and others smaller ones', async () => {
    const other: Part[] = [
      ethernet({ source: 0x520000000003, destination: VM2 }),
      ipv4({ identification: 5, source: 0xc0a80103, destination: IP2 }),
      icmpv4(),
      payload(new Uint8Array(1472)),
    ];
    expect(await found([{ inner: other }, ...between(large('vm1_overlay', [10, 11, 12]))])).toEqual([]);
  });

  it('is not told where two are proven', async () => {
    const sent = [...between(large('vm1_overlay', [10, 11])), ...large('vm1_overlay', [95])];
    expect(await found(sent)).toEqual([]);
  });

  it('is not told where they would fit any link', async () => {
    const around = (from: number): Sent[] => [
      ...[from, from + 1].map((number) => ({ inner: ping(number, 100) })),
      ...back(from + 2),
    ];
    expect(await found([...around(1), ...large('vm1_overlay', [10, 11, 12], 1209), ...around(50)])).toEqual([]);
    expect(await found([...around(1), ...large('vm1_overlay', [10, 11, 12], 1210), ...around(50)])).toHaveLength(1);
  });

  it('is not told where nothing but what is as small as ARP passed', async () => {
    const tiny = (from: number, len: number): Sent[] =>
      [from, from + 1].map((number) => ({ inner: ping(number, len) }));
    const passed = (len: number) =>
      found([...tiny(1, len), ...back(3), ...large('vm1_overlay', [10, 11, 12]), ...tiny(50, len), ...back(60)]);
    expect(await passed(40)).toEqual([]);
    expect(await passed(59)).toEqual([]);
    expect(await passed(60)).toHaveLength(1);
  });

  it('is not told where nothing passed that way', async () => {
    const taps = [...back(1, 2), ...large('vm2_underlay', [10, 11, 12]), ...back(50, 60)];
    expect(await found(taps)).toEqual([]);
  });

  describe('is not told where somebody was told', () => {
    const lost = large('vm1_underlay', [10, 11, 12]);
    const error = (source: number, destination: number, quoted: readonly Part[]): Part[] => [
      ipv4({ source, destination }),
      icmpv4({ type: 3, code: 4, rest: 1450 }),
      payload(frame(...quoted).subarray(0, 128)),
    ];
    const inner = ping(10, 1500);

    it('the guest', async () => {
      const bytes = frame(link(false), ...error(IP2, IP1, inner.slice(1)));
      expect(await found(between(lost), { vm1_overlay: [[99_000, bytes]] })).toEqual([]);
      expect(await found(between(lost), { vm1_overlay: [[99_000, bytes]] }, 'inner-exceeds-mtu')).toHaveLength(1);
      expect(await found(between(lost), { vm1_overlay: [[99_000, bytes]] }, 'loss')).toEqual([]);
    });

    it('the VTEP', async () => {
      const bytes = frame(ethernet(), ...error(0x0a000063, HV1, outer(true, 1003, inner)));
      expect(await found(between(lost), { vm1_underlay: [[99_000, bytes]] })).toEqual([]);
    });

    it('but is where that was of a way beyond the network', async () => {
      const beyond = [ipv4({ identification: 99, source: IP1, destination: 0x08080808 }), ...ping(99, 1500).slice(2)];
      const bytes = frame(link(false), ...error(0xc0a801fe, IP1, beyond));
      expect(await found(between(lost), { vm1_overlay: [[99_000, bytes]] })).toHaveLength(1);
    });

    it('but is where that was of the other direction', async () => {
      const bytes = frame(ethernet(), ...error(0x0a000063, HV2, outer(false, 1003, inner)));
      expect(await found(between(lost), { vm1_underlay: [[99_000, bytes]] })).toHaveLength(1);
    });
  });
});
