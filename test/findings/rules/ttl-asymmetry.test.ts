/** `ttl-asymmetry`: routers between two taps, one way and the other. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import { Scratch } from '../../helpers/read-capture.js';
import { HV1, HV2, pings, VM1, VM2 } from '../../helpers/tunnelled.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const S = 1_000_000;
const judge = async (taps: Taps) => only(await analyzeTaps(scratch, taps), 'ttl-asymmetry');
const out = (timeToLive: number, us: number): Timed => [us, pings({ from: HV1, to: HV2, timeToLive }, VM1, VM2, us)];
const back = (timeToLive: number, us: number): Timed => [
  us + S / 2,
  pings({ from: HV2, to: HV1, timeToLive }, VM2, VM1, us),
];

it('two routers one way, one back', async () => {
  const found = await judge({ eth0: [out(64, 0), back(254, 0)], eth1: [out(62, 1), back(255, 0)] });
  const frames = [
    { tap: 'eth0', frame: 1 },
    { tap: 'eth1', frame: 1 },
    { tap: 'eth0', frame: 2 },
    { tap: 'eth1', frame: 2 },
  ];
  expect(found).toMatchObject([{ severity: 'info', evidence: frames }]);
  expect(found[0]?.message).toBe(
    'Between eth0 and eth1 frames from 10.0.0.1 to 10.1.0.1 pass 2 routers, and those back 1: the two ways differ.',
  );
});

it('the same, the taps told the other way round', async () => {
  const found = await judge({ eth1: [out(62, 1), back(255, 0)], eth0: [out(64, 0), back(254, 0)] });
  expect(found[0]?.message).toContain('Between eth1 and eth0 frames from 10.0.0.1 to 10.1.0.1 pass 2 routers');
});

it('not where both ways pass as many, whatever the TTLs begin with', async () => {
  expect(await judge({ eth0: [out(64, 0), back(253, 0)], eth1: [out(62, 1), back(255, 0)] })).toEqual([]);
});

it('not at one tap, nor where one of two saw one direction only', async () => {
  expect(await judge({ eth0: [out(64, 0), back(254, 0)] })).toEqual([]);
  expect(await judge({ eth0: [out(64, 0), back(254, 0)], eth1: [out(62, 1)] })).toEqual([]);
});

it('not where a TTL varies', async () => {
  const eth0 = [out(64, 0), back(254, 0)];
  expect(await judge({ eth0, eth1: [out(62, 1), out(61, 2), back(255, 0)] })).toEqual([]);
  expect(await judge({ eth0: [...eth0, back(252, 1)], eth1: [out(62, 1), back(255, 0)] })).toEqual([]);
  for (const timeToLive of [61, 63]) {
    const otherVni: Timed = [S, pings({ from: HV1, to: HV2, vni: 6000, timeToLive }, VM1, VM2)];
    expect(await judge({ eth0, eth1: [out(62, 1), otherVni, back(255, 0)] })).toEqual([]);
  }
});

it('where no router is passed one way', async () => {
  const found = await judge({ eth0: [out(64, 0), back(253, 0)], eth1: [out(64, 1), back(255, 0)] });
  expect(found[0]?.message).toContain('from 10.0.0.1 to 10.1.0.1 pass 0 routers, and those back 2:');
});

it('not where one tap is ahead of the other both ways', async () => {
  expect(await judge({ eth0: [out(64, 0), back(255, 0)], eth1: [out(62, 1), back(254, 0)] })).toEqual([]);
});
