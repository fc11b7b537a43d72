/** The way through taps of known hosts whose clocks differ, where nothing comes back and so nothing tells by how much. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import { Scratch } from '../../helpers/read-capture.js';
import { seen, TAPS } from '../../helpers/two-hosts.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const SHIFT_US = 700;
const at = TAPS.filter((tap) => tap !== 'vm2_overlay');
const outwards = (count: number) => seen(Array.from({ length: count }, () => ({ at })));
const shifted = (frames: readonly Timed[], us: number): Timed[] => frames.map(([time, bytes]) => [time + us, bytes]);

/** The first host's clock is ahead. */
const ahead = ({ vm1_overlay, vm1_underlay, vm2_underlay }: ReturnType<typeof seen>): Taps => ({
  vm1_overlay: shifted(vm1_overlay, SHIFT_US),
  vm2_underlay,
  vm1_underlay: shifted(vm1_underlay, SHIFT_US),
});

/** The same frames again, a tenth of a second later. */
const again = ({ vm1_overlay, vm1_underlay, vm2_underlay }: ReturnType<typeof seen>): ReturnType<typeof seen> => ({
  vm1_overlay: [...vm1_overlay, ...shifted(vm1_overlay, 1e5)],
  vm1_underlay: [...vm1_underlay, ...shifted(vm1_underlay, 1e5)],
  vm2_underlay: [...vm2_underlay, ...shifted(vm2_underlay, 1e5)],
  vm2_overlay: [],
});

it.each([
  ['frames that are told apart', outwards(20)],
  ['frames that are alike', again(outwards(1))],
])('leads from the overlay tap through its own host first: %s', async (_what, taps) => {
  const { correlation } = await analyzeTaps(scratch, ahead(taps));
  expect(correlation?.hops.map(({ from, to }) => [from, to])).toEqual([
    ['vm1_overlay', 'vm1_underlay'],
    ['vm1_underlay', 'vm2_underlay'],
  ]);
  expect(correlation?.taps.map(({ latencyNs }) => latencyNs.decap)).toEqual([null, null]);
});
