/** Rules of pairing beyond two taps and one frame: segments, fragments, NAT, hops, what absence proves, clocks, records. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../src/analysis.js';
import { type AnalyzeOptions, analyze } from '../../src/analyze.js';
import { type CorrelatedTap, correlate, type FrameRecord, frameRecords } from '../../src/core.js';
import type { CorrelationRow, HopRow } from '../../src/correlate/report/correlation.js';
import { Dissector } from '../../src/dissect/dissector.js';
import { IpProtocol } from '../../src/wire/ip-protocol.js';
import { LINK_ETHERNET } from '../../src/wire/link-type.js';
import { type Timed as AnyTimed, analyzeTaps } from '../helpers/analyze-taps.js';
import {
  enhanced,
  interfaceBlock,
  MICRO,
  pcap,
  sectionHeader,
  statistics,
  timeOption,
} from '../helpers/capture-writer.js';
import { corpusPath } from '../helpers/corpus.js';
import {
  arp,
  ethernet,
  fragment,
  frame,
  ipv4,
  ipv6,
  type Part,
  payload,
  tcp,
  udp,
  vxlan,
} from '../helpers/frame-builder.js';
import { Scratch } from '../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());
let runs = 0;

const VM = 0x520000000001;
const FAR = 0x520000000002;
const HV1 = 0x0a000001;
const HV2 = 0x0a010001;
const [OUT, BACK] = [true, false];

type Timed = readonly [us: number, bytes: Uint8Array];
type Taps = Readonly<Record<string, readonly Timed[]>>;

/** The inner frame of a way, of any layers above Ethernet. */
const inner = (outwards: boolean, ...above: Part[]): Part[] => [
  ethernet(outwards ? { source: VM, destination: FAR } : { source: FAR, destination: VM }),
  ...above,
];
const bare = (outwards: boolean, ...above: Part[]): Uint8Array => frame(...inner(outwards, ...above));
const wrapped = (outwards: boolean, identification: number, ...above: Part[]): Uint8Array =>
  frame(
    ethernet(),
    ipv4({ source: outwards ? HV1 : HV2, destination: outwards ? HV2 : HV1, identification }),
    udp({ destinationPort: 4789 }),
    vxlan({ vni: 5000 }),
    ...inner(outwards, ...above),
  );
const numbered = (number: number): Part[] => [
  ipv4({ identification: number & 0xffff }),
  tcp({ sequenceNumber: number }),
  payload([1, 2]),
];
const bytes = (from: number, count: number): Part =>
  payload(Array.from({ length: count }, (_, at) => ((from + at) * 7) & 0xff));
/** TCP data of one stream, from a byte of it on. */
const segment = (from: number, count: number, identification: number): Part[] => [
  ipv4({ identification }),
  tcp({ sequenceNumber: 1000 + from, flags: 0x10 }),
  bytes(from, count),
];
const range = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

async function run(taps: Taps, options: AnalyzeOptions = {}, manifest: object | null = null) {
  const folder = join(scratch.path, String(runs++));
  mkdirSync(folder);
  if (manifest !== null) writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  const paths = Object.entries(taps).map(([name, frames]) => {
    const path = join(folder, `${name}.pcap`);
    const records = frames.map(([us, data]) => ({ bytes: data, seconds: Math.floor(us / 1e6), fraction: us % 1e6 }));
    writeFileSync(path, pcap(records, { magic: MICRO }));
    return path;
  });
  const { correlation } = await analyze(paths, { pairs: true, ...options });
  if (correlation === null) throw new Error('no correlation');
  return correlation;
}
const onlyRow = ({ taps }: { taps: readonly CorrelationRow[] }): CorrelationRow => {
  expect(taps).toHaveLength(1);
  return taps[0] as CorrelationRow;
};
/** Frames to and fro, so that both ends are known. */
const WARM_UP = range(8).map((n) => ({ outwards: n % 2 === 0, number: 7_000_000 + n, us: n * 1000 }));
const warmBare: Timed[] = WARM_UP.map(({ outwards, number, us }) => [
  us + (outwards ? 0 : 40),
  bare(outwards, ...numbered(number)),
]);
const warmWrapped = (lag = 0): Timed[] =>
  WARM_UP.map(({ outwards, number, us }) => [
    us + (outwards ? 40 + lag : -lag),
    wrapped(outwards, number & 0xff, ...numbered(number)),
  ]);

describe('segmentation offload', () => {
  const large = (us: number, outwards: boolean): Timed => [us, bare(outwards, ...segment(0, 4000, 9))];
  const small = (us: number, outwards: boolean): Timed[] => [
    [us, wrapped(outwards, 50, ...segment(0, 1400, 9))],
    [us + 1, wrapped(outwards, 51, ...segment(1400, 1400, 10))],
    [us + 2, wrapped(outwards, 52, ...segment(2800, 1200, 11))],
  ];

  it('pairs one large segment with the several that it was cut into', async () => {
    const taps = {
      vm_overlay: [...warmBare, large(20_000, OUT)],
      vm_underlay: [...warmWrapped(), ...small(20_040, OUT)],
    };
    const found = await run(taps);
    expect(onlyRow(found)).toMatchObject({ matched: 9, overlayOnly: 0, underlayOnly: 0, duplicated: 0 });
    expect(found.pairs?.slice(-3).map(({ overlay, underlay }) => [overlay.frame, underlay.frame])).toEqual([
      [9, 9],
      [9, 10],
      [9, 11],
    ]);
    expect(onlyRow(found).latencyNs.encap).toMatchObject({ count: 5, max: 40_000 });
  });

  it('pairs several segments with the large one that they were made into', async () => {
    const taps = {
      vm_overlay: [...warmBare, large(20_040, BACK)],
      vm_underlay: [...warmWrapped(), ...small(20_000, BACK)],
    };
    expect(onlyRow(await run(taps))).toMatchObject({ matched: 9, overlayOnly: 0, underlayOnly: 0, duplicated: 0 });
  });

  it('knows that a segment of several is missing', async () => {
    const [first, , third] = small(20_040, OUT) as [Timed, Timed, Timed];
    const taps = { vm_overlay: [...warmBare, large(20_000, OUT)], vm_underlay: [...warmWrapped(), first, third] };
    expect(onlyRow(await run(taps))).toMatchObject({ matched: 8, overlayOnly: 1, evidence: { overlayOnly: [9] } });
  });

  it('knows the last large segment of a stream, too, which is not too long for a wire', async () => {
    const taps = {
      vm_overlay: [...warmBare, [20_000, bare(OUT, ...segment(0, 1500, 9))] as const],
      vm_underlay: [
        ...warmWrapped(),
        [20_040, wrapped(OUT, 50, ...segment(0, 1400, 9))] as const,
        [20_041, wrapped(OUT, 51, ...segment(1400, 100, 10))] as const,
      ],
    };
    expect(onlyRow(await run(taps))).toMatchObject({ matched: 9, overlayOnly: 0, underlayOnly: 0 });
  });

  describe('of segments that are put together, and fit a wire all the same', () => {
    /** Segments at a time each: their first bytes and lengths. */
    type Stretch = readonly [us: number, from: number, count: number];
    const inside = (outwards: boolean, ...stretches: readonly Stretch[]): Timed[] =>
      stretches.map(([us, from, count], at) => [us, bare(outwards, ...segment(from, count, 100 + at))]);
    const outside = (outwards: boolean, ...stretches: readonly Stretch[]): Timed[] =>
      stretches.map(([us, from, count], at) => [
        us,
        wrapped(outwards, 60 + at, ...segment(from, count, (outwards ? 100 : 200) + at)),
      ]);
    const compare = async (overlay: readonly Timed[], underlay: readonly Timed[]) => {
      // So that absence is proven.
      const [end, wrappedEnd] = [bare(OUT, ...numbered(1)), wrapped(OUT, 99, ...numbered(1))];
      const taps = {
        vm_overlay: [...warmBare, ...overlay, [900_000, end] as const],
        vm_underlay: [...warmWrapped(), ...underlay, [900_040, wrappedEnd] as const],
      };
      const found = await run(taps);
      // Where not every pair is asked for, most are counted at once.
      const { matched, overlayOnly, underlayOnly, duplicated } = onlyRow(found);
      expect(onlyRow(await run(taps, { pairs: false }))).toMatchObject({
        ...{ matched, overlayOnly, underlayOnly, duplicated },
      });
      return found;
    };

    it('pairs them', async () => {
      const pieces = outside(BACK, [20_000, 0, 500], [20_010, 500, 300], [20_020, 800, 1], [20_030, 801, 400]);
      const found = await compare(inside(BACK, [20_050, 0, 801]), pieces);
      expect(onlyRow(found)).toMatchObject({ matched: 10, overlayOnly: 0, underlayOnly: 1, duplicated: 0 });
      expect(found.pairs?.slice(-4, -1).map(({ overlay, underlay }) => [overlay.frame, underlay.frame])).toEqual([
        [9, 9],
        [9, 10],
        [9, 11],
      ]);
    });

    it.each<[string, readonly Stretch[]]>([
      ['the first one is missing', [[20_010, 500, 300]]],
      [
        'one in between is missing',
        [
          [20_000, 0, 400],
          [20_010, 500, 300],
        ],
      ],
      [
        'the last one is missing',
        [
          [20_000, 0, 500],
          [20_010, 500, 200],
        ],
      ],
      [
        'it begins within one of them',
        [
          [20_000, -100, 600],
          [20_010, 500, 300],
        ],
      ],
    ])('pairs none where %s', async (_, stretches) => {
      const found = await compare(inside(BACK, [20_050, 0, 800]), outside(BACK, ...stretches));
      expect(onlyRow(found)).toMatchObject({ matched: 9, overlayOnly: 1, underlayOnly: stretches.length });
    });

    it.each([
      ['when others of the stream came meanwhile', 150],
      ['when nothing came meanwhile', 0],
    ])('pairs them long after the parts came, %s', async (_, count) => {
      const late = 400_000;
      const pieces: Stretch[] = [
        [20_000, 0, 500],
        [20_010, 500, 300],
      ];
      const others = range(count).map((n): Stretch => [21_000 + n * 1000, 800 + n * 100, 100]);
      const arrived = [
        ...inside(BACK, [20_000 + late, 0, 800]),
        ...others.map(([us, from, len], n): Timed => [us + late, bare(BACK, ...segment(from, len, 202 + n))]),
      ];
      const row = onlyRow(await compare(arrived, outside(BACK, ...pieces, ...others)));
      expect(row).toMatchObject({ matched: 10 + count, overlayOnly: 0, underlayOnly: 0, duplicated: 0 });
    });

    it('pairs them where those of two were there before', async () => {
      const pieces = outside(BACK, [20_000, 0, 500], [20_010, 500, 300], [20_020, 800, 200], [20_030, 1000, 400]);
      const row = onlyRow(await compare(inside(BACK, [20_050, 0, 800], [20_060, 800, 600]), pieces));
      expect(row).toMatchObject({ matched: 11, overlayOnly: 0, underlayOnly: 0, duplicated: 0 });
    });

    it('pairs them while there are others that are too long for a wire', async () => {
      const pieces = outside(BACK, [20_000, 0, 1400], [20_010, 1400, 1400], [20_030, 2800, 500], [20_040, 3300, 300]);
      const row = onlyRow(await compare(inside(BACK, [20_050, 0, 2800], [20_060, 2800, 800]), pieces));
      expect(row).toMatchObject({ matched: 11, overlayOnly: 0, underlayOnly: 0, duplicated: 0 });
    });

    it('knows what was cut beside others that are too long for a wire', async () => {
      const pieces = outside(OUT, [20_040, 0, 1400], [20_050, 1400, 1400], [20_090, 2800, 500], [20_095, 3300, 300]);
      const row = onlyRow(await compare(inside(OUT, [20_000, 0, 2800], [20_050, 2800, 800]), pieces));
      expect(row).toMatchObject({ matched: 11, overlayOnly: 0, underlayOnly: 0, duplicated: 0 });
    });

    it.each([
      ['all parts', 20_060, 20_070],
      ['the last part', 20_040, 20_060],
    ])('pairs them where a clock that is off shows %s behind it', async (_, first, second) => {
      const taps = {
        vm_overlay: [...warmBare, ...inside(BACK, [20_050, 0, 800])],
        hv_underlay: [...warmWrapped(), ...outside(BACK, [first, 0, 500], [second, 500, 300])],
      };
      const clockOffsetsNs = new Map([
        ['vm_overlay', 0],
        ['hv_underlay', 1000],
      ]);
      const row = onlyRow(await run(taps, { clockOffsetsNs }));
      expect(row).toMatchObject({ matched: 9, overlayOnly: 0, underlayOnly: 0, duplicated: 0 });
    });

    it('takes what is sent once more, in one piece, for itself', async () => {
      const sent: Stretch[] = [
        [20_000, 0, 500],
        [20_010, 500, 300],
        [25_000, 0, 800],
      ];
      const arrived = sent.map(([us, from, count]): Stretch => [us + 40, from, count]);
      const row = onlyRow(await compare(inside(OUT, ...sent), outside(OUT, ...arrived.slice(0, 2))));
      expect(row).toMatchObject({ matched: 11, overlayOnly: 1, underlayOnly: 0 });
    });
  });

  describe('of UDP', () => {
    /** A datagram of one stream: its data from a byte of it on. */
    const datagram = (from: number, count: number, identification: number, sourcePort = 5000): Part[] => [
      ipv4({ identification }),
      udp({ sourcePort, destinationPort: 6000 }),
      bytes(from, count),
    ];
    const whole = (us: number, outwards: boolean): Timed => [us, bare(outwards, ...datagram(0, 3000, 9))];
    const cut = (us: number, outwards: boolean): Timed[] => [
      [us, wrapped(outwards, 50, ...datagram(0, 1200, 9))],
      [us + 1, wrapped(outwards, 51, ...datagram(1200, 1200, 10))],
      [us + 2, wrapped(outwards, 52, ...datagram(2400, 600, 11))],
    ];

    it('pairs one large datagram with the several that it was cut into', async () => {
      const other: Timed = [20_041, wrapped(OUT, 60, ...datagram(1200, 1200, 12, 5001))];
      const [first, second, third] = cut(20_040, OUT) as [Timed, Timed, Timed];
      const taps = {
        vm_overlay: [...warmBare, whole(20_000, OUT)],
        vm_underlay: [...warmWrapped(), first, other, second, third],
      };
      const correlation = await run(taps);
      expect(onlyRow(correlation)).toMatchObject({ matched: 9, overlayOnly: 0, underlayOnly: 1 });
      expect(correlation.pairs?.slice(-3).map(({ overlay, underlay }) => [overlay.frame, underlay.frame])).toEqual([
        [9, 9],
        [9, 11],
        [9, 12],
      ]);
    });

    it('pairs several with the large one that they were made into', async () => {
      const taps = {
        vm_overlay: [...warmBare, whole(20_100, BACK)],
        vm_underlay: [...warmWrapped(), ...cut(20_040, BACK)],
      };
      expect(onlyRow(await run(taps))).toMatchObject({ matched: 9, overlayOnly: 0, underlayOnly: 0 });
    });

    it('knows that one of several is missing', async () => {
      const [first, , third] = cut(20_040, OUT) as [Timed, Timed, Timed];
      const taps = { vm_overlay: [...warmBare, whole(20_000, OUT)], vm_underlay: [...warmWrapped(), first, third] };
      expect(onlyRow(await run(taps))).toMatchObject({ matched: 8, overlayOnly: 1, evidence: { overlayOnly: [9] } });
    });

    it('takes what is too short to be told by its data for no part', async () => {
      const short: Timed = [20_040, wrapped(OUT, 50, ...datagram(7, 2, 12))];
      const taps = { vm_overlay: [...warmBare, whole(20_000, OUT)], vm_underlay: [...warmWrapped(), short] };
      expect(onlyRow(await run(taps))).toMatchObject({ matched: 8, overlayOnly: 1, underlayOnly: 1 });
    });
  });

  it('finds fragments of an inner datagram by ID and offset', async () => {
    const whole = [ipv4({ identification: 77 }), udp({ length: 3008 }), bytes(0, 3000)];
    const cut = (offset: number, count: number, more: number): Part[] => [
      ipv4({ identification: 77, fragmentOffset: offset / 8, moreFragments: more, protocol: 17 }),
      ...(offset === 0 ? [udp({ length: 3008 }), bytes(0, count - 8)] : [bytes(offset - 8, count)]),
    ];
    const taps = {
      vm_overlay: [...warmBare, [20_000, bare(OUT, ...whole)] as const],
      vm_underlay: [
        ...warmWrapped(),
        [20_040, wrapped(OUT, 60, ...cut(0, 1480, 1))] as const,
        [20_041, wrapped(OUT, 61, ...cut(1480, 1480, 1))] as const,
        [20_042, wrapped(OUT, 62, ...cut(2960, 48, 0))] as const,
      ],
    };
    expect(onlyRow(await run(taps))).toMatchObject({ matched: 9, overlayOnly: 0, underlayOnly: 0 });
  });

  it('finds fragments of IPv6 that were cut anew', async () => {
    const cut = (offset: number, count: number, more: number, identification: number): Part[] => [
      ipv6(),
      fragment({ nextHeader: 17, fragmentOffset: offset / 8, moreFragments: more, identification }),
      ...(offset === 0 ? [udp({ length: 2408 }), bytes(0, count - 8)] : [bytes(offset - 8, count)]),
    ];
    const taps = {
      vm_overlay: [
        ...warmBare,
        [20_000, bare(OUT, ...cut(0, 1200, 1, 7))] as const,
        [20_001, bare(OUT, ...cut(1200, 1208, 0, 7))] as const,
      ],
      vm_underlay: [
        ...warmWrapped(),
        [20_040, wrapped(OUT, 60, ...cut(0, 1200, 1, 7))] as const,
        [20_041, wrapped(OUT, 61, ...cut(1200, 800, 1, 7))] as const,
        [20_042, wrapped(OUT, 62, ...cut(1200, 800, 1, 8))] as const,
        [20_043, wrapped(OUT, 63, ...cut(2000, 408, 0, 7))] as const,
      ],
    };
    const row = onlyRow(await run(taps));
    // The fragment of another datagram is nobody's.
    expect(row).toMatchObject({ matched: 10, overlayOnly: 0, underlayOnly: 1, evidence: { underlayOnly: [11] } });
  });
});

describe('fragments of a whole datagram of IPv6, which has no number', () => {
  const LEN = 3001;
  /** What is sent: of UDP, with a checksum that is left to the NIC where it is whole. */
  const datagram = (len = LEN, sourcePort = 5000): Uint8Array =>
    frame(udp({ sourcePort, destinationPort: 6000, checksum: 0x1234, length: len + 8 }), bytes(0, len));
  const echo = (sequence: number): Uint8Array =>
    Uint8Array.from([128, 0, 0x56, 0x78, 0, 7, 0, sequence, ...Array.from({ length: LEN }, (_, at) => at & 0x7f)]);
  const [UDP, ICMPV6] = [17, 58];
  const whole = (sent: Uint8Array, protocol = UDP): Part[] => [ipv6({ nextHeader: protocol }), payload(sent)];
  const cut = (sent: Uint8Array, from: number, to: number, identification = 7, protocol = UDP): Part[] => [
    ipv6(),
    fragment({
      nextHeader: protocol,
      fragmentOffset: from / 8,
      moreFragments: to < sent.length ? 1 : 0,
      identification,
    }),
    payload(sent.subarray(from, to)),
  ];
  /** At 1,400 bytes each. */
  const inPieces = (sent: Uint8Array, identification = 7, protocol = UDP): Part[][] =>
    [0, 1400, 2800]
      .filter((from) => from < sent.length)
      .map((from) => cut(sent, from, Math.min(from + 1400, sent.length), identification, protocol));
  const right = (sent: Uint8Array): Uint8Array => sent.with(6, 0xab).with(7, 0xcd);
  /** After the others: whole frames at the overlay tap, so far apart, and pieces at the underlay tap. */
  const compare = async (
    outwards: boolean,
    wholes: readonly Part[][],
    pieces: readonly Part[][],
    apartUs = 1,
  ): Promise<CorrelationRow> => {
    const each = Math.ceil(pieces.length / wholes.length);
    const pieceUs = (at: number): number => {
      const behind = pieces.length - 1 - at;
      return (wholes.length - 1 - Math.floor(behind / each)) * apartUs + at;
    };
    const late = outwards ? 0 : 80;
    const taps = {
      vm_overlay: [
        ...warmBare,
        ...wholes.map((parts, at): Timed => [20_000 + late + at * apartUs, bare(outwards, ...parts)]),
        [90_000, bare(outwards, ...numbered(1))] as const,
      ],
      vm_underlay: [
        ...warmWrapped(),
        ...pieces.map((parts, at): Timed => [20_040 + pieceUs(at), wrapped(outwards, 60 + at, ...parts)]),
        [90_040 - late, wrapped(outwards, 90, ...numbered(1))] as const,
      ],
    };
    return onlyRow(await run(taps));
  };
  const sent = datagram();
  const both = [
    ['cut', OUT],
    ['put together', BACK],
  ] as const;

  it.each(both)('pairs them: %s', async (_, outwards) => {
    const row = await compare(outwards, [whole(sent)], inPieces(right(sent)));
    expect(row).toMatchObject({ matched: 10, overlayOnly: 0, underlayOnly: 0, duplicated: 0 });
  });

  it.each(both)('pairs them of a datagram that is not too long for a wire: %s', async (_, outwards) => {
    const short = datagram(1440);
    const row = await compare(outwards, [whole(short)], inPieces(short));
    expect(row).toMatchObject({ matched: 10, overlayOnly: 0, underlayOnly: 0 });
  });

  it.each(both)('pairs them whichever comes first: %s', async (_, outwards) => {
    const others = cut(datagram(1440).with(1410, 0x11), 1400, 1448, 8);
    for (const len of [1440, 2840, LEN]) {
      const [first, second, ...rest] = inPieces(datagram(len)) as [Part[], Part[], ...Part[][]];
      for (const pieces of [
        [second, first, ...rest],
        [...rest, second, first],
      ]) {
        const row = await compare(outwards, [whole(datagram(len))], pieces);
        expect(row).toMatchObject({ matched: 10, overlayOnly: 0, underlayOnly: 0, duplicated: 0 });
        // One of another datagram is not taken along.
        const apart = await compare(outwards, [whole(datagram(len))], [others, ...pieces]);
        expect(apart).toMatchObject({ matched: 10, overlayOnly: 0, underlayOnly: 1 });
      }
    }
  });

  it.each(both)('takes no short one along whose bytes differ: %s', async (_, outwards) => {
    // Less of it than what would show whose it is.
    const short = datagram(2803);
    const [first, second, third] = inPieces(short) as [Part[], Part[], Part[]];
    const row = await compare(outwards, [whole(short)], [third, first, second]);
    expect(row).toMatchObject({ matched: 10, overlayOnly: 0, underlayOnly: 0 });
    const other = cut(short.with(2805, 0x11), 2800, short.length);
    const apart = await compare(outwards, [whole(short)], [other, first, second]);
    expect(apart).toMatchObject({ matched: 9, overlayOnly: 1, underlayOnly: 1 });
  });

  it.each(both)('pairs them of messages of ICMPv6 that have the same data: %s', async (_, outwards) => {
    const wholes = [1, 2].map((number) => whole(echo(number), ICMPV6));
    const pieces = [1, 2].flatMap((number) => inPieces(echo(number), number, ICMPV6));
    const row = await compare(outwards, wholes, pieces);
    expect(row).toMatchObject({ matched: 11, overlayOnly: 0, underlayOnly: 0 });
    const lost = pieces.toSpliced(1, 1);
    expect(await compare(outwards, wholes, lost)).toMatchObject({ matched: 10, overlayOnly: 1, underlayOnly: 0 });
  });

  it.each(both)('knows which of two that start alike they are of: %s', async (_, outwards) => {
    const [first, second] = [sent, sent.with(1600, 0x11)];
    const wholes = [whole(first), whole(second)];
    const pieces = [...inPieces(first, 7), ...inPieces(second, 8)];
    const row = await compare(outwards, wholes, pieces, 20_000);
    expect(row).toMatchObject({ matched: 11, overlayOnly: 0, underlayOnly: 0 });
    // The first one's beginning is missing: its other bytes tell.
    const lost = await compare(outwards, wholes, pieces.slice(1), 20_000);
    expect(lost).toMatchObject({ matched: 10, overlayOnly: 1, underlayOnly: 0 });
  });

  it.each(both)("leaves another datagram's fragments alone: %s", async (_, outwards) => {
    const [first, second, third] = inPieces(sent) as [Part[], Part[], Part[]];
    const row = async (...pieces: Part[][]): Promise<CorrelationRow> => compare(outwards, [whole(sent)], pieces);
    const apart = { matched: 9, overlayOnly: 1, underlayOnly: 1 };
    // Of another number; of other bytes; behind the datagram's end; of other ports.
    expect(await row(first, cut(sent, 1400, 2800, 8), third)).toMatchObject(apart);
    expect(await row(first, cut(sent.with(2001, 0x11), 1400, 2800), third)).toMatchObject(apart);
    expect(await row(first, second, cut(sent.with(LEN + 7, 0x11), 2800, LEN + 8))).toMatchObject(apart);
    expect(await row(first, second, cut(datagram(3200), 2800, 3208))).toMatchObject(apart);
    const others = inPieces(datagram(LEN, 5001));
    expect(await row(...others)).toMatchObject({ matched: 9, overlayOnly: 1, underlayOnly: 3 });
  });

  it.each(both)('tells of one that is missing as it does with IPv4: %s', async (_, outwards) => {
    const ofIpv4 = (from: number, to: number): Part[] => [
      ipv4({ identification: 77, fragmentOffset: from / 8, moreFragments: to < sent.length ? 1 : 0, protocol: UDP }),
      payload(sent.subarray(from, to)),
    ];
    const inPiecesOfIpv4 = [ofIpv4(0, 1400), ofIpv4(1400, 2800), ofIpv4(2800, sent.length)];
    const wholeOfIpv4 = [ipv4({ identification: 77, protocol: UDP }), payload(sent)];
    const counts = ({ matched, overlayOnly, underlayOnly, unproven, evidence }: CorrelationRow) => [
      ...[matched, overlayOnly, underlayOnly, unproven, evidence],
    ];
    for (const missing of [0, 1, 2]) {
      const row = await compare(outwards, [whole(sent)], inPieces(sent).toSpliced(missing, 1));
      const other = await compare(outwards, [wholeOfIpv4], inPiecesOfIpv4.toSpliced(missing, 1));
      expect(counts(row)).toEqual(counts(other));
      expect(row).toMatchObject({ matched: 9, overlayOnly: 1, underlayOnly: 0 });
    }
  });
});

describe.each([
  ['IPv4', true],
  ['IPv6', false],
] as const)('fragments of a whole TCP segment, over %s', (_family, overIpv4) => {
  /** One of the stream from a byte of it on. */
  const sent = (len = 1400, from = 0): Uint8Array =>
    frame(tcp({ sequenceNumber: 1000 + from, flags: 0x10 }), bytes(from, len));
  const whole = (segment: Uint8Array, identification = 7): Part[] => [
    overIpv4 ? ipv4({ identification, protocol: IpProtocol.Tcp }) : ipv6({ nextHeader: IpProtocol.Tcp }),
    payload(segment),
  ];
  const cut = (segment: Uint8Array, from: number, to: number, identification = 7): Part[] => {
    const at = { fragmentOffset: from / 8, moreFragments: to < segment.length ? 1 : 0, identification };
    const headers = overIpv4
      ? [ipv4({ ...at, protocol: IpProtocol.Tcp })]
      : [ipv6(), fragment({ ...at, nextHeader: IpProtocol.Tcp })];
    return [...headers, payload(segment.subarray(from, to))];
  };
  /** At 600 bytes each. */
  const inPieces = (segment: Uint8Array, identification = 7): Part[][] =>
    range(Math.ceil(segment.length / 600)).map((n) =>
      cut(segment, n * 600, Math.min(n * 600 + 600, segment.length), identification),
    );
  /** Whole segments at the overlay tap, pieces at the underlay tap, all 100 us apart. */
  const compare = async (
    outwards: boolean,
    wholes: readonly Part[][],
    pieces: readonly Part[][],
  ): Promise<CorrelationRow> => {
    const late = outwards ? 0 : 10_000;
    const taps = {
      vm_overlay: [
        ...warmBare,
        ...wholes.map((parts, n): Timed => [20_000 + late + n * 100, bare(outwards, ...parts)]),
        [90_000, bare(outwards, ...numbered(1))] as const,
      ],
      vm_underlay: [
        ...warmWrapped(),
        ...pieces.map((parts, n): Timed => [25_000 + n * 100, wrapped(outwards, 60 + n, ...parts)]),
        [90_040 - late / 100, wrapped(outwards, 90, ...numbered(1))] as const,
      ],
    };
    const row = onlyRow(await run(taps));
    const { matched, overlayOnly, underlayOnly, duplicated } = row;
    // Where not every pair is asked for, most are counted at once.
    const counted = onlyRow(await run(taps, { pairs: false }));
    expect(counted).toMatchObject({ matched, overlayOnly, underlayOnly, duplicated });
    return row;
  };
  const both = [
    ['cut', OUT],
    ['put together', BACK],
  ] as const;

  it.each(both)('pairs them, whichever comes first: %s', async (_, outwards) => {
    // What fits a wire, and what does not.
    for (const segment of [sent(), sent(3000)]) {
      for (const pieces of [inPieces(segment), inPieces(segment).reverse()]) {
        const row = await compare(outwards, [whole(segment)], pieces);
        expect(row).toMatchObject({ matched: 10, overlayOnly: 0, underlayOnly: 0, duplicated: 0 });
      }
    }
  });

  it.each(both)('pairs them where the segment is seen in between, by a clock a bit off: %s', async (_, outwards) => {
    for (const pieces of [inPieces(sent()), inPieces(sent()).reverse()]) {
      const taps = {
        vm_overlay: [...warmBare, [20_000, bare(outwards, ...whole(sent()))] as const],
        vm_underlay: [
          ...warmWrapped(),
          ...pieces.map((parts, n): Timed => [19_990 + n * 20, wrapped(outwards, 60 + n, ...parts)]),
          [90_000, wrapped(outwards, 90, ...numbered(1))] as const,
        ],
      };
      // The older ones leave the window a second later, before the segment does.
      const later = [2_000_000, bare(outwards, ...numbered(2))] as const;
      const row = onlyRow(await run({ ...taps, vm_overlay: [...taps.vm_overlay, later] }));
      expect(row).toMatchObject({ matched: 9, overlayOnly: 1, underlayOnly: 1 });
    }
  });

  it.each(both)('knows which segment of a stream they are of: %s', async (_, outwards) => {
    const segments = range(5).map((n) => sent(1400, n * 1400));
    const wholes = segments.map((segment, n) => whole(segment, 20 + n));
    const pieces = segments.flatMap((segment, n) => inPieces(segment, 20 + n));
    const row = await compare(outwards, wholes, pieces);
    expect(row).toMatchObject({ matched: 14, overlayOnly: 0, underlayOnly: 0 });
    const lost = await compare(outwards, wholes, pieces.toSpliced(7, 1));
    expect(lost).toMatchObject({ matched: 13, overlayOnly: 1, underlayOnly: 0, evidence: { overlayOnly: [11] } });
  });

  it.each(both)("leaves another segment's fragments alone: %s", async (_, outwards) => {
    const [first, second, third] = inPieces(sent()) as [Part[], Part[], Part[]];
    const row = async (...pieces: Part[][]): Promise<CorrelationRow> => compare(outwards, [whole(sent())], pieces);
    // Of another number; behind the segment's end.
    expect(await row(first, cut(sent(), 600, 1200, 8), third)).toMatchObject({ overlayOnly: 1, underlayOnly: 1 });
    const longer = cut(sent(1500), 1200, 1520);
    expect(await row(first, second, longer)).toMatchObject({ overlayOnly: 1, underlayOnly: 1 });
    // Of other data, in all of them.
    const others = inPieces(sent().with(30, 0x11));
    expect(await row(...others)).toMatchObject({ matched: 9, overlayOnly: 1, underlayOnly: 3 });
  });

  it.each(both)('tells of one that is missing, as far as the others have a number: %s', async (_, outwards) => {
    for (const missing of [0, 1, 2]) {
      const row = await compare(outwards, [whole(sent())], inPieces(sent()).toSpliced(missing, 1));
      // With IPv6 only the first one tells whose they are.
      const alone = missing === 0 && !overIpv4 ? 2 : 0;
      expect(row).toMatchObject({ matched: 9, overlayOnly: 1, underlayOnly: alone });
    }
  });

  it('leaves a segment alone that was seen whole at both taps', async () => {
    const taps = {
      vm_overlay: [
        ...warmBare,
        [20_000, bare(OUT, ...whole(sent()))] as const,
        [90_000, bare(OUT, ...numbered(1))] as const,
      ],
      vm_underlay: [
        ...warmWrapped(),
        [20_040, wrapped(OUT, 60, ...whole(sent()))] as const,
        // Of another connection, whose numbers may be the same.
        [20_050, wrapped(OUT, 61, ...cut(sent(), 600, 1200))] as const,
        [90_040, wrapped(OUT, 90, ...numbered(1))] as const,
      ],
    };
    expect(onlyRow(await run(taps))).toMatchObject({ matched: 10, overlayOnly: 0, underlayOnly: 1 });
  });

  it('pairs both where one was sent once more before any came', async () => {
    const pieces = [...inPieces(sent(), 7), ...inPieces(sent(), 8)];
    const row = await compare(OUT, [whole(sent(), 7), whole(sent(), 8)], pieces);
    expect(row).toMatchObject({ matched: 11, overlayOnly: 0, underlayOnly: 0 });
  });

  it('gives them to the one that was sent once more where those of the first one were lost', async () => {
    const taps = {
      vm_overlay: [
        ...warmBare,
        [20_000, bare(OUT, ...whole(sent(), 7))] as const,
        [60_000, bare(OUT, ...whole(sent(), 8))] as const,
        [90_000, bare(OUT, ...numbered(1))] as const,
      ],
      vm_underlay: [
        ...warmWrapped(),
        ...inPieces(sent(), 8).map((parts, n): Timed => [60_040 + n, wrapped(OUT, 60 + n, ...parts)]),
        [90_040, wrapped(OUT, 90, ...numbered(1))] as const,
      ],
    };
    const row = onlyRow(await run(taps));
    expect(row).toMatchObject({ matched: 10, overlayOnly: 1, underlayOnly: 0, evidence: { overlayOnly: [9] } });
  });

  it('pairs them at the taps behind, too', async () => {
    const wrappedPieces = (us: number): Timed[] =>
      inPieces(sent()).map((parts, n): Timed => [us + n, wrapped(OUT, 60 + n, ...parts)]);
    const { hops } = await run({
      vm1_overlay: [...warmBare, [20_000, bare(OUT, ...whole(sent()))] as const],
      hv1_underlay: [...warmWrapped(), ...wrappedPieces(20_040)],
      hv2_underlay: [...warmWrapped(1), ...wrappedPieces(20_060)],
    });
    expect(hops.map(({ lost, missed }) => [lost, missed])).toEqual(hops.map(() => [0, 0]));
  });
});

describe('frames that were cut', () => {
  /** One after the other; some lack at the underlay, of others too little is there. */
  const compared = (lost: readonly number[], short: readonly number[]): Promise<Analysis> => {
    const frames = range(20).map((n) => [20_000 + n * 1000, numbered(n)] as const);
    const there = frames.flatMap(([us, parts], n): AnyTimed[] => {
      const bytes = wrapped(OUT, n + 1, ...parts);
      if (lost.includes(n)) return [];
      return [short.includes(n) ? [us + 40, bytes.subarray(0, 96), bytes.length] : [us + 40, bytes]];
    });
    return analyzeTaps(scratch, {
      vm_overlay: [...warmBare, ...frames.map(([us, parts]): AnyTimed => [us, bare(OUT, ...parts)])],
      vm_underlay: [...warmWrapped(), ...there],
    });
  };

  it('are not lost where too little is there to tell them apart', async () => {
    const { findings, correlation } = await compared([], [3, 5, 7]);
    expect(findings.filter(({ severity }) => severity !== 'info')).toEqual([]);
    expect(correlation?.hops).toContainEqual(expect.objectContaining({ lost: 3, unproven: 3 }));
    expect(correlation?.taps).toMatchObject([{ overlayOnly: 3, unproven: 3 }]);
  });

  it('compare clocks all the same, if what is there tells one from another', async () => {
    const KEPT = 128;
    const AHEAD_US = 3_500_000;
    const cut = (us: number, bytes: Uint8Array): AnyTimed => [us, bytes.subarray(0, KEPT), bytes.length];
    const sent = range(40).map((n) => ({
      us: 20_000 + 10_000 * n,
      outwards: n % 2 === 0,
      parts: segment(n * 900, 900, n + 1),
    }));
    const { correlation } = await analyzeTaps(scratch, {
      vm1_overlay: sent.map(({ us, outwards, parts }) => cut(us + (outwards ? 0 : 70), bare(outwards, ...parts))),
      hv2_underlay: sent.map(({ us, outwards, parts }, n) =>
        cut(us + AHEAD_US + (outwards ? 70 : 0), wrapped(outwards, n + 1, ...parts)),
      ),
    });
    expect(correlation?.taps).toMatchObject([{ matched: 40, clockOffsetNs: AHEAD_US * 1000 }]);
  });

  it('hide no more than as many that are lost', async () => {
    const { findings, correlation } = await compared([2, 4, 6, 8], [3, 5, 7]);
    expect(correlation?.hops).toContainEqual(expect.objectContaining({ lost: 7, unproven: 3 }));
    expect(findings).toContainEqual(expect.objectContaining({ id: 'loss', severity: 'error' }));
  });
});

describe('any number of taps', () => {
  const LOST_AFTER_HV1 = 3;
  const LOST_AT_HV1 = 6;
  const NOT_SEEN_AT_HV2 = 9;
  const sent = range(12);
  const APART_US = 50_000;
  const at = (tap: string, us: number, lost: readonly number[], wrap: boolean, apartUs = APART_US): Taps => ({
    [tap]: sent
      .filter((n) => !lost.includes(n))
      .map((n): Timed => [n * apartUs + us, wrap ? wrapped(OUT, n + 1, ...numbered(n)) : bare(OUT, ...numbered(n))]),
  });
  const tapsOf = (apartUs: number): Taps => ({
    ...at('vm1_overlay', 0, [], false, apartUs),
    ...at('hv1_underlay', 10, [LOST_AT_HV1], true, apartUs),
    ...at('hv2_underlay', 30, [LOST_AT_HV1, LOST_AFTER_HV1, NOT_SEEN_AT_HV2], true, apartUs),
    ...at('vm2_overlay', 60, [LOST_AT_HV1, LOST_AFTER_HV1], false, apartUs),
  });
  const taps = tapsOf(APART_US);

  it('says at which hop a frame vanished, and which tap was not looking', async () => {
    const { hops, paths } = await run(taps);
    const told = hops.map(({ from, to, passed, lost, missed, evidence }: HopRow) => [
      `${from} > ${to}`,
      passed,
      lost,
      missed,
      [...evidence.lost, ...evidence.missed].map(({ frame: number }) => number),
    ]);
    // What was not looked at is named where it was seen before that: it is the ninth at hv1.
    expect(told).toEqual([
      ['vm1_overlay > hv1_underlay', 11, 1, 0, [LOST_AT_HV1 + 1]],
      ['hv1_underlay > hv2_underlay', 9, 1, 1, [LOST_AFTER_HV1 + 1, NOT_SEEN_AT_HV2]],
      ['hv1_underlay > vm2_overlay', 1, 0, 0, []],
      ['hv2_underlay > vm2_overlay', 9, 0, 0, []],
    ]);
    const way = paths?.find(({ path }) => path[0]?.frame === LOST_AFTER_HV1 + 1);
    expect(way?.path).toEqual([
      { tap: 'vm1_overlay', frame: 4, afterNs: 0 },
      { tap: 'hv1_underlay', frame: 4, afterNs: 10_000 },
    ]);
  });

  it('takes no tap for the end of a way that missed others around then', async () => {
    const { hops } = await run(tapsOf(1000));
    const told = hops.map(({ from, to, lost, missed, evidence }) => [from, to, lost, missed, evidence.lost]);
    const [first, second] = [LOST_AT_HV1, LOST_AFTER_HV1].map((n) => n + 1);
    expect(told).toEqual([
      ['vm1_overlay', 'hv1_underlay', 1, 0, [{ tap: 'vm1_overlay', frame: first }]],
      ['hv1_underlay', 'hv2_underlay', 0, 1, []],
      ['hv1_underlay', 'vm2_overlay', 1, 0, [{ tap: 'hv1_underlay', frame: second }]],
      ['hv2_underlay', 'vm2_overlay', 0, 0, []],
    ]);
  });

  it('counts what was doubled at the hop where it was', async () => {
    const copy: Timed = [5 * APART_US + 31, wrapped(OUT, 6, ...numbered(5))];
    const doubled = { ...taps, hv2_underlay: [...(taps.hv2_underlay ?? []), copy].sort(([a], [b]) => a - b) };
    const { hops } = await run(doubled);
    expect(hops.filter(({ duplicated }) => duplicated > 0).map(({ from, to }) => [from, to])).toEqual([
      ['hv1_underlay', 'hv2_underlay'],
    ]);
  });

  it.each([
    ['vm1_overlay', 'hv1_underlay', ['hv1_underlay', 'hv2_underlay', 'vm2_overlay']],
    ['hv1_underlay', 'hv2_underlay', ['hv2_underlay', 'vm2_overlay']],
  ])('counts a copy of what waited once, and loses neither: made between %s and %s', async (from, to, behind) => {
    const waited = 5;
    const whole = { ...at('vm1_overlay', 0, [], false), ...at('hv1_underlay', 10, [], true) };
    const doubled = { ...whole, ...at('hv2_underlay', 30, [], true), ...at('vm2_overlay', 60, [], false) };
    for (const [tap, frames] of Object.entries(doubled)) {
      if (tap === 'vm1_overlay') continue;
      const [us, bytes] = frames[waited] as Timed;
      const late: Timed[] = [[us + 500, bytes], ...(behind.includes(tap) ? [[us + 501, bytes] as const] : [])];
      doubled[tap] = frames.toSpliced(waited, 1, ...late);
    }
    const { hops } = await run(doubled);
    const harmed = hops.filter(({ lost, missed, duplicated }) => lost + missed + duplicated > 0);
    expect(harmed.map((hop) => [hop.from, hop.to, hop.lost, hop.missed, hop.duplicated])).toEqual([
      [from, to, 0, 0, 1],
    ]);
  });

  it('calls an absence likely where the other tap was not shown to capture', async () => {
    const inside = [...warmBare, [20_000, bare(OUT, ...numbered(1))] as const];
    const row = onlyRow(await run({ vm_overlay: inside, vm_underlay: warmWrapped() }));
    expect(row).toMatchObject({ overlayOnly: 1, unproven: 1 });
    const later: Timed = [30_000, wrapped(BACK, 9, ...numbered(2))];
    const shown = onlyRow(await run({ vm_overlay: inside, vm_underlay: [...warmWrapped(), later] }));
    expect(shown).toMatchObject({ overlayOnly: 1, underlayOnly: 1, unproven: 1 });
    const both = [...inside, [30_040, bare(BACK, ...numbered(2))] as const];
    const proven = onlyRow(await run({ vm_overlay: both, vm_underlay: [...warmWrapped(), later] }));
    expect(proven).toMatchObject({ overlayOnly: 1, underlayOnly: 0, unproven: 0 });
  });

  it('takes the word of a lab manifest on when a tap was capturing', async () => {
    const taps = {
      vm_overlay: [...warmBare, [20_000, bare(OUT, ...numbered(1))] as const],
      vm_underlay: warmWrapped(),
    };
    const manifest = (untilNs: string, file = 'vm_underlay.pcap', fromNs = '0') => ({
      schema: 'vxdump.lab-manifest/1',
      captures: [{ file, fromNs, untilNs }],
    });
    expect(onlyRow(await run(taps, {}, manifest('30000000')))).toMatchObject({ overlayOnly: 1, unproven: 0 });
    expect(onlyRow(await run(taps, {}, manifest('10000000')))).toMatchObject({ overlayOnly: 1, unproven: 1 });
    expect(onlyRow(await run(taps, {}, manifest('30000000', 'other.pcap')))).toMatchObject({ unproven: 1 });
    const later = manifest('30000000', 'vm_underlay.pcap', '15000000');
    expect(onlyRow(await run(taps, {}, later))).toMatchObject({ unproven: 1 });
    expect(onlyRow(await run(taps, {}, { captures: 'none' }))).toMatchObject({ unproven: 1 });
  });

  it('takes the word of a pcapng file on when it was being captured', async () => {
    const folder = join(scratch.path, String(runs++));
    mkdirSync(folder);
    const file = (name: string, frames: readonly Timed[], from: bigint, until: bigint): string => {
      const path = join(folder, `${name}.pcapng`);
      const times = [timeOption(2, from, 'little'), timeOption(3, until, 'little')];
      const blocks = frames.map(([us, data]) => enhanced(0, BigInt(us), { bytes: data }, 'little'));
      const end = statistics(0, times, 'little');
      writeFileSync(path, Buffer.concat([sectionHeader('little'), interfaceBlock('little'), ...blocks, end]));
      return path;
    };
    const early: Timed = [5000, bare(OUT, ...numbered(2))];
    const warm = warmBare.map(([us, data]): Timed => [us + 10_000, data]);
    const frames = [early, ...warm, [30_000, bare(OUT, ...numbered(1))] as const];
    const overlay = file('vm_overlay', frames, 0n, 50_000n);
    const others = warmWrapped().map(([us, data]): Timed => [us + 10_000, data]);
    const unproven = async (from: bigint, until: bigint): Promise<number> => {
      const { correlation } = await analyze([overlay, file('vm_underlay', others, from, until)]);
      expect(correlation?.taps).toMatchObject([{ overlayOnly: 2 }]);
      expect(correlation?.hops.map((hop) => hop.unproven)).toContain(correlation?.taps[0]?.unproven);
      return correlation?.taps[0]?.unproven as number;
    };
    expect(await unproven(0n, 50_000n)).toBe(0);
    expect(await unproven(8000n, 50_000n)).toBe(1);
    expect(await unproven(0n, 20_000n)).toBe(1);
    expect(await unproven(9000n, 20_000n)).toBe(2);
  });

  it('keeps a wait for the VTEP apart only where its address was asked for and told meanwhile', async () => {
    const neighbour = (operation: number): Uint8Array => {
      const asks = operation === 1;
      const [sender, target] = asks ? [HV1, HV2] : [HV2, HV1];
      return frame(
        ethernet({ destination: asks ? 0xffff_ffff_ffff : 0x020000000001 }),
        arp({ operation, senderProtocol: sender, targetProtocol: target }),
      );
    };
    const vm1_overlay: Timed[] = [...warmBare, [20_000, bare(OUT, ...numbered(1))]];
    const sent: Timed = [23_000, wrapped(OUT, 9, ...numbered(1))];
    const asked: Timed = [20_100, neighbour(1)];
    const told: Timed = [22_900, neighbour(2)];
    const without = onlyRow(await run({ vm1_overlay, vm1_underlay: [...warmWrapped(), asked, sent] }));
    expect(without).toMatchObject({ firstPackets: [], latencyNs: { encap: { max: 3e6 } } });
    const row = onlyRow(await run({ vm1_overlay, vm1_underlay: [...warmWrapped(), asked, told, sent] }));
    expect(row).toMatchObject({ firstPackets: [{ overlayFrame: 9, waitNs: 3e6 }], latencyNs: { encap: { count: 4 } } });
  });

  it('takes a clock back that runs away, and says how fast', async () => {
    const ppm = 50;
    const inside: Timed[] = [];
    const outside: Timed[] = [];
    // Ten minutes: 30 ms at the end, far more than any frame takes.
    for (const n of range(3000)) {
      const us = n * 200_000;
      const late = Math.round((us * ppm) / 1e6);
      const outwards = n % 2 === 0;
      const jitter = (n * 7919) % 20;
      inside.push([us + (outwards ? 0 : 100 + jitter), bare(outwards, ...numbered(n))]);
      outside.push([us + late + (outwards ? 100 + jitter : 0), wrapped(outwards, n & 0xffff, ...numbered(n))]);
    }
    const row = onlyRow(await run({ vm_overlay: inside, hv_underlay: outside }));
    expect(row).toMatchObject({ matched: 3000, overlayOnly: 0, underlayOnly: 0, duplicated: 0, ambiguous: 0 });
    expect(Math.abs(row.clockDriftPpb - ppm * 1000)).toBeLessThan(1000);
    // After the first seconds, latencies are those of the network again.
    expect(row.latencyNs.encap?.p50).toBeGreaterThan(50_000);
    expect(row.latencyNs.encap?.p50).toBeLessThan(200_000);
  });
});

describe('correlate', () => {
  it('finds the same from records that went through JSON', async () => {
    const taps = { vm_overlay: warmBare, vm_underlay: warmWrapped() };
    const dissector = new Dissector();
    const records = Object.values(taps)
      .flatMap((frames, tap) =>
        frames.flatMap(([us, data], index) => {
          const stack = dissector.dissect(data, 0, data.length, data.length, LINK_ETHERNET);
          return frameRecords(tap, index + 1, us * 1000, stack);
        }),
      )
      .sort((a, b) => a.timeNs - b.timeNs);
    const sent = JSON.parse(JSON.stringify(records)) as FrameRecord[];
    const both: CorrelatedTap[] = ['overlay', 'underlay'].map((role) => ({
      name: `vm_${role}`,
      host: 'vm',
      overlay: role === 'overlay',
      underlay: role === 'underlay',
      clockOffsetNs: null,
    }));
    const pairs: string[] = [];
    const found = await correlate(both, [sent.slice(0, 5), sent.slice(5)], {
      onPair: ({ overlay, underlay, direction }) => pairs.push(`${overlay.frame} ${underlay.frame} ${direction}`),
    });
    const { taps: rows, hops } = await run(taps);
    expect(found.taps).toEqual(rows);
    expect(found.hops).toEqual(hops);
    expect(pairs).toEqual(range(8).map((n) => `${n + 1} ${n + 1} ${n % 2 === 0 ? 'encap' : 'decap'}`));
  });
});

const corpus = corpusPath('pairing across NAT');

describe.skipIf(corpus === null)('a capture with both copies of every frame', () => {
  it('pairs them across NAT: by IP ID, sequence numbers and data', async () => {
    const path = join(corpus as string, 'wz1st+test', 'flannel.pcap');
    const { correlation } = await analyze([path], { vxlanPorts: [8472], roles: new Map([[path, 'mixed']]) });
    expect(onlyRow(correlation as NonNullable<typeof correlation>)).toMatchObject({
      overlay: 'flannel',
      underlay: 'flannel',
      vni: 1,
      overlayFrames: 17,
      matched: 17,
      overlayOnly: 0,
      underlayOnly: 0,
      duplicated: 0,
    });
  });
});
