import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import { ethernet, frame, llc, payload, sll } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, outline } from '../helpers/layers.js';
import { describeWire } from '../helpers/wire-case.js';

// Behind a cooked header: an Ethernet header's length would bound it.
describeWire('llc', {
  kind: LayerKind.Llc,
  linkType: 113,
  path: () => [sll()],
  build: () => llc(),
  fields: fc.constant({}),
  cut: { sample: llc(), fixedLen: 3, headerLen: 3, lenSource: null },
});

test('known bytes: a spanning tree BPDU is named and not entered', () => {
  // Written by hand after IEEE 802.1D, clause 9.
  const bytes = hex(`
    01 80 c2 00 00 00 02 42 0a 00 00 01
    00 07                   # 802.3 length: 7
    42 42 03                # DSAP, SSAP, control
    00 00 00 80             # a topology change notification`);
  const stack = dissect(bytes);
  expect(outline(stack)).toBe('eth@0 llc@14');
  expect(stack.stop()).toEqual({
    code: 'unsupported',
    layer: 'llc',
    at: 17,
    needed: 0,
    available: 4,
    lenSource: null,
  });
});

test('a header that an 802.3 length cuts is malformed', () => {
  const stack = dissect(frame(ethernet({ type: 2 }), payload([0x42, 0x42, 3])));
  expect(stack.stop()).toEqual({
    code: 'malformed',
    layer: 'llc',
    at: 14,
    needed: 3,
    available: 2,
    lenSource: 'eth.len',
  });
});
