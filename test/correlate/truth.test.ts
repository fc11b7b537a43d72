/**
 * Captures made with a known truth: an overlay is encapsulated, and frames are lost, doubled, held back, tagged, padded,
 * segmented, fragmented, and seen by a clock that is ahead and runs away. The pairing must give the truth back.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import type { Analysis } from '../../src/analysis.js';
import { analyze } from '../../src/analyze.js';
import { IpProtocol } from '../../src/wire/ip-protocol.js';
import { NANO, pcap } from '../helpers/capture-writer.js';
import {
  arp,
  ethernet,
  fragment,
  frame,
  icmpv4,
  ipv4,
  ipv6,
  type Part,
  payload,
  tcp,
  udp,
  vlan,
  vxlan,
} from '../helpers/frame-builder.js';
import { Scratch } from '../helpers/read-capture.js';

const VM = { mac: 0x520000000001, address: 0xc0a80101, vtep: 0x0a000001 };
const FAR = { mac: 0x520000000002, address: 0xc0a80102, vtep: 0x0a010001 };
/**
 * Of what is several frames at the underlay: bytes of all of its data, too long for a wire or not, and of each of them.
 * Others are segments; of a datagram in fragments its header counts, too.
 */
const SEVERAL = {
  large: { len: (data: number): number => 1600 + data * 20, each: 1400 },
  joined: { len: (data: number): number => 600 + data, each: 400 },
  udpIpv6: { len: (data: number): number => 600 + data, each: 400 },
  tcpIpv6: { len: (data: number): number => 600 + data, each: 400 },
  tcpIpv4: { len: (data: number): number => 600 + data * 10, each: 600 },
};
const UDP_HEADER_LEN = 8;
const TCP_HEADER_LEN = 20;
/** Where times start, s: far from 0, so that rounding would show. */
const START = 1_700_000_000;

/** What happens to one frame. */
interface Fate {
  readonly kind: 'tcp' | 'udp' | 'icmp' | 'arp' | keyof typeof SEVERAL;
  readonly outwards: boolean;
  /** Bytes of data. */
  readonly data: number;
  /** ns after the frame before it. */
  readonly gap: number;
  /** ns from one tap to the other. */
  readonly latency: number;
  readonly lost: boolean;
  /** ns until a second copy comes by; 0 for none. */
  readonly copy: number;
  readonly tagged: boolean;
  readonly padded: boolean;
  /** ns that it is held back on its way out, so that later ones overtake it. */
  readonly held: number;
  /** Whether its fragments come last one first. */
  readonly flipped: boolean;
}

interface Truth {
  readonly pairs: string[];
  readonly lost: number[];
  readonly copies: number[];
  /** Frames of the later tap behind one of their flow that was sent after them. */
  readonly late: string[];
}

const fate: fc.Arbitrary<Fate> = fc.record({
  kind: fc.constantFrom('tcp', 'udp', 'icmp', 'arp', 'large', 'joined', 'udpIpv6', 'tcpIpv6', 'tcpIpv4'),
  outwards: fc.boolean(),
  data: fc.integer({ min: 1, max: 300 }),
  gap: fc.integer({ min: 200_000, max: 3_000_000 }),
  latency: fc.integer({ min: 20_000, max: 60_000 }),
  lost: fc.oneof({ weight: 9, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
  copy: fc.oneof(
    { weight: 9, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 1000, max: 15_000 }) },
  ),
  tagged: fc.boolean(),
  padded: fc.boolean(),
  held: fc.oneof(
    { weight: 6, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.integer({ min: 200_000, max: 5_000_000 }) },
  ),
  flipped: fc.boolean(),
});
/** What each run starts with: without any pair, nothing tells whose MACs are where. */
const whole = (outwards: boolean): Fate => ({
  kind: 'icmp',
  outwards,
  data: 56,
  gap: 500_000,
  latency: 40_000,
  lost: false,
  copy: 0,
  tagged: false,
  padded: false,
  held: 0,
  flipped: false,
});
const START_UP = [whole(true), whole(false), whole(true), whole(false), whole(true), whole(false)];

function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}

function ipv6Address(address: number): Uint8Array {
  return Uint8Array.from(range(16), (at) => (at === 0 ? 0xfd : at < 12 ? 0 : (address >> ((15 - at) * 8)) & 0xff));
}

/** Whether a frame may be several at the underlay. */
function isSeveral(kind: Fate['kind']): kind is keyof typeof SEVERAL {
  return kind in SEVERAL;
}

function isFragmented(kind: Fate['kind']): kind is 'udpIpv6' | 'tcpIpv6' | 'tcpIpv4' {
  return kind === 'udpIpv6' || kind === 'tcpIpv6' || kind === 'tcpIpv4';
}

/** What the underlay sees of a frame: first byte and bytes of each. Segments that fit a wire are put together on their way in only. */
function segmentsOf({ kind, data, outwards }: Fate): { at: number; len: number }[] {
  if (!isSeveral(kind)) return [{ at: 0, len: data }];
  const len = SEVERAL[kind].len(data);
  if (kind === 'joined' && outwards) return [{ at: 0, len }];
  const { each } = SEVERAL[kind];
  return Array.from({ length: Math.ceil(len / each) }, (_, index) => ({
    at: index * each,
    len: Math.min(each, len - index * each),
  }));
}

function innerOf(fate: Fate, number: number, bare: boolean, part: { at: number; len: number } | null = null): Part[] {
  const { kind, outwards, data, tagged } = fate;
  const [from, to] = outwards ? [VM, FAR] : [FAR, VM];
  const link = [
    ethernet({ source: from.mac, destination: to.mac }),
    ...(tagged && bare ? [vlan({ identifier: 30 })] : []),
  ];
  if (kind === 'arp') {
    return [...link, arp({ senderHardware: from.mac, senderProtocol: from.address, targetProtocol: number })];
  }
  if (isFragmented(kind)) {
    const len = SEVERAL[kind].len(data);
    const isUdp = kind === 'udpIpv6';
    const protocol = isUdp ? IpProtocol.Udp : IpProtocol.Tcp;
    const stream = range(len - (isUdp ? UDP_HEADER_LEN : TCP_HEADER_LEN)).map((at) => (at + number) & 0xff);
    const datagram = frame(isUdp ? udp() : tcp({ sequenceNumber: number * 100_000 }), payload(stream));
    const bytes = part === null ? datagram : datagram.subarray(part.at, part.at + part.len);
    const cut = part === null ? {} : { fragmentOffset: part.at / 8, moreFragments: part.at + part.len < len ? 1 : 0 };
    if (kind === 'tcpIpv4') {
      const ip = { source: from.address, destination: to.address, identification: number, protocol };
      return [...link, ipv4({ ...ip, ...cut }), payload(bytes)];
    }
    const ip = { source: ipv6Address(from.address), destination: ipv6Address(to.address) };
    if (part === null) return [...link, ipv6({ ...ip, nextHeader: protocol }), payload(bytes)];
    return [...link, ipv6(ip), fragment({ ...cut, nextHeader: protocol, identification: number }), payload(bytes)];
  }
  if (isSeveral(kind)) {
    const segment = part ?? { at: 0, len: SEVERAL[kind].len(data) };
    const stream = range(segment.len).map((at) => (segment.at + at + number) & 0xff);
    return [
      ...link,
      ipv4({ source: from.address, destination: to.address, identification: number + segment.at / SEVERAL[kind].each }),
      tcp({ sequenceNumber: number * 100_000 + segment.at }),
      payload(stream),
    ];
  }
  const ip = ipv4({ source: from.address, destination: to.address, identification: number });
  const bytes = payload(range(data).map((at) => (at + number) & 0xff));
  if (kind === 'tcp') return [...link, ip, tcp({ sequenceNumber: number * 100_000 }), bytes];
  return [...link, ip, kind === 'udp' ? udp() : icmpv4({ type: 8, rest: number }), bytes];
}

/** Writes the two captures. @param aheadNs what the underlay tap's clock is ahead @param drift by how much more each ns */
function make(fates: readonly Fate[], aheadNs: number, drift = 0): { overlay: string; underlay: string; truth: Truth } {
  const inside: { timeNs: number; bytes: Uint8Array; number: number }[] = [];
  const outside: { timeNs: number; bytes: Uint8Array; number: number; copy: boolean }[] = [];
  let now = 0;
  fates.forEach((one, number) => {
    now += one.gap;
    const bytes = frame(...innerOf(one, number, true));
    const bare = one.padded ? Uint8Array.from([...bytes, ...new Uint8Array(Math.max(0, 60 - bytes.length))]) : bytes;
    const [from, to] = one.outwards ? [VM, FAR] : [FAR, VM];
    const wrapped = segmentsOf(one).map((segment, index) =>
      frame(
        ethernet(),
        ipv4({ source: from.vtep, destination: to.vtep, identification: number + index }),
        udp({ destinationPort: 4789 }),
        vxlan({ vni: 5000 }),
        ...innerOf(one, number, false, segment),
      ),
    );
    // Inwards it is the underlay that sees a frame first, and its copy that may not come behind the overlay's.
    const later = now + one.latency + one.held;
    const [first, second] = one.outwards ? [now, later] : [later, now];
    inside.push({ timeNs: first, bytes: bare, number });
    if (one.lost) return;
    if (one.flipped && isFragmented(one.kind)) wrapped.reverse();
    // The segments of a frame come in a row, and before what they are made into.
    wrapped.forEach((segment, index) => {
      const timeNs = second + (one.outwards ? index : index - wrapped.length) * 100;
      outside.push({ timeNs, bytes: segment, number, copy: false });
      if (one.copy > 0 && !isSeveral(one.kind))
        outside.push({ timeNs: timeNs + one.copy, bytes: segment, number, copy: true });
    });
  });
  inside.sort((a, b) => a.timeNs - b.timeNs);
  outside.sort((a, b) => a.timeNs - b.timeNs);
  /** By flow, the number of the frame that was sent last of those seen so far. */
  const sentLast = new Map<string, number>();
  const truth: Truth = { pairs: [], lost: [], copies: [], late: [] };
  inside.forEach(({ number }, at) => {
    const there = outside.flatMap((other, index) => (other.number === number && !other.copy ? [index + 1] : []));
    if (there.length === 0) truth.lost.push(at + 1);
    for (const twin of there)
      truth.pairs.push(`${at + 1} ${twin} ${(fates[number] as Fate).outwards ? 'encap' : 'decap'}`);
  });
  outside.forEach(({ copy }, at) => {
    if (copy) truth.copies.push(at + 1);
  });
  for (const pair of [...truth.pairs].sort(byLaterTap)) {
    const [at, there, way] = pair.split(' ') as [string, string, string];
    const one = fates[(inside[Number(at) - 1] as { number: number }).number] as Fate;
    // What is several has no order of its own.
    if (segmentsOf(one).length > 1) continue;
    const kind = isSeveral(one.kind) ? 'tcp' : one.kind;
    const [sent, late] = way === 'encap' ? [Number(at), `hv_underlay ${there}`] : [Number(there), `vm_overlay ${at}`];
    const last = sentLast.get(`${kind} ${way}`) ?? 0;
    if (sent < last) truth.late.push(late);
    sentLast.set(`${kind} ${way}`, Math.max(sent, last));
  }
  truth.late.sort();
  const write = (name: string, frames: readonly { timeNs: number; bytes: Uint8Array }[], shiftNs: number): string => {
    const path = scratchPaths[name] as string;
    const records = frames.map(({ timeNs, bytes }) => {
      const ns = Math.round(timeNs + shiftNs + (shiftNs === 0 ? 0 : drift * timeNs));
      return { bytes, seconds: START + Math.floor(ns / 1e9), fraction: ns - Math.floor(ns / 1e9) * 1e9 };
    });
    writeFileSync(path, pcap(records, { magic: NANO }));
    return path;
  };
  return { overlay: write('overlay', inside, 0), underlay: write('underlay', outside, aheadNs), truth };
}

// Hosts of their own: their clocks may differ.
const scratch = new Scratch();
afterAll(() => scratch.remove());

const scratchPaths: Record<string, string> = {
  overlay: join(scratch.path, 'vm_overlay.pcap'),
  underlay: join(scratch.path, 'hv_underlay.pcap'),
};

/** By the frame of the tap that a pair came to later: each way is in order then. */
function byLaterTap(a: string, b: string): number {
  const [x, y] = [a, b].map((pair) => {
    const [at, there, way] = pair.split(' ');
    return Number(way === 'encap' ? there : at);
  }) as [number, number];
  return x - y;
}

/** By the overlay's frame, then the underlay's. */
function byFrames(a: string, b: string): number {
  const [x, y] = [a, b].map((pair) => pair.split(' ').map(Number)) as [number[], number[]];
  return (x[0] as number) - (y[0] as number) || (x[1] as number) - (y[1] as number);
}

function found({ correlation }: Analysis): Truth {
  const row = correlation?.taps[0];
  return {
    pairs: (correlation?.pairs ?? [])
      .map(({ overlay, underlay, direction }) => `${overlay.frame} ${underlay.frame} ${direction}`)
      .sort(byFrames),
    lost: [...(row?.evidence.overlayOnly ?? [])],
    copies: (row?.evidence.duplicated ?? []).map((duplicate) => duplicate.frame).sort((a, b) => a - b),
    late: (row?.evidence.reordered ?? []).map(({ tap, frame: at }) => `${tap} ${at}`).sort(),
  };
}

describe('pairing', () => {
  it('gives the truth back, whatever was lost, doubled, held back, tagged and padded', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { maxLength: 60 }), async (fates) => {
        const { overlay, underlay, truth } = make([...START_UP, ...fates], 0);
        const analysis = await analyze([overlay, underlay], { pairs: true });
        expect(found(analysis)).toEqual(truth);
        expect(analysis.correlation?.taps[0]).toMatchObject({ clockOffsetNs: 0, underlayOnly: 0, expired: 0 });
        // Where pairs are not told, most frames are counted as soon as they are whole: to the same end.
        const { taps, hops } = (await analyze([overlay, underlay])).correlation as NonNullable<Analysis['correlation']>;
        expect({ taps, hops }).toEqual({ taps: analysis.correlation?.taps, hops: analysis.correlation?.hops });
      }),
      {
        numRuns: 40,
        examples: [
          // Both copies of a frame were late, and the second one a little less.
          [[{ ...whole(false), copy: 1000, held: 200_000 }]],
          // A segment was put together behind one that the underlay did not see.
          [
            [
              { ...whole(false), kind: 'tcpIpv4', lost: true, held: 3_400_000 },
              { ...whole(false), kind: 'joined', gap: 1_800_000, held: 4_700_000 },
            ],
          ],
          // An answer that was copied, and overtaken by another one: whichever copy it is, it is late.
          [
            [
              { ...whole(false), kind: 'arp', copy: 1000, held: 600_000 },
              { ...whole(false), kind: 'arp' },
            ],
          ],
        ],
      },
    );
  }, 60_000);

  it('gives the truth back where clocks differ, and the offset to half a round trip', async () => {
    const ahead = fc.integer({ min: -20e9, max: 20e9 }).filter((ns) => Math.abs(ns) > 100_000);
    const unhurried = fate.map((one) => ({ ...one, copy: 0, held: 0 }));
    await fc.assert(
      fc.asyncProperty(fc.array(unhurried, { maxLength: 40 }), ahead, async (fates, aheadNs) => {
        const { overlay, underlay, truth } = make([...START_UP, ...fates], aheadNs);
        const analysis = await analyze([overlay, underlay], { pairs: true });
        expect(found(analysis)).toEqual(truth);
        expect(Math.abs((analysis.correlation?.taps[0]?.clockOffsetNs as number) - aheadNs)).toBeLessThan(60_000);
      }),
      { numRuns: 30 },
    );
  }, 60_000);

  it('gives the truth back where a clock runs away as well', async () => {
    const unhurried = fate.map((one) => ({ ...one, copy: 0, held: 0, gap: one.gap * 100 }));
    const ppm = fc.integer({ min: -100, max: 100 });
    await fc.assert(
      fc.asyncProperty(fc.array(unhurried, { maxLength: 40 }), ppm, async (fates, drift) => {
        const { overlay, underlay, truth } = make([...START_UP, ...fates], 2e9, drift / 1e6);
        expect(found(await analyze([overlay, underlay], { pairs: true }))).toEqual(truth);
      }),
      {
        numRuns: 20,
        examples: [
          // More went out early and came back late than the other way round: the clock ran away by as much as that takes.
          [[true, false, false, false, false, false].map((outwards) => ({ ...whole(outwards), gap: 400_000_000 })), 99],
        ],
      },
    );
  }, 60_000);
});
