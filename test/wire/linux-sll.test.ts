import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import { arp, frame, ipv4, ipv6, type Part, payload, sll, sll2, vlan } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, outline, readLayer } from '../helpers/layers.js';
import { alone, bits, describeWire } from '../helpers/wire-case.js';

const SLL = 113;
const SLL2 = 276;

describeWire('sll', {
  kind: LayerKind.LinuxSll,
  linkType: SLL,
  path: alone,
  build: sll,
  fields: fc.record({ packetType: bits(16), hardwareType: bits(16), source: bits(48), protocol: bits(16) }),
  expected: (fields) => ({ ...fields, addressLen: 6 }),
  cut: { sample: sll(), fixedLen: 16, headerLen: 16, lenSource: null },
});

describeWire('sll2', {
  kind: LayerKind.LinuxSll2,
  linkType: SLL2,
  path: alone,
  build: sll2,
  fields: fc.record({
    packetType: bits(8),
    hardwareType: bits(16),
    interfaceIndex: bits(32),
    source: bits(48),
    protocol: bits(16),
  }),
  expected: (fields) => ({
    packetType2: fields.packetType,
    hardwareType2: fields.hardwareType,
    interfaceIndex: fields.interfaceIndex,
    addressLen2: 6,
    source2: fields.source,
    protocol2: fields.protocol,
  }),
  cut: { sample: sll2(), fixedLen: 20, headerLen: 20, lenSource: null },
});

test('known bytes: version 1', () => {
  // Written by hand after tcpdump.org's LINKTYPE_LINUX_SLL.
  const bytes = hex(`
    00 04                    # packet type: outgoing
    00 01                    # ARPHRD: Ethernet
    00 06                    # address length
    02 a1 b3 c5 d7 e9 00 00  # address
    08 06                    # ARP
    00 01 08 00 06 04 00 02 02 a1 b3 c5 d7 e9 cb 00 71 07 00 00 5e 00 53 08 cb 00 71 08`);
  const stack = dissect(bytes, { linkType: SLL });
  expect(outline(stack)).toBe('sll@0 arp@16');
  expect(readLayer(stack, LayerKind.LinuxSll)).toEqual({
    packetType: 4,
    hardwareType: 1,
    addressLen: 6,
    source: 0x02a1_b3c5_d7e9,
    protocol: 0x0806,
  });
});

test('known bytes: version 2', () => {
  // The lab's golden-noisy run, hv1_any, frame 2.
  const bytes = hex(`
    08 06                    # ARP
    00 00
    00 00 00 06              # interface index
    00 01                    # ARPHRD: Ethernet
    04                       # packet type: outgoing
    06                       # address length
    00 00 00 00 00 01 00 00  # address
    00 01 08 00 06 04 00 01 00 00 00 00 00 01 c0 a8 01 01 00 00 00 00 00 00 c0 a8 01 02`);
  const stack = dissect(bytes, { linkType: SLL2 });
  expect(outline(stack)).toBe('sll@0 arp@20');
  expect(readLayer(stack, LayerKind.LinuxSll2)).toEqual({
    protocol2: 0x0806,
    interfaceIndex: 6,
    hardwareType2: 1,
    packetType2: 4,
    addressLen2: 6,
    source2: 1,
  });
});

test('an address that is no MAC is not read', () => {
  const first = dissect(frame(sll({ addressLen: 4 }), ipv4()), { linkType: SLL });
  expect(readLayer(first, LayerKind.LinuxSll)).toMatchObject({ addressLen: 4, source: -1 });
  const second = dissect(frame(sll2({ addressLen: 0 }), ipv4()), { linkType: SLL2 });
  expect(readLayer(second, LayerKind.LinuxSll2)).toMatchObject({ addressLen2: 0, source2: -1 });
});

test('what follows by protocol', () => {
  for (const [cooked, linkType] of [
    [sll, SLL],
    [sll2, SLL2],
  ] as const) {
    const behind = (...parts: Part[]) => names(dissect(frame(cooked(), ...parts), { linkType }));
    expect(behind(ipv4())).toEqual(['sll', 'ip']);
    expect(behind(ipv6())).toEqual(['sll', 'ipv6']);
    expect(behind(vlan(), arp())).toEqual(['sll', 'vlan', 'arp']);
    const unknown = dissect(frame(cooked({ protocol: 1 }), payload([1])), { linkType });
    expect(unknown.stop()).toMatchObject({ code: 'unsupported', layer: 'sll', available: 1 });
  }
});
