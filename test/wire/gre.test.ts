import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import { ethernet, frame, gre, ipv4, ipv6, payload } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, outline, readLayer } from '../helpers/layers.js';
import { bits, describeWire, overIpv4 } from '../helpers/wire-case.js';

describeWire('gre', {
  kind: LayerKind.Gre,
  path: overIpv4,
  build: gre,
  fields: fc.record({ checksum: bits(16), key: bits(32), sequenceNumber: bits(32) }, { requiredKeys: [] }),
  inner: [ipv4()],
  expected: (fields) => ({
    protocolType: 0x0800,
    checksum: -1,
    key: -1,
    sequenceNumber: -1,
    ...fields,
    headerLen: 4 + 4 * Object.keys(fields).length,
  }),
  cut: { sample: gre(), fixedLen: 4, headerLen: 4, lenSource: null },
});

test('known bytes: NVGRE', () => {
  // Written by hand after RFC 7637, section 3.2.
  const bytes = hex(`
    00 00 5e 00 53 02 00 00 5e 00 53 01 08 00
    45 00 00 46 4b 22 00 00 3e 2f 45 00 c0 00 02 11 c6 33 64 22
    20 00        # flags: key
    65 58        # Ethernet
    5a 6b 7c 8d  # virtual subnet 0x5a6b7c, flow 0x8d
    ff ff ff ff ff ff 00 00 5e 00 53 11 08 06
    00 01 08 00 06 04 00 01 00 00 5e 00 53 11 cb 00 71 05 00 00 00 00 00 00 cb 00 71 06`);
  const stack = dissect(bytes);
  expect(outline(stack)).toBe('eth@0 ip@14 gre@34 eth@42 arp@56');
  expect([stack.tunnels, stack.tunnelIndex]).toEqual([1, 2]);
  expect(readLayer(stack, LayerKind.Gre)).toEqual({
    headerLen: 8,
    flags: 0x2000,
    protocolType: 0x6558,
    checksum: -1,
    key: 0x5a6b_7c8d,
    sequenceNumber: -1,
  });
  expect(stack.stop()).toBeNull();
});

test('all three words, cut at every byte', () => {
  const bytes = frame(ethernet(), ipv4({ totalLength: 0 }), gre({ checksum: 1, key: 2, sequenceNumber: 3 }), ipv4());
  for (let available = 4; available < 16; available++) {
    expect(dissect(bytes, { capturedLen: 34 + available, wireLen: 70_000 }).stop()).toEqual({
      code: 'truncated',
      layer: 'gre',
      at: 34,
      needed: 16,
      available,
      lenSource: 'frame.cap_len',
    });
  }
});

test('words past total length are malformed', () => {
  const stack = dissect(frame(ethernet(), ipv4(), gre({ flags: 0xb000 }), payload([0, 0])));
  expect(names(stack)).toEqual(['eth', 'ip']);
  expect(stack.stop()).toMatchObject({
    code: 'malformed',
    layer: 'gre',
    at: 34,
    needed: 16,
    available: 6,
    lenSource: 'ip.len',
  });
});

test('what follows by protocol type', () => {
  expect(names(dissect(frame(ethernet(), ipv4(), gre(), ipv6())))).toEqual(['eth', 'ip', 'gre', 'ipv6']);
  // ERSPAN.
  const unknown = dissect(frame(ethernet(), ipv4(), gre({ protocolType: 0x88be }), payload([1])));
  expect(unknown.stop()).toMatchObject({ code: 'unsupported', layer: 'gre', at: 38, available: 1 });
});

test('PPTP and source routing are not entered', () => {
  for (const flags of [0x0001, 0x4000]) {
    const stack = dissect(frame(ethernet(), ipv4(), gre({ flags }), ipv4()));
    expect(names(stack)).toEqual(['eth', 'ip']);
    expect(stack.stop()).toMatchObject({ code: 'unsupported', layer: 'gre', at: 34, available: 24 });
  }
});
