import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import { ethernet, frame, ipv4, nsh, payload, udp, vxlanGpe } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, outline, readLayer } from '../helpers/layers.js';
import { bits, bytesOf, describeWire, overUdp, type Path } from '../helpers/wire-case.js';

const overGpe: Path = (unset) => [...overUdp(unset), vxlanGpe()];

describeWire('nsh', {
  kind: LayerKind.Nsh,
  path: overGpe,
  build: nsh,
  fields: fc.record({
    servicePath: bits(24),
    serviceIndex: bits(8),
    context: fc.nat(61).chain((words) => bytesOf(4 * words)),
  }),
  inner: [ipv4()],
  expected: ({ context, ...rest }) => ({ ...rest, headerLen: 8 + context.length, nextProtocol: 1 }),
  cut: { sample: nsh(), fixedLen: 8, headerLen: 24, lenSource: 'nsh.length' },
});

test('known bytes', () => {
  // Written by hand after RFC 8300, sections 2.2 to 2.5.
  const bytes = hex(`
    00 00 5e 00 53 02 00 00 5e 00 53 01 08 00
    45 00 00 60 4b 24 00 00 3c 11 47 02 c0 00 02 11 c6 33 64 22
    c2 d3 12 b6 00 4c 75 d8
    0c 00 00 04 6f 80 91 00
    0a 87                                # version 0, TTL 42, length: 28 bytes
    02                                   # metadata type 2
    01                                   # IPv4
    0b 1c 2d                             # service path
    9e                                   # service index
    ff f6 21 04 11 22 33 44              # context, 4 bytes
    ff f6 22 06 55 66 77 88 99 aa 00 00  # context, 6 bytes and padding
    45 00 00 20 4b 25 00 00 3b 11 bc 93 cb 00 71 09 cb 00 71 0a
    c3 d4 00 09 00 0c 26 46 de ad be ef`);
  const stack = dissect(bytes);
  expect(outline(stack)).toBe('eth@0 ip@14 udp@34 vxlan@42 nsh@50 ip@78 udp@98');
  expect(readLayer(stack, LayerKind.Nsh)).toEqual({
    headerLen: 28,
    nextProtocol: 1,
    servicePath: 0x0b_1c2d,
    serviceIndex: 0x9e,
  });
  expect(stack.stop()).toMatchObject({ code: 'unsupported', layer: 'udp', at: 106, available: 4 });
});

test('a length below 8 is malformed, one past UDP length too', () => {
  const below = dissect(frame(ethernet(), ipv4(), udp(), vxlanGpe(), nsh({ headerLen: 4 }), ipv4()));
  expect(below.stop()).toMatchObject({
    code: 'malformed',
    layer: 'nsh',
    at: 50,
    needed: 8,
    available: 4,
    lenSource: 'nsh.length',
  });
  const past = dissect(frame(ethernet(), ipv4(), udp(), vxlanGpe(), nsh({ headerLen: 252 }), ipv4()));
  expect(past.stop()).toMatchObject({ code: 'malformed', layer: 'nsh', at: 50, needed: 252, available: 44 });
  expect(names(past)).toEqual(['eth', 'ip', 'udp', 'vxlan']);
});

test('an unknown next protocol ends the walk', () => {
  const stack = dissect(frame(ethernet(), ipv4(), udp(), vxlanGpe(), nsh({ nextProtocol: 5 }), payload([1])));
  expect(stack.stop()).toMatchObject({ code: 'unsupported', layer: 'nsh', at: 74, available: 1 });
});
