/** Plain frames, and frames that are nearly so: what is common in a tunnel, and what departs from that in one thing. */
import fc from 'fast-check';
import type { FrameIn } from './capture-writer.js';
import {
  arp,
  ethernet,
  frame,
  icmpv4,
  internetSum,
  ipv4,
  ipv6,
  type Part,
  payload,
  tcp,
  udp,
  vlan,
  vxlan,
} from './frame-builder.js';

export interface Shape {
  readonly outer?: Part;
  readonly port?: number;
  readonly outerChecksum?: number;
  readonly tunnel?: Part;
  readonly toMac?: number;
  readonly tags?: readonly Part[];
  readonly inner?: readonly Part[];
  readonly identification?: number;
}

let identification = 0;

/** Numbers frames from the first one on, again. */
export function numberAnew(): void {
  identification = 0;
}

/** A frame in a tunnel, by its shape; what is not given is that of a plain one. */
export function tunnelled(shape: Shape = {}): Uint8Array {
  const { port = 4789, outerChecksum = 0, tunnel = vxlan({ vni: 5000 }), toMac = 4, tags = [] } = shape;
  identification = (identification + 1) & 0xffff;
  const { outer = ipv4({ identification }), inner = [ipv4(), tcp(), payload(Array(30).fill(7))] } = shape;
  return frame(
    ethernet(),
    outer,
    udp({ destinationPort: port, checksum: outerChecksum }),
    tunnel,
    ethernet({ destination: toMac, source: 6 }),
    ...tags,
    ...inner,
  );
}

export const data = payload(Array(30).fill(7));
export const kinds: [string, readonly Part[]][] = [
  ['TCP', [ipv4(), tcp(), data]],
  ['UDP', [ipv4(), udp(), data]],
  ['an echo request', [ipv4(), icmpv4({ type: 8 }), data]],
  ['an echo reply', [ipv4(), icmpv4({ type: 0 }), data]],
];

/** The sums of a frame made right: of both IPv4 headers, and of a segment without a tag in front. */
function summed(bytes: Uint8Array): Uint8Array {
  const view = new DataView(bytes.buffer);
  const sum = (at: number, from: number, end: number, start = 0): void => {
    view.setUint16(at, 0);
    view.setUint16(at, ~internetSum(bytes.subarray(from, end), start) & 0xffff);
  };
  sum(24, 14, 34);
  sum(74, 64, 84);
  const protocol = bytes[73] as number;
  const length = protocol === 17 ? view.getUint16(88) : view.getUint16(66) - 20;
  if (protocol === 1) sum(86, 84, 84 + length);
  else sum(protocol === 6 ? 100 : 90, 76, 84 + length, protocol + length);
  return bytes;
}

/** A frame of the flow of others with the same segment, with other bytes in it and right sums. */
export function patched(inner: readonly Part[], patches: readonly [at: number, ...bytes: number[]][]): Uint8Array {
  const bytes = tunnelled({ inner });
  for (const [at, ...values] of patches) bytes.set(values, at);
  return summed(bytes);
}

export const [tcpInner, udpInner, echoInner] = kinds.map(([, inner]) => inner) as [Part[], Part[], Part[]];
/** What of a frame is set to something else, so that it is no plain one: its segment, and bytes from some place on. */
export const patches: [string, readonly Part[], readonly [number, ...number[]][]][] = [
  ['another EtherType', tcpInner, [[12, 0x86, 0xdd]]],
  ['IP options', tcpInner, [[14, 0x46]]],
  ['another protocol', tcpInner, [[23, 6]]],
  [
    'a packet longer than its frame',
    tcpInner,
    [
      [16, 0, 131],
      [38, 0, 111],
    ],
  ],
  ['UDP shorter than its packet', tcpInner, [[38, 0, 109]]],
  ['UDP longer than its packet', tcpInner, [[38, 0, 111]]],
  ['an inner EtherType', tcpInner, [[62, 0x86, 0xdd]]],
  ['inner IP options', tcpInner, [[64, 0x46]]],
  ['an inner packet without a segment', echoInner, [[66, 0, 27]]],
  ['an inner packet longer than what is around it', tcpInner, [[66, 0, 71]]],
  ['an inner fragment', tcpInner, [[70, 0x20]]],
  ['a TCP header that is too short', tcpInner, [[96, 0x40]]],
  ['a TCP header longer than its segment', tcpInner, [[96, 0xf0]]],
  ['UDP without a payload', udpInner, [[88, 0, 8]]],
  ['UDP longer than its inner packet', udpInner, [[88, 0, 39]]],
  ['what may be VXLAN', udpInner, [[92, 8]]],
  ['another ICMP type', echoInner, [[84, 13]]],
  ['another outer MAC', tcpInner, [[6, 4]]],
  ['another TTL', tcpInner, [[22, 9]]],
];
/** Shapes that have flows of their own: the second one is of an open flow. */
export const shapes: [string, () => Shape][] = [
  ['a tag more', () => ({ tags: [vlan({ identifier: 5 }), vlan({ identifier: 6 })] })],
  ['an outer checksum', () => ({ outerChecksum: 0x1234 })],
  ['a wrong header checksum', () => ({ outer: ipv4({ identification: identification + 9, checksum: 1 }) })],
  ['a fragment', () => ({ outer: ipv4({ identification: identification + 9, moreFragments: 1 }) })],
  ['a wrong inner header checksum', () => ({ inner: [ipv4({ checksum: 1 }), tcp(), data] })],
  ['a wrong segment checksum', () => ({ inner: [ipv4(), tcp({ checksum: 1 }), data] })],
  ['a group', () => ({ toMac: 0x0100_0000_0004 })],
  ['IPv6 inside', () => ({ inner: [ipv6(), tcp(), data] })],
  ['ARP', () => ({ inner: [arp()] })],
  ['a reserved bit', () => ({ tunnel: payload([0x88, 0, 0, 0, 0, 0x13, 0x88, 0]) })],
  ['a reserved byte', () => ({ tunnel: payload([0x08, 0, 0, 0, 0, 0x13, 0x88, 1]) })],
  ['more than fits a wire', () => ({ inner: [ipv4(), tcp(), payload(Array(1600).fill(7))] })],
  ['so short that a header may be missing', () => ({ inner: [ipv4(), udp(), payload([7])] })],
  ['VXLAN to another port', () => ({ inner: [ipv4(), udp({ destinationPort: 9999 }), vxlan(), ethernet(), arp()] })],
  ['a tunnel inside', () => ({ inner: [ipv4(), udp({ destinationPort: 4789 }), vxlan(), ethernet(), arp()] })],
];
/** One time in ten something else. */
function mostly<T>(usual: fc.Arbitrary<T>, ...others: T[]): fc.Arbitrary<T> {
  return fc.oneof({ weight: 9, arbitrary: usual }, { weight: 1, arbitrary: fc.constantFrom(...others) });
}

/** A frame of one of some flows; of some of them a byte is another one, and some are odd as a whole. */
const anyFrame = fc
  .record({
    inner: mostly(fc.constantFrom(...kinds.map(([, inner]) => inner)), [arp()] as readonly Part[]),
    tags: mostly(fc.constant<readonly Part[]>([]), [vlan({ identifier: 5 })]),
    source: fc.nat(2),
    toMac: mostly(fc.constant(4), 0x0100_0000_0004),
    changed: fc.oneof(
      { weight: 4, arbitrary: fc.constant(null) },
      { weight: 1, arbitrary: fc.tuple(fc.nat(160), fc.nat(255)) },
    ),
    step: mostly(fc.constantFrom(0, 10, 1000), 200_000, -500),
    cut: mostly(fc.constant(0), 1, 40),
    again: mostly(fc.constant(false), true),
  })
  .map(({ inner, tags, source, toMac, changed, step, cut, again }) => ({
    shape: { tags, toMac, inner: inner.length > 1 ? [ipv4({ source }), ...inner.slice(1)] : inner },
    changed,
    step,
    cut,
    again,
  }));

/** Frames in a row, of flows that they share. */
export const anyFrames: fc.Arbitrary<FrameIn[]> = fc.array(anyFrame, { minLength: 2, maxLength: 60 }).map((all) => {
  numberAnew();
  let fraction = 1_000_000;
  const frames: FrameIn[] = [{ bytes: tunnelled() }, { bytes: tunnelled(), fraction: 1 }];
  for (const { shape, changed, step, cut, again } of all) {
    fraction += step;
    const bytes = again && frames.length > 0 ? (frames.at(-1)?.bytes as Uint8Array) : tunnelled(shape);
    const own = Uint8Array.from(bytes);
    if (changed !== null && changed[0] < own.length) own[changed[0]] = changed[1];
    frames.push({ bytes: own.subarray(0, own.length - cut), wireLen: own.length, fraction });
  }
  return frames;
});
