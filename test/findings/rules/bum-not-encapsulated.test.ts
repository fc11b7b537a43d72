/** `bum-not-encapsulated`: a VM's requests stay on its host. */
import { afterAll, describe, expect, it } from 'vitest';
import type { Facts } from '../../../src/findings/facts.js';
import { bumNotEncapsulated } from '../../../src/findings/rules/bum-not-encapsulated.js';
import { analyzeTaps, only, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import { answer, ask, BACK, data, HV1, HV3, MAC1, MAC2, OTHER, OUT, VM2, VM3 } from '../../helpers/neighbours.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const ID = 'bum-not-encapsulated';
const found = async (taps: Taps, id = ID) => only(await analyzeTaps(scratch, taps), id);
const message = (text: string) => ({ message: expect.stringContaining(text) });
/** What a VM asks, every second. */
const asks = (count = 3, words = {}): Timed[] =>
  Array.from({ length: count }, (_, second) => [1e6 * (second + 1), ask(null, words)]);
/** What passes both taps, before and after. */
const through = (...us: number[]) => ({
  overlay: us.map((at): Timed => [at, data(null, MAC1, MAC2, at / 1e5 + 1)]),
  underlay: us.map((at): Timed => [at + 30, data(OUT, MAC1, MAC2, at / 1e5 + 1)]),
});
const both = through(0, 9e6);
/** The two taps of a host, each with more frames. */
const host = (overlay: readonly Timed[], underlay: readonly Timed[] = []): Taps => ({
  vm1_overlay: [...both.overlay, ...overlay].sort(([a], [b]) => a - b),
  vm1_underlay: [...both.underlay, ...underlay].sort(([a], [b]) => a - b),
});

it('is told where requests of a VM stay on its host', async () => {
  expect(await found(host(asks()))).toEqual([
    {
      id: ID,
      severity: 'error',
      message:
        'None of 3 requests of VNI 5000 at vm1_overlay was encapsulated at vm1_underlay (192.168.1.1 for 192.168.1.2), and none went to 10.1.0.1; likely the VTEP has no flood list.',
      evidence: [2, 3, 4].map((number) => ({ tap: 'vm1_overlay', frame: number })),
      fix: expect.stringContaining('bridge fdb show'),
    },
  ]);
});

it('says so where the underlay tap is not shown to have captured at the time', async () => {
  const early = through(0);
  const taps = { vm1_overlay: [...early.overlay, ...asks()], vm1_underlay: early.underlay };
  expect(await found(taps)).toMatchObject([
    message('; vm1_underlay is not shown to have captured at the time, so likely the VTEP has no flood list.'),
  ]);
});

it('is told once for a tap, with all that was asked', async () => {
  expect(await found(host([...asks(3), ...asks(2, { target: VM3 })]))).toMatchObject([
    message(
      'None of 5 requests of VNI 5000 at vm1_overlay was encapsulated at vm1_underlay (192.168.1.1 for 192.168.1.2, 192.168.1.1 for 192.168.1.3)',
    ),
  ]);
});

it('lists a hundred frames at most', async () => {
  const [finding] = await found(host([...asks(60), ...asks(60, { target: VM3 })]));
  expect(finding?.evidence).toHaveLength(100);
});

it.each([
  ['the VM asked once', host(asks(1))],
  ['it has an answer, on its host: that need not leave it', host([...asks(), [3_000_100, answer(null)]])],
  [
    'the request was encapsulated',
    host(
      asks(),
      asks().map(([us]): Timed => [us + 30, ask(OUT)]),
    ),
  ],
  ['it was encapsulated in a way that does not pair', host(asks(), [[3_900_000, ask(OUT)]])],
  ['it was in VNI 0, a network as any', host(asks(), [[3_900_000, ask({ ...OUT, vni: 0 })]])],
  [
    'something else to all left from this tap',
    host([...asks(), [5e6, ask(null, { target: VM3 })]], [[5_000_030, ask(OUT, { target: VM3 })]]),
  ],
  [
    'the underlay tap saw nothing',
    { vm1_overlay: [...both.overlay, ...asks()], vm1_underlay: [], eth0: both.underlay },
  ],
  ['there is no underlay tap', { vm1_overlay: [...both.overlay, ...asks()] }],
  ['one tap sees both sides', { any: [...both.overlay, ...both.underlay, ...asks()].sort(([a], [b]) => a - b) }],
  ['the requests are in tunnels, at an overlay tap', host(asks().map(([us]): Timed => [us, ask(OUT)]))],
  ['they are in VNI 0', host(asks().map(([us]): Timed => [us, ask({ ...OUT, vni: 0 })]))],
  ['the requests are in tunnels', { eth0: [...asks().map(([us]): Timed => [us, ask(OUT)]), [9e6, data(BACK)]] }],
] as [string, Taps][])('is not told where %s', async (_, taps) => {
  expect(await found(taps)).toEqual([]);
});

it.each([
  ['another MAC', { mac: OTHER }],
  ['another address', { sender: 0xc0a80163 }],
  ['for another address', { target: VM3 }],
])('is told though another request was encapsulated: %s', async (_, words) => {
  expect(await found(host(asks(), [[4e6, ask(OUT, words)]]))).toHaveLength(1);
});

it('is told though another host floods', async () => {
  const other: Taps = {
    vm2_overlay: [[5e6, ask(null, { mac: MAC2, sender: VM2, target: VM3 })]],
    vm2_underlay: [[5_000_030, ask(BACK, { mac: MAC2, sender: VM2, target: VM3 })]],
  };
  const words = { target: 0xc0a80163 };
  expect(await found({ ...host(asks(3, words)), ...other })).toMatchObject([message('at vm1_overlay')]);
});

it('is told though the underlay tap saw the request bare, too', async () => {
  expect(await found(host(asks(), asks()))).toHaveLength(1);
});

it('explains why a VM gets no answer', async () => {
  const known: Timed[] = [
    [4e6, ask(null, { target: VM3 })],
    [4_000_100, answer(null, { mac: MAC2, sender: VM3 })],
  ];
  const taps = host([...asks(), ...known]);
  expect(await found(taps)).toHaveLength(1);
  expect(await found(taps, 'arp-unanswered')).toEqual([]);
  expect(
    await found({ vm1: [...asks(), ...known], eth0: [[0, data({ from: HV1, to: HV3 })]] }, 'arp-unanswered'),
  ).toHaveLength(1);
});

it('explains the loss of what has to be flooded, too', async () => {
  const lost: Timed = [5e6, data(null, MAC1, MAC2, 77)];
  expect(await found(host([lost]), 'loss')).toHaveLength(1);
  expect(await found(host([...asks(), lost]), 'loss')).toEqual([]);
});

describe('by its facts', () => {
  const PROVEN = 'likely the VTEP has no flood list.';
  const question = { vni: -1, again: 2, askerMac: 1, rounds: 3, frames: [1, 2, 3] };
  const tap = (name: string, questions: object[], more: object) => ({
    ...{ name, frames: 10, isTimed: false },
    evidence: {
      claimants: { list: () => [], isComplete: true },
      questions: { list: () => questions, asker: () => '192.168.1.1', target: () => '192.168.1.2' },
    },
    ...more,
  });
  const told = (given: object, underlay: object = {}): string[] => {
    const facts = {
      taps: [tap('vm1', [question], {}), tap('eth1', [], underlay), tap('eth2', [], {})],
      ownUnderlay: new Map([['vm1', 'eth1']]),
      ...{ bum: [], pairings: [] },
      ...given,
    };
    return bumNotEncapsulated.judge(facts as unknown as Facts).map(({ message }) => message);
  };
  const pairing = { overlay: 'vm1', underlay: 'eth1', overlayOnly: 3, unproven: 0 };

  it('is proven by the times of the underlay tap, or by frames of this tap that were', () => {
    expect(told({}, { isTimed: true })).toEqual([
      `None of 3 requests at vm1 was encapsulated at eth1 (192.168.1.1 for 192.168.1.2); ${PROVEN}`,
    ]);
    expect(told({ pairings: [pairing] })[0]).toContain(`); ${PROVEN}`);
    const one = { ...pairing, overlayOnly: 1 };
    expect(told({ pairings: [{ ...pairing, overlay: 'vm2' }, one] })[0]).toContain(`); ${PROVEN}`);
  });

  it.each([
    ['of another tap', { overlay: 'vm2' }],
    ['at another tap', { underlay: 'eth2' }],
    ['of which none is absent', { overlayOnly: 0 }],
    ['of which some may have been missed', { unproven: 1 }],
  ])('is not proven by frames %s', (_, other) => {
    expect(told({ pairings: [{ ...pairing, ...other }] })[0]).toContain('); eth1 is not shown to have captured');
  });

  it('is told where the underlay tap saw nothing only if it says when it was capturing', () => {
    expect(told({}, { frames: 0 })).toEqual([]);
    expect(told({}, { frames: 0, isTimed: true })).toHaveLength(1);
  });

  it('is not told where something left this tap in copies; what left another, or did not, says nothing', () => {
    const row = { overlay: 'vm1', vni: 5000, copies: ['10.1.0.1'], missing: [] };
    expect(told({ bum: [row] })).toEqual([]);
    expect(told({ bum: [{ ...row, overlay: 'vm2' }] })[0]).toContain('3 requests at vm1');
    const stayed = { ...row, copies: [], missing: ['10.1.0.1'] };
    const other = { ...row, overlay: 'vm2', vni: 6000, copies: [], missing: ['10.9.0.1'] };
    expect(told({ bum: [other, stayed] })[0]).toMatch(/3 requests of VNI 5000 at .*, and none went to 10\.1\.0\.1;/);
  });
});
