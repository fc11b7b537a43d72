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
  // tcpdump's tests, nsh-over-vxlan-gpe.pcap, frame 1.
  const bytes = hex(`
    00 00 00 00 00 00 00 00 00 00 00 00 08 00
    45 00 00 5c 40 23 40 00 40 11 fc 6b 7f 00 00 01 7f 00 00 01
    12 b6 12 b6 00 48 49 f7
    0c 00 00 04 ff ff ff 00
    30 06                                            # version 0, U, length: 24 bytes
    02                                               # metadata type 2
    01                                               # IPv4
    ff ff ff                                         # service path
    ff                                               # service index
    00 01 02 01 12 34 56 78 00 02 03 01 12 34 56 78  # context
    45 00 00 20 d4 31 00 00 ff 11 66 47 c0 a8 00 01 c0 a8 00 02
    27 10 4e 20 00 0c 21 78 74 65 73 74`);
  const stack = dissect(bytes);
  expect(outline(stack)).toBe('eth@0 ip@14 udp@34 vxlan@42 nsh@50 ip@74 udp@94');
  expect(readLayer(stack, LayerKind.Nsh)).toEqual({
    headerLen: 24,
    nextProtocol: 1,
    servicePath: 0xff_ffff,
    serviceIndex: 255,
  });
  expect(stack.stop()).toMatchObject({ code: 'unsupported', layer: 'udp', at: 102, available: 4 });
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
