import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import {
  arp,
  ethernet,
  frame,
  ipv4,
  ipv6,
  nsh,
  type Part,
  payload,
  udp,
  vxlan,
  vxlanGpe,
} from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, outline, readLayer } from '../helpers/layers.js';
import { bits, describeWire, overUdp } from '../helpers/wire-case.js';

describeWire('vxlan and gbp', {
  kind: LayerKind.Vxlan,
  path: overUdp,
  build: vxlan,
  fields: fc.record({
    flags: bits(16).map((flags) => flags | 0x0800),
    groupPolicy: bits(16),
    vni: bits(24),
    reserved: bits(8),
  }),
  inner: [ethernet(), arp()],
  expected: (fields) => ({ ...fields, gpeFlags: fields.flags >> 8, vniValid: true }),
  cut: { sample: vxlan(), fixedLen: 8, headerLen: 8, lenSource: null },
});

describeWire('vxlan-gpe', {
  kind: LayerKind.VxlanGpe,
  path: overUdp,
  build: vxlanGpe,
  fields: fc.record({ vni: bits(24), reserved: bits(8) }),
  inner: [ipv4()],
  expected: (fields) => ({ ...fields, gpeFlags: 0x0c, nextProtocol: 1 }),
  cut: { sample: vxlanGpe(), fixedLen: 8, headerLen: 8, lenSource: null },
});

const OUTER = `
  02 42 0a 01 00 01 02 42 0a 00 00 01 08 00
  45 00 00 4e 75 39 00 00 40 11 f1 63 0a 00 00 01 0a 01 00 01
  d4 fa 12 b5 00 3a 14 4e`;
const INNER = `
  ff ff ff ff ff ff 00 00 00 00 00 01 08 06
  00 01 08 00 06 04 00 01 00 00 00 00 00 01 c0 a8 01 01 00 00 00 00 00 00 c0 a8 01 02`;

test('known bytes', () => {
  // The lab's golden run, underlay of vm1, frame 3.
  const stack = dissect(
    hex(`${OUTER}
    08        # flags: I
    00        # reserved
    00 00     # reserved
    00 13 88  # VNI 5000
    00        # reserved ${INNER}`),
  );
  expect(outline(stack)).toBe('eth@0 ip@14 udp@34 vxlan@42 eth@50 arp@64');
  expect([stack.tunnels, stack.tunnelIndex]).toEqual([1, 3]);
  expect(readLayer(stack, LayerKind.Vxlan)).toEqual({
    flags: 0x0800,
    gpeFlags: 8,
    vniValid: true,
    groupPolicy: 0,
    nextProtocol: 0,
    vni: 5000,
    reserved: 0,
  });
  expect(stack.stop()).toBeNull();
});

test('known bytes: group policy', () => {
  // Written by hand after draft-smith-vxlan-group-policy; what is around it is the lab's.
  const stack = dissect(
    hex(`${OUTER}
    88        # flags: G, I
    48        # D, A
    1f 2e     # policy 7982
    a3 b4 c5  # VNI 10728645
    00        # reserved ${INNER}`),
  );
  expect(readLayer(stack, LayerKind.Vxlan)).toMatchObject({ flags: 0x8848, groupPolicy: 7982, vni: 10_728_645 });
  expect(names(stack)).toEqual(['eth', 'ip', 'udp', 'vxlan', 'eth', 'arp']);
});

test('reserved bits are read past', () => {
  const stack = dissect(frame(ethernet(), ipv4(), udp(), vxlan({ flags: 0xff01, reserved: 0xff }), ethernet(), arp()));
  expect(names(stack)).toEqual(['eth', 'ip', 'udp', 'vxlan', 'eth', 'arp']);
  expect(stack.stop()).toBeNull();
});

test('the I flag clear ends the walk behind the header', () => {
  for (const part of [vxlan({ flags: 0xf7ff }), vxlanGpe({ gpeFlags: 0x04 })]) {
    const stack = dissect(frame(ethernet(), ipv4(), udp(), part, ethernet(), arp()));
    expect(names(stack)).toEqual(['eth', 'ip', 'udp', 'vxlan']);
    expect(stack.stop()).toEqual({
      code: 'i-flag-clear',
      layer: 'vxlan',
      at: 42,
      needed: 0,
      available: 50,
      lenSource: null,
    });
    expect(readLayer(stack, stack.kind(3))).toMatchObject({ vniValid: false });
  }
});

test('a datagram too short for the header, or for an inner frame, is malformed', () => {
  const header = dissect(frame(ethernet(), ipv4(), udp({ destinationPort: 4789 }), payload([8, 0, 0, 0, 0, 0, 1])));
  expect(header.stop()).toMatchObject({
    code: 'malformed',
    layer: 'vxlan',
    at: 42,
    needed: 8,
    available: 7,
    lenSource: 'udp.length',
  });
  const inner = dissect(frame(ethernet(), ipv4(), udp(), vxlan()));
  expect(names(inner)).toEqual(['eth', 'ip', 'udp', 'vxlan']);
  expect(inner.stop()).toMatchObject({ code: 'malformed', layer: 'eth', at: 50, needed: 14, available: 0 });
});

describe('next protocols of GPE', () => {
  const behind = (...parts: Part[]) => names(dissect(frame(ethernet(), ipv4(), udp(), ...parts))).slice(3);

  test('the known ones', () => {
    expect(behind(vxlanGpe(), ipv4())).toEqual(['vxlan', 'ip']);
    expect(behind(vxlanGpe(), ipv6())).toEqual(['vxlan', 'ipv6']);
    expect(behind(vxlanGpe(), ethernet(), arp())).toEqual(['vxlan', 'eth', 'arp']);
    expect(behind(vxlanGpe(), nsh(), ipv4())).toEqual(['vxlan', 'nsh', 'ip']);
  });

  test('without the P flag it is Ethernet', () => {
    expect(behind(vxlanGpe({ gpeFlags: 0x08, nextProtocol: 1 }), ethernet(), arp())).toEqual(['vxlan', 'eth', 'arp']);
  });

  test('an unknown one ends the walk', () => {
    for (const nextProtocol of [0, 5, 255]) {
      const stack = dissect(frame(ethernet(), ipv4(), udp(), vxlanGpe({ nextProtocol }), payload([1])));
      expect(stack.stop()).toMatchObject({ code: 'unsupported', layer: 'vxlan', at: 50, available: 1 });
    }
  });
});
