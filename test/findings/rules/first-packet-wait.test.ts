/** `first-packet-wait` on made-up captures: a host pings others whose VTEPs' addresses nobody knows yet. */
import { afterAll, expect, it } from 'vitest';
import type { Facts } from '../../../src/findings/facts.js';
import { firstPacketWait } from '../../../src/findings/rules/first-packet-wait.js';
import { analyzeTaps, only, type Timed } from '../../helpers/analyze-taps.js';
import { arp, echo, ethernet, frame, icmpv4, ipv4, type Part, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const [VM, VM_IP, HV1] = [0x520000000001, 0xc0a80101, 0x0a000001];
/** Hosts by the last byte of their addresses, each behind a VTEP of its own. */
const far = (host: number) => ({ mac: 0x520000000000 + host, ip: 0xc0a80100 + host, vtep: 0x0a000001 + (host << 16) });

const ping = (host: number, number: number, isReply: boolean): Part[] => {
  const { mac, ip } = far(host);
  return [
    ethernet(isReply ? { source: mac, destination: VM } : { source: VM, destination: mac }),
    ipv4(isReply ? { source: ip, destination: VM_IP } : { source: VM_IP, destination: ip }),
    icmpv4({ type: isReply ? 0 : 8, rest: echo(host, number) }),
  ];
};
const wrap = (host: number, isReply: boolean, inner: Part[]): Uint8Array => {
  const { vtep } = far(host);
  const ends = isReply ? { source: vtep, destination: HV1 } : { source: HV1, destination: vtep };
  return frame(ethernet(), ipv4(ends), udp({ destinationPort: 4789 }), vxlan({ vni: 5000 }), ...inner);
};

interface Run {
  readonly host: number;
  /** When its first ping is sent, µs; the next ones follow by the second. */
  readonly startUs: number;
  /** Which pings get no further than the overlay tap, by number. */
  readonly dropped?: readonly number[];
  /** Which one waits, how long, µs. */
  readonly waits: number;
  readonly waitUs: number;
}

/** What the taps of the sending host see of some runs, and the underlay tap of a receiver. */
function taps(...runs: readonly Run[]): Record<string, Timed[]> {
  const seen: Record<string, Timed[]> = { vm1_overlay: [], vm1_underlay: [], vm2_underlay: [] };
  const add = (tap: string, us: number, bytes: Uint8Array): void => void seen[tap]?.push([us, bytes]);
  for (const { host, startUs, dropped = [], waits, waitUs } of runs) {
    for (let number = 1; number <= 20; number++) {
      const us = startUs + number * 1_000_000;
      add('vm1_overlay', us, frame(...ping(host, number, false)));
      if (dropped.includes(number)) continue;
      const sentUs = us + (number === waits ? waitUs : 40);
      if (number === waits) {
        const question = { senderProtocol: HV1, targetProtocol: far(host).vtep };
        const answer = { operation: 2, senderProtocol: far(host).vtep, targetProtocol: HV1 };
        add('vm1_underlay', us + 10, frame(ethernet({ destination: 0xffffffffffff }), arp(question)));
        add('vm1_underlay', sentUs - 10, frame(ethernet(), arp(answer)));
      }
      for (const [tap, onTheWayUs] of [
        ['vm1_underlay', 0],
        ['vm2_underlay', 100],
      ] as const) {
        add(tap, sentUs + onTheWayUs, wrap(host, false, ping(host, number, false)));
        add(tap, sentUs + 400 - onTheWayUs, wrap(host, true, ping(host, number, true)));
      }
      add('vm1_overlay', sentUs + 440, frame(...ping(host, number, true)));
    }
  }
  for (const frames of Object.values(seen)) frames.sort(([a], [b]) => a - b);
  return seen;
}
const findings = async (...runs: readonly Run[]) => {
  const analysis = await analyzeTaps(scratch, taps(...runs));
  return { waits: only(analysis, 'first-packet-wait'), losses: only(analysis, 'loss') };
};
const told = (found: Awaited<ReturnType<typeof findings>>['waits']): string[] =>
  found.map(({ severity, message }) => `${severity} ${message}`);

it('is told once, of the sender, with the frame at both taps', async () => {
  const { waits, losses } = await findings({ host: 2, startUs: 0, waits: 1, waitUs: 5000 });
  expect(told(waits)).toEqual([
    'info Frame 1 of vm1_overlay, the first to 10.2.0.1 in VNI 5000, waited 5 ms while the underlay was asked for that address.',
  ]);
  const evidence = [
    { tap: 'vm1_overlay', frame: 1 },
    { tap: 'vm1_underlay', frame: 3 },
  ];
  expect(waits[0]?.evidence).toEqual(evidence);
  expect(losses).toEqual([]);
});

it.each([
  [100_000, 'info'],
  [100_001, 'warning'],
])('is a warning where it waited longer than people notice: %s µs', async (waitUs, severity) => {
  const { waits } = await findings({ host: 2, startUs: 0, waits: 1, waitUs });
  expect(waits).toMatchObject([{ severity }]);
});

it('has the frames before it that were dropped, which are lost to nobody else', async () => {
  const { waits, losses } = await findings({ host: 2, startUs: 0, dropped: [1, 2], waits: 3, waitUs: 5000 });
  expect(told(waits)).toEqual([
    'warning Frame 3 of vm1_overlay, the first to 10.2.0.1 in VNI 5000, waited 5 ms while the underlay was asked for that address. 2 frames before it were never encapsulated, likely dropped meanwhile.',
  ]);
  expect(waits[0]?.evidence.slice(0, 3)).toEqual([1, 2, 3].map((number) => ({ tap: 'vm1_overlay', frame: number })));
  expect(losses).toEqual([]);
});

it('leaves what vanishes later proven, though the dropped ones came before the other tap saw anything', async () => {
  const { losses } = await findings({ host: 2, startUs: 0, dropped: [1, 9], waits: 2, waitUs: 5000 });
  expect(losses.map(({ message }) => message)).toEqual([
    '1 of 20 frames (5 %) of VNI 5000 from 10.0.0.1 to 10.2.0.1 vanished between vm1_overlay and vm1_underlay.',
  ]);
});

it('has neither those that vanish later, nor those to another VTEP', async () => {
  const { waits, losses } = await findings(
    { host: 4, startUs: 0, dropped: [3], waits: 1, waitUs: 5000 },
    { host: 2, startUs: 500_000, dropped: [1, 9], waits: 2, waitUs: 5000 },
    { host: 3, startUs: 700_000, dropped: [1], waits: 2, waitUs: 5000 },
  );
  expect(told(waits).map((text) => text.replace(/, the first|waited.*address\./g, ''))).toEqual([
    'warning Frame 7 of vm1_overlay to 10.2.0.1 in VNI 5000,  1 frame before it was never encapsulated, likely dropped meanwhile.',
    'warning Frame 9 of vm1_overlay to 10.3.0.1 in VNI 5000,  1 frame before it was never encapsulated, likely dropped meanwhile.',
    'info Frame 1 of vm1_overlay to 10.4.0.1 in VNI 5000, ',
  ]);
  expect(losses.map(({ message }) => message.replace(/ \(.*?\)/, ''))).toEqual([
    '1 of 20 frames of VNI 5000 from 10.0.0.1 to 10.4.0.1 vanished between vm1_overlay and vm1_underlay.',
    '1 of 20 frames of VNI 5000 from 10.0.0.1 to 10.2.0.1 vanished between vm1_overlay and vm1_underlay.',
  ]);
});

/** Without names that say so, the taps may have two clocks, and here all goes one way: the overlay's is behind, ms. */
const oneWay = (behindMs: number, answerUs: number, leftUs: number) => {
  const asks = { senderProtocol: HV1, targetProtocol: far(2).vtep };
  const answers = { operation: 2, senderProtocol: far(2).vtep, targetProtocol: HV1 };
  const underlay: Timed[] = [
    [1_000_000, frame(ethernet({ destination: 0xffffffffffff }), arp(asks))],
    [1_000_000 + answerUs, frame(ethernet(), arp(answers))],
  ];
  const overlay: Timed[] = [];
  for (let number = 1; number <= 5; number++) {
    const us = 1_000_000 + (number - 1) * 100_000 + leftUs;
    underlay.push([us, wrap(2, false, ping(2, number, false))]);
    overlay.push([us - 40 - behindMs * 1000, frame(...ping(2, number, false))]);
  }
  return analyzeTaps(scratch, { vm: overlay, nic: underlay });
};

it.each([
  [300, 200, 210, ['info', '210 µs']],
  [300, 150_000, 150_020, ['warning', '150.02 ms']],
  [300, 200, 50_000, undefined],
])(
  'is what the underlay shows by its own clock, where another one is behind by %s ms: answered after %s µs, left after %s µs',
  async (behindMs, answerUs, leftUs, expected) => {
    const found = only(await oneWay(behindMs, answerUs, leftUs), 'first-packet-wait');
    const waits = found.map(({ severity, message }) => [severity, /waited (.*?) while/.exec(message)?.[1]]);
    expect(waits).toEqual(expected === undefined ? [] : [expected]);
  },
);

it('has those of its own tap, VNI and VTEP alone, a hundred of however many', () => {
  const many = Array.from({ length: 120 }, (_, index) => index + 1);
  const first = (overlay: string, vni: number, destination: string, overlayFrame: number) => ({
    ...{ overlay, underlay: 'eth0', vni },
    firstPackets: [{ overlayFrame, underlayFrame: 7, destination, waitNs: 1000 }],
  });
  const lost = (from: string, vni: number, destination: string, ...frames: number[]) => ({
    ...{ from, vni, destination },
    evidence: { lost: frames.map((frame) => ({ tap: from, frame })), unproven: [] },
  });
  const facts = {
    taps: [],
    ownUnderlay: new Map(['vm1', 'vm2'].map((overlay) => [overlay, 'eth0'])),
    pairings: [
      first('vm1', 5000, '10.1.0.1', 20),
      first('vm1', 5000, '10.2.0.1', 20),
      first('vm1', 6000, '10.1.0.1', 20),
      first('vm2', 5000, '10.1.0.1', 200),
    ],
    hops: [
      lost('vm1', 5000, '10.1.0.1', 1, 19, 21),
      lost('vm1', 5000, '10.2.0.1', 2),
      lost('vm1', 6000, '10.1.0.1', 3),
      lost('vm2', 5000, '10.1.0.1', ...many),
    ],
  };
  const found = firstPacketWait.judge(facts as unknown as Facts);
  expect(found.map(({ evidence }) => evidence.map(({ frame }) => frame))).toEqual([
    [1, 19, 20, 7],
    [2, 20, 7],
    [3, 20, 7],
    many.slice(0, 100),
  ]);
});
