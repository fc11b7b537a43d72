import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only } from '../../helpers/analyze-taps.js';
import { arp, ethernet, frame } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const message = frame(ethernet(), arp());
const findings = async (...times: number[]): Promise<ReturnType<typeof only>> =>
  only(await analyzeTaps(scratch, { eth0: times.map((us) => [us, message]) }), 'time-goes-backwards');

it('is told of each frame that is earlier than the one before it, and of the largest step', async () => {
  expect(await findings(100, 90, 95, 3_000_000, 1_000_000, 4_000_000)).toMatchObject([
    {
      severity: 'info',
      message: '2 of 6 frames at eth0 bear earlier times than the frames before them, by 2 s at most.',
      evidence: [2, 5].map((number) => ({ tap: 'eth0', frame: number })),
    },
  ]);
});

it('has the largest step, though a smaller one came later', async () => {
  expect(await findings(3_000_000, 1_000_000, 4_000_000, 3_500_000)).toMatchObject([
    { message: expect.stringMatching(/^2 of 4 frames at .*, by 2 s at most\.$/) },
  ]);
});

it('counts one step where the clock was set back for good', async () => {
  expect(await findings(5_000_000, 10, 20, 30)).toMatchObject([
    { message: expect.stringMatching(/^1 of 4 frames at/) },
  ]);
});

it('is not told of equal times', async () => {
  expect(await findings(100, 100, 101)).toEqual([]);
});
