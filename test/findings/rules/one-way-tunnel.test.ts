/** `one-way-tunnel`: unicast one way, nothing the other. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../../helpers/analyze-taps.js';
import { Scratch } from '../../helpers/read-capture.js';
import { asks, HV1, HV2, HV3, pings, VM1, VM2, VM3 } from '../../helpers/tunnelled.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const S = 1_000_000;
const TO_2 = { from: HV1, to: HV2 };
const BACK = { from: HV2, to: HV1 };
const judge = async (eth0: Timed[]) => only(await analyzeTaps(scratch, { eth0 }), 'one-way-tunnel');
const out: Timed[] = [
  [0, pings(TO_2, VM1, VM2, 1)],
  [S, pings(TO_2, VM1, VM2, 2)],
];

it('two pings went, nothing came back', async () => {
  const found = await judge(out);
  expect(found).toMatchObject([{ severity: 'info', evidence: [{ tap: 'eth0', frame: 1 }, { frame: 2 }] }]);
  expect(found[0]?.message).toContain(
    '2 unicast frames went from 10.0.0.1 to 10.1.0.1 in VNI 5000, and none came back (eth0)',
  );
});

it('not of one frame, nor where anything came back in that VNI', async () => {
  expect(await judge(out.slice(1))).toEqual([]);
  expect(await judge([...out, [2 * S, asks(BACK, VM2, VM1)]])).toEqual([]);
});

it('not of floods', async () => {
  expect(
    await judge([
      [0, asks(TO_2, VM1, VM2)],
      [S, asks(TO_2, VM1, VM2)],
    ]),
  ).toEqual([]);
});

it('not of the copies of frames for a MAC behind a third VTEP', async () => {
  const copies: Timed[] = out.map(([us]) => [us, pings(TO_2, VM1, VM3)]);
  expect(await judge([...copies, [2 * S, pings({ from: HV3, to: HV1 }, VM3, VM1)]])).toEqual([]);
});

it('not where each way has a VNI of its own; but where the other VNI is used both ways', async () => {
  const back: Timed = [2 * S, pings({ ...BACK, vni: 6000 }, VM3, VM1)];
  expect(await judge([...out, back])).toEqual([]);
  expect(await judge([...out, back, [3 * S, pings({ ...TO_2, vni: 6000 }, VM1, VM3)]])).toHaveLength(1);
});

it('counts what goes between all hosts behind the two VTEPs', async () => {
  const frames: Timed[] = [
    [0, pings(TO_2, VM1, VM2)],
    [S, pings(TO_2, VM3, VM2)],
  ];
  expect((await judge(frames))[0]?.message).toContain('2 unicast frames went from 10.0.0.1 to 10.1.0.1');
});

it('counts what the tap saw that saw the most of it', async () => {
  for (const taps of [
    { eth0: out, eth1: out.slice(1) },
    { eth0: out.slice(1), eth1: out },
  ]) {
    const [found] = only(await analyzeTaps(scratch, taps), 'one-way-tunnel');
    expect(found?.message).toContain('2 unicast frames went from 10.0.0.1 to 10.1.0.1 in VNI 5000');
  }
});

it('not of what goes to a group of VTEPs', async () => {
  expect(await judge(out.map(([us], index) => [us, pings({ from: HV1, to: 0xef000001 }, VM1, VM2, index)]))).toEqual(
    [],
  );
});

it('where the receiver sends to others, from there', async () => {
  const elsewhere = (us: number, from: number): Timed => [us, pings({ from, to: 0x0a030001 }, VM2, VM3)];
  expect(await judge([...out, elsewhere(2 * S, HV2)])).toHaveLength(1);
  expect(await judge([...out, elsewhere(2 * S, HV3)])).toEqual([]);
  // Whatever the order of their addresses, or of the frames.
  const first: Timed[] = [elsewhere(0, HV3), elsewhere(S, HV2)];
  const later = out.map(([us, bytes]): Timed => [us + 2 * S, bytes]);
  expect(await judge([...first, ...later])).toHaveLength(1);
  const between = (vtep: number) => pings({ from: HV1, to: vtep }, VM1, VM2, 5);
  const toThird = [3, 4].map((second): Timed => [second * S, between(HV3)]);
  expect(await judge([...first, ...toThird])).toHaveLength(1);
});
