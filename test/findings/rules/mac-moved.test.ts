/** `mac-moved` on made-up tunnels: from the first VTEP, then from the second. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../../helpers/analyze-taps.js';
import { arp, ethernet, frame, ipv4, type Part, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const [HV1, HV2, HV3, HV4, HV5, PEER] = [0x0a000001, 0x0a000002, 0x0a000003, 0x0a000004, 0x0a000005, 0x0a000009];
const [MAC, OTHER, VRRP, VM, VM9] = [0x020000000011, 0x020000000012, 0x00005e000107, 0xc0a80101, 0xc0a80109];

const tunnelled = (vtep: number, ...inner: Part[]): Uint8Array =>
  frame(
    ethernet(),
    ipv4({ source: vtep, destination: PEER }),
    udp({ destinationPort: 4789 }),
    vxlan({ vni: 5000 }),
    ...inner,
  );
const from = (vtep: number, mac = MAC): Uint8Array =>
  tunnelled(vtep, ethernet({ source: mac }), ipv4({ source: VM, destination: VM9 }), udp({ destinationPort: 53 }));
const announcement = (vtep: number, operation: number, sender = VM): Uint8Array =>
  tunnelled(
    vtep,
    ethernet({ source: MAC, destination: 0xffffffffffff }),
    arp({ operation, senderHardware: MAC, senderProtocol: sender, targetProtocol: sender }),
  );
const findings = async (frames: Timed[], more: Record<string, Timed[]> = {}) =>
  only(await analyzeTaps(scratch, { eth0: frames, ...more }), 'mac-moved');

const moved: Timed[] = [
  [0, from(HV1)],
  [1_000_000, from(HV1)],
  [1_500_000, from(HV2)],
  [2_000_000, from(HV2)],
];

it('through one VTEP, then through another alone', async () => {
  const found = await findings(moved);
  const evidence = [
    { tap: 'eth0', frame: 2 },
    { tap: 'eth0', frame: 3 },
  ];
  expect(found).toMatchObject([{ severity: 'warning', evidence }]);
  expect(found[0]?.message).toContain('MAC 02:00:00:00:00:11 in VNI 5000 sent through 10.0.0.1, then, 500 ms later');
  expect(found[0]?.message).toContain('through 10.0.0.2 alone');
});

it('in whatever order the frames were written', async () => {
  const [first, second, third, fourth] = moved as [Timed, Timed, Timed, Timed];
  expect((await findings([third, first, second, fourth]))[0]?.message).toContain(
    'sent through 10.0.0.1, then, 500 ms later, through 10.0.0.2 alone',
  );
});

it('on and on: each move, once for all taps', async () => {
  const found = await findings([...moved, [4_000_000, from(HV3)]], { eth1: moved });
  expect(found.map(({ evidence }) => evidence.length)).toEqual([4, 2]);
});

it('whatever another tap saw first, which did not see it move', async () => {
  const back: Timed[] = [
    [0, from(HV2)],
    [1_000_000, from(HV2)],
    [2_000_000, from(HV1)],
  ];
  const found = await findings([[5_000_000, from(HV1)]], { eth1: back, eth2: [[0, from(HV1, OTHER)]] });
  expect(found.map(({ evidence }) => evidence)).toEqual([[2, 3].map((number) => ({ tap: 'eth1', frame: number }))]);
  expect(found[0]?.message).toContain('sent through 10.0.0.2, then, 1 s later, through 10.0.0.1 alone');
});

it('each way of several that taps saw', async () => {
  const way = (before: number, after: number): Timed[] => [
    [0, from(before)],
    [1_000_000, from(after)],
  ];
  const found = await findings(way(HV1, HV2), { eth1: way(HV1, HV3), eth2: way(HV4, HV2) });
  expect(found.map(({ message }) => message.match(/through (\S+), then, 1 s later, through (\S+) /)?.slice(1))).toEqual(
    [
      ['10.0.0.1', '10.0.0.2'],
      ['10.0.0.1', '10.0.0.3'],
      ['10.0.0.4', '10.0.0.2'],
    ],
  );
});

it('with a hundred frames, of however many taps', async () => {
  const taps = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`tap${index}`, moved]));
  expect((await findings(moved, taps)).map(({ evidence }) => evidence.length)).toEqual([100]);
});

it('not where it sends through both by turns, at whichever tap', async () => {
  const back: Timed[] = [...moved, [3_000_000, from(HV1)]];
  expect(await findings(back)).toEqual([]);
  expect(await findings(moved, { eth1: back })).toEqual([]);
});

it('not where a frame only comes back, from another VTEP, soon after', async () => {
  expect(
    await findings([
      [0, from(HV1)],
      [99_000, from(HV2)],
    ]),
  ).toEqual([]);
  expect(
    await findings([
      [0, from(HV1)],
      [100_000, from(HV2)],
    ]),
  ).toHaveLength(1);
});

it.each([
  ['gratuitous ARP', 1, VM],
  ['an unasked ARP reply', 2, VM],
  ['reverse ARP', 3, 0],
])('not where it announced itself by %s, at whichever tap', async (_, operation, sender) => {
  const announced: Timed = [1_400_000, announcement(HV2, operation, sender)];
  expect(await findings([...moved.slice(0, 2), announced, ...moved.slice(2)])).toEqual([]);
  expect(await findings(moved, { eth1: [announced] })).toEqual([]);
  // Before it moved is not after.
  expect(await findings([[0, announcement(HV1, operation, sender)], ...moved])).toHaveLength(1);
});

it('not where the two VTEPs have another MAC in common', async () => {
  const others: Timed[] = [
    [2_100_000, from(HV1, OTHER)],
    [2_100_001, from(HV2, OTHER)],
  ];
  expect(await findings([...moved, ...others])).toEqual([]);
  expect(await findings([...moved, ...others.slice(1)])).toHaveLength(1);
});

it('not for MACs that routers share, nor those of many VTEPs', async () => {
  expect(
    await findings([
      [0, from(HV1, VRRP)],
      [1_000_000, from(HV2, VRRP)],
    ]),
  ).toEqual([]);
  const vteps = [HV1, HV2, HV3, HV4, HV5].map((vtep, second): Timed => [second * 1_000_000, from(vtep)]);
  expect(await findings(vteps)).toEqual([]);
  expect(await findings(vteps.slice(1))).toHaveLength(3);
});
