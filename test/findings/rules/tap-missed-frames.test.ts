/** What a tap is told to have missed, and what it is not; on captures of the lab that is tested in lab.test.ts. */
import { describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/findings/facts.js';
import { tapMissedFrames } from '../../../src/findings/rules/tap-missed-frames.js';
import { MAX_EVIDENCE } from '../../../src/findings/wording.js';

const ENDS = { vni: 5000, source: '10.0.0.1', destination: '10.1.0.1' };
const at = (tap: string, ...frames: number[]) => frames.map((frame) => ({ tap, frame }));

interface Hop {
  readonly vni?: number;
  readonly lost?: readonly object[];
  readonly missed?: readonly object[];
}
const hop = (from: string, to: string, { vni = 5000, lost = [], missed = [] }: Hop) => {
  const counts = { lost: lost.length, missed: missed.length, unproven: 0 };
  return { ...ENDS, vni, from, to, passed: 1, ...counts, evidence: { lost, unproven: [], missed } };
};
const pairing = (overlay: string, underlay: string, ...overlayOnly: number[]) => {
  return { overlay, underlay, vni: 5000, firstPackets: [], evidence: { overlayOnly } };
};

/** Two hosts, each with an overlay tap and its own underlay tap, and a tap of several interfaces. @param answered frames of every tap */
function told(
  hops: readonly object[],
  pairings: readonly object[] = [],
  answered: readonly number[] = [],
  bum: readonly object[] = [],
  unread = 0,
) {
  const facts = {
    taps: ['vm1', 'eth1', 'eth2', 'vm2', 'any'].map((name) => {
      return { name, drops: null, unread, evidence: { answers: { has: (frame: number) => answered.includes(frame) } } };
    }),
    ownUnderlay: new Map([
      ['vm1', 'eth1'],
      ['vm2', 'eth2'],
      ['any', 'eth2'],
    ]),
    pairings,
    hops,
    bum,
  };
  return tapMissedFrames.judge(facts as unknown as Facts);
}

it('nothing is told where nothing was missed', () => {
  expect(told([hop('eth1', 'eth2', {})], [pairing('vm2', 'eth2')])).toEqual([]);
});

describe('frames that were answered', () => {
  const lost = [hop('eth1', 'eth2', { lost: at('eth1', 3, 5) })];

  it('were missed behind, those that were not are lost', () => {
    expect(told(lost, [], [5])).toMatchObject([
      {
        severity: 'info',
        message: 'eth2 did not see 1 frame that is known to have passed it: answers, or places behind it, show it.',
        evidence: at('eth1', 5),
        about: { vni: null, vteps: [] },
      },
    ]);
    expect(told(lost)).toEqual([]);
  });
});

describe('frames that were seen before and behind a tap', () => {
  it('were missed there', () => {
    const [claim] = told([hop('eth1', 'eth2', { missed: at('eth1', 4, 2) })]);
    expect(claim?.message).toContain('eth2 did not see 2 frames that are known');
    expect(claim?.evidence).toEqual(at('eth1', 2, 4));
  });

  it('were not, as many as it kept too little of to tell which they are', () => {
    const hops = [hop('eth1', 'eth2', { missed: at('eth1', 4, 2) })];
    expect(told(hops, [], [], [], 2)).toEqual([]);
    expect(told(hops, [], [], [], 1)).toMatchObject([{ message: expect.stringContaining('did not see 1 frame ') }]);
  });

  it('so they were at an interface of the tap that saw them', () => {
    const [claim] = told([hop('any%1', 'any%2', { missed: at('any%1', 4) })]);
    expect(claim?.message).toContain('any%2 did not see 1 frame ');
    expect(claim?.evidence).toEqual(at('any%1', 4));
  });
});

describe('frames that came out of a tunnel', () => {
  it('were missed by the underlay tap in front, that of the same host', () => {
    expect(told([], [pairing('vm2', 'eth2', 7, 8), pairing('vm2', 'eth1', 9)])).toMatchObject([
      { message: expect.stringContaining('eth2 did not see 2 frames'), evidence: at('vm2', 7, 8) },
    ]);
  });

  it('were not, where they are known to have been sent from there', () => {
    const sent = hop('vm2', 'eth2', { lost: at('vm2', 7), missed: at('vm2', 8) });
    const [claim] = told([sent], [pairing('vm2', 'eth2', 7, 8, 9)]);
    // The one that was missed on its way out counts for that.
    expect(claim?.evidence).toEqual(at('vm2', 8, 9));
    const others = [hop('vm2', 'eth2', { vni: 5001, lost: at('vm2', 7) }), hop('vm1', 'eth1', { lost: at('vm1', 7) })];
    expect(told(others, [pairing('vm2', 'eth2', 7)])).toMatchObject([{ evidence: at('vm2', 7) }]);
    const anInterface = hop('any%1 in', 'eth2', { lost: at('any%1 in', 7), missed: at('any%1 in', 8) });
    const [ofInterface] = told([anInterface], [pairing('any', 'eth2', 7, 8, 9)]);
    expect(ofInterface?.evidence).toEqual([...at('any%1 in', 8), ...at('any', 9)]);
  });

  it('were not, where they are of the host itself, to a group', () => {
    const bum = [
      { overlay: 'vm2', vni: 5000, overlayFrame: 7 },
      { overlay: 'vm2', vni: 5001, overlayFrame: 8 },
      { overlay: 'vm1', vni: 5000, overlayFrame: 9 },
    ];
    const [claim] = told([], [pairing('vm2', 'eth2', 7, 8, 9)], [], bum);
    expect(claim?.evidence).toEqual(at('vm2', 8, 9));
  });

  it('count once, where a place before the tap has them', () => {
    const before = hop('eth1', 'eth2', { missed: at('eth1', 4) });
    expect(told([before], [pairing('vm2', 'eth2', 7)])).toMatchObject([{ evidence: at('eth1', 4) }]);
    const elsewhere = [hop('eth1', 'eth2', { vni: 5001, missed: at('eth1', 4) }), hop('eth1', 'eth2', {})];
    expect(told(elsewhere, [pairing('vm2', 'eth2', 7)])).toMatchObject([
      { evidence: [...at('eth1', 4), ...at('vm2', 7)] },
    ]);
    expect(told([hop('eth1', 'any', { missed: at('eth1', 4) })], [pairing('vm2', 'eth2', 7)])).toHaveLength(2);
  });
});

it('all that a tap missed is one finding, with the first frames', () => {
  const many = Array.from({ length: MAX_EVIDENCE }, (_, index) => 1000 - index);
  const hops = [
    hop('eth1', 'eth2', { lost: at('eth1', 5), missed: at('eth1', ...many) }),
    hop('vm1', 'eth1', { missed: at('vm1', 1) }),
  ];
  const [far, near, ...more] = told(hops, [], [5]);
  expect(far?.message).toContain(`eth2 did not see ${MAX_EVIDENCE + 1} frames`);
  expect(far?.evidence).toEqual(at('eth1', ...[5, ...many].sort((a, b) => a - b).slice(0, MAX_EVIDENCE)));
  expect(near?.message).toContain('eth1 did not see 1 frame');
  expect(more).toEqual([]);
});
