import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { analyze } from '../../../src/analyze.js';
import { analyzeTaps, only, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import { ethernet, frame, icmpv4, ipv4, type Part, payload, tcp, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const HV1 = 0x0a000001;
const HV2 = 0x0a010001;
const [VM1, VM2] = [0x520000000001, 0x520000000002];
/** A NIC that a maker made, and one that a hypervisor did. */
const PHYSICAL = 0x3cfdfe000002;
const VMWARE = 0x005056000002;
const KVM = 0x525400000002;
const GROUP = 0x01005e000001;

const inner = (number: number, outwards = true, peer = VM2): Part[] => [
  ethernet(outwards ? { source: VM1, destination: peer } : { source: peer, destination: VM1 }),
  ipv4({ identification: number }),
  icmpv4({ rest: number, type: outwards ? 8 : 0 }),
  payload(Array(40).fill(number)),
];
const ends = (outwards: boolean) => ({ source: outwards ? HV1 : HV2, destination: outwards ? HV2 : HV1 });
/** The pseudo-header's sum of what `sent` sends. */
const partialOf = (outwards: boolean): number => {
  const length = frame(...inner(1, outwards)).length + 16;
  return ipv4(ends(outwards)).pseudoSum?.(17, length) as number;
};
interface Given {
  checksum?: number;
  outwards?: boolean;
  mac?: number;
  vni?: number;
  frames?: Part[];
  between?: { source: number; destination: number };
}
const sent = (
  number: number,
  {
    checksum,
    outwards = true,
    mac = PHYSICAL,
    vni = 5000,
    frames = inner(number, outwards),
    between = ends(outwards),
  }: Given = {},
): Uint8Array =>
  frame(
    ethernet({ destination: mac }),
    ipv4({ ...between, identification: 1000 + number }),
    udp({ destinationPort: 4789, ...(checksum === undefined ? {} : { checksum }) }),
    vxlan({ vni }),
    ...frames,
  );
const bare = (number: number, outwards = true): Uint8Array => frame(...inner(number, outwards));
const timed = (...frames: Uint8Array[]): Timed[] => frames.map((bytes, index) => [index * 1000, bytes]);
const found = async (taps: Taps) => only(await analyzeTaps(scratch, taps), 'checksum-wrong');

describe('a checksum that nothing explains', () => {
  it('is told with what it should be (projectcalico/calico#3145)', async () => {
    const right = new DataView(sent(2).buffer).getUint16(40).toString(16).padStart(4, '0');
    const frames = timed(
      sent(1),
      sent(2, { checksum: 0xffff }),
      sent(3, { checksum: 0xffff }),
      sent(4, { checksum: 0 }),
      sent(5, { checksum: partialOf(true) }),
    );
    expect(await found({ eth0: frames })).toEqual([
      {
        id: 'checksum-wrong',
        severity: 'error',
        message: `2 of 5 outer UDP checksums at eth0 are wrong (VNI 5000; 10.0.0.1 to 10.1.0.1): frame 2 has 0xffff, right would be 0x${right}.`,
        evidence: [2, 3].map((number) => ({ tap: 'eth0', frame: number })),
        fix: expect.stringContaining('ethtool'),
      },
    ]);
  });

  it('is told inside and around tunnels, and without one, each apart', async () => {
    const damaged = (...at: number[]): Uint8Array => {
      const bytes = sent(1, { checksum: 0 });
      for (const place of at) bytes[place] = (bytes[place] as number) ^ 0x10;
      return bytes;
    };
    const alone = bare(5);
    alone[50] = (alone[50] as number) ^ 0x10;
    const messages = (
      await found({ eth0: timed(damaged(22), damaged(72), damaged(100), sent(2)), vm: timed(alone) })
    ).map(({ message }) => message);
    expect(messages).toEqual([
      expect.stringMatching(/^1 of 4 outer IPv4 header checksums at eth0 is wrong \(VNI 5000; .*\): frame 1 has/),
      expect.stringMatching(/^1 of 4 inner IPv4 header checksums at eth0 is wrong .*: frame 2 has/),
      expect.stringMatching(/^1 of 4 inner ICMP checksums at eth0 is wrong .*: frame 3 has/),
      expect.stringMatching(/^1 of 1 ICMP checksums at vm is wrong: frame 1 has/),
    ]);
  });

  it.each(['ovs-golden.hv1-eth0', 'port-8472.hv1-eth0', 'lab-six-packet.hv1-eth0'])(
    'is one bit of %s',
    async (name) => {
      const capture = readFileSync(`fixtures/captures/${name}.pcap`);
      const path = join(scratch.path, `${name}.pcap`);
      const judged = async (): Promise<readonly string[]> => {
        writeFileSync(path, capture);
        return only(await analyze([path]), 'checksum-wrong').map(({ message }) => message);
      };
      expect(await judged()).toEqual([]);
      // The end of an echo reply.
      capture[capture.length - 1] = (capture[capture.length - 1] as number) ^ 1;
      expect(await judged()).toEqual([expect.stringMatching(/^1 of 2 inner ICMP checksums at .* is wrong/)]);
    },
  );

  it('shows the first frame, whatever is wrong with another sender, and lists frames in order', async () => {
    const other = inner(2);
    other[0] = ethernet({ source: 0x520000000009, destination: VM2 });
    const wrong = { checksum: 0xfffe, frames: other };
    const frames = timed(sent(1, { checksum: 0xffff }), sent(2, wrong), sent(3, { checksum: 0xffff }), sent(4, wrong));
    const [finding] = await found({ eth0: frames });
    expect(finding?.message).toContain(': frame 1 has 0xffff,');
    expect(finding?.evidence.map(({ frame }) => frame)).toEqual([1, 2, 3, 4]);
  });

  it('writes checksums with four digits', async () => {
    expect((await found({ eth0: timed(sent(1, { checksum: 7 })) }))[0]?.message).toContain('frame 1 has 0x0007,');
  });

  it('explains silence between its own VTEPs, in its own VNI, or in all where it is of several', async () => {
    const silent = async (wrong: Uint8Array[], given: Given): Promise<boolean> => {
      const good = [11, 12].map((number) => sent(number, given));
      const { findings } = await analyzeTaps(scratch, { eth0: timed(...wrong, ...good) });
      return findings.some(({ id, message }) => id === 'one-way-tunnel' && message.includes('VNI 6000'));
    };
    const wrong = (vni: number) => sent(1, { checksum: 0xffff, vni });
    expect(await silent([wrong(6000)], { vni: 6000 })).toBe(false);
    expect(await silent([wrong(5000)], { vni: 6000 })).toBe(true);
    expect(await silent([wrong(5000), wrong(7000)], { vni: 6000 })).toBe(false);
  });

  it('names some of many tunnels', async () => {
    const three = [1, 2, 3].map((vni) => sent(vni, { checksum: 0xffff, vni }));
    expect((await found({ eth0: timed(...three) }))[0]?.message).toContain('(VNI 1, 2 and 3; 10.0.0.1 to 10.1.0.1)');
    const frames = [1, 2, 3, 4, 5].map((vni) => sent(vni, { checksum: 0xffff, vni }));
    const [finding] = await found({ eth0: timed(...frames) });
    expect(finding?.message).toContain('(VNI 1, 2 and 3 and 2 more; 10.0.0.1 to 10.1.0.1)');
  });

  it('is not told of a frame that was cut, of a fragment, or of one that may be several', async () => {
    const cut = sent(1, { checksum: 0xffff });
    const fragment = frame(
      ethernet(),
      ipv4({ moreFragments: 1 }),
      udp({ destinationPort: 4789, length: 900, checksum: 0xffff }),
      vxlan(),
      ...inner(1),
    );
    const long = frame(ethernet(), ipv4(), tcp({ checksum: 0x1234 }), payload(Array(3000).fill(1)));
    expect(
      await found({ eth0: [[0, cut.subarray(0, 90), cut.length]], eth1: timed(fragment), vm: timed(long) }),
    ).toEqual([]);
  });
});

describe('a checksum that was left to the NIC', () => {
  const partial = partialOf(true);
  /** Pings that leave vm1, and come to hv2 as they are; what comes after that is up to a test. */
  const run = (given: Given = {}): Record<string, Timed[]> => ({
    vm1_overlay: timed(bare(1), bare(2), bare(3)),
    vm1_underlay: timed(sent(1, { checksum: partial }), sent(2, { checksum: partial }), sent(3, { checksum: partial })),
    vm2_underlay: timed(...[1, 2, 3].map((number) => sent(number, { checksum: partial, ...given }))),
    vm2_overlay: timed(frame(ethernet({ source: VM2 }), ipv4({ source: 0x01020304 }), tcp())),
  });

  it('is wrong where it arrives over a physical wire and nobody takes it', async () => {
    expect(await found(run())).toEqual([
      {
        id: 'checksum-wrong',
        severity: 'error',
        message:
          "3 frames of VNI 5000 from 10.0.0.1 to 10.1.0.1 arrive at vm2_underlay with a UDP checksum that the sender's NIC was to fill in (CHECKSUM_PARTIAL); none was decapsulated or answered: likely 10.1.0.1 drops them.",
        evidence: [1, 2, 3].map((number) => ({ tap: 'vm2_underlay', frame: number })),
        fix: expect.stringContaining('10.0.0.1'),
      },
    ]);
  });

  it('is judged by the frames of that tap, whichever these are elsewhere', async () => {
    const { vm2_underlay, ...others } = run() as Record<'vm2_underlay', Timed[]>;
    const before: Timed = [-10, sent(9, { checksum: 0, vni: 7000 })];
    const shifted = [before, ...vm2_underlay].map(([us, bytes]): Timed => [us + 40, bytes]);
    expect((await found({ ...others, vm2_underlay: shifted }))[0]?.evidence.map(({ frame }) => frame)).toEqual([
      2, 3, 4,
    ]);
  });

  it('is not where the wire is, or may be, virtual', async () => {
    for (const mac of [KVM, VMWARE, GROUP]) expect(await found(run({ mac }))).toEqual([]);
  });

  it('is not where one of them was decapsulated', async () => {
    const taps = run();
    expect(await found({ ...taps, vm2_overlay: [...(taps['vm2_overlay'] as Timed[]), [2100, bare(3)]] })).toEqual([]);
  });

  it('is not where one was answered', async () => {
    const taps = run();
    const answer: Timed = [2500, sent(9, { checksum: 0, outwards: false })];
    expect(await found({ ...taps, vm1_underlay: [...(taps['vm1_underlay'] as Timed[]), answer] })).toEqual([]);
  });

  it('is not at the sender, nor where only the sender was looked at', async () => {
    const { vm1_overlay, vm1_underlay } = run() as { vm1_overlay: Timed[]; vm1_underlay: Timed[] };
    expect(await found({ vm1_overlay, vm1_underlay })).toEqual([]);
    expect(await found({ vm1_underlay })).toEqual([]);
    // The host's own frames, which no VM sent.
    expect(await found({ vm1_overlay: vm1_overlay.slice(0, 1), vm1_underlay })).toEqual([]);
  });

  it('is not where frames of the tunnel went to the overlay, though not these', async () => {
    const [first, second] = [sent(1, { checksum: partial }), sent(2, { checksum: partial })];
    const taps: Record<string, Timed[]> = {
      ...run(),
      vm1_underlay: timed(first, second, sent(3)),
      vm2_underlay: timed(first, second, sent(3)),
    };
    expect(await found(taps)).toHaveLength(1);
    expect(await found({ ...taps, vm2_overlay: [...(taps['vm2_overlay'] as Timed[]), [2100, bare(3)]] })).toEqual([]);
  });

  it('counts the frames of all senders, in order', async () => {
    const from = (number: number): Part[] => [
      ethernet({ source: 0x520000000009, destination: VM2 }),
      ...inner(number).slice(1),
    ];
    const frames = timed(
      ...[1, 2, 3, 4].map((number) =>
        sent(number, { checksum: partial, ...(number % 2 === 0 ? { frames: from(number) } : {}) }),
      ),
    );
    const [finding] = await found({ ...run(), vm1_underlay: frames, vm2_underlay: frames });
    expect(finding?.message).toMatch(/^4 frames of VNI 5000 /);
    expect(finding?.evidence.map(({ frame }) => frame)).toEqual([1, 2, 3, 4]);
  });

  it('is told of one frame', async () => {
    const frames = timed(sent(1), sent(2, { checksum: partial }), sent(3));
    const [finding] = await found({ ...run(), vm1_underlay: frames, vm2_underlay: frames });
    expect(finding?.message).toMatch(/^1 frame of VNI 5000 .* arrives at vm2_underlay/);
  });

  it.each([
    ['in another VNI', { vni: 6000 }],
    ['from another VTEP', { between: { source: 0x0a020001, destination: HV2 } }],
    ['to another VTEP', { between: { source: HV1, destination: 0x0a020001 } }],
  ])('is not where what comes from there is something else: %s', async (_, given) => {
    const others = [11, 12].map((number) => sent(number, given));
    const late = timed(...others).map(([us, bytes]): Timed => [us + 40, bytes]);
    const taps = run();
    const { vm2_underlay } = taps as { vm2_underlay: Timed[] };
    const lone = { ...taps, vm1_underlay: timed(...others) };
    expect(await found({ ...lone, vm2_underlay: [...late, ...vm2_underlay].sort(([a], [b]) => a - b) })).toEqual([]);
  });

  it('is not where it leaves, though the overlay tap there did not see it', async () => {
    const leaving = timed(sent(1), sent(2, { checksum: partial }), sent(3, { checksum: partial }));
    expect(await found({ vm1_overlay: [], vm1_underlay: leaving.slice(1) })).toEqual([]);
    expect(await found({ vm1_overlay: timed(bare(1)), vm1_underlay: leaving })).toEqual([]);
    const vm2_underlay: Timed[] = [2, 3].map((number) => [number * 1000 - 960, sent(number)]);
    expect(await found({ vm1_overlay: [], vm1_underlay: leaving.slice(1), vm2_underlay })).toEqual([]);
  });

  it('is not for a VM that no tap looks at, nor where no tap behind that host does', async () => {
    const elsewhere = (number: number) => inner(number, true, 0x520000000003);
    const frames = [1, 2, 3].map((number) => sent(number, { checksum: partial, frames: elsewhere(number) }));
    const bares = [1, 2, 3].map((number) => frame(...elsewhere(number)));
    const { vm2_overlay } = run() as { vm2_overlay: Timed[] };
    const taps = { vm1_overlay: timed(...bares), vm1_underlay: timed(...frames), vm2_underlay: timed(...frames) };
    expect(await found({ ...taps, vm2_overlay })).toEqual([]);
    // Of one tunnel, the first is for the VM behind the tap, the others are not.
    const [mine] = run()['vm2_underlay'] as [Timed];
    const mixed = timed(mine[1], ...frames.slice(1));
    expect(await found({ ...taps, vm1_underlay: mixed, vm2_underlay: mixed, vm2_overlay })).toEqual([]);
    const { vm2_overlay: _, ...others } = run();
    expect(await found({ ...others, vm3_overlay: [] })).toEqual([]);
  });

  it('is not where it was filled in on the way', async () => {
    const taps = run();
    expect(await found({ ...taps, vm2_underlay: timed(sent(1), sent(2), sent(3)) })).toEqual([]);
  });
});
