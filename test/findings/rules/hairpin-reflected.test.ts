/** `hairpin-reflected`: floods that come back to the VTEP that sent them. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import { ethernet, frame, icmpv4, icmpv6, ipv4, ipv6, payload, udp, vxlan } from '../../helpers/frame-builder.js';
import { advertise, carried, ipv6Of, solicit } from '../../helpers/neighbours.js';
import { Scratch } from '../../helpers/read-capture.js';
import { asks, HV1, HV2, HV3, pings, VM1, VM2, VM3 } from '../../helpers/tunnelled.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const S = 1_000_000;
const TO_2 = { from: HV1, to: HV2 };
const BACK = { from: HV2, to: HV1 };
const HSRP = 0x00000c07ac01;
const judge = async (taps: Taps) => only(await analyzeTaps(scratch, taps), 'hairpin-reflected');
const reflected: Timed[] = [
  [0, asks(TO_2, VM1, VM2)],
  [100, asks(BACK, VM1, VM2)],
];

it('a question comes back', async () => {
  const found = await judge({ eth0: reflected });
  expect(found).toMatchObject([{ severity: 'warning', evidence: [{ tap: 'eth0', frame: 2 }] }]);
  expect(found[0]?.message).toContain(
    '10.1.0.1 sent 1 of 1 frame that 10.0.0.1 had flooded to it in VNI 5000 back to 10.0.0.1 within 50 ms (eth0, from 02:00:00:00:00:11)',
  );
});

it('two taps that see it are told as one finding, that of the one that saw more', async () => {
  const again: Timed[] = [
    [S, asks(TO_2, VM1, VM3)],
    [S + 100, asks(BACK, VM1, VM3)],
  ];
  const found = await judge({ eth0: reflected, eth1: [...reflected, ...again] });
  expect(found).toMatchObject([{ evidence: [{ tap: 'eth1', frame: 2 }, { frame: 4 }] }]);
  const swapped = await judge({ eth0: [...reflected, ...again], eth1: reflected });
  expect(swapped).toMatchObject([{ evidence: [{ tap: 'eth0', frame: 2 }, { frame: 4 }] }]);
});

it('counts what comes back of all MACs', async () => {
  const questions = [
    [VM1, VM2],
    [VM1, VM3],
    [VM2, VM3],
  ] as const;
  const all = questions.flatMap(([asker, target], n): Timed[] => [
    [n * S, asks(TO_2, asker, target)],
    [n * S + 100, asks(BACK, asker, target)],
  ]);
  const [found] = await judge({ eth0: all });
  expect(found?.message).toContain('sent 3 of 3 frames');
  expect(found?.message).toContain('from 02:00:00:00:00:11, 02:00:00:00:00:12)');
  expect(found?.evidence.map(({ frame }) => frame)).toEqual([2, 4, 6]);
});

it('frames to one host are none of a flood, and take nothing from it', async () => {
  const unicast = [2, 3, 4].map((n): Timed => [n * S, pings(TO_2, VM1, VM2, n)]);
  expect(await judge({ eth0: [...reflected, ...unicast] })).toHaveLength(1);
});

it('not where it comes later than 50 ms', async () => {
  const [first] = reflected as [Timed];
  expect(await judge({ eth0: [first, [50_001, asks(BACK, VM1, VM2)]] })).toEqual([]);
  expect(await judge({ eth0: [first, [50_000, asks(BACK, VM1, VM2)]] })).toHaveLength(1);
});

it('not where it goes on to a third VTEP, comes in another VNI, or is another question', async () => {
  const [first] = reflected as [Timed];
  expect(await judge({ eth0: [first, [100, asks({ from: HV2, to: HV3 }, VM1, VM2)]] })).toEqual([]);
  expect(await judge({ eth0: [first, [100, asks({ ...BACK, vni: 6000 }, VM1, VM2)]] })).toEqual([]);
  expect(await judge({ eth0: [first, [100, asks(BACK, VM1, VM3)]] })).toEqual([]);
});

it('not of what was sent to one host', async () => {
  const unicast: Timed[] = [
    [0, pings(TO_2, VM1, VM2)],
    [100, pings(BACK, VM1, VM2)],
  ];
  expect(await judge({ eth0: unicast })).toEqual([]);
});

it('not of announcements: gateways that share an address make the same', async () => {
  const announced: Timed[] = [
    [0, asks(TO_2, VM1, VM1)],
    [100, asks(BACK, VM1, VM1)],
  ];
  expect(await judge({ eth0: announced })).toEqual([]);
});

it('not of a MAC that routers share, known by its bytes or by what it floods from both sides', async () => {
  const shared: Timed[] = [
    [0, asks(TO_2, HSRP, VM2)],
    [100, asks(BACK, HSRP, VM2)],
  ];
  expect(await judge({ eth0: shared })).toEqual([]);
  const fromMore = [2, 3].map((n): Timed => [n * S, asks(TO_2, VM1, VM2 + n)]);
  expect(await judge({ eth0: [...reflected, ...fromMore.slice(1)] })).toHaveLength(1);
  expect(await judge({ eth0: [...reflected, ...fromMore] })).toEqual([]);
  const backMore = [2, 3].map((n): Timed => [n * S, asks(BACK, VM1, VM2 + n)]);
  expect(await judge({ eth0: [...reflected, ...backMore.slice(1)] })).toHaveLength(1);
  expect(await judge({ eth0: [...reflected, ...backMore] })).toEqual([]);
});

const VM4 = 0x020000000014;
const OTHER_IP = 0xc0a80177;
/** What a MAC asks from another one of its addresses. */
const asksToo = (way: typeof TO_2, number: number): Uint8Array =>
  frame(
    ethernet(),
    ipv4({ source: way.from, destination: way.to }),
    udp({ destinationPort: 4789 }),
    vxlan({ vni: 5000 }),
    ethernet({ source: VM1, destination: 0xffffffffffff }),
    ipv4({ source: OTHER_IP, destination: 0xc0a801ff, identification: number }),
    icmpv4(),
  );

it('of two taps that saw as much the first is told', async () => {
  expect(await judge({ eth0: reflected, eth1: reflected })).toMatchObject([{ evidence: [{ tap: 'eth0', frame: 2 }] }]);
});

it('counts what a MAC sends from all of its addresses, there and back', async () => {
  const too: Timed[] = [
    [S, asksToo(TO_2, 1)],
    [S + 100, asksToo(BACK, 1)],
  ];
  const [found] = await judge({ eth0: [...reflected, ...too] });
  expect(found?.message).toContain('10.1.0.1 sent 2 of 2 frames');
  expect(found?.message).toContain('from 02:00:00:00:00:11)');
  expect(found?.evidence.map(({ frame }) => frame)).toEqual([2, 4]);
  const [, ...later] = [1, 2, 3].map((n): Timed => [n * S, asksToo(TO_2, n)]);
  expect(await judge({ eth0: [...later, ...reflected.map(([us, bytes]): Timed => [us + 5 * S, bytes])] })).toEqual([]);
});

it('is told of each VNI, of each that sends it back, and of each that it came from; frames in order', async () => {
  const both = (from: number, to: number, vni: number, asker: number, us: number): Timed[] => [
    [us, asks({ from, to, vni }, asker, VM4)],
    [us + 100, asks({ from: to, to: from, vni }, asker, VM4)],
  ];
  const frames = [
    ...both(HV1, HV2, 5000, VM1, 0),
    ...both(HV1, HV2, 5000, VM2, S),
    ...both(HV1, HV2, 5000, VM1, 2 * S),
    ...both(HV1, HV2, 6000, VM1, 3 * S),
    ...both(HV1, HV3, 5000, VM1, 4 * S),
    ...both(HV3, HV2, 5000, VM3, 5 * S),
  ];
  const found = await judge({ eth0: frames });
  expect(found.map(({ message }) => message.replace(/ within.*/, ''))).toEqual([
    '10.1.0.1 sent 3 of 3 frames that 10.0.0.1 had flooded to it in VNI 5000 back to 10.0.0.1',
    '10.1.0.1 sent 1 of 1 frame that 10.0.0.1 had flooded to it in VNI 6000 back to 10.0.0.1',
    '10.2.0.1 sent 1 of 1 frame that 10.0.0.1 had flooded to it in VNI 5000 back to 10.0.0.1',
    '10.1.0.1 sent 1 of 1 frame that 10.2.0.1 had flooded to it in VNI 5000 back to 10.2.0.1',
  ]);
  expect(found[0]?.evidence.map(({ frame }) => frame)).toEqual([2, 4, 6]);
});

it('over IPv6 too, and to the VTEP that it came from alone', async () => {
  const question = asks(TO_2, VM1, VM2).subarray(14 + 20);
  const over = (from: number, to: number): Uint8Array =>
    frame(ethernet(), ipv6({ source: ipv6Of(from), destination: ipv6Of(to), nextHeader: 17 }), payload(question));
  const there: Timed = [0, over(1, 2)];
  const found = await judge({ eth0: [there, [100, over(2, 1)]] });
  expect(found.map(({ message }) => message.replace(/ in VNI.*/, ''))).toEqual([
    'fd00::2 sent 1 of 1 frame that fd00::1 had flooded to it',
  ]);
  expect(await judge({ eth0: [there, [100, over(2, 3)]] })).toEqual([]);
  expect(await judge({ eth0: [there, [100, over(1, 2)]] })).toEqual([]);
});

it('not of what routers and neighbours advertise, though of what is solicited', async () => {
  const routers = (way: typeof TO_2): Uint8Array =>
    carried(
      way,
      ethernet({ source: VM1, destination: 0x333300000001 }),
      ipv6({ hopLimit: 255 }),
      icmpv6({ type: 134 }),
      payload(new Uint8Array(12)),
    );
  const both = (message: (way: typeof TO_2) => Uint8Array): Taps => ({
    eth0: [
      [0, message(TO_2)],
      [100, message(BACK)],
    ],
  });
  expect(await judge(both(routers))).toEqual([]);
  expect(await judge(both((way) => advertise(way, VM1, 1)))).toEqual([]);
  expect(await judge(both((way) => solicit(way, VM1, 1, 2)))).toHaveLength(1);
});
