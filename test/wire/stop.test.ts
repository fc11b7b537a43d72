import { expect, test } from 'vitest';
import { LAYER_NAMES, LayerKind, LayerStack } from '../../src/wire/stack.js';
import { LEN_SOURCE_NAMES, LenSource, STOP_NAMES, StopCode } from '../../src/wire/stop.js';

test('the names of stops are API', () => {
  expect(STOP_NAMES).toEqual(['none', 'truncated', 'malformed', 'unsupported', 'too-deep', 'i-flag-clear']);
  expect(StopCode).toEqual({ None: 0, Truncated: 1, Malformed: 2, Unsupported: 3, TooDeep: 4, IFlagClear: 5 });
});

test('the names of length sources are API', () => {
  const named = Object.entries(LenSource).map(([key, code]) => [key, LEN_SOURCE_NAMES[code]]);
  expect(LEN_SOURCE_NAMES).toHaveLength(named.length);
  expect(Object.fromEntries(named)).toEqual({
    None: null,
    Captured: 'frame.cap_len',
    EthernetLength: 'eth.len',
    Ipv4TotalLength: 'ip.len',
    Ipv4HeaderLength: 'ip.hdr_len',
    Ipv6PayloadLength: 'ipv6.plen',
    UdpLength: 'udp.length',
    TcpDataOffset: 'tcp.hdr_len',
    IcmpLength: 'icmp.length',
    GeneveOptionsLength: 'geneve.opt_len',
    NshLength: 'nsh.length',
    ExtensionLength: 'ipv6.ext_len',
    ArpAddressLengths: 'arp.hw.size',
    Wire: 'frame.len',
  });
});

test('the names of layers are API', () => {
  const named = Object.entries(LayerKind).map(([key, kind]) => [key, LAYER_NAMES[kind]]);
  expect(LAYER_NAMES).toHaveLength(named.length);
  expect(Object.fromEntries(named)).toEqual({
    None: 'frame',
    Ethernet: 'eth',
    Vlan: 'vlan',
    ServiceVlan: 'ieee8021ad',
    Llc: 'llc',
    Arp: 'arp',
    Ipv4: 'ip',
    Ipv6: 'ipv6',
    HopByHop: 'ipv6.hopopts',
    Routing: 'ipv6.routing',
    Fragment: 'ipv6.fraghdr',
    DestinationOptions: 'ipv6.dstopts',
    Authentication: 'ah',
    Udp: 'udp',
    Tcp: 'tcp',
    Icmpv4: 'icmp',
    Icmpv6: 'icmpv6',
    Vxlan: 'vxlan',
    VxlanGpe: 'vxlan',
    Geneve: 'geneve',
    Gre: 'gre',
    Nsh: 'nsh',
    LinuxSll: 'sll',
    LinuxSll2: 'sll',
    Null: 'null',
    RawIp: 'raw',
  });
});

test('the first note stays', () => {
  const stack = new LayerStack(new Uint8Array(65_536));
  stack.reset(new Uint8Array(10), 4, 6, 6);
  expect(stack.stop()).toBeNull();
  stack.malformed(LayerKind.Udp, 8, 7, LenSource.UdpLength);
  stack.unsupported(LayerKind.Udp);
  expect(stack.stop()).toEqual({
    code: 'malformed',
    layer: 'udp',
    at: 0,
    needed: 8,
    available: 7,
    lenSource: 'udp.length',
  });
  stack.reset(new Uint8Array(10), 4, 6, 6);
  expect(stack.stop()).toBeNull();
});

test('kinds outside the depth are None', () => {
  const stack = new LayerStack(new Uint8Array(65_536));
  stack.reset(new Uint8Array(20), 0, 20, 20);
  stack.push(LayerKind.Ethernet, 14);
  expect([stack.kind(-1), stack.kind(0), stack.kind(1)]).toEqual([LayerKind.None, LayerKind.Ethernet, LayerKind.None]);
});
