/** `port-mismatch`, and `icmp-from-vtep-kernel`, which is the same from a VTEP that works. */
import { afterAll, describe, expect, it } from 'vitest';
import { analyzeTaps, only, type Taps } from '../../helpers/analyze-taps.js';
import {
  ethernet,
  frame,
  icmpv4,
  icmpv6,
  ipv4,
  ipv6,
  type Part,
  payload,
  udp,
  vxlan,
} from '../../helpers/frame-builder.js';
import { ask } from '../../helpers/neighbours.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const HV1 = 0x0a000001;
const HV2 = 0x0a010001;
const VM1 = 0x520000000001;
const VM2 = 0x520000000002;
const ping = (number: number, outwards = true): Part[] => [
  ethernet(outwards ? { source: VM1, destination: VM2 } : { source: VM2, destination: VM1 }),
  ipv4({ identification: number }),
  icmpv4({ rest: number }),
];
const tunnel = (number: number, { outwards = true, port = 4789, vni = 5000 } = {}): Part[] => [
  ipv4({ source: outwards ? HV1 : HV2, destination: outwards ? HV2 : HV1, identification: 100 + number }),
  udp({ destinationPort: port, checksum: 0 }),
  vxlan({ vni }),
  ...ping(number, outwards),
];
const sent = (number: number, given?: Parameters<typeof tunnel>[1]): Uint8Array =>
  frame(ethernet(), ...tunnel(number, given));
const unreachable = (quoted: Uint8Array | readonly Part[], code = 3): Uint8Array =>
  frame(
    ethernet(),
    ipv4({ source: HV2, destination: HV1 }),
    icmpv4({ type: 3, code }),
    ...(quoted instanceof Uint8Array ? [payload(quoted)] : quoted),
  );
const found = async (taps: Taps) => {
  const analysis = await analyzeTaps(scratch, taps);
  return [...only(analysis, 'port-mismatch'), ...only(analysis, 'icmp-from-vtep-kernel')];
};
const timed = (...frames: Uint8Array[]): [number, Uint8Array][] => frames.map((bytes, index) => [index * 10, bytes]);

describe('port-mismatch', () => {
  it('is told where a VTEP answers VXLAN with port unreachable, with the frames that it quotes', async () => {
    const frames = timed(sent(1), sent(2), unreachable(tunnel(1)), sent(3), unreachable(tunnel(3)));
    expect(await found({ eth0: frames, eth1: frames.slice(0, 3) })).toEqual([
      {
        id: 'port-mismatch',
        severity: 'error',
        message:
          '10.1.0.1 says 2 times that its UDP port 4789 is unreachable for VXLAN from 10.0.0.1 (VNI 5000), seen at eth0 and eth1; nothing of it was decapsulated or answered.',
        evidence: [
          ...[1, 3, 4, 5].map((number) => ({ tap: 'eth0', frame: number })),
          ...[1, 3].map((number) => ({ tap: 'eth1', frame: number })),
        ],
        fix: expect.stringContaining('another port'),
      },
    ]);
  });

  it('is told where the quotation ends behind the ports, and where another one reports', async () => {
    const short = frame(...tunnel(1)).subarray(0, 28);
    expect(await found({ eth0: timed(sent(1), unreachable(short)) })).toMatchObject([
      { id: 'port-mismatch', message: expect.not.stringContaining('VNI'), evidence: [{ frame: 1 }, { frame: 2 }] },
    ]);
    const reject = frame(
      ethernet(),
      ipv4({ source: 0x0a000063, destination: HV1 }),
      icmpv4({ type: 3, code: 3 }),
      ...tunnel(1),
    );
    expect(await found({ eth0: timed(sent(1), reject) })).toMatchObject([
      { id: 'port-mismatch', message: expect.stringContaining("10.0.0.99 says 1 time that 10.1.0.1's UDP port 4789") },
    ]);
  });

  it('is told of each two VTEPs, port and reporter, with all VNIs, 0 among them, and each tap once', async () => {
    const between = (
      source: number,
      destination: number,
      port: number,
      vni: number,
      reporter = destination,
    ): Uint8Array =>
      frame(
        ...[ethernet(), ipv4({ source: reporter, destination: source }), icmpv4({ type: 3, code: 3 })],
        ...[ipv4({ source, destination }), udp({ destinationPort: port, checksum: 0 }), vxlan({ vni }), ...ping(1)],
      );
    const [HV3, FIREWALL] = [0x0a020001, 0x0a000063];
    const errors = [
      ...[between(HV1, HV2, 4789, 0), between(HV1, HV2, 4789, 6000), between(HV1, HV2, 8472, 5000)],
      ...[between(HV3, HV2, 4789, 5000), between(HV1, HV3, 4789, 5000), between(HV1, HV2, 4789, 5000, FIREWALL)],
      between(HV1, HV3, 4789, 5000, FIREWALL),
    ];
    const told = (await found({ eth0: timed(...errors) })).map(({ message }) => message.replace(/; nothing.*/, ''));
    expect(told).toEqual([
      '10.1.0.1 says 2 times that its UDP port 4789 is unreachable for VXLAN from 10.0.0.1 (VNI 0 and 6000), seen at eth0',
      '10.1.0.1 says 1 time that its UDP port 8472 is unreachable for VXLAN from 10.0.0.1 (VNI 5000), seen at eth0',
      '10.1.0.1 says 1 time that its UDP port 4789 is unreachable for VXLAN from 10.2.0.1 (VNI 5000), seen at eth0',
      '10.2.0.1 says 1 time that its UDP port 4789 is unreachable for VXLAN from 10.0.0.1 (VNI 5000), seen at eth0',
      "10.0.0.99 says 1 time that 10.1.0.1's UDP port 4789 is unreachable for VXLAN from 10.0.0.1 (VNI 5000), seen at eth0",
      "10.0.0.99 says 1 time that 10.2.0.1's UDP port 4789 is unreachable for VXLAN from 10.0.0.1 (VNI 5000), seen at eth0",
    ]);
  });

  it('is told over IPv6', async () => {
    const quoted = [ipv6(), udp({ destinationPort: 4789 }), vxlan({ vni: 7 }), ...ping(1)];
    const back = { source: [...Array(15).fill(0xfd), 2], destination: [...Array(15).fill(0xfd), 1] };
    const error = frame(ethernet(), ipv6(back), icmpv6({ type: 1, code: 4 }), ...quoted);
    expect(await found({ eth0: timed(frame(ethernet(), ...quoted), error) })).toMatchObject([
      { id: 'port-mismatch', message: expect.stringContaining('(VNI 7)'), evidence: [{ frame: 1 }, { frame: 2 }] },
    ]);
  });

  it.each([
    ['the VTEP answered only before', [sent(9, { outwards: false }), sent(1), unreachable(tunnel(1))]],
    [
      'what comes back is for another port',
      [sent(1), unreachable(tunnel(1)), sent(9, { outwards: false, port: 8472 })],
    ],
    ['more goes there', [sent(1), unreachable(tunnel(1)), sent(2)]],
  ])('is told where %s', async (_, frames) => {
    expect(await found({ eth0: timed(...frames) })).toMatchObject([{ id: 'port-mismatch', severity: 'error' }]);
  });

  it.each([
    ['another code', [sent(1), unreachable(tunnel(1), 1)]],
    ['another port', [sent(1), unreachable(tunnel(1, { port: 53 }))]],
    ['TCP', [sent(1), unreachable([ipv4({ protocol: 6 }), payload([0xc0, 0, 0x12, 0xb5, 0, 0, 0, 0])])]],
    ['an error that quotes nothing', [sent(1), frame(ethernet(), ipv4(), icmpv4({ type: 3, code: 3 }))]],
  ])('is not told of %s', async (_, frames) => {
    expect(await found({ eth0: timed(...frames) })).toEqual([]);
  });
});

describe('what port-mismatch explains', () => {
  const ids = async (taps: Taps) => (await analyzeTaps(scratch, taps)).findings.map(({ id }) => id);

  it('silence, in the VNI that is quoted, or in all where several are', async () => {
    const silent = [sent(1, { vni: 6000 }), sent(2, { vni: 6000 })];
    const errors = (...vnis: number[]) => vnis.flatMap((vni) => [sent(9, { vni }), unreachable(tunnel(9, { vni }))]);
    expect(await ids({ eth0: timed(...silent) })).toContain('one-way-tunnel');
    expect(await ids({ eth0: timed(...silent, ...errors(6000)) })).not.toContain('one-way-tunnel');
    expect(await ids({ eth0: timed(...silent, ...errors(5000)) })).toContain('one-way-tunnel');
    expect(await ids({ eth0: timed(...silent, ...errors(5000, 7000)) })).not.toContain('one-way-tunnel');
  });

  it('requests without an answer', async () => {
    const request = ask({ from: HV1, to: HV2 });
    const asked = [0, 1e6].map((us) => [us, request] as const);
    expect(await ids({ eth0: asked })).toContain('arp-unanswered');
    const error = [1_000_010, unreachable(request.subarray(14))] as const;
    expect(await ids({ eth0: [...asked, error] })).not.toContain('arp-unanswered');
  });

  it('frames of the same tunnel that vanish', async () => {
    const at = (us: number, ...numbers: number[]) =>
      numbers.map((number) => [us + number * 1000, sent(number)] as const);
    const taps = (...errors: (readonly [number, Uint8Array])[]): Taps => ({
      vm1_underlay: at(0, 1, 2, 3, 4, 5, 6, 7),
      vm2_underlay: [...at(20, 1, 2, 3, 5, 6, 7), ...errors],
    });
    expect(await ids(taps())).toContain('loss');
    expect(await ids(taps([20_000, unreachable(tunnel(7))]))).toEqual(['port-mismatch']);
  });
});

describe('icmp-from-vtep-kernel', () => {
  it('is told where VXLAN came back through the tunnel behind the frame that is quoted, even before the error', async () => {
    const frames = timed(sent(1), sent(9, { outwards: false }), unreachable(tunnel(1)));
    expect(await found({ eth0: frames })).toMatchObject([{ id: 'icmp-from-vtep-kernel' }]);
  });

  it('is told where VXLAN comes back through the tunnel after the error', async () => {
    const frames = timed(sent(1), unreachable(tunnel(1)), sent(9, { outwards: false }));
    expect(await found({ eth0: frames })).toEqual([
      {
        id: 'icmp-from-vtep-kernel',
        severity: 'info',
        message:
          '10.1.0.1 says 1 time that UDP port 4789 is unreachable for VXLAN from 10.0.0.1, seen at eth0, and yet it works: the kernel of 10.1.0.1 sees what its switch takes.',
        evidence: [
          { tap: 'eth0', frame: 1 },
          { tap: 'eth0', frame: 2 },
        ],
        fix: expect.stringContaining('Harmless'),
      },
    ]);
  });

  it('is told where one of several senders there went on, though the others did not', async () => {
    const other = sent(8, { outwards: false });
    other[14 + 20 + 8 + 8 + 11] = 0x77;
    const [before, after] = [7, 9].map((number) => sent(number, { outwards: false })) as [Uint8Array, Uint8Array];
    const frames = timed(before, other, sent(1), unreachable(tunnel(1)), after);
    expect(await found({ eth0: frames })).toMatchObject([{ id: 'icmp-from-vtep-kernel' }]);
  });

  it('is told where the receiver took the frames off the tunnel', async () => {
    const decapsulated = [1, 2, 3].map((number): [number, Uint8Array] => [number * 100 + 50, frame(...ping(number))]);
    const underlay = [1, 2, 3].flatMap((number): [number, Uint8Array][] => [
      [number * 100, sent(number)],
      [number * 100 + 10, unreachable(tunnel(number))],
    ]);
    expect(await found({ vm2_overlay: decapsulated, vm2_underlay: underlay })).toMatchObject([
      { id: 'icmp-from-vtep-kernel', severity: 'info' },
    ]);
    // Another receiver's tap shows nothing of this one.
    const third = [
      ipv4({ source: HV1, destination: 0x0a020001 }),
      udp({ destinationPort: 4789, checksum: 0 }),
      vxlan(),
      ...ping(9),
    ];
    const error = frame(
      ethernet(),
      ipv4({ source: 0x0a020001, destination: HV1 }),
      icmpv4({ type: 3, code: 3 }),
      ...third,
    );
    const more: [number, Uint8Array][] = [...underlay, [900, error]];
    expect((await found({ vm2_overlay: decapsulated, vm2_underlay: more })).map(({ id }) => id).sort()).toEqual([
      'icmp-from-vtep-kernel',
      'port-mismatch',
    ]);
    // The sender's own tap shows nothing of the receiver.
    const before = decapsulated.map(([us, bytes]): [number, Uint8Array] => [us - 90, bytes]);
    expect(await found({ vm1_overlay: before, vm1_underlay: underlay })).toMatchObject([
      { id: 'port-mismatch', severity: 'error' },
    ]);
  });
});
