import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import { ethernet, frame, llc, payload } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, readLayer } from '../helpers/layers.js';
import { alone, bits, describeWire } from '../helpers/wire-case.js';

describeWire('ethernet', {
  kind: LayerKind.Ethernet,
  path: alone,
  build: ethernet,
  fields: fc.record({ destination: bits(48), source: bits(48), type: fc.integer({ min: 1536, max: 65_535 }) }),
  expected: ({ type, ...rest }) => ({ ...rest, etherType: type, length: -1 }),
  cut: { sample: ethernet(), fixedLen: 14, headerLen: 14, lenSource: null },
});

test('known bytes', () => {
  // The lab's golden run, underlay of vm1, frame 1.
  const bytes = hex(`
    ff ff ff ff ff ff  # destination: broadcast
    02 42 0a 00 00 01  # source
    08 06              # ARP
    00 01 08 00 06 04 00 01 02 42 0a 00 00 01 0a 00 00 01 00 00 00 00 00 00 0a 01 00 01`);
  expect(readLayer(dissect(bytes), LayerKind.Ethernet)).toEqual({
    destination: 0xffff_ffff_ffff,
    source: 0x0242_0a00_0001,
    etherType: 0x0806,
    length: -1,
  });
});

test('an 802.3 length bounds what follows, not the layer: padding is its own', () => {
  const stack = dissect(frame(ethernet({ type: 3 }), llc(), payload(new Uint8Array(43))));
  expect(names(stack)).toEqual(['eth', 'llc']);
  expect(stack.stop()).toBeNull();
  expect(readLayer(stack, LayerKind.Ethernet)).toMatchObject({ etherType: -1, length: 3 });
  expect([stack.layerEnd(0), stack.layerEnd(1)]).toEqual([60, 17]);
});

test('an 802.3 length past the frame is noted at the Ethernet header, and the walk goes on', () => {
  const stack = dissect(frame(ethernet({ type: 1500 }), llc()));
  expect(names(stack)).toEqual(['eth', 'llc']);
  expect(stack.stop()).toEqual({
    code: 'truncated',
    layer: 'eth',
    at: 0,
    needed: 1514,
    available: 17,
    lenSource: 'eth.len',
  });
});

test('values between lengths and types are neither', () => {
  for (const type of [1501, 1535]) {
    const stack = dissect(frame(ethernet({ type }), payload([0])));
    expect(readLayer(stack, LayerKind.Ethernet)).toMatchObject({ etherType: -1, length: -1 });
    expect(stack.stop()).toMatchObject({ code: 'unsupported', layer: 'eth', at: 14, available: 1 });
  }
});
