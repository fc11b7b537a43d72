import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import { ethernet, frame, ipv4, payload, udp } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, readLayer } from '../helpers/layers.js';
import { bits, describeWire, overIpv4 } from '../helpers/wire-case.js';

describeWire('udp', {
  kind: LayerKind.Udp,
  path: overIpv4,
  build: udp,
  fields: fc.record({ sourcePort: bits(16), destinationPort: bits(16), checksum: bits(16) }),
  expected: (fields) => ({ ...fields, length: 8 }),
  cut: { sample: udp({ length: 0 }), fixedLen: 8, headerLen: 8, lenSource: null },
});

test('known bytes', () => {
  // The lab's golden run, underlay of vm1, frame 3, its payload left out.
  const bytes = hex(`
    02 42 0a 01 00 01 02 42 0a 00 00 01 08 00
    45 00 00 4e 75 39 00 00 40 11 f1 63 0a 00 00 01 0a 01 00 01
    d4 fa   # source port: 54522
    12 b5   # destination port: 4789
    00 3a   # length: 58
    14 4e   # checksum: the pseudo-header's alone, the NIC was to add the rest`);
  expect(readLayer(dissect(bytes), LayerKind.Udp)).toEqual({
    sourcePort: 54_522,
    destinationPort: 4789,
    length: 58,
    checksum: 0x144e,
  });
});

test('a source port is entropy: it names no tunnel', () => {
  const stack = dissect(frame(ethernet(), ipv4(), udp({ sourcePort: 4789, destinationPort: 53 }), payload([1, 2, 3])));
  expect(stack.stop()).toEqual({
    code: 'unsupported',
    layer: 'udp',
    at: 42,
    needed: 0,
    available: 3,
    lenSource: null,
  });
  expect(dissect(frame(ethernet(), ipv4(), udp())).stop()).toBeNull();
});

describe('lengths that lie', () => {
  test('past the capture it is truncated', () => {
    const stack = dissect(frame(ethernet(), ipv4({ totalLength: 0 }), udp({ length: 9 })), { wireLen: 70_000 });
    expect(stack.stop()).toEqual({
      code: 'truncated',
      layer: 'udp',
      at: 34,
      needed: 9,
      available: 8,
      lenSource: 'udp.length',
    });
  });

  test('past total length it is malformed, and the walk goes on within total length', () => {
    const bytes = frame(
      ethernet(),
      ipv4({ totalLength: 32 }),
      udp({ length: 60, destinationPort: 9 }),
      payload([1, 2, 3, 4, 5]),
    );
    const stack = dissect(bytes);
    expect(names(stack)).toEqual(['eth', 'ip', 'udp']);
    expect(stack.layerEnd(2)).toBe(46);
    expect(stack.stop()).toEqual({
      code: 'malformed',
      layer: 'udp',
      at: 34,
      needed: 60,
      available: 12,
      lenSource: 'udp.length',
    });
  });

  test('below its own header it ends the walk', () => {
    for (const length of [0, 7]) {
      const stack = dissect(
        frame(ethernet(), ipv4(), udp({ length, destinationPort: 4789 }), payload(new Uint8Array(40))),
      );
      expect(names(stack)).toEqual(['eth', 'ip', 'udp']);
      expect(stack.stop()).toEqual({
        code: 'malformed',
        layer: 'udp',
        at: 34,
        needed: 8,
        available: length,
        lenSource: 'udp.length',
      });
    }
  });
});
