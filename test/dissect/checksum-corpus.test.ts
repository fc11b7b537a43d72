/**
 * Checksums of captures that nobody here wrote. Of every outer UDP checksum that looks wrong tshark says so too (or that
 * it cannot tell, where the frame is cut), and each is the pseudo-header's sum.
 */
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openCapture } from '../../src/capture/file/open.js';
import { ChecksumVerdict, checksumVerdict } from '../../src/dissect/checksum-verdict.js';
import { DEFAULT_VXLAN_PORTS, Dissector } from '../../src/dissect/dissector.js';
import { isVxlan, LAYER_NAMES } from '../../src/wire/stack.js';
import { corpusPath, labCaptures, manifest } from '../helpers/corpus.js';
import { hasTool, outputOf } from '../helpers/tool.js';

const corpus = corpusPath('checksum verdicts');
const NAMES = Object.fromEntries(Object.entries(ChecksumVerdict).map(([name, value]) => [value, name]));
type Counts = Record<string, number>;

/** Verdicts of a capture by place: `outer udp Partial` is that of a tunnel's own UDP header. */
async function count(path: string, ports: readonly number[] = []): Promise<Counts> {
  const counts: Counts = {};
  const dissector = new Dissector({ vxlanPorts: [...DEFAULT_VXLAN_PORTS, ...ports] });
  const source = await openCapture(join(corpus as string, path));
  for await (const batch of source) {
    for (let frame = 0; frame < batch.count; frame++) {
      const stack = dissector.dissectFrame(batch, frame);
      const end = stack.quotedIndex < 0 ? stack.depth : stack.quotedIndex;
      for (let index = 0; index < end; index++) {
        const verdict = checksumVerdict(stack, index);
        if (verdict === ChecksumVerdict.NotChecked) continue;
        const tunnel = isVxlan(stack.kind(index + 1)) ? 'outer' : index > stack.tunnelIndex ? 'last' : 'other';
        const key = `${tunnel} ${LAYER_NAMES[stack.kind(index)]} ${NAMES[verdict]}`;
        counts[key] = (counts[key] ?? 0) + 1;
      }
    }
  }
  await source.close();
  return counts;
}

/** The counts whose key starts like this, its rest as key. */
function of(counts: Counts, prefix: string): Counts {
  const found = Object.entries(counts).filter(([key]) => key.startsWith(prefix));
  return Object.fromEntries(found.map(([key, value]) => [key.slice(prefix.length), value]));
}

describe.skipIf(corpus === null)('public captures', () => {
  const rows = corpus === null ? [] : manifest(corpus).filter(({ path }) => !path.startsWith('lab/'));

  it('every outer UDP checksum is none, right or partial', async () => {
    const total: Counts = {};
    const partial: Counts = {};
    for (const { path, vxlanPorts } of rows) {
      // Some are no captures at all, on purpose.
      const counts = await count(path, vxlanPorts).catch((): Counts => ({}));
      for (const [key, value] of Object.entries(of(counts, 'outer udp '))) {
        total[key] = (total[key] ?? 0) + value;
        if (key === 'Partial') partial[path.replace(/^.*\//, '')] = value;
      }
    }
    expect(total).toEqual({ Absent: 760, Right: 99, Partial: 90 });
    expect(partial).toEqual({
      'flannel.pcap': 11,
      'vxlan.pcap': 73,
      'gso-ipv4-vxlan-ipv4.pcap': 1,
      'gso-ipv6-vxlan-ipv6.pcap': 1,
      'bigtcp-ipv4-vxlan-ipv6.pcap': 1,
      'bigtcp-ipv6-vxlan-ipv4.pcap': 1,
      'vxlan-icmpv4-truncated.pcap': 2,
    });
  });

  it('a fault is one', async () => {
    const wrong = await count('zeek+zeek/testing/btest/Traces/tunnels/vxlan-inner-tcp-bad-checksum.pcap');
    expect(wrong).toEqual({ 'other ip Right': 1, 'outer udp Right': 1, 'last ip Right': 1, 'last tcp Wrong': 1 });
  });

  it('a frame before it was segmented is not judged', async () => {
    const merged = await count('the-tcpdump-group+tcpdump/tests/ipv4_tcp_http_xml_tso.pcap');
    expect(merged).toEqual({ 'last ip Partial': 1, 'last tcp SuperFrame': 1 });
  });
});

/** Of a capture, what tshark says of each checksum of these layers, and what we say, frame by frame. */
async function compare(path: string, ports: readonly number[]): Promise<string[]> {
  const protocols = ['ip', 'udp', 'tcp', 'icmp', 'icmpv6'];
  const checks = ['ip', 'udp', 'tcp'].flatMap((protocol) => ['-o', `${protocol}.check_checksum:TRUE`]);
  const ours = protocols.flatMap((protocol) => ['-e', `${protocol}.checksum.status`]);
  const decoded = ports.flatMap((port) => ['-d', `udp.port==${port},vxlan`]);
  const file = join(corpus as string, path);
  const rows = outputOf('tshark', [
    '-r',
    file,
    '-o',
    'ip.defragment:FALSE',
    ...checks,
    ...decoded,
    '-T',
    'fields',
    ...ours,
  ]).split('\n');
  const dissector = new Dissector({ vxlanPorts: [...DEFAULT_VXLAN_PORTS, ...ports] });
  const source = await openCapture(file);
  const differences: string[] = [];
  let number = 0;
  for await (const batch of source) {
    for (let frame = 0; frame < batch.count; frame++) {
      const stack = dissector.dissectFrame(batch, frame);
      const statuses = (rows[number++] as string).split('\t').map((cell) => cell.split(','));
      const seen = new Map<string, number>();
      const end = stack.quotedIndex < 0 ? stack.depth : stack.quotedIndex;
      for (let index = 0; index < end; index++) {
        const protocol = LAYER_NAMES[stack.kind(index)] as string;
        const occurrence = seen.get(protocol) ?? 0;
        seen.set(protocol, occurrence + 1);
        const theirs = TSHARK[Number(statuses[protocols.indexOf(protocol)]?.[occurrence])];
        const verdict = NAMES[checksumVerdict(stack, index)] as string;
        const expected = EXPECTED[verdict];
        if (expected !== undefined && theirs !== expected) {
          differences.push(`frame ${number} ${protocol}: ${verdict}, tshark ${theirs}`);
        }
      }
    }
  }
  await source.close();
  return differences;
}

const TSHARK = ['Bad', 'Good', 'Unverified', 'Not present'];
const EXPECTED: Readonly<Record<string, string>> = {
  Right: 'Good',
  Wrong: 'Bad',
  Partial: 'Bad',
  Absent: 'Not present',
};

describe.skipIf(corpus === null || !hasTool('tshark'))('what is right and what is not', () => {
  it.each([
    ['ntop+nDPI/tests/cfgs/default/pcap/vxlan.pcap', []],
    ['ntop+nDPI/tests/cfgs/default/pcap/fuzz-2006-06-26-2594.pcap', []],
    ['wz1st+test/flannel.pcap', [8472]],
    ['akachana+rod-ix-pc-04/PR_1081677.pcap', []],
    ['seladb+PcapPlusPlus/Tests/Pcap++Test/PcapExamples/raw_ip.pcap', []],
  ])('%s: as tshark has it', async (path, ports) => {
    expect(await compare(path, ports)).toEqual([]);
  });
});

describe.skipIf(corpus === null)('lab captures', () => {
  const countAll = async (folder: string): Promise<Counts> => {
    const total: Counts = {};
    for (const path of labCaptures(corpus as string)) {
      if (!path.startsWith(`lab/${folder}/`)) continue;
      for (const [key, value] of Object.entries(await count(path))) total[key] = (total[key] ?? 0) + value;
    }
    return total;
  };

  it('golden: all partial; kernel-golden and OVS: none; IPv6: none', async () => {
    expect(of(await countAll('golden'), 'outer udp ')).toEqual({ Partial: 8 });
    expect(of(await countAll('udpcsum'), 'outer udp ')).toEqual({ Partial: 8 });
    expect(Object.keys(of(await countAll('kernel-golden'), 'outer udp '))).toEqual(['Absent']);
    expect(Object.keys(of(await countAll('ovs-golden'), 'outer udp '))).toEqual(['Absent']);
    expect(of(await countAll('ipv6-underlay-zerocsum'), 'outer udp ')).toEqual({ AbsentOverIpv6: 12 });
  });

  it('tcp-offload-on: inner sums are partial, cut as they are', async () => {
    expect(of(await countAll('tcp-offload-on'), 'last tcp ')).toEqual({ Partial: 544 });
  });

  it('none is wrong', async () => {
    const wrong: string[] = [];
    for (const path of labCaptures(corpus as string)) {
      wrong.push(...Object.keys(await count(path)).filter((key) => key.endsWith('Wrong')));
    }
    expect(wrong).toEqual([]);
  });
});
