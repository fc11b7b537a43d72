/**
 * Goldens on captures of real runs, and of another vendor's network. Needs the corpus.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SHIPPED } from '../../src/golden/shipped.js';
import { vxdump } from '../helpers/vxdump.js';

const corpus = process.env['VXDUMP_CORPUS'];
if (corpus === undefined) console.log('not run: goldens on the corpus: VXDUMP_CORPUS is not set');
else if (!existsSync(corpus)) throw new Error(`VXDUMP_CORPUS is ${corpus}, and there is no such folder`);
const lab = `${corpus}/lab`;
const LEAVES = `${corpus}/networklessons+labs/packet-captures/vxlan-static-ingress-replication-two-leaf-switches.pcapng`;

/** Two leaf switches of another vendor: five pings, then one side asks for the other's MAC again. */
const LEAVES_GOLDEN = `
schema: vxdump.golden/1
name: two-leaves
tap: underlay
steps:
  - name: ARP request
    match: { outer.ip.src: $leaf1, outer.ip.dst: $leaf2, vxlan.vni: 10010, inner.eth.dst: ff:ff:ff:ff:ff:ff, inner.eth.src: $a, arp.opcode: request, arp.src.proto_ipv4: $ip_a, arp.dst.proto_ipv4: $ip_b }
  - name: ARP reply
    match: { outer.ip.src: $leaf2, outer.ip.dst: $leaf1, vxlan.vni: 10010, inner.eth.src: $b, inner.eth.dst: $a, arp.opcode: reply, arp.src.proto_ipv4: $ip_b }
    within: 50ms
  - repeat: { min: 1, max: 10 }
    steps:
      - name: echo request
        match: { outer.ip.src: $leaf1, vxlan.vni: 10010, inner.eth.src: $a, inner.eth.dst: $b, icmp.type: echo-request, icmp.ident: $id, icmp.seq: $seq }
      - name: echo reply
        match: { outer.ip.src: $leaf2, vxlan.vni: 10010, inner.eth.src: $b, inner.eth.dst: $a, icmp.type: echo-reply, icmp.ident: $id, icmp.seq: $seq }
        within: 50ms
  - name: revalidation
    optional: true
    match: { vxlan.vni: 10010, inner.eth.src: $b, inner.eth.dst: $a, arp.opcode: request }
  - name: its answer
    optional: true
    match: { vxlan.vni: 10010, inner.eth.src: $a, inner.eth.dst: $b, arp.opcode: reply }
`;

describe.skipIf(corpus === undefined)('goldens on the corpus', () => {
  let scratch: string;
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'vxdump-golden-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true }));
  const file = (name: string, text: string): string => {
    writeFileSync(join(scratch, name), text);
    return join(scratch, name);
  };

  it.each(
    ['golden', 'kernel-golden', 'ovs-golden', 'ovs-docker-golden', 'port-8472', 'udpcsum'].flatMap((run) =>
      [1, 2].map((host) => [run, host] as const),
    ),
  )('%s passes on host %i', async (run, host) => {
    const [underlay, overlay] = [`${lab}/${run}/vm${host}_underlay.pcap`, `${lab}/${run}/vm${host}_overlay.pcap`];
    expect((await vxdump(['assert', underlay, '--golden', 'six-packet'])).exit).toBe(0);
    expect((await vxdump(['assert', underlay, '--golden', 'six-packet-repeat'])).exit).toBe(0);
    expect((await vxdump(['assert', overlay, '--golden', 'four-packet'])).exit).toBe(0);
    expect((await vxdump(['assert', overlay, '--golden', 'six-packet'])).exit).toBe(1);
    const { sequence } = JSON.parse((await vxdump(['analyze', '--format', 'json', underlay])).stdout);
    expect(sequence).toMatchObject({ golden: 'six-packet', verdict: 'pass', matched: 6, divergence: null });
  });

  it('golden-noisy fails: the extra reply comes from the bridge; with it ignored it passes', async () => {
    const capture = `${lab}/golden-noisy/vm1_underlay.pcap`;
    const { exit, stdout } = await vxdump(['assert', capture, '--golden', 'six-packet']);
    expect(exit).toBe(1);
    expect(stdout.split('\n')[1]).toBe(
      '      frame 5: extra: like step 4, inner ARP reply, but ' +
        'inner.eth.src expected 00:00:00:00:00:02 (bound as $vm2_mac), actual 4a:2d:f0:10:dc:9b; ' +
        'inner.arp.src.hw_mac expected 00:00:00:00:00:02 (bound as $vm2_mac), actual 4a:2d:f0:10:dc:9b',
    );
    const text = SHIPPED.find(({ name }) => name === 'six-packet')?.text ?? '';
    const ignoring = text.replace(
      'ignore: [icmpv6, lldp]',
      'ignore: [icmpv6, lldp, { match: { arp.opcode: reply, arp.src.hw_mac: 4a:2d:f0:10:dc:9b } }]',
    );
    expect(ignoring).not.toBe(text);
    expect((await vxdump(['assert', capture, '--golden', file('noisy.yaml', ignoring)])).exit).toBe(0);
  });

  it('ovs-unshielded fails at the first extra ARP reply', async () => {
    const argv = ['assert', `${lab}/ovs-unshielded/vm1_underlay.pcap`, '--golden', 'six-packet', '--reporter', 'json'];
    const { exit, stdout } = await vxdump(argv);
    expect(exit).toBe(1);
    expect(JSON.parse(stdout).sequences[0].divergence).toMatchObject({
      kind: 'extra',
      step: { index: 2, name: 'underlay ARP reply' },
      actual: { frame: 3 },
    });
  });

  it('another vendor passes a golden written for it, with and without the revalidation', async () => {
    const golden = file('leaves.yaml', LEAVES_GOLDEN);
    expect((await vxdump(['assert', LEAVES, '--golden', golden])).stdout).toContain('14 matched');
    expect((await vxdump(['assert', LEAVES, '--golden', golden])).exit).toBe(0);
    const four = file('four.yaml', LEAVES_GOLDEN.replace('max: 10', 'max: 4'));
    const failed = await vxdump(['assert', LEAVES, '--golden', four]);
    expect(failed.exit).toBe(1);
    expect(failed.stdout).toContain('frame 11: extra');
    const late = file('late.yaml', LEAVES_GOLDEN.replaceAll('50ms', '1ms'));
    expect((await vxdump(['assert', LEAVES, '--golden', late])).stdout).toContain(
      'frame.time_delta expected within 1 ms',
    );
  });

  it.each(['golden', 'kernel-golden', 'ovs-golden', 'ovs-docker-golden'])(
    'what is recorded on %s passes there and, for the same VTEP, on another run',
    async (run) => {
      for (const tap of ['vm1_underlay', 'vm1_overlay', 'vm2_underlay', 'vm2_overlay']) {
        const capture = `${lab}/${run}/${tap}.pcap`;
        const golden = join(scratch, `${run}-${tap}.yaml`);
        expect((await vxdump(['golden', 'record', capture, '-o', golden])).exit).toBe(0);
        expect(readFileSync(golden, 'utf8')).toContain('arp.opcode: 1');
        expect(await vxdump(['golden', 'validate', golden])).toMatchObject({ exit: 0 });
        for (const other of [run, 'golden', 'kernel-golden', 'ovs-golden', 'ovs-docker-golden']) {
          const outcome = await vxdump(['assert', `${lab}/${other}/${tap}.pcap`, '--golden', golden]);
          expect(outcome, `${run} ${tap} on ${other}`).toMatchObject({ exit: 0 });
        }
        expect((await vxdump(['assert', `${lab}/golden-noisy/${tap}.pcap`, '--golden', golden])).exit).toBe(1);
      }
    },
  );

  it('what is recorded on forty pings passes on one', async () => {
    const golden = join(scratch, 'forty.yaml');
    const forty = `${lab}/derived-dup/overlay.pcap`;
    expect((await vxdump(['golden', 'record', forty, '-o', golden])).exit).toBe(0);
    expect(readFileSync(golden, 'utf8')).toContain('repeat: { min: 1, max: 40 }');
    for (const capture of [forty, `${lab}/golden/vm1_overlay.pcap`, `${lab}/ovs-golden/vm1_overlay.pcap`])
      expect(await vxdump(['assert', capture, '--golden', golden]), capture).toMatchObject({ exit: 0 });
  });

  it('a golden of two taps shares its names, and wants every pair', async () => {
    const part = (tap: string) => `  - tap: ${tap}
    ignore: [arp]
    steps:
      - { name: request, match: { icmp.type: echo-request, icmp.ident: $id } }
      - { name: reply, match: { icmp.type: echo-reply, icmp.ident: $id } }
`;
    const head = 'schema: vxdump.golden/1\nname: both\npairs: complete\ntaps:\n';
    const golden = file('both.yaml', head + part('overlay') + part('underlay'));
    const taps = (run: string, other = run) => [`${lab}/${run}/vm1_overlay.pcap`, `${lab}/${other}/vm1_underlay.pcap`];
    expect(await vxdump(['assert', ...taps('golden'), '--golden', golden])).toMatchObject({ exit: 0 });
    const mixed = await vxdump(['assert', ...taps('golden', 'ovs-golden'), '--golden', golden]);
    expect(mixed.exit).toBe(1);
    expect(mixed.stdout).toContain('bound as $id');
    expect(mixed.stdout).toContain('pairs: ');
    const alone = await vxdump(['assert', `${lab}/golden/vm1_overlay.pcap`, '--golden', golden]);
    expect(alone).toMatchObject({ exit: 2, stdout: '' });
    expect(alone.stderr).toContain('no capture is its tap underlay');
  });

  it('pairs: complete names the frames that the truth has as lost', async () => {
    const golden = file(
      'pairs.yaml',
      'schema: vxdump.golden/1\nname: pairs\npairs: complete\ntap: overlay\nsteps:\n  - repeat: { min: 1 }\n' +
        '    steps:\n      - { name: any, match: { eth.src: 00:00:00 } }\n',
    );
    const outcome = (run: string) =>
      vxdump(['assert', `${lab}/${run}/overlay.pcap`, `${lab}/${run}/underlay.pcap`, '--golden', golden]);
    const truth = JSON.parse(readFileSync(`${lab}/derived-loss/truth.json`, 'utf8'));
    // The truth counts underlay frames: two of its own are in front.
    const lost: number[] = truth.dropped_original_frame_numbers.map((frame: number) => frame - 2);
    const { exit, stdout } = await outcome('derived-loss');
    expect(exit).toBe(1);
    expect(stdout).toContain(
      `${lost.length} of ${truth.overlay_packets} frames at overlay have no encapsulation in VNI 5000 at underlay: ` +
        `frames ${lost.join(', ')}\n`,
    );
    expect((await outcome('derived-dup')).exit).toBe(0);
  });
});
