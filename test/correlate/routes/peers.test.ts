/** Who sends a frame to whom, where a capture shows MACs and where it does not. */
import { expect, it } from 'vitest';
import { FIRST_KEY_WORD, Flag, IDENTITY_WORDS, type Identity } from '../../../src/correlate/identity/identity.js';
import { Peers } from '../../../src/correlate/routes/peers.js';
import { LINK_ETHERNET } from '../../../src/wire/link-type.js';
import { arp, ethernet, icmpv4, ipv4, ipv6, type Part, sll2 } from '../../helpers/frame-builder.js';
import { identityOf, LINK_SLL2 } from '../../helpers/identity-of.js';

const OUT = 4;
const cooked = (...parts: Part[]): Identity => identityOf(LINK_SLL2, sll2({ packetType: OUT }), ...parts);

function peersOf(peers: Peers, { words, flags }: Identity): string {
  peers.read(words, 0, flags);
  return [...peers.words].map((word) => (word >>> 0).toString(16)).join(' ');
}

it('MACs are theirs', () => {
  const ping = identityOf(LINK_ETHERNET, ethernet({ source: 0x020000000011, destination: 0x020000000012 }), ipv4());
  expect(peersOf(new Peers(), ping)).toBe('2000000 120200 11');
});

it('without, addresses stand for them', () => {
  const peers = new Peers();
  const ends = { source: 0xc0a80101, destination: 0xc0a80102 };
  expect(peersOf(peers, cooked(ipv4(ends), icmpv4()))).toBe('200c0a8 1020200 c0a80101');
  expect(peersOf(peers, cooked(ipv4({ ...ends, destination: 0xe0000001 }), icmpv4()))).toBe('300e000 10200 c0a80101');
  const addresses = { senderProtocol: 0xc0a80101, targetProtocol: 0xc0a80102 };
  expect(peersOf(peers, cooked(arp({ ...addresses, operation: 2 })))).toBe('200c0a8 1020200 c0a80101');
  expect(peersOf(peers, cooked(arp(addresses)))).toBe('300c0a8 1020200 c0a80101');
  const address = (last: number): number[] => [0xfe, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, last];
  const told = [[1, 2] as const, [2, 1] as const, [1, 1] as const].map(([source, destination]) =>
    peersOf(peers, cooked(ipv6({ source: address(source), destination: address(destination) }), icmpv4())),
  );
  expect(new Set(told).size).toBe(3);
  expect(told[0]).toMatch(/^200/);
});

it('the MACs that another sighting has stand for all between its addresses', () => {
  const peers = new Peers();
  const ends = { source: 0xc0a80101, destination: 0xc0a80102 };
  const seenBehind = cooked(ipv4({ ...ends, identification: 1 }), icmpv4());
  seenBehind.words.set([0x02000000, 0x00120200, 0x11]);
  expect(peersOf(peers, seenBehind)).toBe('2000000 120200 11');
  expect(peersOf(peers, cooked(ipv4({ ...ends, identification: 2 }), icmpv4()))).toBe('2000000 120200 11');
  expect(peersOf(peers, cooked(ipv4({ source: 0xc0a80103, destination: 0xc0a80102 }), icmpv4()))).toMatch(/^200c0a8 /);
});

it('of what has neither, nobody is known', () => {
  const words = new Int32Array(IDENTITY_WORDS);
  words[FIRST_KEY_WORD] = 0x88cc << 16;
  const peers = new Peers();
  peers.read(words, 0, Flag.HasSource);
  expect([...peers.words]).toEqual([0, 0, 0]);
});
