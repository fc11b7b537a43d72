/** `vtep-source-mismatch` on made-up tunnels: HV1 asks HV2 by DOOR, and HV2 answers from BACK. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../../helpers/analyze-taps.js';
import { arp, ethernet, frame, ipv4, udp, vxlan } from '../../helpers/frame-builder.js';
import { ask as askFor } from '../../helpers/neighbours.js';
import { Scratch } from '../../helpers/read-capture.js';
import { bareAnswer, bareQuestion } from '../../helpers/tunnelled.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const [HV1, DOOR, BACK, HV3, HV4, GROUP] = [0x0a000001, 0x0a000002, 0x0a090002, 0x0a000003, 0x0a000004, 0xef000001];
const [A, B, C, ALL] = [0x020000000011, 0x020000000012, 0x020000000013, 0xffffffffffff];

const tunnelled = (
  second: number,
  source: number,
  destination: number,
  mac: number,
  to: number,
  isAnswer: boolean,
  vni = 5000,
): Timed => {
  const bytes = frame(
    ethernet(),
    ipv4({ source, destination }),
    udp({ destinationPort: 4789 }),
    vxlan({ vni }),
    ethernet({ source: mac, destination: to }),
    arp({
      operation: isAnswer ? 2 : 1,
      senderHardware: mac,
      senderProtocol: 0xc0a80100 + (mac & 0xff),
      targetProtocol: 0xc0a80100 + (isAnswer ? to & 0xff : B & 0xff),
    }),
  );
  return [second * 1e6, bytes];
};
const ask = (second: number, to: number, mac = A): Timed => tunnelled(second, HV1, to, mac, ALL, false);
const answer = (second: number, from: number, to = HV1, mac = A): Timed => tunnelled(second, from, to, B, mac, true);
/** The same for another asker, or in another VNI. */
const asks = (second: number, to: number, { mac = A, vni = 5000, from = HV1 } = {}): Timed =>
  tunnelled(second, from, to, mac, ALL, false, vni);
const answers = (second: number, from: number, { mac = A, vni = 5000, to = HV1 } = {}): Timed =>
  tunnelled(second, from, to, B, mac, true, vni);
const unicast = (second: number, to: number): Timed => tunnelled(second, HV1, to, A, B, true);
const findings = async (frames: Timed[], more: Record<string, Timed[]> = {}) =>
  only(await analyzeTaps(scratch, { eth0: frames, ...more }), 'vtep-source-mismatch');

/** The answers come from where nobody sends, and are dropped. */
const dropped: Timed[] = [ask(0, DOOR), answer(0.01, BACK), ask(1, DOOR), answer(1.01, BACK)];
/** HV3 gets copies too, and sends by itself; what HV1 learns of BACK it uses. */
const sends: Timed = tunnelled(9, HV3, HV1, C, A, true);
const learned: Timed[] = [
  ask(0, DOOR),
  ask(0.001, HV3),
  answer(0.01, BACK),
  unicast(0.02, BACK),
  ask(60, DOOR),
  ask(60.001, HV3),
  answer(60.01, BACK),
  [70e6, sends[1]],
];

it('answers from an address that got no copy are of no use', async () => {
  const found = await findings(dropped);
  expect(found).toMatchObject([{ severity: 'warning', evidence: [1, 2, 3, 4].map((frame) => ({ frame })) }]);
  expect(found[0]?.message).toContain(
    '10.9.0.2 answered 2 requests in VNI 5000 without a copy of its own, while 10.0.0.2, which',
  );
});

it('answers from an address that got no copy, while all others that got one send', async () => {
  expect(await findings(learned)).toHaveLength(1);
  expect(await findings(learned, { eth1: learned })).toHaveLength(1);
});

it('of no use is also what is followed by frames to the first address', async () => {
  const late = [ask(0, DOOR), answer(0.01, BACK), ask(60, DOOR), answer(60.01, BACK)];
  expect(await findings(late)).toEqual([]);
  expect(await findings([...late, unicast(61, DOOR)])).toHaveLength(1);
});

it('not of one request alone', async () => {
  expect(await findings([ask(0, DOOR), answer(0.01, BACK), unicast(1, DOOR)])).toEqual([]);
});

it('not where the one that got the copy sends, at whichever tap', async () => {
  const awake = tunnelled(3, DOOR, HV1, C, A, true);
  expect(await findings([...dropped, awake])).toEqual([]);
  expect(await findings(dropped, { eth1: [awake] })).toEqual([]);
});

it('not where the answering VTEP got a copy, or is sent to before it sends', async () => {
  expect(await findings([...dropped.slice(0, 3), ask(1.001, BACK), ...dropped.slice(3)])).toEqual([]);
  expect(await findings([unicast(0, BACK), ...learned.slice(1)])).toEqual([]);
  expect(await findings([...learned, ask(80, BACK, C)])).toEqual([]);
  expect(await findings(learned, { eth1: [unicast(5, BACK)] })).toEqual([]);
});

it('not where a node replicates: its only copy is answered, and the answer is used, or several VTEPs answer', async () => {
  expect(await findings([...dropped, unicast(2, BACK)])).toEqual([]);
  expect(
    await findings([
      ...dropped,
      ask(2, DOOR, C),
      answer(2.01, HV4, HV1, C),
      ask(3, DOOR, C),
      answer(3.01, HV4, HV1, C),
    ]),
  ).toEqual([]);
});

it('not where copies go to a group, nor where the answer goes to another, nor comes from who asks', async () => {
  const group = dropped.map(([us], index): Timed => (index % 2 === 0 ? ask(us / 1e6, GROUP) : answer(us / 1e6, BACK)));
  expect(await findings(group)).toEqual([]);
  expect(await findings([...dropped, ask(2, GROUP)])).toEqual([]);
  const astray = dropped.map(
    ([us], index): Timed => (index % 2 === 0 ? ask(us / 1e6, DOOR) : answer(us / 1e6, BACK, HV4)),
  );
  expect(await findings(astray)).toEqual([]);
});

it('is told by the tap that saw the most requests, one of each of several too', async () => {
  const most = await findings(learned, { eth1: learned.slice(0, 4) });
  expect(most[0]?.message).toContain('10.9.0.2 answered 2 requests in VNI 5000');
  const each = [
    ...[asks(0, DOOR), asks(0.001, HV3), answers(0.01, BACK), unicast(0.02, BACK)],
    ...[asks(1, DOOR, { mac: C }), asks(1.001, HV3, { mac: C }), answers(1.01, BACK, { mac: C })],
    [9e6, sends[1]] as const,
  ];
  const found = await findings(each);
  expect(found[0]?.message).toContain('10.9.0.2 answered 2 requests in VNI 5000');
  expect(found[0]?.evidence.map(({ frame }) => frame)).toEqual([1, 2, 3, 5, 6, 7]);
});

it('counts requests in all VNIs, and lists a hundred frames of however many', async () => {
  const often = Array.from({ length: 30 }, (_, second) => second).flatMap((second) =>
    [5000, 6000].flatMap((vni) => [asks(second, DOOR, { vni }), answers(second + 0.01, BACK, { vni })]),
  );
  const [found, ...more] = await findings(often);
  expect(more).toEqual([]);
  expect(found?.message).toContain('10.9.0.2 answered 60 requests in 2 VNIs without');
  expect(found?.evidence).toHaveLength(100);
});

it('names all that got a copy and never send', async () => {
  const two = [0, 1].flatMap((second) => [asks(second, DOOR), asks(second, HV4), answers(second + 0.01, BACK)]);
  const found = await findings(two);
  expect(found[0]?.message).toMatch(
    /while 10\.0\.0\.2 and 10\.0\.0\.4, which got them, never send: .* is sent to at one of these\.$/,
  );
  expect((await findings(dropped))[0]?.message).toMatch(
    /while 10\.0\.0\.2, which got one, never sends: .* is sent to at 10\.0\.0\.2\.$/,
  );
});

it('not where more answer than are silent, for any of these', async () => {
  const two = [0, 1].flatMap((second) => [asks(second, DOOR), asks(second, HV4), answers(second + 0.01, BACK)]);
  const one = (from: number, mac: number): Timed[] =>
    [2, 3].flatMap((second) => [asks(second, DOOR, { mac }), answers(second + 0.01, from, { mac })]);
  expect(await findings([...two, ...one(0x0a090003, C)])).toHaveLength(1);
  expect(await findings([...two, ...one(0x0a090003, C), ...one(0x0a090004, C + 1)])).toEqual([]);
});

it('not by answers that are late, or bare', async () => {
  expect(await findings([asks(0, DOOR), answers(1.5, BACK), asks(3, DOOR), answers(4.5, BACK)])).toEqual([]);
  const late = [asks(2, DOOR, { mac: C }), asks(3, DOOR, { mac: C }), answers(4.5, HV4, { mac: C })];
  expect(await findings([...dropped, ...late])).toHaveLength(1);
  const bare = [0, 1].flatMap((second): Timed[] => [
    [second * 1e6, bareQuestion(A, B)],
    [second * 1e6 + 10_000, bareAnswer(B, A)],
  ]);
  expect(await findings([...dropped, ...bare.map(([us, bytes]): Timed => [us + 5e6, bytes])])).toHaveLength(1);
});

it('not where others asked too, nor where who asks answers itself', async () => {
  const both = [0, 1].flatMap((second) => [
    ...[asks(second, DOOR), asks(second, DOOR, { from: HV3 }), answers(second + 0.01, BACK)],
  ]);
  expect(await findings(both)).toEqual([]);
  const itself = [0, 60].flatMap((second) => [asks(second, DOOR), asks(second, HV3), answers(second + 0.01, HV1)]);
  expect(await findings([...itself, [70e6, sends[1]]])).toEqual([]);
});

it('not where it was sent to before any of what it sends, though after it began', async () => {
  const later = tunnelled(70, BACK, HV3, B, C, true);
  expect(await findings([...learned, later])).toHaveLength(1);
});

it('explains silence between its own VTEPs, in its VNI', async () => {
  const silent = (from: number, to: number, vni = 5000): Timed[] =>
    [5, 5.1].map((second) => tunnelled(second, from, to, C, C + 1, true, vni));
  const oneWays = async (frames: Timed[]) =>
    only(await analyzeTaps(scratch, { eth0: [...dropped, ...frames] }), 'one-way-tunnel');
  const again = [asks(2, DOOR, { vni: 7000 }), answers(2.01, BACK, { vni: 7000 })];
  const inBoth = [...again, asks(3, DOOR, { vni: 7000 }), answers(3.01, BACK, { vni: 7000 })];
  expect(await oneWays([...inBoth, ...silent(HV1, DOOR, 6000)])).toEqual([]);
  expect(await oneWays(silent(HV1, DOOR))).toEqual([]);
  expect(await oneWays(silent(HV1, DOOR, 6000))).toHaveLength(1);
  expect(await oneWays(silent(HV3, HV4))).toHaveLength(1);
});

it('though what answers is the first that is seen', async () => {
  const later = dropped.map(([us, bytes]): Timed => [us + 1e6, bytes]);
  expect(await findings([answer(0, BACK), ...later])).toHaveLength(1);
});

it('explains requests without an answer, and frames that go on to the old address', async () => {
  const judged = async (id: string, frames: Timed[]) => only(await analyzeTaps(scratch, { eth0: frames }), id);
  const asked = [5e6, 6e6].map((us): Timed => [us, askFor({ from: HV1, to: DOOR }, { target: 0xc0a801fe })]);
  expect(await judged('arp-unanswered', asked)).toHaveLength(1);
  expect(await judged('arp-unanswered', [...dropped, ...asked])).toEqual([]);
  const first = [ask(0, DOOR), ask(0.001, HV3), answer(0.01, BACK)];
  const second = [ask(1, DOOR), ask(1.001, HV3), answer(1.01, BACK)];
  const goesOn = [2, 3.5].map((at) => tunnelled(at, HV1, DOOR, A, B, true));
  const rest = [...goesOn, answer(4, BACK), sends, tunnelled(9.1, HV1, BACK, A, C + 5, true)];
  expect(await judged('stale-mac', [...first, ...rest])).toHaveLength(1);
  expect(await findings([...first, ...second, ...rest])).toHaveLength(1);
  expect(await judged('stale-mac', [...first, ...second, ...rest])).toEqual([]);
});
