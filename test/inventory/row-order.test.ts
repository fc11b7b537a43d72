import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Addresses, Family } from '../../src/inventory/addresses.js';
import { RowOrder } from '../../src/inventory/row-order.js';
import { Traffic, Word } from '../../src/inventory/traffic.js';

const word = fc.oneof(fc.integer({ min: -2, max: 2 }), fc.integer());
/** As they are numbered, `::3` comes last. */
const IPV6 = [1, 3, 2].map((last) => Uint8Array.of(...new Uint8Array(15), last));

it('orders by the last word, then by the one before it, and keeps the order of equal rows', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(word, word), { maxLength: 300 }), (given) => {
      const traffic = new Traffic();
      const unsigned = new Map<number, [number, number]>();
      for (const [port, source] of given) {
        traffic.key.fill(0);
        traffic.key[Word.PortAndKind] = port;
        traffic.key[Word.Source] = source;
        unsigned.set(traffic.add(1), [port & 0xffff, source >>> 0]);
      }
      const expected = [...unsigned].sort(([a, one], [b, other]) => one[1] - other[1] || one[0] - other[0] || a - b);
      const { rows } = new RowOrder(traffic, new Addresses(1)).by(Word.PortAndKind, 0xffff).by(Word.Source);
      expect([...rows]).toEqual(expected.map(([row]) => row));
    }),
  );
});

it('orders addresses of both families, IPv4 first, and IPv6 not as they are numbered', () => {
  const addresses = new Addresses(IPV6.length);
  const numbers = IPV6.map((bytes) => addresses.ipv6(bytes, 0));
  const outer = [...numbers.map((number) => [Family.Ipv6, number]), [Family.Ipv4, -1], [Family.Ipv4, 1]] as const;
  const traffic = new Traffic();
  for (const [family, address] of outer) {
    traffic.key.fill(0);
    traffic.key[Word.VniAndFamily] = (family as number) << 24;
    traffic.key[Word.Destination] = address as number;
    traffic.key[Word.InnerMacHigh] = (family as number) << 16;
    traffic.key[Word.InnerAddress] = address as number;
    traffic.add(1);
  }
  const expected = [4, 3, 0, 2, 1];
  expect([...new RowOrder(traffic, addresses).byOuter(Word.Destination).rows]).toEqual(expected);
  expect([...new RowOrder(traffic, addresses).byInner().rows]).toEqual(expected);
});

it('starts from the rows that it is given, and leaves those as they are', () => {
  const traffic = new Traffic();
  for (const source of [7, 7, 5]) {
    traffic.key[Word.Source] = source;
    traffic.key[Word.InnerAddress] = traffic.rows;
    traffic.add(1);
  }
  const given = Int32Array.of(2, 1, 0);
  expect([...new RowOrder(traffic, new Addresses(1), given).byOuter(Word.Source).rows]).toEqual([2, 1, 0]);
  expect([...given]).toEqual([2, 1, 0]);
  expect(new RowOrder(new Traffic(), new Addresses(1)).by(Word.Source).rows).toHaveLength(0);
});
