/** `inner-exceeds-mtu` where a sender was told; what fragments show is in outer-fragmented.test.ts. */
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
import { ipv6Of } from '../../helpers/neighbours.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const HV1 = 0x0a000001;
const HV2 = 0x0a010001;
const [VM1, VM2] = [0x520000000001, 0x520000000002];
const [IP1, IP2] = [0xc0a80101, 0xc0a80102];
const inner = (outwards: boolean, number: number, len = 100, destination = IP2): Part[] => [
  ethernet(outwards ? { source: VM1, destination: VM2 } : { source: VM2, destination: VM1 }),
  ipv4({ source: outwards ? IP1 : IP2, destination: outwards ? destination : IP1, identification: number }),
  icmpv4({ rest: number }),
  payload(new Uint8Array(len - 28)),
];
const outer = (outwards: boolean, ...above: Part[]): Part[] => [
  ipv4({ source: outwards ? HV1 : HV2, destination: outwards ? HV2 : HV1, identification: 9 }),
  udp({ destinationPort: 4789, checksum: 0 }),
  vxlan({ vni: 5000 }),
  ...above,
];
const tooBig = (mtu: number, source = IP2): Part[] => [
  ethernet({ source: VM2, destination: VM1 }),
  ipv4({ source, destination: IP1 }),
  icmpv4({ type: 3, code: 4, rest: mtu }),
];
const quoted = (parts: Part[]): Part => payload(frame(...parts.slice(1)).subarray(0, 528));
const both = [
  frame(ethernet(), ...outer(true, ...inner(true, 1))),
  frame(ethernet(), ...outer(false, ...inner(false, 1))),
];
const found = async (taps: Taps) => only(await analyzeTaps(scratch, taps), 'inner-exceeds-mtu');
const timed = (...frames: Uint8Array[]): [number, Uint8Array][] => frames.map((bytes, index) => [index * 10, bytes]);

describe('a guest that was told', () => {
  const large = inner(true, 5, 1500);
  const overlay = (...frames: Uint8Array[]): Taps => ({
    vm1_overlay: timed(frame(...inner(true, 1)), frame(...inner(false, 1)), ...frames),
    vm1_underlay: timed(...both),
  });

  it('is told of, with the packet that is quoted, the MTU, and what the tunnel adds', async () => {
    const error = frame(...tooBig(1450), quoted(large));
    expect(await found(overlay(frame(...large), error))).toEqual([
      {
        id: 'inner-exceeds-mtu',
        severity: 'warning',
        message:
          '192.168.1.1 of VNI 5000 was told 1 time that packets of up to 1500 bytes to 192.168.1.2 are too large (MTU 1450), seen at vm1_overlay; likely by the tunnel from 10.0.0.1 to 10.1.0.1, which adds 50 bytes and leaves 1450 of 1500.',
        evidence: [
          { tap: 'vm1_overlay', frame: 3 },
          { tap: 'vm1_overlay', frame: 4 },
        ],
        fix: 'Give the VMs an MTU of 1450 from the start, or the underlay one of 1550 or more.',
      },
    ]);
  });

  it('is told of without the MTU where the error names none (RFC 792)', async () => {
    const error = frame(...tooBig(0), quoted(large));
    expect(await found(overlay(frame(...large), error))).toMatchObject([
      {
        message: expect.stringMatching(
          /to 192\.168\.1\.2 are too large, seen at vm1_overlay; .* which adds 50 bytes\.$/,
        ),
        fix: 'Give the VMs an MTU of less from the start, or the underlay one of 1550 or more.',
      },
    ]);
  });

  it('is told of with what a tunnel over IPv6 adds', async () => {
    const through = (outwards: boolean): Uint8Array => {
      const ends = [ipv6Of(1), ipv6Of(2)] as const;
      const [source, destination] = outwards ? ends : ([ends[1], ends[0]] as const);
      const udpIn = udp({ destinationPort: 4789 });
      return frame(ethernet(), ipv6({ source, destination }), udpIn, vxlan({ vni: 5000 }), ...inner(outwards, 1));
    };
    const taps = overlay(frame(...large), frame(...tooBig(1430), quoted(large)));
    expect(await found({ ...taps, vm1_underlay: timed(through(true), through(false)) })).toMatchObject([
      { message: expect.stringContaining('from fd00::1 to fd00::2, which adds 70 bytes and leaves 1430 of 1500.') },
    ]);
  });

  it('is not told of where the packet goes beyond the network', async () => {
    const beyond = inner(true, 5, 1500, 0x08080808);
    expect(await found(overlay(frame(...beyond), frame(...tooBig(1400), quoted(beyond))))).toEqual([]);
  });

  it('is not told of where the error came through the tunnel: that is of a way behind it', async () => {
    const error = [...tooBig(1400), quoted(large)];
    const taps = overlay(frame(...large), frame(...error));
    const underlay = [...timed(...both), [900, frame(ethernet(), ...outer(false, ...error))] as const];
    expect(await found({ ...taps, vm1_underlay: underlay })).toEqual([]);
  });

  it('is told of though another guest was told, or of another one, through the tunnel', async () => {
    const error = [...tooBig(1450), quoted(large)];
    for (const ends of [
      { source: 0xc0a80109, destination: IP2 },
      { source: IP1, destination: 0xc0a80109 },
    ]) {
      const other = [ethernet(), ipv4({ ...ends, identification: 5 }), ...large.slice(2)];
      const through = frame(ethernet(), ...outer(false, ...tooBig(1400), quoted(other)));
      const taps = overlay(frame(...large), frame(...error));
      const told = await found({ ...taps, vm1_underlay: [...timed(...both), [900, through] as const] });
      expect(told.map(({ message }) => message.replace(/ of VNI.*/, ''))).toEqual(['192.168.1.1']);
    }
  });

  it('is not told of where it is behind no VTEP that is known', async () => {
    const unknown = [ethernet(), ipv4({ source: 0xc0a80109, destination: IP2, identification: 5 }), ...large.slice(2)];
    expect(await found(overlay(frame(...tooBig(1450), quoted(unknown))))).toEqual([]);
  });

  it('is not told of where both are behind one VTEP, or in networks of their own', async () => {
    const error = frame(...tooBig(1450), quoted(large));
    const at = (vtep: number, vni: number): Uint8Array =>
      frame(
        ethernet(),
        ipv4({ source: vtep, destination: HV1 }),
        udp({ destinationPort: 4789, checksum: 0 }),
        vxlan({ vni }),
        ...inner(false, 1),
      );
    const out = frame(ethernet(), ...outer(true, ...inner(true, 1)));
    for (const back of [at(HV1, 5000), at(HV2, 6000)]) {
      const taps = { ...overlay(frame(...large), error), vm1_underlay: timed(out, back) };
      expect(await found(taps)).toEqual([]);
    }
    expect(await found({ ...overlay(frame(...large), error), vm1_underlay: timed(out, at(HV2, 5000)) })).toHaveLength(
      1,
    );
  });

  it('is not told of where no tunnel is known, nor of other errors', async () => {
    const error = frame(...tooBig(1450), quoted(large));
    expect(await found({ vm1_overlay: timed(frame(...large), error) })).toEqual([]);
    const unreachable = frame(...tooBig(0).slice(0, 2), icmpv4({ type: 3, code: 1 }), quoted(large));
    expect(await found(overlay(frame(...large), unreachable))).toEqual([]);
  });
});

describe('a VTEP that was told', () => {
  it('is told of, with the MTU that is left for inner packets', async () => {
    const large = outer(true, ...inner(true, 5, 1450));
    const error = (mtu: number): Uint8Array =>
      frame(
        ethernet(),
        ipv4({ source: 0x0a000063, destination: HV1 }),
        icmpv4({ type: 3, code: 4, rest: mtu }),
        payload(frame(...large).subarray(0, 528)),
      );
    const frames = timed(frame(ethernet(), ...large), error(1400), error(1300));
    expect(await found({ eth0: frames })).toEqual([
      {
        id: 'inner-exceeds-mtu',
        severity: 'warning',
        message:
          "10.0.0.99 told 10.0.0.1 2 times that VXLAN packets of up to 1500 bytes to 10.1.0.1 are too large (MTU 1300), seen at eth0; less the tunnel's 50 bytes that leaves 1250 for inner packets.",
        evidence: [1, 2, 3].map((number) => ({ tap: 'eth0', frame: number })),
        fix: 'Raise the MTU on the path from 10.0.0.1 to 10.1.0.1 to 1500 or more, or give the VMs one of 1250.',
      },
    ]);
  });

  it('is told of without what the error and its quotation do not say', async () => {
    const large = outer(true, ...inner(true, 5, 1450));
    const error = (mtu: number, len: number): Uint8Array =>
      frame(
        ethernet(),
        ipv4({ source: 0x0a000063, destination: HV1 }),
        icmpv4({ type: 3, code: 4, rest: mtu }),
        payload(frame(...large).subarray(0, len)),
      );
    const raise = 'Raise the MTU on the path from 10.0.0.1 to 10.1.0.1 to 1500 or more';
    const unnamed = timed(frame(ethernet(), ...large), error(0, 528));
    expect(await found({ eth0: unnamed })).toMatchObject([
      { message: expect.stringMatching(/ to 10\.1\.0\.1 are too large, seen at eth0\.$/), fix: `${raise}.` },
    ]);
    const short = await found({ eth0: timed(error(1300, 28)) });
    expect(short).toMatchObject([
      { message: expect.stringMatching(/ are too large \(MTU 1300\), seen at eth0\.$/), fix: `${raise}.` },
    ]);
  });

  it('is told of once for all taps: what the most saw, the least MTU, the longest packet, what the tunnel adds', async () => {
    const error = (inside: number, mtu: number, len = 528): Uint8Array =>
      frame(
        ethernet(),
        ipv4({ source: 0x0a000063, destination: HV1 }),
        icmpv4({ type: 3, code: 4, rest: mtu }),
        payload(frame(...outer(true, ...inner(true, 5, inside))).subarray(0, len)),
      );
    // The first one ends before the inner packet, and names no MTU.
    const seen = { a: [error(1450, 0, 40)], b: [error(1450, 1400), error(1450, 1400)], c: [error(1460, 1300)] };
    const taps = (names: readonly (keyof typeof seen)[]): Taps =>
      Object.fromEntries(names.map((name) => [name, timed(...seen[name])]));
    const rest = "(MTU 1300), seen at NAMES; less the tunnel's 50 bytes that leaves 1250 for inner packets.";
    for (const names of [['a', 'b', 'c'] as const, ['c', 'b', 'a'] as const]) {
      expect((await found(taps(names))).map(({ message }) => message)).toEqual([
        `10.0.0.99 told 10.0.0.1 2 times that VXLAN packets of up to 1510 bytes to 10.1.0.1 are too large ${rest}`.replace(
          'NAMES',
          `${names[0]}, ${names[1]} and ${names[2]}`,
        ),
      ]);
    }
  });

  it('is told of over IPv6', async () => {
    const large = [ipv6(), udp({ destinationPort: 4789 }), vxlan({ vni: 5000 }), ...inner(true, 5, 1400)];
    const error = frame(
      ethernet(),
      ipv6(),
      icmpv6({ type: 2, rest: 1280 }),
      payload(frame(...large).subarray(0, 1232)),
    );
    expect(await found({ eth0: timed(frame(ethernet(), ...large), error) })).toMatchObject([
      {
        message: expect.stringContaining(
          "up to 1470 bytes to fd00::2 are too large (MTU 1280), seen at eth0; less the tunnel's 70 bytes",
        ),
      },
    ]);
  });

  it('is not told of packets of no tunnel', async () => {
    const plain = [ipv4(), udp({ destinationPort: 53 }), payload(new Uint8Array(1400))];
    const error = frame(ethernet(), ipv4(), icmpv4({ type: 3, code: 4, rest: 1300 }), ...plain);
    expect(await found({ eth0: timed(...both, frame(ethernet(), ...plain), error) })).toEqual([]);
  });
});
