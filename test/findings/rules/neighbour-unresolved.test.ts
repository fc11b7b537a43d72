/** `neighbour-unresolved`: a VTEP asks the underlay for another, and nobody answers. */
import { afterAll, expect, it } from 'vitest';
import type { AnalyzeOptions } from '../../../src/analyze.js';
import { analyzeTaps, only, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import { answer, ask, BACK, data, HV1, HV2, HV3, MAC1, MAC2, OUT } from '../../helpers/neighbours.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const HV4 = 0x0a030001;
const ID = 'neighbour-unresolved';
const found = async (taps: Taps, options?: AnalyzeOptions, id = ID) =>
  only(await analyzeTaps(scratch, taps, options), id);
/** The host's own request, every second. */
const asks = (count: number, words = {}): Timed[] =>
  Array.from({ length: count }, (_, second) => [1e6 * (second + 1), ask(null, { sender: HV1, target: HV2, ...words })]);
/** The second VTEP is known: it sends. The first is, too: it gets. */
const heard: Timed = [0, data(BACK, MAC2, MAC1)];
const message = (text: string) => ({ message: expect.stringContaining(text) });

it('is told where a VTEP asks for another, asks again, and gets no answer', async () => {
  expect(await found({ eth0: [heard, ...asks(3)] })).toEqual([
    {
      id: ID,
      severity: 'error',
      message:
        '10.0.0.1 asked for the VTEP 10.1.0.1 3 times in 2 s and got no answer (eth0): it can send nothing there.',
      evidence: [2, 3, 4].map((number) => ({ tap: 'eth0', frame: number })),
      fix: expect.stringContaining('ip neigh show'),
    },
  ]);
});

it('is told of VTEPs that the user names', async () => {
  const vteps = ['10.0.0.1', '10.1.0.1'];
  expect(await found({ eth0: asks(2) })).toEqual([]);
  const elsewhere: Timed = [0, data({ from: HV3, to: HV1 })];
  expect(await found({ eth0: [elsewhere, ...asks(2)] }, { vteps })).toMatchObject([
    message('the VTEP 10.1.0.1 2 times'),
  ]);
  expect(await found({ eth0: [elsewhere, ...asks(2)] })).toEqual([]);
});

it('is told once for a pair, with what the tap that saw most of it saw', async () => {
  const all = await found({ a: [heard, ...asks(2)], b: [heard, ...asks(4)], c: [heard, ...asks(3)] });
  expect(all).toMatchObject([message('4 times in 3 s and got no answer (a, b, c)')]);
  expect(all[0]?.evidence).toHaveLength(9);
  const longer = [asks(1), asks(4).slice(3)].flat();
  expect(await found({ a: [heard, ...asks(2)], b: [heard, ...longer] })).toMatchObject([message('2 times in 1 s and')]);
});

it('is told of each pair', async () => {
  const [third, fourth] = [HV3, HV4].map((from): Timed => [10, data({ from, to: HV2 })]) as [Timed, Timed];
  const frames = [
    heard,
    third,
    fourth,
    ...asks(2),
    ...asks(2, { target: HV3 }),
    ...asks(2, { sender: HV4, mac: MAC2 }),
  ];
  const pairs = (await found({ eth0: frames })).map((one) => one.message.replace(/ \d+ times.*/, ''));
  expect(pairs).toEqual([
    '10.0.0.1 asked for the VTEP 10.1.0.1',
    '10.0.0.1 asked for the VTEP 10.2.0.1',
    '10.3.0.1 asked for the VTEP 10.1.0.1',
  ]);
});

it('lists a hundred frames at most', async () => {
  expect((await found({ a: [heard, ...asks(60)], b: [heard, ...asks(60)] }))[0]?.evidence).toHaveLength(100);
});

it.each([
  ['it asked once', [heard, ...asks(1)]],
  ['it asks for what is no VTEP', [heard, ...asks(3, { target: 0x0a0100fe })]],
  ['a host that is no VTEP asks', [heard, ...asks(3, { sender: 0x0a0100fe })]],
  ['it sent there after it had asked', [heard, ...asks(3), [3_500_000, data(OUT)] as Timed]],
  [
    'the VTEP asks for somebody itself: it is there',
    [heard, ...asks(3), [4e6, ask(null, { mac: MAC2, sender: HV2, target: HV3 })] as Timed],
  ],
  ['it has an answer', [heard, ...asks(3), [3_000_100, answer(null, { sender: HV2, target: HV1 })] as Timed]],
  [
    'the question is one of the VMs of VNI 0, a network as any',
    [heard, ...asks(3).map(([us]): Timed => [us, ask({ from: HV3, to: HV1, vni: 0 }, { sender: HV1, target: HV2 })])],
  ],
  [
    'it sent there at the time when it asked first',
    [heard, ...asks(1), [1e6, data(OUT)] as Timed, ...asks(3).slice(1)],
  ],
  [
    'the question is one of the VMs',
    [heard, ...asks(3).map(([us]): Timed => [us, ask({ from: HV3, to: HV1 }, { sender: HV1, target: HV2 })])],
  ],
] as [string, Timed[]][])('is not told where %s', async (_, frames) => {
  expect(await found({ eth0: frames })).toEqual([]);
});

it.each([
  ['before it asked', { from: HV1, to: HV2 }, 0],
  ['to another VTEP', { from: HV1, to: HV3 }, 4e6],
  ['and it was another VTEP that did', { from: HV3, to: HV2 }, 4e6],
])('is told though something was sent: %s', async (_, way, us) => {
  const sent: Timed = [us, data(way)];
  const frames = us === 0 ? [sent, heard, ...asks(3)] : [heard, ...asks(3), sent];
  expect(await found({ eth0: frames })).toHaveLength(1);
});

it('is not told of an overlay that has the addresses of the underlay', async () => {
  expect(await found({ eth0: [heard], vm1_overlay: asks(3) })).toEqual([]);
});

it('explains why a VM gets no answer', async () => {
  const vm: Timed[] = [1, 2, 3].map((second) => [second * 1e6 + 500, ask(OUT)]);
  const frames = [...vm, [5e6, data(BACK, MAC2, MAC1)] as Timed];
  const silent = { eth0: frames };
  expect(await found(silent, {}, 'arp-unanswered')).toHaveLength(1);
  const later = asks(3).map(([us, bytes]): Timed => [us + 5e6, bytes]);
  const both = { eth0: [...frames, ...later] };
  expect(await found(both)).toHaveLength(1);
  expect(await found(both, {}, 'arp-unanswered')).toEqual([]);
});

it('explains the loss of what was to go there', async () => {
  const passes = (second: number): Timed[] => [
    [second * 1e6, data(null, MAC1, MAC2, second + 1)],
    [second * 1e6 + 30, data(OUT, MAC1, MAC2, second + 1)],
  ];
  const [bare, carried] = passes(0) as [Timed, Timed];
  const lost = [5, 6, 7].map((second): Timed => [second * 1e6, data(null, MAC1, MAC2, second + 1)]);
  const comes = (us: number, through: typeof BACK | null): Timed => [us, data(through, MAC2, MAC1, 99)];
  const taps = (questions: Timed[]): Taps => ({
    vm1_overlay: [bare, ...lost, comes(9_000_030, null)],
    vm1_underlay: [carried, ...questions, comes(9e6, BACK)],
  });
  const questions = asks(3).map(([us, bytes]): Timed => [us + 4e6, bytes]);
  expect(await found(taps([]), {}, 'loss')).toHaveLength(1);
  expect(await found(taps(questions))).toHaveLength(1);
  expect(await found(taps(questions), {}, 'loss')).toEqual([]);
});
