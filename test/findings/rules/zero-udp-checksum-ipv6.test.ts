import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import {
  ethernet,
  frame,
  geneve,
  icmpv4,
  icmpv6,
  ipv4,
  ipv6,
  type Part,
  payload,
  udp,
  vxlan,
} from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const HV1 = [0xfd, ...Array(14).fill(0), 1];
const HV2 = [0xfd, ...Array(14).fill(0), 2];
const GROUP = [0xff, 0x05, ...Array(13).fill(0), 9];
const [VM1, VM2] = [0x520000000001, 0x520000000002];
const inner = (number: number, outwards = true): Part[] => [
  ethernet(outwards ? { source: VM1, destination: VM2 } : { source: VM2, destination: VM1 }),
  ipv4({ identification: number }),
  icmpv4({ rest: number, type: outwards ? 8 : 0 }),
  payload([number]),
];
interface Given {
  outwards?: boolean;
  checksum?: number | undefined;
  destination?: number[];
  vni?: number;
}
const sent = (number: number, { outwards = true, checksum = 0, destination, vni = 5000 }: Given = {}): Uint8Array =>
  frame(
    ethernet(),
    ipv6({ source: outwards ? HV1 : HV2, destination: destination ?? (outwards ? HV2 : HV1) }),
    udp({ destinationPort: 4789, checksum }),
    vxlan({ vni }),
    ...inner(number, outwards),
  );
const bare = (number: number): Uint8Array => frame(...inner(number));
const timed = (...frames: Uint8Array[]): Timed[] => frames.map((bytes, index) => [index * 1000, bytes]);
const found = async (taps: Taps) =>
  only(await analyzeTaps(scratch, taps), 'zero-udp-checksum-ipv6').map(
    ({ severity, message }) => `${severity}: ${message}`,
  );

it('is worth knowing where it works', async () => {
  const frames = timed(sent(1), sent(1, { outwards: false }), sent(2));
  const analysis = await analyzeTaps(scratch, { eth0: frames, eth1: frames.slice(0, 1) });
  expect(only(analysis, 'zero-udp-checksum-ipv6')).toEqual([
    {
      id: 'zero-udp-checksum-ipv6',
      severity: 'info',
      message: '2 tunnels over IPv6 send no UDP checksum: 3 frames at eth0 and 1 frame at eth1.',
      evidence: [1, 2, 3].map((number) => ({ tap: 'eth0', frame: number })).concat({ tap: 'eth1', frame: 1 }),
      fix: expect.stringContaining('RFC 6935'),
    },
  ]);
});

it('is a warning where nothing comes back, tunnel by tunnel', async () => {
  const frames = timed(sent(1), sent(2), sent(1, { vni: 6000 }), sent(2, { vni: 6000, outwards: false }));
  expect(await found({ eth0: frames, eth1: frames.slice(0, 2) })).toEqual([
    'warning: 2 frames of VNI 5000 from fd00::1 to fd00::2, seen at eth0 and eth1, have no UDP checksum, and nothing was decapsulated or came back: likely fd00::2 drops them, as IPv6 asks for where it was not told otherwise.',
    'info: 2 tunnels over IPv6 send no UDP checksum: 2 frames at eth0.',
  ]);
});

it('is a warning of each tunnel, by the tap that saw most of it', async () => {
  const [five, six] = [1, 2, 3]
    .map((number) => [sent(number), sent(number, { vni: 6000 })] as const)
    .reduce<[Uint8Array[], Uint8Array[]]>(
      ([a, b], [x, y]) => [
        [...a, x],
        [...b, y],
      ],
      [[], []],
    );
  const taps = { eth0: timed(...five.slice(0, 2), ...six), eth1: timed(...five) };
  expect((await found(taps)).map((text) => text.replace(/ have no .*/, ''))).toEqual([
    'warning: 3 frames of VNI 5000 from fd00::1 to fd00::2, seen at eth0 and eth1,',
    'warning: 3 frames of VNI 6000 from fd00::1 to fd00::2, seen at eth0,',
  ]);
});

it('is a warning though other VTEPs send there, or are sent to from there', async () => {
  const HV3 = [0xfd, ...Array(14).fill(0), 3];
  const between = (source: number[], destination: number[]): Uint8Array =>
    frame(ethernet(), ipv6({ source, destination }), udp({ destinationPort: 4789 }), vxlan({ vni: 5000 }), ...inner(9));
  for (const other of [between(HV2, HV3), between(HV3, HV1), between(HV3, HV2)]) {
    expect(await found({ eth0: timed(sent(1), sent(2), other) })).toEqual([expect.stringMatching(/^warning/)]);
  }
});

it('is a warning though what another VTEP sends, or what is of another VNI, is decapsulated', async () => {
  const at = (us: number, ...frames: Uint8Array[]): Timed[] => frames.map((bytes, index) => [us + index * 1000, bytes]);
  const source = [0xfd, ...Array(14).fill(0), 3];
  const carried = (number: number, vni: number, from: number[]): Uint8Array =>
    frame(
      ethernet(),
      ipv6({ source: from, destination: HV2 }),
      udp({ destinationPort: 4789 }),
      vxlan({ vni }),
      ...inner(number),
    );
  for (const [vni, from] of [
    [5000, source],
    [6000, HV1],
  ] as const) {
    const passing = [11, 12, 13].map((number) => carried(number, vni, from));
    const vm2_underlay = [...at(40, ...passing), ...at(9000, sent(1), sent(2))];
    expect(await found({ vm2_overlay: at(60, bare(11), bare(12), bare(13)), vm2_underlay })).toEqual([
      expect.stringMatching(/^warning: 2 frames/),
    ]);
  }
});

it('is worth knowing of one tunnel', async () => {
  expect(await found({ eth0: timed(sent(1)) })).toEqual([
    'info: 1 tunnel over IPv6 sends no UDP checksum: 1 frame at eth0.',
  ]);
});

it('is no warning where frames are decapsulated, to a group, or for a single one', async () => {
  const after = (us: number, bytes: (number: number) => Uint8Array): Timed[] =>
    [1, 2, 3].map((number) => [number * 1000 + us, bytes(number)]);
  const arriving = { vm1_overlay: after(0, bare), vm1_underlay: after(20, sent), vm2_underlay: after(40, sent) };
  expect(await found(arriving)).toEqual([expect.stringMatching(/^warning/)]);
  const decapsulated = { ...arriving, vm2_overlay: after(60, bare) };
  expect(await found(decapsulated)).toEqual([expect.stringMatching(/^info/)]);
  const group = { destination: GROUP };
  expect(await found({ eth0: timed(sent(1, group), sent(2, group)) })).toEqual([expect.stringMatching(/^info/)]);
  expect(await found({ eth0: timed(sent(1)) })).toEqual([expect.stringMatching(/^info/)]);
});

it('is not told of tunnels with a checksum, nor of what is no tunnel, nor over IPv4', async () => {
  const other = frame(ethernet(), ipv6(), udp({ checksum: 0 }), payload([1, 2]));
  const four = frame(ethernet(), ipv4(), udp({ destinationPort: 4789, checksum: 0 }), vxlan(), ...inner(1));
  const six = frame(ethernet(), ipv6(), udp({ destinationPort: 4789 }), vxlan(), ...inner(1));
  const inside = frame(
    ...[ethernet(), ipv4(), udp({ destinationPort: 4789, checksum: 0 }), vxlan(), ethernet()],
    ...[ipv6(), udp({ checksum: 0 }), payload([1, 2])],
  );
  const partial = sent(1, { checksum: ipv6({ source: HV1, destination: HV2 }).pseudoSum?.(17, sent(1).length - 54) });
  const otherTunnel = frame(ethernet(), ipv6(), udp({ checksum: 0 }), geneve(), ...inner(1));
  const all = [other, four, six, inside, partial, otherTunnel];
  const analysis = await analyzeTaps(scratch, { eth0: timed(...all, ...all) });
  expect(only(analysis, 'zero-udp-checksum-ipv6')).toEqual([]);
  expect(only(analysis, 'checksum-offload')).toHaveLength(1);
});

it('is told no more where the port is unreachable: then the checksum was no hindrance', async () => {
  const quoted = [
    ipv6({ source: HV1, destination: HV2 }),
    udp({ destinationPort: 4789, checksum: 0 }),
    vxlan(),
    ...inner(1),
  ];
  const unreachable = frame(
    ethernet(),
    ipv6({ source: HV2, destination: HV1 }),
    icmpv6({ type: 1, code: 4 }),
    ...quoted,
  );
  const frames = timed(sent(1), sent(2), unreachable);
  const analysis = await analyzeTaps(scratch, { eth0: frames });
  expect(analysis.findings.map(({ id }) => id)).toContain('port-mismatch');
  expect(only(analysis, 'zero-udp-checksum-ipv6')).toEqual([]);
});

it('explains silence', async () => {
  const silent = async (...frames: Uint8Array[]) =>
    only(await analyzeTaps(scratch, { eth0: timed(...frames) }), 'one-way-tunnel');
  const outer = ipv6({ source: HV1, destination: HV2 });
  const right = (number: number): Uint8Array =>
    frame(ethernet(), outer, udp({ destinationPort: 4789 }), vxlan({ vni: 5000 }), ...inner(number));
  expect(await silent(right(1), right(2))).toHaveLength(1);
  expect(await silent(sent(1), sent(2))).toEqual([]);
});
