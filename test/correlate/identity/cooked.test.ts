/** What is known of a frame in a cooked capture: who sent it, and whether it is for a group. */
import { describe, expect, it } from 'vitest';
import { Flag, type Identity } from '../../../src/correlate/identity/identity.js';
import { Likeness, likenessOf } from '../../../src/correlate/identity/likeness.js';
import { LINK_ETHERNET } from '../../../src/wire/link-type.js';
import { arp, ethernet, icmpv4, ipv4, ipv6, type Part, payload, sll, sll2 } from '../../helpers/frame-builder.js';
import { identityOf, LINK_SLL2 } from '../../helpers/identity-of.js';

const LINK_SLL = 113;
const [VM1, VM2] = [0x020000000001, 0x120000000001];
const [IN, BROADCAST, MULTICAST, OTHER_HOST, OUT] = [0, 1, 2, 3, 4];
const PING: readonly Part[] = [ipv4(), icmpv4(), payload([1, 2, 3])];

const likeness = (a: Identity, b: Identity): Likeness => likenessOf(a.words, 0, a.flags, b.words, 0, b.flags);
const ping = (source: number): Identity => identityOf(LINK_ETHERNET, ethernet({ source }), ...PING);

describe.each([
  ['version 1', LINK_SLL, sll],
  ['version 2', LINK_SLL2, sll2],
] as const)('a cooked frame, %s,', (_version, link, cooked) => {
  const from = (source: number): Identity => identityOf(link, cooked({ source }), ...PING);
  const isToGroup = (packetType: number, ...parts: Part[]): boolean =>
    (identityOf(link, cooked({ packetType }), ...parts).flags & Flag.ToGroup) !== 0;

  it('is that of its sender', () => {
    expect(likeness(from(VM1), ping(VM1))).toBe(Likeness.Same);
    expect(likeness(from(VM1), from(VM1))).toBe(Likeness.Same);
    expect(likeness(ping(VM2), from(VM1))).toBe(Likeness.None);
    expect(likeness(from(VM1), from(VM2))).toBe(Likeness.None);
    expect(likeness(from(0x120000000000), from(0x020000000000))).toBe(Likeness.None);
  });

  it('of which no address is there may be of anybody', () => {
    const nameless = identityOf(link, cooked({ source: VM2, addressLen: 0 }), ...PING);
    expect(likeness(nameless, from(VM1))).toBe(Likeness.Same);
    expect(likeness(ping(VM1), nameless)).toBe(Likeness.Same);
  });

  it('that came in is for a group where its header says so', () => {
    const toGroup = ipv4({ destination: 0xe0000001 });
    expect([IN, BROADCAST, MULTICAST, OTHER_HOST].map((type) => isToGroup(type, ...PING))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(isToGroup(OTHER_HOST, toGroup, icmpv4())).toBe(false);
    expect(isToGroup(IN, arp())).toBe(false);
  });

  it('that went out is for one where its addresses do', () => {
    expect(isToGroup(OUT, ...PING)).toBe(false);
    expect(isToGroup(OUT, ipv4({ destination: 0xe0000001 }), icmpv4())).toBe(true);
    expect(isToGroup(OUT, ipv4({ destination: 0xdfffffff }), icmpv4())).toBe(false);
    expect(isToGroup(OUT, ipv4({ destination: 0xffffffff }), icmpv4())).toBe(true);
    expect(isToGroup(OUT, ipv6(), icmpv4())).toBe(false);
    expect(isToGroup(OUT, ipv6({ destination: [0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2] }), icmpv4())).toBe(
      true,
    );
    expect(isToGroup(OUT, arp())).toBe(true);
    expect(isToGroup(OUT, arp({ operation: 2 }))).toBe(false);
  });
});
