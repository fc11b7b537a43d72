import { afterAll, expect, it } from 'vitest';
import type { Finding } from '../../../src/findings/finding.js';
import { analyzeTaps, only, type Timed } from '../../helpers/analyze-taps.js';
import { echo as echoFields, ethernet, frame, icmpv4, ipv4, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const echo = (sequenceNumber: number): Uint8Array => {
  const inner = [
    ethernet(),
    ipv4({ identification: sequenceNumber }),
    icmpv4({ rest: echoFields(1, sequenceNumber) }),
  ] as const;
  return frame(ethernet(), ipv4({ identification: sequenceNumber }), udp(), vxlan({ vni: 5000 }), ...inner);
};
/** Frames, each at these times, µs after its turn, which is every ms. */
const each = (count: number, ...times: number[]): Timed[] =>
  Array.from({ length: count }, (_, turn) => turn)
    .flatMap((turn) => times.map((us): Timed => [turn * 1000 + us, echo(turn)]))
    .sort(([a], [b]) => a - b);
const findings = async (frames: readonly Timed[]): Promise<readonly Finding[]> =>
  only(await analyzeTaps(scratch, { span0: frames }), 'mirrored-tap');

it('is told where nearly every frame is there twice, with the second copies', async () => {
  const frames = [...each(9, 0, 5), [9000, echo(9)] as const];
  expect(await findings(frames)).toMatchObject([
    {
      severity: 'info',
      message: expect.stringMatching(/^9 of 19 frames at span0 are there for the second time within 100 µs:/),
      evidence: [2, 4, 6, 8, 10, 12, 14, 16, 18].map((number) => ({ tap: 'span0', frame: number })),
    },
  ]);
});

it('is told where others of a burst are between the two', async () => {
  const burst = [0, 1, 2].map(echo);
  const frames = [0, 1, 2, 3].flatMap((turn) =>
    [...burst, ...burst].map((bytes, place): Timed => [turn * 1000 + place, bytes]),
  );
  expect(await findings(frames)).toHaveLength(1);
});

it('is told of eight frames, and of nine tenths', async () => {
  expect(await findings(each(4, 0, 5))).toHaveLength(1);
  const alone = [9, 10, 11].map((turn): Timed => [turn * 1000, echo(turn)]);
  expect(await findings([...each(9, 0, 5), ...alone.slice(1)])).toHaveLength(1);
  expect(await findings([...each(9, 0, 5), ...alone])).toEqual([]);
});

it('is not told of copies that are a retry away, of threes, nor where fewer than nearly all are doubled', async () => {
  expect(await findings(each(20, 0, 101))).toEqual([]);
  expect(await findings(each(20, 0, 100))).toHaveLength(1);
  expect(await findings(each(20, 0, 2, 4))).toEqual([]);
  expect(await findings([...each(8, 0, 5), ...each(4, 20_000)])).toEqual([]);
  expect(await findings(each(3, 0, 5))).toEqual([]);
});

it('is not told of twos that differ behind the outer headers only', async () => {
  const frames = Array.from({ length: 20 }, (_, turn): Timed => {
    const inner = [ethernet(), ipv4(), icmpv4({ rest: echoFields(1, turn) })] as const;
    return [(turn >> 1) * 1000 + (turn & 1), frame(ethernet(), ipv4(), udp(), vxlan({ vni: 5000 }), ...inner)];
  });
  expect(await findings(frames)).toEqual([]);
});
