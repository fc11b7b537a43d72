/** Frames that some places heard though they are not on the way of what follows: they lack nothing. What is lost is told at its hop. */
import { afterAll, describe, expect, it } from 'vitest';
import { analyzeTaps, type Timed } from '../../helpers/analyze-taps.js';
import { Scratch } from '../../helpers/read-capture.js';
import { BROADCAST, HV1, HV2, pings, VM1, VM2, VM3 } from '../../helpers/tunnelled.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

/** A place, by its name: those of VMs see frames bare, those of NICs in their tunnel. */
type Place = string;
interface Sent {
  readonly us: number;
  readonly source: number;
  readonly destination: number;
  /** The places that see it, in the order of its way, 20 µs from each other. */
  readonly at: readonly Place[];
}

/** What all places saw. */
async function analysisOf(places: readonly Place[], sent: readonly Sent[]) {
  const taps: Record<Place, Timed[]> = Object.fromEntries(places.map((place) => [place, []]));
  for (const [number, { us, source, destination, at }] of sent.entries()) {
    const way = source === VM1 ? { from: HV1, to: HV2 } : { from: HV2, to: HV1 };
    for (const [hop, place] of at.entries()) {
      const bytes = pings(place.startsWith('vm') ? null : way, source, destination, number);
      taps[place]?.push([us + hop * 20, bytes]);
    }
  }
  for (const frames of Object.values(taps)) frames.sort(([a], [b]) => a - b);
  const { findings, correlation } = await analyzeTaps(scratch, taps);
  const lost = (correlation?.hops ?? []).filter((hop) => hop.lost > 0);
  return {
    bad: findings.filter(({ severity }) => severity !== 'info').map(({ id, message }) => `${id}: ${message}`),
    lost: lost.map(({ from, to, lost: count, unproven }) => [from, to, count, unproven]),
  };
}

const WAY: readonly Place[] = ['vm1', 'nic1', 'nic2', 'vm2'];
/** A VM and one on another host, which answers: 10 ms apart. @param fates places that see a frame, by number, in place of all on the way */
function talk(count: number, fates: Readonly<Record<number, readonly Place[]>> = {}): Sent[] {
  return Array.from({ length: count }, (_, number) => {
    const isOut = number % 2 === 0;
    const [source, destination] = isOut ? [VM1, VM2] : [VM2, VM1];
    return { us: 10_000 * (number + 1), source, destination, at: fates[number] ?? (isOut ? WAY : WAY.toReversed()) };
  });
}
/** Another VM of the second host, and the first one: between the others' frames. */
const beside = (count: number): Sent[] =>
  Array.from({ length: count }, (_, number) => ({
    ...{ us: 5000 + 10_000 * number, source: VM3, destination: VM1 },
    at: ['vm3', 'nic2', 'nic1', 'vm1'],
  }));
const FLOOD = [...WAY, 'vm3'];

describe.each([
  ['all places', ['vm1', 'nic1', 'nic2', 'vm2', 'vm3']],
  ['all, in another order', ['vm3', 'vm2', 'nic2', 'nic1', 'vm1']],
  ['one NIC', ['vm1', 'nic2', 'vm3', 'vm2']],
])('a VM that heard what was flooded for one beside it, at %s,', (_which, places) => {
  it('lacks nothing of what follows', async () => {
    expect(await analysisOf(places, [...talk(30, { 0: FLOOD }), ...beside(30)])).toEqual({ bad: [], lost: [] });
  });

  it('is not where it was lost', async () => {
    const { lost } = await analysisOf(places, [
      ...talk(30, { 0: FLOOD, 10: ['vm1', 'nic1', 'nic2'], 12: ['vm1', 'nic1', 'nic2'] }),
      ...beside(30),
    ]);
    expect(lost).toEqual([['nic2', 'vm2', 2, 0]]);
  });

  it('nor is what was flooded, and lost to whom it was for', async () => {
    const { lost } = await analysisOf(places, [
      ...talk(30, { 0: FLOOD, 2: ['vm1', 'nic1', 'nic2', 'vm3'] }),
      ...beside(30),
    ]);
    expect(lost).toEqual([['nic2', 'vm2', 1, 0]]);
  });
});

it('a VM that heard what was flooded lacks nothing where the one beside it has no tap', async () => {
  const sent = [...talk(30, { 0: FLOOD }), ...beside(30)];
  expect(await analysisOf(['vm1', 'nic1', 'nic2', 'vm3'], sent)).toEqual({ bad: [], lost: [] });
  expect(await analysisOf(['nic2', 'vm3'], sent)).toEqual({ bad: [], lost: [] });
});

it('so it is of one beside who sent it', async () => {
  const FLOODED = ['vm1', 'vm3', 'nic1', 'nic2', 'vm2'];
  const places = ['vm1', 'vm3', 'nic1', 'nic2', 'vm2'];
  expect(await analysisOf(places, talk(30, { 0: FLOODED }))).toEqual({ bad: [], lost: [] });
  const { lost } = await analysisOf(places, talk(30, { 0: FLOODED, 10: ['vm1'] }));
  expect(lost).toEqual([['vm1', 'nic1', 1, 0]]);
});

it('what VMs of one host say to each other is not missed in the tunnel that the first frame was flooded to', async () => {
  const local: Sent[] = Array.from({ length: 30 }, (_, number) => ({
    ...{ us: 2000 + 10_000 * number, source: VM1, destination: VM3 },
    at: number === 0 ? ['vm1', 'vm3', 'nic1', 'nic2', 'vm2'] : ['vm1', 'vm3'],
  }));
  for (const places of [
    ['vm1', 'nic1'],
    ['vm1', 'vm3', 'nic1', 'nic2', 'vm2'],
  ]) {
    expect(await analysisOf(places, [...talk(30), ...local])).toEqual({ bad: [], lost: [] });
  }
});

it('what a bridge says itself, to all at one port or into the tunnel, is missed by nobody', async () => {
  const BRIDGE = 0x02000000001f;
  const places = ['vm2', 'nic2', 'nic1', 'vm1'];
  const own = (...fates: readonly (readonly Place[])[]): Sent[] =>
    fates.map((at, number) => ({ us: 7000 + 20_000 * number, source: BRIDGE, destination: BROADCAST, at }));
  const all = places;
  expect(await analysisOf(places, [...talk(30), ...own(all, ['vm2'], all, ['nic2', 'nic1'], all)])).toEqual({
    bad: [],
    lost: [],
  });
  // That of a VM is.
  const said = { ...(beside(1)[0] as Sent), source: BRIDGE, at: all };
  const { lost } = await analysisOf(places, [...talk(30), said, ...own(all, ['vm2'], all, ['nic2', 'nic1'], all)]);
  expect(lost).toEqual([
    ['vm2', 'nic2', 1, 0],
    ['nic1', 'vm1', 1, 0],
  ]);
});

it('a VM that only listens is where frames were lost, if most came', async () => {
  const oneWay = (fate: (number: number) => boolean): Sent[] =>
    Array.from({ length: 30 }, (_, number) => ({
      ...{ us: 10_000 * (number + 1), source: VM1, destination: VM2 },
      at: fate(number) ? WAY : ['vm1', 'nic1', 'nic2'],
    }));
  const places = ['vm1', 'nic1', 'nic2', 'vm2'];
  expect(
    (
      await analysisOf(
        places,
        oneWay((number) => number % 3 !== 1),
      )
    ).lost,
  ).toEqual([['nic2', 'vm2', 10, 0]]);
  // After the first few nothing more need have been for it.
  expect(
    (
      await analysisOf(
        places,
        oneWay((number) => number % 10 === 0),
      )
    ).lost,
  ).toEqual([]);
});

it('a tap that lacks some of what its VM sends shows all the same what was sent and lost', async () => {
  const dropped = WAY.slice(1);
  const fates = Object.fromEntries([4, 8, 16, 20, 24].map((number) => [number, dropped]));
  const { lost } = await analysisOf(WAY, talk(30, { ...fates, 10: ['vm1'] }));
  expect(lost).toEqual([['vm1', 'nic1', 1, 0]]);
});

it('what was lost on one of two ways is told on that one', async () => {
  const spine = (number: number): Place => (number % 4 < 2 ? 'spine1' : 'spine2');
  const sent = talk(40).map((one, number) => {
    const way = ['vm1', 'nic1', spine(number), 'nic2', 'vm2'];
    if (number % 2 === 1) return { ...one, at: way.reverse() };
    return { ...one, at: number === 12 || number === 14 ? way.slice(0, 3) : way };
  });
  const places = ['vm1', 'nic1', 'spine1', 'spine2', 'nic2', 'vm2'];
  expect((await analysisOf(places, sent)).lost).toEqual([
    ['spine1', 'nic2', 1, 0],
    ['spine2', 'nic2', 1, 0],
  ]);
});

it('where the next place did not capture yet, the one behind it shows that a frame was lost', async () => {
  const places = ['vm1', 'nic1', 'nic2', 'vm2'];
  const late = talk(30, { 4: ['vm1', 'nic1'] }).map((one) => ({
    ...one,
    at: one.us < 100_000 ? one.at.filter((place) => place !== 'nic2') : one.at,
  }));
  expect((await analysisOf(places, late)).lost).toEqual([['nic1', 'vm2', 1, 0]]);
});
