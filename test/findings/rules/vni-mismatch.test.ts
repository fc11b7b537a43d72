/** `vni-mismatch`, and `not-decapsulated`, which is what it looks like where only one side sends. */
import { afterAll, describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/findings/facts.js';
import { notDecapsulated } from '../../../src/findings/rules/not-decapsulated.js';
import { analyzeTaps, only, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import { ethernet, frame, icmpv4, ipv4, payload } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';
import { type Sent, seen, type TapName } from '../../helpers/two-hosts.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const repeat = (count: number, one: Sent): Sent[] => Array.from({ length: count }, () => one);
const found = async (taps: Taps, id: string) => only(await analyzeTaps(scratch, taps), id);
const OTHER = 0x520000000099;

describe('vni-mismatch', () => {
  const underlay = (sent: readonly Sent[]): Taps => ({ eth0: seen(sent).vm1_underlay });
  const out = repeat(3, {});
  const back = repeat(2, { outwards: false, vni: 5001 });

  it('is told where frames between two MACs go in one VNI and come back in another', async () => {
    expect(await found(underlay([...out, ...back]), 'vni-mismatch')).toEqual([
      {
        id: 'vni-mismatch',
        severity: 'warning',
        message:
          'Between 52:00:00:00:00:01 behind 10.0.0.1 and 52:00:00:00:00:02 behind 10.1.0.1, 3 frames went out in VNI 5000 and 2 frames came back in VNI 5001, and neither VNI is used both ways: likely one of the two VTEPs has the wrong VNI.',
        evidence: [1, 3, 4, 5].map((number) => ({ tap: 'eth0', frame: number })),
        fix: expect.stringContaining('Compare the VNI on 10.0.0.1 and 10.1.0.1'),
      },
    ]);
  });

  it('is told once, of whatever MACs and at whatever taps', async () => {
    const more = [{ source: OTHER }, { outwards: false, vni: 5001, destination: OTHER }];
    const { vm1_underlay, vm2_underlay } = seen([...out, ...back, ...more]);
    expect(await found({ vm1_underlay, vm2_underlay }, 'vni-mismatch')).toMatchObject([
      { message: expect.stringContaining('3 frames went out in VNI 5000 and 2 frames came back in VNI 5001') },
    ]);
  });

  it('explains silence of either VTEP with others', async () => {
    const third = repeat(2, { to: 0x0a020001, destination: OTHER });
    expect(await found(underlay(third), 'one-way-tunnel')).toHaveLength(1);
    expect(await found(underlay([...out, ...back, ...third]), 'one-way-tunnel')).toEqual([]);
  });

  it('is told of each VNI that goes out', async () => {
    const claims = await found(underlay([...out, ...repeat(2, { vni: 6000 }), ...back]), 'vni-mismatch');
    expect(claims.map(({ message }) => message.match(/\d+ frames went out in VNI \d+/)?.[0])).toEqual([
      '3 frames went out in VNI 5000',
      '2 frames went out in VNI 6000',
    ]);
  });

  it.each([
    ['the first VNI comes back, too', [...out, ...back, { outwards: false, source: OTHER }]],
    ['the second VNI goes out, too', [...out, ...back, { vni: 5001, destination: OTHER }]],
    ['routers are in between: the MACs are theirs', [...repeat(3, { source: OTHER }), ...back]],
    [
      'what comes back is for somebody else',
      [...out, ...repeat(2, { outwards: false, vni: 5001, destination: OTHER })],
    ],
    ['what goes out is for all', [...repeat(3, { destination: 0xffffffffffff }), ...back]],
    ['nothing comes back', out],
    ['it is one VNI', [...out, ...repeat(2, { outwards: false })]],
  ] as [string, Sent[]][])('is not told where %s', async (_, sent) => {
    expect(await found(underlay(sent), 'vni-mismatch')).toEqual([]);
  });
});

describe('not-decapsulated', () => {
  const SENDER: readonly TapName[] = ['vm1_overlay', 'vm1_underlay', 'vm2_underlay'];
  const RECEIVER: readonly TapName[] = ['vm2_overlay', 'vm2_underlay', 'vm1_underlay'];
  const arrives = repeat(3, { at: SENDER });
  const back = repeat(2, { outwards: false, vni: 5001, at: RECEIVER });

  describe('at a tap where nothing ever paired', () => {
    it('is told of what reached its host', async () => {
      expect(await found(seen(arrives), 'not-decapsulated')).toEqual([
        {
          id: 'not-decapsulated',
          severity: 'error',
          message:
            '3 frames of VNI 5000 from 10.0.0.1 reached 10.1.0.1 at vm2_underlay, and none left it at vm2_overlay (likely: vm2_overlay is not shown to capture then); 10.1.0.1 sends nothing in VNI 5000, so likely it does not have it.',
          evidence: [1, 2, 3].map((number) => ({ tap: 'vm2_underlay', frame: number })),
          fix: expect.stringContaining('add VNI 5000'),
        },
      ]);
    });

    it('is not told where the receiver sends in that VNI: its tap, or the guest, is another one', async () => {
      const answers = { outwards: false, at: ['vm2_underlay', 'vm1_underlay', 'vm1_overlay'] } as const;
      expect(await found(seen([...arrives, answers]), 'not-decapsulated')).toEqual([]);
    });

    it('is not told where one came out', async () => {
      expect(await found(seen([...arrives, {}]), 'not-decapsulated')).toEqual([]);
    });

    it('is not told where one of another VNI came out', async () => {
      const other = { vni: 6000, source: OTHER, destination: OTHER + 1 };
      expect(await found(seen([...arrives, other]), 'not-decapsulated')).toEqual([]);
    });

    it('is not told of what the tap cannot have seen', async () => {
      const foreign = { source: OTHER, destination: OTHER + 1, at: ['vm2_overlay'] } as const;
      const flooded = repeat(3, { destination: 0xffffffffffff, at: SENDER });
      expect(await found(seen([...flooded, foreign]), 'not-decapsulated')).toEqual([]);
    });

    it('is told of the receiver alone that is there', async () => {
      const elsewhere = repeat(2, { to: 0x0a020001, destination: OTHER, at: ['vm1_overlay', 'vm1_underlay'] });
      expect(await found(seen([...arrives, ...elsewhere]), 'not-decapsulated')).toHaveLength(1);
    });

    it('is not told where what another VTEP sends comes out', async () => {
      const third = { from: 0x0a020001, source: OTHER, at: ['vm1_underlay', 'vm2_underlay', 'vm2_overlay'] } as const;
      expect(await found(seen([...arrives, third]), 'not-decapsulated')).toEqual([]);
    });

    describe('by its facts', () => {
      const hop = { vni: 5000, source: '10.0.0.1', destination: '10.1.0.1', from: 'eth0', to: 'any', passed: 1 };
      const judged = (hops: readonly object[], unproven = 0) =>
        notDecapsulated.judge({
          taps: ['any', 'vm9', 'vm8', 'eth0'].map((name) => ({ name })),
          tunnels: [],
          endpoints: [],
          localVteps: new Map(),
          vteps: [{ address: '10.1.0.1' }, { address: '10.2.0.1' }],
          pairings: [
            {
              ...{ overlay: 'vm9', underlay: 'any', vni: 5000, matched: 0, underlayOnly: 1, unproven },
              evidence: { underlayOnly: [1] },
            },
          ],
          ownUnderlay: new Map(['vm9', 'vm8'].map((overlay) => [overlay, 'any'])),
          hops,
        } as unknown as Facts);

      it('is told of what came from another tap, and of whether that is likely only', () => {
        expect(judged([hop])[0]?.message).toContain('and none left it at vm9; 10.1.0.1 sends nothing');
        expect(judged([hop], 1)[0]?.message).toContain('at vm9 (likely: vm9 is not shown to capture then);');
      });

      it.each(['vm9', 'vm8', 'vm8%2 in'])('is not told of what came from %s, behind the same host', (from) => {
        expect(judged([{ ...hop, from }])).toEqual([]);
      });

      it.each([
        ['goes on, or leaves a host of a tap that sees both sides', [hop, { ...hop, from: 'any', to: 'eth1' }]],
        ['is of another VNI', [{ ...hop, vni: 6000 }]],
        ['came to another tap', [{ ...hop, to: 'eth1' }]],
        ['did not arrive', [{ ...hop, passed: 0 }]],
        ['is for nobody that is known', [{ ...hop, destination: '10.9.0.1' }]],
      ])('is not told of what %s', (_, hops) => {
        expect(judged(hops)).toEqual([]);
      });

      it.each([
        ['of another VNI', { vni: 6000 }],
        ['to another VTEP', { destination: '10.2.0.1' }],
      ])('is told though something goes on: %s', (_, other) => {
        expect(judged([hop, { ...hop, ...other, from: 'any', to: 'eth1' }])).toHaveLength(1);
      });

      it('names all senders of what one VTEP gets', () => {
        const other = { ...hop, source: '10.2.0.1' };
        expect(judged([hop, other]).map(({ message }) => message.replace(/ at .*/, ''))).toEqual([
          '1 frame of VNI 5000 from 10.0.0.1 and 10.2.0.1 reached 10.1.0.1',
        ]);
      });
    });

    it('is not told of a host that frames only leave, or pass', async () => {
      const { vm1_underlay, vm2_underlay, vm1_overlay } = seen(arrives);
      expect(await found({ vm1_overlay, vm1_underlay, vm2_overlay: [] }, 'not-decapsulated')).toEqual([]);
      expect(await found({ vm2_overlay: [], vm2_underlay }, 'not-decapsulated')).toEqual([]);
      const later = vm2_underlay.map(([us, bytes]): [number, Uint8Array] => [us + 20, bytes]);
      const taps = { vm1_overlay, vm1_underlay, vm2_overlay: [], vm2_underlay, eth3: later };
      expect(await found(taps, 'not-decapsulated')).toEqual([]);
    });
  });

  describe('what it explains, and what explains it', () => {
    const ids = async (taps: Taps) => (await analyzeTaps(scratch, taps)).findings.map(({ id }) => id);
    it('explains silence, and that frames of the same tunnel vanish', async () => {
      const { vm1_overlay, vm1_underlay, vm2_underlay } = seen([
        ...arrives,
        { at: ['vm1_overlay', 'vm1_underlay'] },
        ...arrives,
      ]);
      const before = { vm1_overlay, vm1_underlay, vm2_underlay };
      expect(await ids({ vm1_underlay })).toEqual(['one-way-tunnel']);
      expect(await ids(seen(arrives))).toEqual(['not-decapsulated']);
      expect(await ids(before)).toEqual(['loss']);
      expect(await ids({ ...before, vm2_overlay: [] })).toEqual(['not-decapsulated']);
    });

    it('is explained by a port that is unreachable', async () => {
      const taps = seen(arrives);
      const [, carried] = taps.vm2_underlay[2] as Timed;
      const error = [
        ethernet(),
        ipv4({ source: 0x0a010001, destination: 0x0a000001 }),
        icmpv4({ type: 3, code: 3 }),
        payload(carried.subarray(14)),
      ];
      taps.vm2_underlay.push([5000, frame(...error)]);
      expect(await ids(taps)).toEqual(['port-mismatch']);
    });
  });

  describe('for a MAC of another VNI', () => {
    it('is told where that MAC sends from the overlay tap of the same host', async () => {
      expect(await found(seen([...arrives, ...back]), 'not-decapsulated')).toMatchObject([
        { message: expect.stringContaining('2 frames of VNI 5001 from 10.1.0.1 reached 10.0.0.1 at vm1_underlay') },
        {
          severity: 'error',
          message:
            '3 frames of VNI 5000 from 10.0.0.1 reached 10.1.0.1 at vm2_underlay for a MAC that it has in VNI 5001, and vm2_overlay saw none of them; 10.1.0.1 sends nothing in VNI 5000, so likely it does not have it.',
          evidence: [1, 3].map((number) => ({ tap: 'vm2_underlay', frame: number })),
        },
      ]);
    });

    const ofArrivals = async (...sent: Sent[]): Promise<string[]> =>
      (await found(seen(sent), 'not-decapsulated'))
        .map(({ message }) => message.replace(/, and vm2_overlay .*/, ''))
        .filter((message) => message.includes('VNI 5000 from'));

    it('is told of one frame, by one that went back, of all senders, and names all VNIs', async () => {
      const [arrived, went] = [{ at: SENDER }, { outwards: false, vni: 5001, at: RECEIVER }];
      const where = 'reached 10.1.0.1 at vm2_underlay for a MAC that it has in VNI';
      expect(await ofArrivals(arrived, went)).toEqual([`1 frame of VNI 5000 from 10.0.0.1 ${where} 5001`]);
      expect(await ofArrivals(...arrives, { ...arrived, source: OTHER }, went, { ...went, vni: 5002 })).toEqual([
        `4 frames of VNI 5000 from 10.0.0.1 ${where} 5001 and 5002`,
      ]);
    });

    it('is not told of frames that were lost on the way', async () => {
      const lost = repeat(3, { at: ['vm1_overlay', 'vm1_underlay'] });
      expect(await ofArrivals(...lost, ...back)).toEqual([]);
    });

    it.each([
      [
        'the VTEP sends in that VNI',
        [
          ...arrives,
          ...back,
          { outwards: false, to: 0x0a020001, source: OTHER, destination: OTHER, at: ['vm2_underlay'] },
        ],
      ],
      ['the MAC is nobody that it has', [...repeat(3, { destination: OTHER, at: SENDER }), ...back]],
      ['they are for all', [...repeat(3, { destination: 0xffffffffffff, at: SENDER }), ...back]],
    ] as [string, Sent[]][])('is not told where %s', async (_, sent) => {
      const claims = await found(seen(sent), 'not-decapsulated');
      expect(claims.filter(({ message }) => message.includes('VNI 5000 from'))).toEqual([]);
    });

    it('is not told where the tap has both VNIs, and one of them is used one way only', async () => {
      const sent = [...repeat(3, {}), { vni: 5001 }, { vni: 5001, outwards: false }];
      expect(await found(seen(sent), 'not-decapsulated')).toEqual([]);
    });

    it('is told once where both VNIs were said to be of the tap', async () => {
      const sent = [...repeat(3, { vni: 6000, at: SENDER }), {}, { outwards: false }];
      const analysis = await analyzeTaps(scratch, seen(sent), { vnis: [5000, 6000] });
      expect(only(analysis, 'not-decapsulated')).toHaveLength(1);
    });

    it('is not told of a MAC that is there in a VNI whose tap is not', async () => {
      const other = { source: OTHER, destination: OTHER + 1, at: ['vm2_underlay', 'vm1_underlay'] } as const;
      const sent = [{}, { outwards: false }, { ...other, vni: 6000, outwards: false }];
      const arrives = { vni: 7000, destination: OTHER, at: ['vm1_underlay', 'vm2_underlay'] } as const;
      expect(await found(seen([...sent, arrives]), 'not-decapsulated')).toEqual([]);
    });

    it('is not told at the host that sends', async () => {
      const { vm1_overlay, vm1_underlay } = seen([
        {},
        { outwards: false },
        { vni: 7000, source: OTHER, at: ['vm1_underlay'] },
      ]);
      expect(await found({ vm1_overlay, vm1_underlay }, 'not-decapsulated')).toEqual([]);
    });

    it('is not told of guests that have the same MACs in both VNIs, and take their frames', async () => {
      const both = [
        {},
        { outwards: false },
        { vni: 6000, at: ['vm1_underlay', 'vm2_underlay'] },
        { vni: 6000, outwards: false, at: ['vm1_underlay', 'vm2_underlay'] },
      ] as const;
      expect(await found(seen([...both, ...both]), 'not-decapsulated')).toEqual([]);
    });
  });
});
