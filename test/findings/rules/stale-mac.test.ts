/** `stale-mac` on made-up tunnels: HV1 sends for a MAC to HV2, while that MAC is behind HV3. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../../helpers/analyze-taps.js';
import { ethernet, frame, ipv4, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const [HV1, HV2, HV3, HV4, GROUP] = [0x0a000001, 0x0a000002, 0x0a000003, 0x0a000004, 0xef000001];
const [ASKER, MAC, OTHER, VRRP] = [0x020000000001, 0x020000000011, 0x020000000012, 0x00005e000107];

/** A frame of a MAC's to another, in seconds. */
function at(second: number, source: number, destination: number, mac: number, to: number, address = mac & 0xff): Timed {
  const bytes = frame(
    ethernet(),
    ipv4({ source, destination }),
    udp({ destinationPort: 4789 }),
    vxlan({ vni: 5000 }),
    ethernet({ source: mac, destination: to }),
    ipv4({ source: 0xc0a80100 + address, destination: 0xc0a80100 + (to & 0xff) }),
    udp({ destinationPort: 53 }),
  );
  return [second * 1e6, bytes];
}
const heard = (second: number, mac = MAC): Timed => at(second, HV3, HV1, mac, ASKER);
const sent = (second: number, mac = MAC): Timed => at(second, HV1, HV2, ASKER, mac);
const findings = async (frames: Timed[], more: Record<string, Timed[]> = {}) =>
  only(await analyzeTaps(scratch, { eth0: frames, ...more }), 'stale-mac');

/** HV2 is a VTEP with a MAC of its own. */
const alive: Timed = at(0, HV2, HV1, OTHER, ASKER);
const stale: Timed[] = [alive, heard(1), sent(1.5), sent(2.5), heard(3)];

it('goes on sending to where the MAC is not', async () => {
  const found = await findings(stale);
  expect(found).toMatchObject([{ severity: 'warning', evidence: [{ frame: 2 }, { frame: 3 }, { frame: 4 }] }]);
  expect(found[0]?.message).toContain(
    '10.0.0.1 sends for MAC 02:00:00:00:00:11 in VNI 5000 to 10.0.0.2, though 02:00:00:00:00:11 sends through 10.0.0.3: 2 frames, the last 1.5 s after',
  );
});

it('counts what the sender sent from all of its addresses, at the tap that saw the most', async () => {
  const more = (second: number): Timed => at(second, HV1, HV2, ASKER, MAC, 77);
  const all = [alive, heard(1), more(1.2), sent(1.5), sent(2.5), more(2.6), heard(3)];
  for (const found of [await findings(all, { eth1: stale }), await findings(stale, { eth1: all })]) {
    expect(found).toHaveLength(1);
    expect(found[0]?.message).toContain('4 frames, the last 1.6 s after');
    expect(found[0]?.evidence.map(({ frame }) => frame)).toEqual([2, 3, 4, 5, 6]);
  }
});

it('has a second to learn, and no more', async () => {
  expect(await findings([alive, heard(1), sent(1.5), sent(2), heard(3)])).toHaveLength(1);
});

it('to where it was before it moved, once for all taps', async () => {
  const moved: Timed[] = [at(0.1, HV2, HV1, MAC, ASKER), ...stale];
  expect(await findings(moved, { eth1: moved })).toHaveLength(1);
});

it('heard in a group', async () => {
  expect(await findings([alive, at(1, HV3, GROUP, MAC, 0xffffffffffff), sent(1.5), sent(2.5), heard(3)])).toHaveLength(
    1,
  );
});

it('not within a second, nor where the sender did not hear of it, nor where it was silent since', async () => {
  expect(await findings([alive, heard(1), sent(1.5), sent(1.999), heard(3)])).toEqual([]);
  const elsewhere = (second: number): Timed => at(second, HV3, HV4, MAC, OTHER);
  expect(await findings([alive, elsewhere(1), sent(1.5), sent(2.5), elsewhere(3)])).toEqual([]);
  expect(await findings([alive, heard(1), sent(1.5), sent(2.5)])).toEqual([]);
});

it('not where it sends to both at once, though where it mended that later', async () => {
  const right = (second: number): Timed => at(second, HV1, HV3, ASKER, MAC);
  expect(await findings([...stale, right(2)])).toHaveLength(0);
  expect(await findings([...stale, right(4)])).toHaveLength(1);
});

it('not where the MAC sends through that VTEP too, nor through several others', async () => {
  expect(await findings([...stale, at(3.1, HV2, HV1, MAC, ASKER)])).toEqual([]);
  expect(await findings(stale, { eth1: [at(0, HV2, HV4, MAC, ASKER)] })).toEqual([]);
  expect(await findings([...stale, at(3.1, HV4, HV1, MAC, ASKER)])).toEqual([]);
});

it('not between VTEPs that have another MAC in common, nor for routers, nor for what the holder sends itself', async () => {
  expect(await findings([...stale, heard(3.1, OTHER)])).toEqual([]);
  expect(await findings([...stale, at(3.1, HV3, HV1, MAC, ASKER, 77)])).toEqual([]);
  expect(await findings([alive, heard(1, VRRP), sent(1.5, VRRP), sent(2.5, VRRP), heard(3, VRRP)])).toEqual([]);
  const own = (second: number): Timed => at(second, HV3, HV2, ASKER, MAC);
  const group = at(1, HV3, GROUP, MAC, 0xffffffffffff);
  expect(await findings([alive, group, own(1.5), own(2.5), heard(3)])).toEqual([]);
});

it('not where it is likely one VTEP with two addresses: the one only gets, the other only sends', async () => {
  const [, ...frames] = stale;
  expect(await findings(frames)).toEqual([]);
  expect(await findings([...frames, at(3.1, HV1, HV3, ASKER, OTHER)])).toHaveLength(1);
});

it('of two taps that saw as much by the first; it may be the first thing that is seen', async () => {
  const found = await findings(stale, { eth1: stale });
  expect(found.map(({ evidence }) => evidence[0]?.tap)).toEqual(['eth0']);
  expect(await findings([sent(0), heard(1), sent(2.5), heard(3), at(3.1, HV2, HV1, OTHER, ASKER)])).toHaveLength(1);
});

it('by the first and the last of what the sender sent from all of its addresses', async () => {
  const more = (second: number): Timed => at(second, HV1, HV2, ASKER, MAC, 77);
  const found = await findings([alive, heard(1), more(1.2), heard(3), sent(4)]);
  expect(found[0]?.message).toContain('2 frames, the last 3 s after');
});

it('lists a hundred frames at most, of however many addresses', async () => {
  const from = (address: number, ...seconds: number[]): Timed[] =>
    seconds.map((second) => at(second, HV1, HV2, ASKER, MAC, address));
  const many = (count: number): Timed[] =>
    Array.from({ length: count }, (_, index) => from(20 + index, 1.2 + index / 100, 2.2 + index / 100)).flat();
  const evidence = async (frames: Timed[]) =>
    (await findings([alive, heard(1), ...frames.sort(([a], [b]) => a - b), heard(4)]))[0]?.evidence.length;
  expect(await evidence(many(60))).toBe(99);
  expect(await evidence([...from(15, 1.1), ...many(60)])).toBe(100);
});

it('not what goes to a group, nor what the holder sends itself, though another is stale', async () => {
  const group = [1.6, 2.6].map((second) => at(second, HV1, GROUP, ASKER, MAC));
  const own = [1.7, 2.7].map((second) => at(second, HV3, HV2, ASKER, MAC));
  const known = at(3.1, HV1, HV3, ASKER, OTHER);
  const frames = [...stale, ...group, ...own, known].sort(([a], [b]) => a - b);
  expect((await findings(frames)).map(({ message }) => message.replace(/,.*/, ''))).toEqual([
    '10.0.0.1 sends for MAC 02:00:00:00:00:11 in VNI 5000 to 10.0.0.2',
  ]);
});

it('not to a third VTEP, where the MAC moved from one to another', async () => {
  const moved = at(0.1, HV4, HV1, MAC, ASKER);
  const toFirst = [1.6, 2.6].map((second) => at(second, HV1, HV4, ASKER, MAC));
  const frames = [moved, ...stale, ...toFirst].sort(([a], [b]) => a - b);
  expect((await findings(frames)).map(({ message }) => message.replace(/,.*/, ''))).toEqual([
    '10.0.0.1 sends for MAC 02:00:00:00:00:11 in VNI 5000 to 10.0.0.4',
  ]);
});

it('not where all happens at one time: what came first is not known', async () => {
  expect(await findings([alive, heard(1), sent(1), sent(2.5)])).toEqual([]);
  expect(await findings([at(1, HV2, HV1, MAC, ASKER), alive, heard(1), sent(1.5), sent(2.5), heard(3)])).toEqual([]);
});

it('not where it sends to both at one time, though where it did before', async () => {
  const right = (second: number): Timed => at(second, HV1, HV3, ASKER, MAC);
  const told = (...frames: Timed[]) => findings([...stale, ...frames].sort(([a], [b]) => a - b));
  expect(await told(right(1.5))).toEqual([]);
  expect(await told(right(2.5))).toEqual([]);
  expect(await told(right(1.4))).toHaveLength(1);
});

it('not within a second of what the sender itself heard, though others heard before', async () => {
  const frames = [alive, at(0.2, HV3, HV4, MAC, OTHER), sent(1.5), heard(2), sent(2.5), heard(3)];
  expect(await findings(frames)).toEqual([]);
  expect(await findings([...frames, sent(3.1), heard(3.2)])).toHaveLength(1);
});

it('not where it is behind one of two others: which, is not known', async () => {
  const toThird = [3.6, 4.8].map((second) => at(second, HV1, HV3, ASKER, MAC));
  const moved = (second: number): Timed => at(second, HV4, HV1, MAC, ASKER);
  const [first, second] = toThird as [Timed, Timed];
  const found = await findings([...stale, moved(3.5), first, second, moved(5)]);
  expect(found.map(({ message }) => message.replace(/,.*/, ''))).toEqual([
    '10.0.0.1 sends for MAC 02:00:00:00:00:11 in VNI 5000 to 10.0.0.3',
  ]);
});

it('not what the holder sends itself, though it sent to all, and another is stale', async () => {
  const group = at(1, HV3, GROUP, MAC, 0xffffffffffff);
  const own = (second: number): Timed => at(second, HV3, HV2, ASKER, MAC);
  const found = await findings([alive, group, sent(1.5), own(1.7), sent(2.5), own(2.7), heard(3)]);
  expect(found.map(({ message }) => message.replace(/ sends for.*/, ''))).toEqual(['10.0.0.1']);
});
