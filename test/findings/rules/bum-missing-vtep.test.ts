/** `bum-missing-vtep`: who is left out of a flood, at the flooding VTEP's own tap. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import { Scratch } from '../../helpers/read-capture.js';
import { answers, asks, bareQuestion, HV1, HV2, HV3, pings, VM1, VM2, VM3 } from '../../helpers/tunnelled.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const S = 1_000_000;
const TO_2 = { from: HV1, to: HV2 };
const TO_3 = { from: HV1, to: HV3 };
const GROUP = 0xef000001;
const judge = async (taps: Taps, vteps?: readonly string[]) =>
  only(await analyzeTaps(scratch, taps, vteps === undefined ? {} : { vteps }), 'bum-missing-vtep');
/** hv1 talks to a VM behind hv3, then floods to hv2 alone. */
const left: Timed[] = [
  [0, pings(TO_3, VM1, VM3)],
  [2 * S, asks(TO_2, VM1, VM2)],
  [3 * S, asks(TO_2, VM1, VM2)],
];

it('a VTEP of the VNI got no broadcast, at the tap of the one that all tunnels are with', async () => {
  const found = await judge({ eth0: left });
  expect(found).toMatchObject([{ severity: 'error', evidence: [{ tap: 'eth0', frame: 2 }, { frame: 3 }] }]);
  expect(found[0]?.message).toBe(
    '10.0.0.1 sent 2 broadcasts to 10.1.0.1 in VNI 5000 at eth0, and none to 10.2.0.1; likely its flood list lacks that VTEP.',
  );
});

it('not where it got one, if only one, or floods go to a group', async () => {
  expect(await judge({ eth0: [...left, [4 * S, asks(TO_3, VM1, VM2)]] })).toEqual([]);
  expect(await judge({ eth0: [...left, [4 * S, asks({ from: HV1, to: GROUP }, VM1, VM2)]] })).toEqual([]);
});

it('not where the VTEP came to be known less than a second before the last broadcast', async () => {
  const late: Timed[] = [
    [0, asks(TO_2, VM1, VM2)],
    [2 * S, pings(TO_3, VM1, VM3)],
    [2.9 * S, asks(TO_2, VM1, VM2)],
  ];
  expect(await judge({ eth0: late })).toEqual([]);
  expect(await judge({ eth0: [...late, [3 * S, asks(TO_2, VM1, VM2)]] })).toHaveLength(1);
});

it('not where it is of another VNI', async () => {
  const other: Timed[] = [[0, pings({ ...TO_3, vni: 6000 }, VM1, VM3)], ...left.slice(1)];
  expect(await judge({ eth0: other })).toEqual([]);
});

it('not where it answers: then something else passed the question on', async () => {
  const answered: Timed[] = [...left, [3 * S + 500, answers({ from: HV3, to: HV1 }, VM2, VM1)]];
  expect(await judge({ eth0: answered })).toEqual([]);
  const late: Timed[] = [...left, [5 * S, answers({ from: HV3, to: HV1 }, VM2, VM1)]];
  expect(await judge({ eth0: late })).toHaveLength(1);
});

it('not at a tap on the way of some copies only', async () => {
  // hv2's tap: its tunnels with hv1 and hv3, and it knows that hv1 talks to hv3 from another tap.
  const at2: Timed[] = [
    [0, pings({ from: HV2, to: HV3 }, VM2, VM3)],
    [2 * S, asks(TO_2, VM1, VM2)],
    [3 * S, asks(TO_2, VM1, VM2)],
  ];
  expect(await judge({ eth0: at2, eth1: [[0, pings(TO_3, VM1, VM3)]] })).toEqual([]);
  // Between two VTEPs alone, either may be there.
  expect(await judge({ eth0: left.slice(1) }, ['10.2.0.1'])).toEqual([]);
});

it('a VTEP that is given got none, where pairing shows whose tap it is', async () => {
  const taps = {
    hv1_overlay: [
      [0, bareQuestion(VM1, VM2)],
      [S, bareQuestion(VM1, VM3)],
    ],
    hv1_underlay: [
      [10, asks(TO_2, VM1, VM2)],
      [S + 10, asks(TO_2, VM1, VM3)],
    ],
  } satisfies Taps;
  const all = ['10.0.0.1', '10.1.0.1', '10.2.0.1'];
  const found = await judge(taps, all);
  expect(found).toMatchObject([{ severity: 'error', evidence: [{ tap: 'hv1_underlay', frame: 1 }, { frame: 2 }] }]);
  expect(found[0]?.message).toContain('none to 10.2.0.1;');
  expect(await judge(taps, all.slice(0, 2))).toEqual([]);
  expect(await judge(taps)).toEqual([]);
  // What others send past the host takes nothing from that, where names say whose host it is.
  const passing: Timed = [2 * S, pings({ from: HV3, to: HV2 }, VM3, VM2)];
  expect(await judge({ ...taps, hv1_underlay: [...taps.hv1_underlay, passing] }, all)).toHaveLength(1);
  const unnamed = { vm: taps.hv1_overlay, eth0: [...taps.hv1_underlay, passing] };
  expect(await judge(unnamed, all)).toEqual([]);
});

it('not where the one broadcast ends the capture: more copies may have followed', async () => {
  const cut: Taps = { hv1_overlay: [[0, bareQuestion(VM1, VM2)]], hv1_underlay: [[10, asks(TO_2, VM1, VM2)]] };
  expect(await judge(cut, ['10.2.0.1'])).toEqual([]);
  const goesOn: Timed[] = [
    [10, asks(TO_2, VM1, VM2)],
    [S, answers({ from: HV2, to: HV1 }, VM2, VM1)],
  ];
  expect(await judge({ ...cut, hv1_underlay: goesOn }, ['10.2.0.1'])).toHaveLength(1);
});
