import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Operation } from '../../src/wire/arp.js';
import { LayerKind } from '../../src/wire/stack.js';
import { arp, ethernet, frame, ipv4, udp, vxlan } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, readLayer } from '../helpers/layers.js';
import { bits, describeWire, overEthernet } from '../helpers/wire-case.js';

describeWire('arp', {
  kind: LayerKind.Arp,
  path: overEthernet,
  build: arp,
  fields: fc.record({
    hardwareType: bits(16),
    operation: bits(16),
    senderHardware: bits(48),
    senderProtocol: bits(32),
    targetHardware: bits(48),
    targetProtocol: bits(32),
  }),
  expected: (fields) => ({ ...fields, protocolType: 0x0800, hardwareLen: 6, protocolLen: 4, messageLen: 28 }),
  cut: { sample: arp(), fixedLen: 8, headerLen: 28, lenSource: 'arp.hw.size' },
});

test('known bytes', () => {
  // The lab's golden run, underlay of vm1, frame 2.
  const bytes = hex(`
    02 42 0a 00 00 01 02 42 0a 01 00 01 08 06
    00 01              # Ethernet
    08 00              # IPv4
    06 04              # address lengths
    00 02              # reply
    02 42 0a 01 00 01  # sender hardware
    0a 01 00 01        # sender protocol: 10.1.0.1
    02 42 0a 00 00 01  # target hardware
    0a 00 00 01        # target protocol: 10.0.0.1`);
  const stack = dissect(bytes);
  expect(readLayer(stack, LayerKind.Arp)).toEqual({
    messageLen: 28,
    hardwareType: 1,
    protocolType: 0x0800,
    hardwareLen: 6,
    protocolLen: 4,
    operation: Operation.Reply,
    senderHardware: 0x0242_0a01_0001,
    senderProtocol: 0x0a01_0001,
    targetHardware: 0x0242_0a00_0001,
    targetProtocol: 0x0a00_0001,
  });
  expect(stack.stop()).toBeNull();
});

test('reverse ARP is the same message', () => {
  const stack = dissect(frame(ethernet({ type: 0x8035 }), arp({ operation: Operation.ReverseRequest })));
  expect(readLayer(stack, LayerKind.Arp)).toMatchObject({ operation: 3 });
});

test('addresses of other lengths are not read', () => {
  // Eight bytes of hardware address (IP over InfiniBand), then none at all.
  const wide = dissect(frame(ethernet(), arp({ hardwareLen: 8, protocolLen: 2 })));
  expect(readLayer(wide, LayerKind.Arp)).toMatchObject({
    senderHardware: -1,
    senderProtocol: -1,
    targetHardware: -1,
    targetProtocol: -1,
  });
  const none = dissect(frame(ethernet(), arp({ hardwareLen: 0, protocolLen: 0 })));
  expect(readLayer(none, LayerKind.Arp)).toMatchObject({ messageLen: 8, senderHardware: -1, targetProtocol: -1 });
  // IPv4 addresses are read behind hardware addresses that are no MACs.
  const tunnel = dissect(frame(ethernet(), arp({ hardwareLen: 4, senderHardware: 0x0102_0304_0a0b })));
  expect(readLayer(tunnel, LayerKind.Arp)).toMatchObject({
    senderHardware: -1,
    senderProtocol: 0x0a0b_0a00,
    targetProtocol: 0,
  });
});

test('addresses past the frame stop it: truncated by the capture, malformed by an outer length', () => {
  const short = dissect(frame(ethernet(), arp({ hardwareLen: 200 })));
  expect(names(short)).toEqual(['eth']);
  expect(short.stop()).toEqual({
    code: 'truncated',
    layer: 'arp',
    at: 14,
    needed: 8 + 2 * 204,
    available: 28,
    lenSource: 'arp.hw.size',
  });
  const inside = dissect(frame(ethernet(), ipv4(), udp(), vxlan(), ethernet(), arp({ protocolLen: 5 })));
  expect(inside.stop()).toMatchObject({ code: 'malformed', layer: 'arp', at: 64, needed: 30, available: 28 });
});
