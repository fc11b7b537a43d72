/** TCP segments that the underlay tap did not see: an acknowledgement shows that they arrived, unless they were sent again. */
import { afterAll, describe, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../../helpers/analyze-taps.js';
import { ethernet, frame, ipv4, ipv6, type Part, payload, tcp, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const [VM, FAR] = [0x520000000001, 0x520000000002];
const [VM_IP, FAR_IP] = [0xc0a80101, 0xc0a80102];
const [HV1, HV2] = [0x0a000001, 0x0a010001];
const address = (last: number): number[] => [0xfd, ...Array<number>(14).fill(0), last];
const ACK = 0x10;
const LEN = 100;

/** A segment: where its data begins and how long it is, or what it acknowledges. */
interface Segment {
  readonly outwards: boolean;
  readonly from?: number;
  readonly len?: number;
  readonly acknowledges?: number;
  readonly flags?: number;
  readonly port?: number;
  readonly farIp?: number;
  readonly farPort?: number;
  /** Whether the underlay tap does not see it. */
  readonly unseen?: boolean;
  /** Of another network: the overlay tap does not see it. */
  readonly foreign?: boolean;
}

let identification = 0;

function inner(segment: Segment, overIpv6: boolean): Part[] {
  const {
    outwards,
    from = 0,
    len = 0,
    acknowledges = 0,
    flags = ACK,
    port = 40_000,
    farIp = FAR_IP,
    farPort = 80,
  } = segment;
  identification++;
  const ip = overIpv6
    ? ipv6(outwards ? { source: address(1), destination: address(2) } : { source: address(2), destination: address(1) })
    : ipv4({
        identification,
        ...(outwards ? { source: VM_IP, destination: farIp } : { source: farIp, destination: VM_IP }),
      });
  return [
    ethernet(outwards ? { source: VM, destination: FAR } : { source: FAR, destination: VM }),
    ip,
    tcp({
      ...(outwards ? { sourcePort: port, destinationPort: farPort } : { sourcePort: farPort, destinationPort: port }),
      ...{ sequenceNumber: from >>> 0, acknowledgmentNumber: acknowledges >>> 0, flags },
    }),
    payload(new Uint8Array(len).fill(identification & 0xff)),
  ];
}

/** What becomes of segments, sent one a ms, some unseen at the underlay tap: frames lost by hops, and missed. */
async function fateOf(
  segments: readonly Segment[],
  overIpv6 = false,
): Promise<{ lost: number; missed: number; told: number }> {
  const overlay: Timed[] = [];
  const underlay: Timed[] = [];
  segments.forEach((segment, turn) => {
    const parts = inner(segment, overIpv6);
    const [near, far] = segment.outwards ? [HV1, HV2] : [HV2, HV1];
    const [bareUs, innerUs] = segment.outwards ? [turn * 1000, turn * 1000 + 40] : [turn * 1000 + 40, turn * 1000];
    if (!segment.foreign) overlay.push([bareUs, frame(...parts)]);
    if (segment.unseen) return;
    const outer = [
      ethernet(),
      ipv4({ source: near, destination: far, identification }),
      udp(),
      vxlan({ vni: segment.foreign ? 6000 : 5000 }),
    ];
    underlay.push([innerUs, frame(...outer, ...parts)]);
  });
  const analysis = await analyzeTaps(scratch, { vm1_overlay: overlay, vm1_underlay: underlay }, { vnis: [5000] });
  const hops = analysis.correlation?.hops ?? [];
  const [lost, missed] = [hops.reduce((sum, hop) => sum + hop.lost, 0), hops.reduce((sum, hop) => sum + hop.missed, 0)];
  expect(only(analysis, 'loss')).toHaveLength(lost === 0 ? 0 : 1);
  const told = only(analysis, 'tap-missed-frames').flatMap(({ evidence }) => evidence).length;
  return { lost, missed, told };
}

const START = 0xffff_ff00;
const data = (place: number, more: Partial<Segment> = {}): Segment => ({
  outwards: true,
  from: START + place * LEN,
  len: LEN,
  ...more,
});
const ack = (place: number, more: Partial<Segment> = {}): Segment => ({
  outwards: false,
  acknowledges: START + place * LEN,
  ...more,
});
const around = (...between: Segment[]): Segment[] => [data(0), ack(1), ...between, data(9), ack(10)];
const unseen = data(1, { unseen: true });

describe.each([false, true])('over IPv6: %s', (overIpv6) => {
  it('a segment arrived that was acknowledged, past the end of sequence numbers too', async () => {
    expect(await fateOf(around(unseen, ack(2)), overIpv6)).toMatchObject({ lost: 0, missed: 1 });
    const two = [unseen, data(2, { unseen: true }), ack(3)];
    expect(await fateOf(around(...two), overIpv6)).toMatchObject({ lost: 0, missed: 2 });
  });

  it('it did not where any of it was sent again before that', async () => {
    expect(await fateOf(around(unseen, data(1), ack(2)), overIpv6)).toMatchObject({ lost: 1, missed: 0 });
    const part = { outwards: true, from: START + 2 * LEN - 1, len: 20 };
    expect(await fateOf([...around(unseen, part, ack(2))], overIpv6)).toMatchObject({ lost: 1, missed: 0 });
    // What lies beside it is something else.
    const beside = { outwards: true, from: START + 2 * LEN, len: 20 };
    expect(await fateOf(around(unseen, beside, data(0), ack(2)), overIpv6)).toMatchObject({ lost: 0, missed: 1 });
  });
});

it.each<[string, Segment]>([
  ['a byte less is acknowledged', ack(2, { acknowledges: START + 2 * LEN - 1 })],
  ['the ACK flag is clear', ack(2, { flags: 0x04 })],
  ['another flow is acknowledged, by its port', ack(2, { port: 40_001 })],
  ['another flow is acknowledged, by its far port', ack(2, { farPort: 81 })],
  ['another network has the acknowledgement', ack(2, { foreign: true })],
  ['another flow is acknowledged, by its address', ack(2, { farIp: 0xc0a80103 })],
])('it is lost where %s', async (_what, other) => {
  const segments = [data(0), ack(1), unseen, other];
  expect(await fateOf(segments)).toMatchObject({ lost: 1, missed: 0 });
});

it('it arrived though what acknowledged it was paired and let go of long before', async () => {
  const later = Array.from({ length: 40 }, (_, place) => data(20 + place));
  expect(await fateOf(around(unseen, ack(2), ...later))).toMatchObject({ lost: 0, missed: 1 });
  expect(await fateOf(around(unseen, data(1), ack(2), ...later))).toMatchObject({ lost: 1, missed: 0 });
});

it('a segment that carries nothing is not shown to have arrived, a SYN is', async () => {
  const empty = data(1, { len: 0, unseen: true });
  expect(await fateOf(around(empty, ack(2)))).toMatchObject({ lost: 1, missed: 0 });
  const syn = { outwards: true, from: 5, flags: 0x02, port: 41_000, unseen: true };
  const synAck = { outwards: false, acknowledges: 6, flags: 0x12, port: 41_000 };
  expect(await fateOf(around(syn, synAck))).toMatchObject({ lost: 0, missed: 1 });
});

it('tells of each frame once that the tap did not see, whichever way it went', async () => {
  expect(await fateOf(around(unseen, ack(2, { unseen: true })))).toEqual({ lost: 0, missed: 1, told: 2 });
});

it('it arrived, though it is one of more than a report lists', async () => {
  const segments = Array.from({ length: 1100 }, (_, place) => [
    data(place, { unseen: place > 0 && place < 1099 }),
    ack(place + 1),
  ]);
  expect(await fateOf(segments.flat())).toMatchObject({ lost: 0, missed: 1098 });
});
