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

it('not where the capture ends within a second of the one broadcast: more copies may have followed', async () => {
  const until = (endUs: number): Taps => ({
    hv1_overlay: [[0, bareQuestion(VM1, VM2)]],
    hv1_underlay: [
      [10, asks(TO_2, VM1, VM2)],
      [endUs, answers({ from: HV2, to: HV1 }, VM2, VM1)],
    ],
  });
  const cut: Taps = { hv1_overlay: [[0, bareQuestion(VM1, VM2)]], hv1_underlay: [[10, asks(TO_2, VM1, VM2)]] };
  expect(await judge(cut, ['10.2.0.1'])).toEqual([]);
  expect(await judge(until(S + 9), ['10.2.0.1'])).toEqual([]);
  expect(await judge(until(S + 10), ['10.2.0.1'])).toHaveLength(1);
});

const HV4 = 0x0a030001;
const TO_4 = { from: HV1, to: HV4 };
const VM4 = 0x020000000014;
const messages = async (taps: Taps) => (await judge(taps)).map(({ message }) => message);

it('is told by the first tap that shows it, of all that are left out', async () => {
  const four: Timed[] = [[100, pings(TO_4, VM1, VM4)], ...left];
  const both = await judge({ eth0: four.sort(([a], [b]) => a - b), eth1: left });
  expect(both).toMatchObject([
    {
      evidence: [
        { tap: 'eth0', frame: 3 },
        { tap: 'eth0', frame: 4 },
      ],
    },
  ]);
  expect(both[0]?.message).toContain('none to 10.2.0.1, 10.3.0.1; likely its flood list lacks these VTEPs.');
});

it('counts what all askers flood, frames in order', async () => {
  const others: Timed[] = [2.5, 3.5].map((second) => [second * S, asks(TO_2, VM4, VM2)]);
  const [found] = await judge({ eth0: [...left, ...others].sort(([a], [b]) => a - b) });
  expect(found?.message).toContain('10.0.0.1 sent 4 broadcasts to 10.1.0.1 in VNI 5000');
  expect(found?.evidence.map(({ frame }) => frame)).toEqual([2, 3, 4, 5]);
});

it('where one VTEP got more than one, though another got the last', async () => {
  const [first, second, third] = left as [Timed, Timed, Timed];
  expect(await judge({ eth0: [first, second, third, [3 * S + 10, asks(TO_4, VM1, VM2)]] })).toHaveLength(1);
});

it('not where the capture ends within a second of the last copy of the one broadcast', async () => {
  const [first, second] = left as [Timed, Timed];
  const copies: Timed[] = [first, second, [2 * S + 10, asks(TO_4, VM1, VM2)]];
  expect(await judge({ eth0: copies })).toEqual([]);
  expect(await judge({ eth0: [...copies, [3 * S, pings(TO_2, VM1, VM2)]] })).toEqual([]);
  expect(await judge({ eth0: [...copies, [3 * S + 10, pings(TO_2, VM1, VM2)]] })).toHaveLength(1);
});

it('by the last of all broadcasts, whoever got it', async () => {
  const early: Timed[] = [
    [0, asks(TO_4, VM1, VM2)],
    [0.5 * S, pings(TO_3, VM1, VM3)],
    [2 * S, asks(TO_2, VM1, VM2)],
    [3 * S, asks(TO_2, VM1, VM2)],
  ];
  expect(await judge({ eth0: early })).toHaveLength(1);
});

it('not of a group that others send to: nobody is sent a copy there', async () => {
  const group: Timed[] = [[0, pings({ from: HV2, to: GROUP }, VM2, VM3)]];
  expect(await messages({ eth0: left, eth1: group })).toMatchObject([expect.stringContaining('none to 10.2.0.1;')]);
  expect(await judge({ eth0: [...left, [4 * S, asks(TO_3, VM1, VM2)]], eth1: group })).toEqual([]);
});

it('whatever answers questions in another VNI, or of others', async () => {
  const elsewhere: Timed[] = [
    [4 * S, asks({ ...TO_3, vni: 6000 }, VM1, VM2)],
    [4 * S + 500, answers({ from: HV3, to: HV1, vni: 6000 }, VM2, VM1)],
  ];
  expect(await judge({ eth0: [...left, ...elsewhere] })).toHaveLength(1);
  const ofOthers: Timed[] = [
    [4 * S, asks({ from: HV2, to: HV1 }, VM2, VM4)],
    [4 * S + 500, answers({ from: HV3, to: HV1 }, VM4, VM2)],
  ];
  expect(await judge({ eth0: [...left, ...ofOthers] })).toHaveLength(1);
});

it('not where it answers, though another VTEP sent the question back, or it was the first that was seen', async () => {
  const reflected: Timed = [3 * S + 100, asks({ from: HV2, to: HV1 }, VM1, VM2)];
  const answered: Timed = [3 * S + 500, answers({ from: HV3, to: HV1 }, VM2, VM1)];
  expect(await judge({ eth0: [...left, reflected, answered] })).toEqual([]);
  expect(await judge({ eth0: [[0, answers({ from: HV3, to: HV1 }, VM2, VM1)], ...left, answered] })).toEqual([]);
});

it('not besides requests of the same VNI that do not leave their host at all', async () => {
  const stays: Timed[] = [1, 2, 3].map((second) => [second * S, bareQuestion(VM1, VM3)]);
  const flood: Timed[] = [4, 5].map((second) => [second * S, asks(TO_2, VM4, VM2)]);
  const bare = (us: number): Timed => [us, pings(null, VM1, VM2, us / S)];
  const through = (us: number): Timed => [us + 30, pings(TO_2, VM1, VM2, us / S)];
  const taps = (vni: number): Taps => ({
    vm1_overlay: [bare(0), ...stays, bare(9 * S)],
    vm1_underlay: [
      ...[through(0), [100, pings({ ...TO_3, vni }, VM4, VM3)] as const],
      ...flood.map(([us]): Timed => [us, asks({ ...TO_2, vni }, VM4, VM2)]),
      through(9 * S),
    ],
  });
  const told = async (vni: number) =>
    (await analyzeTaps(scratch, taps(vni))).findings.map(({ id }) => id).filter((id) => id.startsWith('bum-'));
  expect(await told(5000)).toEqual(['bum-not-encapsulated']);
  expect(await told(6000)).toEqual(['bum-not-encapsulated', 'bum-missing-vtep']);
});
