import { describe, expect, it } from 'vitest';
import { dissect, type FrameView } from '../../src/dissect/frame-view.js';
import { treeReport } from '../../src/report/tree.js';
import { framesOf, textOf } from '../helpers/captures.js';

const CAPTURES = new URL('../../fixtures/captures/', import.meta.url).pathname;

describe('a tree', () => {
  it('has the frame first, then a block a layer with the fields of the table', () => {
    const frame = framesOf(`${CAPTURES}ovs-golden.hv1-eth0.pcap`, { tap: 'hv1\u001b' })[2] as FrameView;
    expect(textOf(treeReport(), [frame])).toBe(`Frame 3: 92 bytes on the wire, 92 captured, tap hv1\\x1b
    time: 2026-11-22T11:51:55.832114000Z
    frame.number: 3
    frame.time_epoch: 1795348315.832114000
    frame.len: 92
    frame.cap_len: 92
    frame.interface_id: 0
    frame.protocols: eth:ip:udp:vxlan:eth:arp
Ethernet, bytes 0 to 92
    eth.src: 02:42:0a:00:00:01
    eth.dst: 02:42:0a:01:00:01
    eth.type: 0x0800 (2048)
Internet Protocol version 4, bytes 14 to 92
    ip.version: 4
    ip.hdr_len: 20
    ip.dsfield: 0x0000 (0)
    ip.dsfield.dscp: 0
    ip.dsfield.ecn: 0
    ip.len: 78
    ip.id: 0x0000 (0)
    ip.flags.rb: 0
    ip.flags.df: 1
    ip.flags.mf: 0
    ip.frag_offset: 0
    ip.ttl: 64
    ip.proto: 17
    ip.checksum: 0x269d (9885)
    ip.src: 10.0.0.1
    ip.dst: 10.1.0.1
User Datagram Protocol, bytes 34 to 92
    udp.srcport: 51750
    udp.dstport: 4789
    udp.length: 58
    udp.checksum: 0x0000 (0)
Virtual eXtensible Local Area Network, bytes 42 to 92
    vxlan.flags: 0x0800 (2048)
    vxlan.gbp: 0
    vxlan.vni: 5000
    vxlan.reserved8: 0
Ethernet, bytes 50 to 92
    eth.src: 00:00:00:00:00:01
    eth.dst: ff:ff:ff:ff:ff:ff
    eth.type: 0x0806 (2054)
Address Resolution Protocol, bytes 64 to 92
    arp.hw.type: 1
    arp.proto.type: 0x0800 (2048)
    arp.hw.size: 6
    arp.proto.size: 4
    arp.opcode: 1
    arp.src.hw_mac: 00:00:00:00:00:01
    arp.src.proto_ipv4: 192.168.1.1
    arp.dst.hw_mac: 00:00:00:00:00:00
    arp.dst.proto_ipv4: 192.168.1.2

`);
  });

  it('marks what is quoted, and ends with what was noted', () => {
    const error = framesOf(`${CAPTURES}ovs-unshielded.hv1-eth0.pcap`)[7] as FrameView;
    const titles = textOf(treeReport(), [dissect(error.bytes.subarray(0, 100), { wireLen: 120 })])
      .split('\n')
      .filter((line) => /^\S/.test(line));
    expect(titles).toEqual([
      'Frame 1: 120 bytes on the wire, 100 captured',
      'Ethernet, bytes 0 to 100',
      'Internet Protocol version 4, bytes 14 to 100',
      'Internet Control Message Protocol, bytes 34 to 100',
      'Internet Protocol version 4, bytes 42 to 100, quoted',
      'User Datagram Protocol, bytes 62 to 100, quoted',
      'Virtual eXtensible Local Area Network, bytes 70 to 100, quoted',
      'Ethernet, bytes 78 to 100, quoted',
      'Stopped: truncated at byte 14, layer ip, ip.len needs 106 of 86 bytes',
    ]);
  });
});
