import { afterAll, expect, it } from 'vitest';
import { analyze } from '../../../src/analyze.js';
import type { Finding } from '../../../src/findings/finding.js';
import { only } from '../../helpers/analyze-taps.js';
import { MICRO, pcap } from '../../helpers/capture-writer.js';
import {
  arp,
  ethernet,
  frame,
  icmpv4,
  ipv4,
  ipv6,
  payload,
  tcp,
  udp,
  vlan,
  vxlan,
} from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const tunnelled = frame(
  ethernet(),
  ipv4(),
  udp(),
  vxlan({ vni: 5000 }),
  ethernet(),
  ipv4(),
  tcp(),
  payload(new Uint8Array(200)),
);
const cut = async (bytes: Uint8Array, ...lens: number[]): Promise<readonly Finding[]> => {
  const frames = lens.map((len) => ({ bytes: bytes.subarray(0, len), wireLen: bytes.length }));
  return only(await analyze([scratch.write(pcap(frames, { magic: MICRO }), 'eth0.pcap')]), 'snaplen-too-short');
};
const OUTER = 14 + 20 + 8 + 8;

it('is told of frames that end within a header', async () => {
  expect(await cut(tunnelled, 30, 40, OUTER + 10, OUTER + 14 + 37, tunnelled.length)).toMatchObject([
    {
      severity: 'info',
      message: expect.stringMatching(/^4 of 5 frames at eth0 are cut within their headers \(30 bytes are left of the/),
      evidence: [1, 2, 3, 4].map((number) => ({ tap: 'eth0', frame: number })),
    },
  ]);
});

it('is not told of frames that only lack data: the first length at which they can be paired', async () => {
  expect(await cut(tunnelled, OUTER + 14 + 38, OUTER + 14 + 40, 160)).toEqual([]);
  const overIpv6 = frame(ethernet(), ipv6(), tcp(), payload(new Uint8Array(200)));
  expect(await cut(overIpv6, 14 + 62)).toEqual([]);
  expect(await cut(overIpv6, 14 + 61)).toHaveLength(1);
});

it('is not told of a short message that is there as a whole, though its padding is not', async () => {
  const short = frame(ethernet(), ipv4(), icmpv4(), payload([1, 2]));
  const padded = new Uint8Array(short.length + 20);
  padded.set(short);
  expect(await cut(padded, short.length)).toEqual([]);
});

it('is not told of a frame that is there as a whole, whatever its headers claim', async () => {
  const runt = frame(ethernet(), ipv4({ totalLength: 400 }));
  expect(await cut(runt, runt.length)).toEqual([]);
});

it('is not told where only what an ICMP error quotes is short', async () => {
  const error = frame(ethernet(), ipv4(), icmpv4({ type: 3, code: 3 }), ipv4(), udp(), payload(new Uint8Array(40)));
  expect(await cut(error, 14 + 20 + 8 + 20 + 8)).toEqual([]);
});

it('is told of frames that end behind tags, where a header that is known was to come', async () => {
  for (const tags of [[vlan()], [vlan({ service: true }), vlan()], [vlan({ service: true })]]) {
    const tagged = frame(ethernet(), ...tags, ipv4(), tcp(), payload(new Uint8Array(200)));
    expect(await cut(tagged, 14 + 4 * tags.length)).toHaveLength(1);
    const other = frame(ethernet(), ...tags, ethernet({ type: 0x88b5 }), payload(new Uint8Array(200)));
    other.set([0x88, 0xb5], 14 + 4 * tags.length - 2);
    expect(await cut(other, 14 + 4 * tags.length)).toEqual([]);
  }
});

it('is not told of ARP that is there as a whole, though its padding is not', async () => {
  const padded = new Uint8Array(60);
  padded.set(frame(ethernet(), arp()));
  expect(await cut(padded, 42)).toEqual([]);
});
