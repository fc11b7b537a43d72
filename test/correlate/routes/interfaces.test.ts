/** Interfaces of one tap (`any`): what each of them sees of a frame's way, and what the capture missed. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../../helpers/analyze-taps.js';
import { ethernet, frame, icmpv4, ipv4, type Part, sll2, udp, vxlan } from '../../helpers/frame-builder.js';
import { LINK_SLL2 } from '../../helpers/identity-of.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const [VM1, VM2] = [0x020000000011, 0x020000000012];
const [HV1, HV2] = [0x0a000001, 0x0a010001];
const [NIC, PORT, OTHER_PORT] = [2, 3, 4];
const [IN, OUT] = [0, 4];
const FRAMES = 40;

/** Who sees a frame: an interface of the first host's capture, or of the second's. */
interface Sight {
  readonly tap: 'hv1' | 'hv2';
  readonly interfaceIndex: number;
}

/** The analysis of echoes between two VMs, all ways of which go through the same interfaces. @param sees whether a place sees a frame */
async function analysisOf(sees: (number: number, sight: Sight) => boolean) {
  const taps: Record<Sight['tap'], Timed[]> = { hv1: [], hv2: [] };
  const way: readonly Sight[] = [
    { tap: 'hv1', interfaceIndex: PORT },
    { tap: 'hv1', interfaceIndex: OTHER_PORT },
    { tap: 'hv1', interfaceIndex: NIC },
    { tap: 'hv2', interfaceIndex: NIC },
    { tap: 'hv2', interfaceIndex: PORT },
  ];
  for (let number = 0; number < FRAMES; number++) {
    const isRequest = number % 2 === 0;
    const [source, destination] = isRequest ? [VM1, VM2] : [VM2, VM1];
    const [from, to] = isRequest ? [HV1, HV2] : [HV2, HV1];
    const packet: Part[] = [
      ipv4(isRequest ? { identification: number } : { identification: number, source: HV2, destination: HV1 }),
      icmpv4({ type: isRequest ? 8 : 0 }),
    ];
    for (const [hop, sight] of (isRequest ? way : way.toReversed()).entries()) {
      if (!sees(number, sight)) continue;
      const packetType = ((sight.tap === 'hv1') === isRequest) === (sight.interfaceIndex === NIC) ? OUT : IN;
      const cooked = (sender: number): Part => sll2({ ...sight, packetType, source: sender });
      const outer = [ipv4({ source: from, destination: to }), udp({ destinationPort: 4789 }), vxlan({ vni: 5000 })];
      const isWrapped = sight.interfaceIndex === NIC;
      const parts = isWrapped
        ? [cooked(0x0a0000000001), ...outer, ethernet({ source, destination }), ...packet]
        : [cooked(source), ...packet];
      taps[sight.tap].push([1000 * number + 20 * hop, frame(...parts)]);
    }
  }
  const analysis = await analyzeTaps(scratch, taps, {}, { linkType: LINK_SLL2 });
  const { findings } = analysis;
  return {
    bad: findings.filter(({ severity }) => severity !== 'info').map(({ id, message }) => `${id}: ${message}`),
    missed: only(analysis, 'tap-missed-frames').map(({ message, evidence }) => [message, evidence]),
  };
}

/** Frames come by one port or, few of them, by another: two ways, of which each sees its own. */
const oneOfTwo = (number: number, { tap, interfaceIndex }: Sight): boolean =>
  tap === 'hv2' || interfaceIndex === NIC || interfaceIndex === (number === 10 ? OTHER_PORT : PORT);

it('frames that come by one port or the other are missed at neither', async () => {
  expect(await analysisOf(oneOfTwo)).toEqual({ bad: [], missed: [] });
});

it('one that an interface did not see is missed, where others saw it before and behind', async () => {
  const missing = 20;
  const { bad, missed } = await analysisOf(
    (number, sight) =>
      oneOfTwo(number, sight) && !(number === missing && sight.tap === 'hv1' && sight.interfaceIndex === NIC),
  );
  expect(bad).toEqual([]);
  expect(missed).toEqual([
    [expect.stringContaining(`hv1%${NIC} out did not see 1 frame `), [{ tap: `hv1%${PORT} in`, frame: 41 }]],
  ]);
});

/** What an `any` capture of one host shows of a tunnel that is used one way, all at the same times: pairs in each direction. */
async function pairedOf(packetType: number) {
  const frames = Array.from({ length: 10 }, (_, number): Timed[] => {
    const packet: Part[] = [ipv4({ identification: number + 1 }), icmpv4()];
    const outer = [ipv4({ source: HV1, destination: HV2 }), udp({ destinationPort: 4789 }), vxlan({ vni: 5000 })];
    const inTunnel = frame(
      ...[sll2({ interfaceIndex: NIC, packetType, source: 0x0a0000000001 }), ...outer],
      ...[ethernet({ source: VM1, destination: VM2 }), ...packet],
    );
    const bare = frame(sll2({ interfaceIndex: PORT, packetType: IN, source: VM1 }), ...packet);
    return [inTunnel, bare].map((bytes) => [1000 * number, bytes] as const);
  });
  const { correlation } = await analyzeTaps(scratch, { 'hv1-any': frames.flat() }, {}, { linkType: LINK_SLL2 });
  const [row, ...others] = correlation?.taps ?? [];
  expect(others).toEqual([]);
  return { encap: row?.latencyNs.encap?.count ?? 0, decap: row?.latencyNs.decap?.count ?? 0 };
}

it('whether the NIC got a frame or sent it tells which way its tunnel leads, where times do not', async () => {
  expect(await pairedOf(IN)).toEqual({ encap: 0, decap: 10 });
  expect(await pairedOf(OUT)).toEqual({ encap: 10, decap: 0 });
});
