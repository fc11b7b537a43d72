import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Addresses, Family, orderOf } from '../../src/inventory/addresses.js';

it('orders addresses by number as by their bytes, IPv4 first', () => {
  const ipv4 = fc.integer().map((address) => ({ family: Family.Ipv4, bytes: address }));
  const ipv6 = fc.uint8Array({ minLength: 16, maxLength: 16 }).map((bytes) => ({ family: Family.Ipv6, bytes }));
  fc.assert(
    fc.property(fc.array(fc.oneof(ipv4, ipv6), { maxLength: 40 }), (given) => {
      const addresses = new Addresses(100);
      const all = given.map(({ family, bytes }) => ({
        family,
        address: typeof bytes === 'number' ? bytes : addresses.ipv6(bytes, 0),
      }));
      const ranks = addresses.ipv6Ranks();
      for (const a of all) {
        for (const b of all) {
          const difference = orderOf(a.family, a.address, ranks) - orderOf(b.family, b.address, ranks);
          expect(Math.sign(difference)).toBe(Math.sign(addresses.compare(a.family, a.address, b.family, b.address)));
        }
      }
    }),
  );
});
