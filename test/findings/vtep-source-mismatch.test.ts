/** `vtep-source-mismatch` on made-up tunnels: HV1 asks HV2 by DOOR, and HV2 answers from BACK. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../helpers/analyze-taps.js';
import { arp, ethernet, frame, ipv4, udp, vxlan } from '../helpers/frame-builder.js';
import { Scratch } from '../helpers/read-capture.js';

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
): Timed => {
  const bytes = frame(
    ethernet(),
    ipv4({ source, destination }),
    udp({ destinationPort: 4789 }),
    vxlan({ vni: 5000 }),
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
  const astray = dropped.map(
    ([us], index): Timed => (index % 2 === 0 ? ask(us / 1e6, DOOR) : answer(us / 1e6, BACK, HV4)),
  );
  expect(await findings(astray)).toEqual([]);
});
