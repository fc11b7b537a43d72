/** What a datapath may change is set aside; all else tells frames apart. */
import { describe, expect, it } from 'vitest';
import { Identity } from '../../../src/correlate/identity/identity.js';
import { Likeness, likenessOf } from '../../../src/correlate/identity/likeness.js';
import { Dissector } from '../../../src/dissect/dissector.js';
import { LINK_ETHERNET } from '../../../src/wire/link-type.js';
import {
  arp,
  ethernet,
  frame,
  icmpv4,
  ipv4,
  ipv6,
  type Part,
  payload,
  sll,
  tcp,
  udp,
  vlan,
  vxlan,
} from '../../helpers/frame-builder.js';

const LINK_LINUX_SLL = 113;
const OUTSIDE = [ethernet(), ipv4(), udp({ destinationPort: 4789 }), vxlan({ vni: 5000 })];
const DATA = payload(Array.from({ length: 200 }, (_, index) => index));

interface Seen {
  readonly bytes: Uint8Array;
  readonly linkType?: number;
  /** Bytes captured of it. */
  readonly snaplen?: number;
  /** Bytes of it on the outside. */
  readonly behind?: number;
}

/** How two frames agree; null where one cannot be told from others. */
function likeness(a: Seen, b: Seen): Likeness | null {
  const [one, other] = [a, b].map(({ bytes, linkType = LINK_ETHERNET, snaplen = bytes.length, behind }) => {
    const len = Math.min(snaplen, bytes.length);
    const stack = new Dissector().dissect(bytes, 0, len, bytes.length, linkType);
    const identity = new Identity();
    return identity.read(stack, behind === undefined ? 0 : stack.tunnelIndex + 1) ? identity : null;
  });
  if (!one || !other) return null;
  if (one.key !== other.key) return Likeness.None;
  return likenessOf(one.words, 0, one.flags, other.words, 0, other.flags);
}

const bare = (...parts: Part[]): Seen => ({ bytes: frame(...parts) });
const inner = (...parts: Part[]): Seen => ({ bytes: frame(...OUTSIDE, ...parts), behind: OUTSIDE.length });
const padded = ({ bytes, ...rest }: Seen, len: number): Seen => ({
  ...rest,
  bytes: Uint8Array.from([...bytes, ...new Uint8Array(Math.max(0, len - bytes.length))]),
});

describe('an identity', () => {
  const frames: readonly (readonly [string, Part[]])[] = [
    ['ARP', [ethernet(), arp()]],
    ['TCP', [ethernet(), ipv4(), tcp(), DATA]],
    ['UDP', [ethernet(), ipv4(), udp(), DATA]],
    ['ICMP', [ethernet(), ipv4(), icmpv4(), DATA]],
    ['TCP over IPv6', [ethernet(), ipv6(), tcp(), DATA]],
    ['a short datagram', [ethernet(), ipv4(), udp(), payload([1])]],
  ];

  it.each(frames)('is that of %s bare and inside a tunnel', (_, parts) => {
    expect(likeness(bare(...parts), inner(...parts))).toBe(Likeness.Same);
  });

  it.each(frames)('of %s does not see a tag, nor padding', (_, parts) => {
    const [first, ...rest] = parts as [Part, ...Part[]];
    expect(likeness(bare(first, vlan({ identifier: 7 }), ...rest), inner(...parts))).toBe(Likeness.Same);
    expect(likeness(padded(bare(...parts), 64), inner(...parts))).toBe(Likeness.Same);
  });

  it.each(frames)('of %s is compared as far as both were captured', (_, parts) => {
    expect(likeness(bare(...parts), { ...inner(...parts), snaplen: 160 })).toBe(Likeness.Same);
    expect(likeness({ ...bare(...parts), snaplen: 81 }, inner(...parts))).toBe(Likeness.Same);
  });

  it('does not see checksums, DSCP and ECN', () => {
    const a = [ethernet(), ipv4({ typeOfService: 0, checksum: 0 }), tcp({ checksum: 0x1111 }), DATA];
    const b = [ethernet(), ipv4({ typeOfService: 0xb9, checksum: 0x7777 }), tcp({ checksum: 0x2222 }), DATA];
    expect(likeness(bare(...a), inner(...b))).toBe(Likeness.Same);
    const c = [ethernet(), ipv6({ trafficClass: 0 }), udp({ checksum: 0x1111 }), DATA];
    const d = [ethernet(), ipv6({ trafficClass: 3 }), udp({ checksum: 0x2222 }), DATA];
    expect(likeness(bare(...c), inner(...d))).toBe(Likeness.Same);
  });

  it('tells frames apart by address, length, port, number and data', () => {
    const base = [ethernet(), ipv4(), tcp({ sequenceNumber: 1 }), DATA];
    const others: Part[][] = [
      [ethernet({ source: 0x020000000099 }), ipv4(), tcp({ sequenceNumber: 1 }), DATA],
      [ethernet(), ipv4({ identification: 9 }), tcp({ sequenceNumber: 1 }), DATA],
      [ethernet(), ipv4(), tcp({ sequenceNumber: 2 }), DATA],
      [ethernet(), ipv4({ identification: 0 }), udp({ sourcePort: 9 }), DATA],
      [ethernet(), ipv4(), tcp({ sequenceNumber: 1 }), payload([...Array(199).keys()])],
      [
        ethernet(),
        ipv4(),
        tcp({ sequenceNumber: 1 }),
        payload(Array.from({ length: 200 }, (_, i) => (i === 9 ? 0 : i))),
      ],
    ];
    for (const other of others) expect(likeness(bare(...base), inner(...other))).toBe(Likeness.None);
    expect(
      likeness(bare(ethernet(), vlan({ identifier: 7 }), arp()), inner(ethernet(), vlan({ identifier: 8 }), arp())),
    ).toBe(Likeness.None);
  });

  it('knows a frame that was routed by its TTL and MACs together, and only then', () => {
    const out = [ipv4({ timeToLive: 64 }), udp(), DATA];
    const on = [ipv4({ timeToLive: 63 }), udp(), DATA];
    const elsewhere = ethernet({ source: 0x020000000077, destination: 0x020000000078 });
    expect(likeness(bare(ethernet(), ...out), inner(elsewhere, ...on))).toBe(Likeness.Routed);
    expect(likeness(bare(ethernet(), ...out), inner(ethernet(), ...on))).toBe(Likeness.None);
    expect(likeness(bare(ethernet(), ...out), inner(elsewhere, ...out))).toBe(Likeness.None);
  });

  it('knows a frame whose addresses and ports NAT changed, by its numbers and data', () => {
    const out = [ethernet(), ipv4({ identification: 7 }), tcp({ sequenceNumber: 5, sourcePort: 1 }), DATA];
    const on = (data: Part, sequenceNumber = 5): Part[] => [
      ethernet({ source: 0x020000000077 }),
      ipv4({ identification: 7, source: 0x0af40000, timeToLive: 63 }),
      tcp({ sequenceNumber, sourcePort: 2 }),
      data,
    ];
    expect(likeness(bare(...out), inner(...on(DATA)))).toBe(Likeness.Translated);
    expect(likeness(bare(...out), inner(...on(DATA, 6)))).toBe(Likeness.None);
    expect(likeness(bare(...out), inner(...on(payload([...Array(200).keys()].map((n) => n ^ 1)))))).toBe(Likeness.None);
    // Without numbers nothing tells one datagram from another to somebody else.
    const udpTo = (identification: number, source: number): Part[] => [
      ethernet(),
      ipv4({ identification, source }),
      udp(),
      DATA,
    ];
    expect(likeness(bare(...udpTo(7, 1)), inner(...udpTo(7, 2)))).toBe(Likeness.Translated);
    expect(likeness(bare(...udpTo(0, 1)), inner(...udpTo(0, 2)))).toBe(Likeness.None);
    // A reply is no translated request.
    const echo = (type: number): Part[] => [ethernet(), ipv4({ identification: 7 }), icmpv4({ type, rest: 1 }), DATA];
    expect(likeness(bare(...echo(8)), inner(...echo(0)))).toBe(Likeness.None);
  });

  it('of a cooked frame is that of layer 3 on', () => {
    const parts = [ipv4(), udp(), DATA];
    expect(likeness({ bytes: frame(sll(), ...parts), linkType: LINK_LINUX_SLL }, inner(ethernet(), ...parts))).toBe(
      Likeness.Same,
    );
  });

  it('is the same where a header is cut behind its checksum, which a NIC had not filled in yet', () => {
    const segment = (checksum: number): Part[] => [tcp({ checksum, options: Array(12).fill(1) }), DATA];
    const behind4 = (checksum: number): Part[] => [ethernet(), ipv4(), ...segment(checksum)];
    for (let snaplen = 52; snaplen <= 66; snaplen++) {
      expect(likeness({ ...bare(...behind4(1)), snaplen }, inner(...behind4(2)))).toBe(Likeness.Same);
    }
    const behind6 = (checksum: number): Part[] => [ethernet(), ipv6(), ...segment(checksum)];
    for (let snaplen = 76; snaplen <= 86; snaplen++) {
      expect(likeness({ ...bare(...behind6(1)), snaplen }, inner(...behind6(2)))).toBe(Likeness.Same);
    }
    // A later fragment has none: what stands there is data.
    const later = (first: number): Part[] => [
      ethernet(),
      ipv4({ fragmentOffset: 185, protocol: 6 }),
      payload(Array.from({ length: 100 }, (_, at) => (at === 16 ? first : at))),
    ];
    expect(likeness(bare(...later(1)), inner(...later(2)))).toBe(Likeness.None);
  });

  it('is none where too little was captured', () => {
    expect(likeness({ ...bare(ethernet(), ipv4(), tcp(), DATA), snaplen: 50 }, inner(ethernet(), arp()))).toBeNull();
    expect(likeness({ ...bare(ethernet(), arp()), snaplen: 14 }, inner(ethernet(), arp()))).toBeNull();
    expect(likeness({ ...bare(ethernet(), arp()), snaplen: 41 }, inner(ethernet(), arp()))).toBeNull();
    expect(likeness({ ...bare(ethernet(), arp()), snaplen: 42 }, inner(ethernet(), arp()))).toBe(Likeness.Same);
    const other = [ethernet({ type: 0x88cc }), DATA];
    expect(likeness({ ...bare(...other), snaplen: 51 }, inner(...other))).toBeNull();
    expect(likeness({ ...bare(...other), snaplen: 52 }, inner(...other))).toBe(Likeness.Same);
  });
});
