import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import { ethernet, frame, ipv4, ipv6, payload, udp, vxlan } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, indexOf, names, outline, readLayer } from '../helpers/layers.js';
import { bits, bytesOf, describeWire, overEthernet } from '../helpers/wire-case.js';

describeWire('ipv6', {
  kind: LayerKind.Ipv6,
  path: overEthernet,
  build: ipv6,
  fields: fc.record({ trafficClass: bits(8), flowLabel: bits(20), nextHeader: bits(8), hopLimit: bits(8) }),
  expected: (fields) => ({ ...fields, version: 6, payloadLength: 0, sourceAt: 8, destinationAt: 24 }),
  cut: { sample: ipv6({ payloadLength: 0 }), fixedLen: 40, headerLen: 40, lenSource: null },
});

test('addresses are where they are said to be', () => {
  fc.assert(
    fc.property(bytesOf(16), bytesOf(16), (source, destination) => {
      const stack = dissect(frame(ethernet(), ipv6({ source, destination })), { at: 3 });
      const at = stack.layerAt(indexOf(stack, LayerKind.Ipv6));
      expect(stack.bytes.slice(at + 8, at + 24)).toEqual(source);
      expect(stack.bytes.slice(at + 24, at + 40)).toEqual(destination);
    }),
  );
});

test('known bytes', () => {
  // The lab's IPv6 underlay, vm1, frame 3: VXLAN, its payload left out.
  const bytes = hex(`
    02 42 0a 01 00 01 02 42 0a 00 00 01 86 dd
    60 00 00 00                                      # version, traffic class, flow label
    00 3a                                            # payload length
    11                                               # UDP
    40                                               # hop limit
    fd 00 00 10 00 00 00 00 00 00 00 00 00 00 00 01  # source
    fd 00 00 10 00 00 00 00 00 00 00 00 00 00 00 02  # destination`);
  expect(readLayer(dissect(bytes), LayerKind.Ipv6)).toEqual({
    version: 6,
    trafficClass: 0,
    flowLabel: 0,
    payloadLength: 58,
    nextHeader: 17,
    hopLimit: 64,
    sourceAt: 8,
    destinationAt: 24,
  });
});

test('no next header ends the walk, payload or not', () => {
  const stack = dissect(frame(ethernet(), ipv6({ nextHeader: 59 }), payload([1, 2, 3])));
  expect(outline(stack)).toBe('eth@0 ipv6@14');
  expect(stack.stop()).toBeNull();
  const padded = dissect(frame(ethernet(), ipv6({ nextHeader: 59, payloadLength: 0 }), payload([0, 0])));
  expect(padded.stop()).toBeNull();
  expect(padded.layerEnd(1)).toBe(54);
});

describe('lengths that lie', () => {
  test('payload length past the capture is truncated, and the walk goes on', () => {
    const stack = dissect(frame(ethernet(), ipv6({ payloadLength: 9 }), udp()));
    expect(names(stack)).toEqual(['eth', 'ipv6', 'udp']);
    expect(stack.stop()).toEqual({
      code: 'truncated',
      layer: 'ipv6',
      at: 14,
      needed: 49,
      available: 48,
      lenSource: 'ipv6.plen',
    });
  });

  test('payload length past an outer length is malformed', () => {
    const stack = dissect(frame(ethernet(), ipv4(), udp(), vxlan(), ethernet(), ipv6({ payloadLength: 9 }), udp()));
    expect(stack.stop()).toMatchObject({ code: 'malformed', layer: 'ipv6', at: 64, needed: 49, available: 48 });
  });

  test('payload length 0 before a payload is noted, and what was captured counts', () => {
    const stack = dissect(frame(ethernet(), ipv6({ payloadLength: 0 }), udp()));
    expect(names(stack)).toEqual(['eth', 'ipv6', 'udp']);
    expect(stack.stop()).toMatchObject({ code: 'malformed', layer: 'ipv6', needed: 48, available: 40 });
  });

  test('payload length 0 and nothing behind it: the next header does not fit', () => {
    const stack = dissect(frame(ethernet(), ipv6({ nextHeader: 17 })));
    expect(stack.stop()).toEqual({
      code: 'malformed',
      layer: 'udp',
      at: 54,
      needed: 8,
      available: 0,
      lenSource: 'ipv6.plen',
    });
  });

  test('another version ends the walk before it', () => {
    const stack = dissect(frame(ethernet(), ipv6({ version: 4 })));
    expect(names(stack)).toEqual(['eth']);
    expect(stack.stop()).toEqual({
      code: 'malformed',
      layer: 'ipv6',
      at: 14,
      needed: 0,
      available: 40,
      lenSource: null,
    });
  });
});
