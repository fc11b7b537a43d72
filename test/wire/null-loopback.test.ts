import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import { frame, ipv4, ipv6, nullLoopback, payload } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, outline, readLayer } from '../helpers/layers.js';
import { alone, bits, describeWire } from '../helpers/wire-case.js';

const NULL = 0;
const LOOP = 108;

describeWire('null', {
  kind: LayerKind.Null,
  linkType: NULL,
  path: alone,
  build: nullLoopback,
  fields: fc.record({ family: fc.integer({ min: 1, max: 0xffff }), swapped: fc.boolean() }),
  expected: ({ family }) => ({ family }),
  cut: { sample: nullLoopback(), fixedLen: 4, headerLen: 4, lenSource: null },
});

test('known bytes', () => {
  // Written by hand after tcpdump.org's LINKTYPE_NULL: a frame of a little-endian BSD.
  const bytes = hex(`
    02 00 00 00  # AF_INET
    45 00 00 14 00 00 00 00 40 06 00 00 7f 00 00 01 7f 00 00 01`);
  const stack = dissect(bytes, { linkType: NULL });
  expect(outline(stack)).toBe('null@0 ip@4');
  expect(readLayer(stack, LayerKind.Null)).toEqual({ family: 2 });
});

test('every family of IPv6, in both byte orders; LOOP is the same in network order', () => {
  for (const family of [10, 24, 28, 30]) {
    for (const swapped of [false, true]) {
      const stack = dissect(frame(nullLoopback({ family, swapped }), ipv6()), { linkType: NULL });
      expect(names(stack)).toEqual(['null', 'ipv6']);
    }
  }
  expect(names(dissect(frame(nullLoopback(), ipv4()), { linkType: LOOP }))).toEqual(['null', 'ip']);
});

test('another family ends the walk', () => {
  fc.assert(
    fc.property(bits(32), (family) => {
      const stack = dissect(frame(nullLoopback({ family }), payload([1])), { linkType: NULL });
      const known = [2, 10, 24, 28, 30].includes(readLayer(stack, LayerKind.Null)['family'] as number);
      if (!known) expect(stack.stop()).toMatchObject({ code: 'unsupported', layer: 'null', at: 4, available: 1 });
    }),
  );
});
