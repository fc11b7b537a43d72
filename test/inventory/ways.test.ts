import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Addresses } from '../../src/inventory/addresses.js';
import { Traffic, Word } from '../../src/inventory/traffic.js';
import { Ways } from '../../src/inventory/ways.js';

const GROUP = 0xef000001 | 0;
const VTEPS = [0x0a000001, 0x0a000002, 0x0a000003, GROUP];

it('gives rows that go one way one object, which knows the other direction in its VNI and in any', () => {
  const vtep = fc.constantFrom(...VTEPS);
  const row = fc.record({ vni: fc.constantFrom(5, 7, 0xff_ffff), from: vtep, to: vtep, mac: fc.nat(2) });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 80 }), (given) => {
      const traffic = new Traffic();
      const rows = given.map(({ vni, from, to, mac }) => {
        traffic.key.fill(0);
        traffic.key.set([vni, from, to], Word.VniAndFamily);
        traffic.key[Word.InnerMacLow] = mac;
        return traffic.add(1);
      });
      const ways = new Ways(traffic, new Addresses(1));
      for (const [index, a] of given.entries()) {
        const way = ways.at(rows[index] as number);
        const { pair } = way;
        expect(way).toMatchObject({ vni: a.vni, source: `${a.from >>> 24}.0.0.${a.from & 255}` });
        expect(pair).toMatchObject({ source: way.source, destination: way.destination, isToGroup: a.to === GROUP });
        expect(pair.number).toBeLessThan(ways.pairs);
        for (const [place, b] of given.entries()) {
          const other = ways.at(rows[place] as number);
          const isSamePair = a.from === b.from && a.to === b.to;
          expect(other.pair === pair).toBe(isSamePair);
          expect(other.pair.number === pair.number).toBe(isSamePair);
          expect(other === way).toBe(isSamePair && a.vni === b.vni);
          expect(other.number === way.number).toBe(other === way);
          const isBack = a.from === b.to && a.to === b.from;
          expect(pair.back === other.pair).toBe(isBack);
          expect(way.back === other).toBe(isBack && a.vni === b.vni);
        }
        const there = given.filter(({ from, to }) => from === a.to && to === a.from);
        expect(pair.back === null).toBe(there.length === 0);
        expect(way.back === null).toBe(there.every(({ vni }) => vni !== a.vni));
      }
    }),
  );
});
