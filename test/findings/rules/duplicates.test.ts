/** Where frames that came doubled, or late, are told to have come to be; on captures of the lab that is tested in order.test.ts. */
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/findings/facts.js';
import { duplicates } from '../../../src/findings/rules/duplicates.js';
import { reordering } from '../../../src/findings/rules/reordering.js';

interface Tap {
  readonly name: string;
  readonly role: 'overlay' | 'underlay' | 'mixed';
  /** Of ten frames, how many are the second one of two. */
  readonly repeats?: number;
}

/** Two hosts, each with an overlay tap and its own underlay tap. */
const TAPS: readonly Tap[] = [
  { name: 'vm1', role: 'overlay' },
  { name: 'eth1', role: 'underlay' },
  { name: 'eth2', role: 'underlay' },
  { name: 'vm2', role: 'overlay' },
];
const own = new Map([
  ['vm1', 'eth1'],
  ['vm2', 'eth2'],
]);
const ENDS = { vni: 5000, source: '10.0.0.1', destination: '10.1.0.1' };
const at = (tap: string, ...frames: number[]) => frames.map((frame) => ({ tap, frame }));
const many = Array.from({ length: 101 }, (_, index) => index + 1);

interface Given {
  readonly taps?: readonly Tap[];
  readonly pairings?: readonly object[];
  readonly hops?: readonly object[];
}

function factsOf({ taps = TAPS, pairings = [], hops = [] }: Given): Facts {
  const facts = {
    taps: taps.map(({ name, role, repeats = 0 }) => {
      return { name, role, frames: 10, evidence: { repeats: { second: { count: repeats } } } };
    }),
    ownUnderlay: own,
    pairings,
    hops,
  };
  return facts as unknown as Facts;
}
const pairing = (overlay: string, underlay: string, duplicated: number, frames: readonly object[] = []) => {
  return { overlay, underlay, vni: 5000, overlayFrames: 20, duplicated, evidence: { duplicated: frames } };
};
const hop = (from: string, to: string, duplicated: number, frames: readonly object[] = []) => {
  return { ...ENDS, from, to, passed: 20, duplicated, evidence: { duplicated: frames } };
};

describe('duplicates beside an overlay tap', () => {
  const told = (given: Given) => duplicates.judge(factsOf(given));

  it('is told of one frame, with its numbers', () => {
    expect(told({ pairings: [pairing('vm1', 'eth1', 1)], hops: [hop('vm1', 'eth1', 1, at('eth1', 3))] })).toMatchObject(
      [
        {
          severity: 'warning',
          message: '1 of 20 frames (5 %) of VNI 5000 came more than once between vm1 and eth1.',
          evidence: at('eth1', 3),
        },
      ],
    );
  });

  it('is told once of a tap that holds both', () => {
    const taps: Tap[] = [{ name: 'all', role: 'mixed' }];
    const facts = factsOf({ taps, pairings: [pairing('all', 'all', 1)], hops: [hop('all', 'all', 1)] });
    const found = duplicates.judge({ ...facts, ownUnderlay: new Map([['all', 'all']]) });
    expect(found.map(({ message }) => message)).toEqual([
      '1 of 20 frames (5 %) of VNI 5000 came more than once at all.',
    ]);
  });

  it('lists a hundred of however many', () => {
    const hops = [hop('vm1', 'eth1', 101, at('eth1', ...many))];
    const found = told({ pairings: [pairing('vm1', 'eth1', 101)], hops });
    expect(found[0]?.evidence).toEqual(at('eth1', ...many.slice(0, 100)));
  });

  it('is told of both ways together', () => {
    const hops = [hop('vm1', 'eth1', 1, at('eth1', 3)), hop('eth1', 'vm1', 2, at('vm1', 5, 9))];
    expect(told({ pairings: [pairing('vm1', 'eth1', 3)], hops })).toMatchObject([
      { message: expect.stringContaining('3 of 20 frames (15 %)'), evidence: [at('eth1', 3), at('vm1', 5, 9)].flat() },
    ]);
  });

  it('is not told of none, nor of the underlay of another host', () => {
    const hops = [hop('vm1', 'eth1', 0), hop('vm1', 'eth2', 5)];
    expect(told({ pairings: [pairing('vm1', 'eth1', 0), pairing('vm1', 'eth2', 5)], hops })).toEqual([]);
  });

  it('is not told of what was doubled before both, and came to one of them once', () => {
    expect(told({ pairings: [pairing('vm1', 'eth1', 1)], hops: [hop('eth1', 'vm1', 0)] })).toEqual([]);
  });

  it.each(['vm1', 'eth1'])('is not told where %s sees everything twice', (mirrored) => {
    const taps = TAPS.map((tap) => (tap.name === mirrored ? { ...tap, repeats: 5 } : tap));
    expect(told({ taps, pairings: [pairing('vm1', 'eth1', 5)], hops: [hop('vm1', 'eth1', 5)] })).toEqual([]);
  });
});

describe('duplicates between underlay taps', () => {
  const told = (given: Given) => duplicates.judge(factsOf(given));

  it('is told of one frame, and of several, with those of its VNI and place, once each, in order', () => {
    const listed = [
      { ...pairing('vm2', 'eth2', 0, [...at('eth2', 9, 4), ...at('eth2%1 in', 5), ...at('eth1', 1)]) },
      { ...pairing('vm1', 'eth2', 0, at('eth2', 4, 7)) },
      { ...pairing('vm1', 'eth2', 0, at('eth2', 2)), vni: 6000 },
    ];
    expect(told({ pairings: listed, hops: [hop('eth1', 'eth2', 1)] })).toMatchObject([
      {
        severity: 'warning',
        message: '1 of 20 frames (5 %) of VNI 5000 from 10.0.0.1 to 10.1.0.1 came to eth2 more often than eth1 saw it.',
        evidence: at('eth2', 4, 7, 9),
      },
    ]);
    const alone = hop('eth1', 'eth2', 2, at('eth2', 3, 8));
    const others = [{ vni: 6000 }, { to: 'eth3' }].map((other) => {
      return { ...hop('eth1', 'eth2', 0, at('eth3', 5)), ...other };
    });
    expect(told({ hops: [...others, alone] })).toMatchObject([
      { message: expect.stringContaining('more often than eth1 saw them.'), evidence: at('eth2', 3, 8) },
    ]);
  });

  it('is told at an interface of a tap, by the frames of that tap', () => {
    const listed = [pairing('vm2', 'eth2', 0, at('eth2', 9))];
    const found = told({ pairings: listed, hops: [hop('eth1', 'eth2%1 in', 1)] });
    expect(found[0]?.evidence).toEqual(at('eth2', 9));
  });

  it('is not told of a hop without any, nor of one from or to an overlay tap', () => {
    const hops = [hop('eth1', 'eth2', 0), hop('vm1', 'eth1', 5), hop('eth2', 'vm2', 5)];
    expect(told({ hops })).toEqual([]);
  });

  it.each(['eth1', 'eth2'])('is not told where %s sees everything twice', (mirrored) => {
    const taps = TAPS.map((tap) => (tap.name === mirrored ? { ...tap, repeats: 5 } : tap));
    expect(told({ taps, hops: [hop('eth1', 'eth2', 5)] })).toEqual([]);
  });
});

describe('reordering', () => {
  const late = (reordered: number, frames: readonly object[] = []) =>
    reordering.judge(
      factsOf({
        pairings: [{ vni: 5000, evidence: { duplicated: at('eth2', 1), reordered: frames } }],
        hops: [{ ...hop('eth1', 'eth2', 0), reordered }],
      }),
    );

  it.each(['eth1', 'eth2'])('is not told where %s sees everything twice', (mirrored) => {
    const taps = TAPS.map((tap) => (tap.name === mirrored ? { ...tap, repeats: 5 } : tap));
    const hops = [{ ...hop('eth1', 'eth2', 0), reordered: 5, evidence: { reordered: at('eth2', 3) } }];
    expect(reordering.judge(factsOf({ taps, hops }))).toEqual([]);
    expect(reordering.judge(factsOf({ hops }))).toHaveLength(1);
  });

  it('is told of one frame, and of none not', () => {
    expect(late(1, at('eth2', 3))).toMatchObject([{ severity: 'warning', evidence: at('eth2', 3) }]);
    expect(late(0, at('eth2', 3))).toEqual([]);
  });

  it('lists a hundred of however many', () => {
    expect(late(101, at('eth2', ...many))[0]?.evidence).toEqual(at('eth2', ...many.slice(0, 100)));
  });
});
