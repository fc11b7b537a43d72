/** Two underlay taps and no overlay tap: what was lost, doubled or late between them. */
import { afterAll, describe, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../helpers/analyze-taps.js';
import { Scratch } from '../helpers/read-capture.js';
import { type Sent, seen } from '../helpers/two-hosts.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

/** Pings both ways by turns, some with a fate of their own, as the two underlay taps saw them. */
function between(count: number, fates: Readonly<Record<number, Sent>> = {}): { near: Timed[]; far: Timed[] } {
  const sent = Array.from({ length: count }, (_, n): Sent => ({ outwards: n % 2 === 0, ...fates[n] }));
  const { vm1_underlay, vm2_underlay } = seen(sent);
  return { near: vm1_underlay, far: vm2_underlay };
}
const shifted = (frames: readonly Timed[], us: number): Timed[] => frames.map(([time, bytes]) => [time + us, bytes]);
const lostAfter = (tap: 'vm1_underlay' | 'vm2_underlay'): Sent => ({ at: [tap] });

describe('between two underlay taps', () => {
  it('nothing is told of what passed', async () => {
    const { correlation, findings } = await analyzeTaps(scratch, between(20));
    expect(findings).toEqual([]);
    expect(correlation).toBeNull();
  });

  it.each([
    ['one clock', 0],
    ['a clock that is behind by less than the way takes', -15],
    ['a clock that is behind by more', -700],
    ['a clock that is ahead by more than the window', 3_600_000_000],
  ])('loss is told, each way, with %s', async (_what, us) => {
    const { near, far } = between(40, {
      10: lostAfter('vm1_underlay'),
      20: lostAfter('vm1_underlay'),
      31: lostAfter('vm2_underlay'),
    });
    const analysis = await analyzeTaps(scratch, { near: shifted(near, 1e6), far: shifted(far, 1e6 + us) });
    expect(only(analysis, 'loss')).toMatchObject([
      {
        message: '2 of 20 frames (10 %) of VNI 5000 from 10.0.0.1 to 10.1.0.1 vanished between near and far.',
        evidence: [11, 21].map((frame) => ({ tap: 'near', frame })),
        fix: expect.stringMatching(/frames may have taken one without a capture\.$/),
      },
      { message: '1 of 20 frames (5 %) of VNI 5000 from 10.1.0.1 to 10.0.0.1 vanished between far and near.' },
    ]);
  });

  it('clocks are compared, too, where there is an overlay tap that has nothing in common with one of them', async () => {
    const { vm1_overlay, vm1_underlay, vm2_underlay } = seen(
      Array.from({ length: 40 }, (_, n) => ({ outwards: n % 2 === 0 })),
    );
    const analysis = await analyzeTaps(scratch, {
      vm: vm1_overlay.filter(([us]) => us > 25_000),
      near: vm1_underlay,
      // By its own clock it went on to the end.
      far: shifted(
        vm2_underlay.filter(([us]) => us < 20_000),
        20_000,
      ),
    });
    expect(only(analysis, 'loss')).toEqual([]);
    expect(only(analysis, 'clock-offset')).toMatchObject([
      { message: expect.stringMatching(/^The clock of far is 20 ms ahead of that of vm/) },
    ]);
  });

  it('no loss is told where frames take one way or the other', async () => {
    const fates = Object.fromEntries(
      Array.from({ length: 40 }, (_, n) => [n, lostAfter(n % 4 < 2 ? 'vm1_underlay' : 'vm2_underlay')]),
    );
    expect((await analyzeTaps(scratch, between(40, fates))).findings.filter(({ id }) => id === 'loss')).toEqual([]);
  });

  it('copies and late frames are told with their numbers', async () => {
    const { near, far } = between(40);
    const twice = far.flatMap(([us, bytes], n): Timed[] =>
      n === 8
        ? [
            [us, bytes],
            [us + 400, bytes],
          ]
        : [[us, bytes]],
    );
    expect(only(await analyzeTaps(scratch, { near, far: twice }), 'duplicates')).toMatchObject([
      { evidence: [{ tap: 'far', frame: 10 }] },
    ]);
  });
});
