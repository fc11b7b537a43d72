/**
 * Filters against tshark's answer for the same expression: every operator, every type of field, on captures of the
 * project and of the corpus. tshark counts and sums the numbers of the frames that pass, many filters in one run.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/file/open.js';
import { FrameCursor } from '../../src/dissect/frame-cursor.js';
import { compileFilter } from '../../src/fields/filter.js';
import { corpusPath } from '../helpers/corpus.js';
import { joinCaptures } from '../helpers/joined-captures.js';
import { hasTool, outputOf } from '../helpers/tool.js';

const VXLAN_PORTS = [4789, 8472];
/** tshark's names see into datagrams that ICMP errors quote, ours do not: frames with such are left out. */
const UNQUOTED = 'not icmp.type in {3..5} and not icmp.type in {11..12} and not icmpv6.type in {1..4}';

/** Ours; where tshark spells it differently, its own behind it. `inner.` and `outer.` are compared in frames with a tunnel. */
const SAME: readonly (readonly [string, string?])[] = [
  ...['==', '!=', '<', '<=', '>', '>='].flatMap((operator) =>
    [
      `vxlan.vni ${operator} 5000`,
      `ip.ttl ${operator} 64`,
      `ip.id ${operator} 0x1000`,
      `frame.len ${operator} 148`,
      `udp.port ${operator} 4789`,
      `tcp.seq_raw ${operator} 2147483648`,
      `ip.flags.df ${operator} 1`,
      `eth.src ${operator} 02:42:0a:00:00:01`,
      `ip.src ${operator} 10.0.0.2`,
      `ip.addr ${operator} 192.168.1.1`,
      `ipv6.src ${operator} fe80::2`,
      `eth.type ${operator} 0x0806`,
    ].map((text) => [text] as const),
  ),
  ['ipv6.src == fe80::/10'],
  ['ipv6.dst == ff02::2'],
  ['ipv6.dst != ff02::2'],
  ['ipv6.addr == ff00::/8 and not icmpv6'],
  ['ip.src == 10.0.0.0/8'],
  ['ip.src == 10.0.0.0/31'],
  ['ip.addr != 10.0.0.0/8'],
  ['eth.src == 02:42', 'eth.src[0:2] == 02:42'],
  ['eth.addr == ff:ff:ff:ff:ff:ff'],
  ['vxlan'],
  ['arp'],
  ['not arp'],
  ['! vlan && ip'],
  ['vxlan and arp or icmp'],
  ['vxlan and (arp or icmp)'],
  ['not (vxlan and ip)'],
  ['vxlan || tcp && not udp'],
  ['tcp.flags.syn == 1'],
  ['tcp.flags.syn == true', 'tcp.flags.syn == 1'],
  ['icmp.type == 8'],
  ['arp.opcode == 1 and arp.dst.proto_ipv4 == 192.168.0.0/16'],
  ['ip.src in {10.0.0.1..10.0.0.3}'],
  ['udp.dstport in {4789..4790}'],
  ['eth.src in {02:42:0a:00:00:01..02:42:0a:01:00:01}'],
  ['ipv6.src in {fe80::1..fe80::ffff:ffff:ffff:ffff}'],
  ['ip.src#2 == 192.168.1.1'],
  ['ip.ttl#2 > 63'],
  ['vxlan 5000', 'vxlan.vni == 5000'],
  ['not ipv6 and inner.ip.src == 192.168.0.0/16', 'not ipv6 and vxlan and ip.src#2 == 192.168.0.0/16'],
  ['outer.ip.src == 10.0.0.1', 'vxlan and ip.src#1 == 10.0.0.1'],
  ['inner.eth.dst == ff:ff:ff:ff:ff:ff', 'vxlan and eth.dst#2 == ff:ff:ff:ff:ff:ff'],
  ['inner.arp', 'vxlan and arp'],
  ['inner.icmp.seq >= 1', 'vxlan and icmp.seq >= 1'],
  ['ip.src'],
  ['not udp.checksum == 0 and udp'],
];

const FIXTURES = 'fixtures/captures';
const corpus = corpusPath('filters against tshark');
const folder = mkdtempSync(join(tmpdir(), 'vxdump-tshark-'));
afterAll(() => rmSync(folder, { recursive: true }));
const CAPTURES = [
  ...joinCaptures(
    readdirSync(FIXTURES)
      .filter((name) => /\.pcap$/.test(name) && !/mtu-fragment|any/.test(name))
      .map((name) => join(FIXTURES, name)),
    folder,
  ).map(({ path }) => path),
  ...(corpus === null
    ? []
    : [
        'the-tcpdump-group+tcpdump/tests/vxlan.pcap',
        'akachana+rod-ix-pc-04/PR_1081677.pcap',
        'wz1st+test/flannel.pcap',
        'ntop+nDPI/tests/cfgs/default/pcap/vxlan.pcap',
        'zeek+zeek/testing/btest/Traces/tunnels/vxlan-encapsulated-http.pcap',
        'lab/golden-noisy/vm2_underlay.pcap',
        'lab/two-vnis/vm1_underlay.pcap',
      ].map((path) => join(corpus, path))),
];

const PREFERENCES = [
  ...['-o', 'ip.defragment:FALSE', '-o', 'ipv6.defragment:FALSE'],
  ...VXLAN_PORTS.flatMap((port) => ['-d', `udp.port==${port},vxlan`]),
];

/** Count and sum of the numbers of the frames that pass each filter. */
async function ours(path: string, filters: readonly string[]): Promise<string[]> {
  const tests = filters.map((text) => compileFilter(`(${text}) and ${UNQUOTED}`));
  const counts = filters.map(() => [0, 0] as [number, number]);
  const cursor = new FrameCursor('', { vxlanPorts: VXLAN_PORTS });
  const source = await openCapture(path);
  for await (const batch of source) {
    for (let index = 0; index < batch.count; index++) {
      cursor.move(batch, index, source.interfaces);
      for (const [at, test] of tests.entries()) {
        if (!test(cursor)) continue;
        const count = counts[at] as [number, number];
        count[0]++;
        count[1] += cursor.number;
      }
    }
  }
  return filters.map((text, index) => `${text}: ${counts[index]?.join(' frames, sum ')}`);
}

function theirs(path: string, filters: readonly string[], shown: readonly string[]): string[] {
  const columns = filters.flatMap((text) =>
    ['COUNT', 'SUM'].map((what) => `${what}(frame.number)frame.number and (${text}) and ${UNQUOTED}`),
  );
  const output = outputOf('tshark', ['-n', '-r', path, ...PREFERENCES, '-q', '-z', `io,stat,0,${columns.join(',')}`]);
  const row = output.split('\n').find((line) => /^\|\s+[\d.]+ <>/.test(line));
  if (row === undefined) throw new Error(`tshark did not understand: ${output}`);
  const cells = [...row.slice(row.indexOf('|', 1)).matchAll(/\d+/g)].map(Number);
  expect(cells).toHaveLength(columns.length);
  return shown.map((text, index) => `${text}: ${cells[2 * index]} frames, sum ${cells[2 * index + 1]}`);
}

describe.runIf(hasTool('tshark'))('filters against tshark', () => {
  it.each(CAPTURES.map((path) => [basename(path), path]))('%s', async (_, path) => {
    const texts = SAME.map(([text]) => text);
    const answers = await ours(path, texts);
    expect(answers).toEqual(
      theirs(
        path,
        SAME.map(([text, shark]) => shark ?? text),
        texts,
      ),
    );
  });

  it('agree on enough frames to mean something', async () => {
    const passed = new Set<string>();
    for (const path of CAPTURES) {
      for (const line of await ours(
        path,
        SAME.map(([text]) => text),
      )) {
        if (!line.endsWith(': 0 frames, sum 0')) passed.add(line.replace(/: \d+ frames.*$/, ''));
      }
    }
    const never = SAME.map(([text]) => text).filter((text) => !passed.has(text));
    expect(never.length, never.join('\n')).toBeLessThan(corpus === null ? SAME.length / 2 : 6);
  });

  it.each([
    'udp.dstport in {1, 4789, 8472}',
    'ip.src in {10.0.0.1, 192.168.1.0/24}',
    'arp.opcode in {2, 7..9} or icmp.type in {0}',
  ])('sets: %s', (text) => {
    const path = `${FIXTURES}/ovs-golden.hv1-eth0.pcap`;
    const shark = outputOf('tshark', [
      '-n',
      '-r',
      path,
      ...PREFERENCES,
      '-T',
      'fields',
      '-e',
      'frame.number',
      '-Y',
      text,
    ]);
    return ours(path, [text]).then(([line]) => {
      const numbers = shark.trim().split('\n').map(Number);
      const sum = numbers.reduce((a, b) => a + b, 0);
      expect(line).toBe(`${text}: ${numbers.length} frames, sum ${sum}`);
    });
  });
});
