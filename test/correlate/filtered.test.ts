/** An overlay tap whose capture had a filter: what it never shows proves nothing. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../helpers/analyze-taps.js';
import { answer, ask, BACK, data, MAC1, MAC2, OUT } from '../helpers/neighbours.js';
import { Scratch } from '../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

/** Frames both ways, and a question and its answer among them, which the overlay tap lacks. */
const underlay: Timed[] = [
  [100, data(OUT, MAC1, MAC2, 1)],
  [1000, data(BACK, MAC2, MAC1, 2)],
  [2000, ask(OUT)],
  [3000, answer(BACK)],
  [4000, data(OUT, MAC1, MAC2, 3)],
  [5000, data(BACK, MAC2, MAC1, 4)],
];
const overlay: Timed[] = [
  [60, data(null, MAC1, MAC2, 1)],
  [1040, data(null, MAC2, MAC1, 2)],
  [3960, data(null, MAC1, MAC2, 3)],
  [5040, data(null, MAC2, MAC1, 4)],
];

it('no ARP is lost at a tap that shows none', async () => {
  const analysis = await analyzeTaps(scratch, { vm1_overlay: overlay, vm1_underlay: underlay });
  expect(only(analysis, 'loss')).toEqual([]);
});

it('it is at one that shows some', async () => {
  const other: Timed = [4500, ask(null)];
  const analysis = await analyzeTaps(scratch, {
    vm1_overlay: [...overlay.slice(0, 3), other, ...overlay.slice(3)],
    vm1_underlay: underlay,
  });
  expect(only(analysis, 'loss')).toMatchObject([{ evidence: [{ tap: 'vm1_underlay', frame: 4 }] }]);
});
