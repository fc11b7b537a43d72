import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { quotes, Type, UnreachableCode } from '../../src/wire/icmpv4.js';
import { LayerKind } from '../../src/wire/stack.js';
import { echo, ethernet, frame, icmpv4, ipv4, payload, udp } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, readAt, readLayer } from '../helpers/layers.js';
import { bits, describeWire, overIpv4 } from '../helpers/wire-case.js';

describeWire('icmp', {
  kind: LayerKind.Icmpv4,
  path: overIpv4,
  build: ({ type, code, identifier, sequenceNumber }) => icmpv4({ type, code, rest: echo(identifier, sequenceNumber) }),
  fields: fc.record({
    type: fc.constantFrom(Type.EchoRequest, Type.EchoReply, Type.TimestampRequest, Type.AddressMaskReply),
    code: bits(8),
    identifier: bits(16),
    sequenceNumber: bits(16),
  }),
  expected: (fields) => ({ ...fields, mtu: -1, gateway: -1 }),
  cut: { sample: icmpv4(), fixedLen: 8, headerLen: 8, lenSource: null },
});

test('known bytes', () => {
  // The lab's golden run, underlay of vm1, frame 5: the inner echo, cut behind its header.
  const bytes = hex(`
    00 00 00 00 00 02 00 00 00 00 00 01 08 00
    45 00 00 54 29 bf 40 00 40 01 8d 96 c0 a8 01 01 c0 a8 01 02
    08 00   # echo request
    d9 7f   # checksum
    13 f6   # identifier
    00 01   # sequence number`);
  expect(readLayer(dissect(bytes), LayerKind.Icmpv4)).toEqual({
    type: 8,
    code: 0,
    checksum: 0xd97f,
    identifier: 0x13f6,
    sequenceNumber: 1,
    mtu: -1,
    gateway: -1,
  });
});

test('known bytes: fragmentation needed', () => {
  // The lab's mtu-fragment run, overlay of vm1, frame 4, cut behind the quoted echo's header.
  const bytes = hex(`
    00 00 00 00 00 01 00 00 00 00 00 02 08 00
    45 00 02 40 00 00 40 00 40 01 b5 69 c0 a8 01 02 c0 a8 01 01
    03 04        # destination unreachable, fragmentation needed
    f0 24        # checksum
    00 00        # unused
    05 aa        # MTU: 1450
    45 00 05 dc 75 cc 40 00 40 01 3c 01 c0 a8 01 01 c0 a8 01 02
    08 00 b5 1a 30 41 00 01`);
  const stack = dissect(bytes, { wireLen: 590 });
  expect(names(stack)).toEqual(['eth', 'ip', 'icmp', 'ip', 'icmp']);
  expect(stack.quotedIndex).toBe(3);
  expect(readAt(stack, 2)).toMatchObject({ type: 3, code: 4, mtu: 1450, identifier: -1, sequenceNumber: -1 });
  expect(readAt(stack, 4)).toMatchObject({ type: 8, identifier: 0x3041, sequenceNumber: 1 });
});

test('fields by type', () => {
  const unreachable = (code: number) =>
    readLayer(dissect(frame(ethernet(), ipv4(), icmpv4({ type: 3, code, rest: 1400 }))), LayerKind.Icmpv4);
  expect(unreachable(UnreachableCode.FragmentationNeeded)).toMatchObject({ mtu: 1400, gateway: -1 });
  expect(unreachable(UnreachableCode.Port)).toMatchObject({ mtu: -1, gateway: -1 });
  const redirect = dissect(frame(ethernet(), ipv4(), icmpv4({ type: Type.Redirect, rest: 0xc000_0201 })));
  expect(readLayer(redirect, LayerKind.Icmpv4)).toMatchObject({ mtu: -1, gateway: 0xc000_0201 });
});

test('which types quote', () => {
  const quoting = Array.from({ length: 256 }, (_, type) => type).filter(quotes);
  expect(quoting).toEqual([3, 4, 5, 11, 12]);
});

describe('the length of the quotation (RFC 4884)', () => {
  const quoting = (words: number) =>
    frame(ethernet(), ipv4(), icmpv4({ type: 11, rest: words * 0x1_0000 }), ipv4(), udp(), payload(new Uint8Array(12)));

  test('it bounds what is quoted', () => {
    const stack = dissect(quoting(8));
    expect(names(stack)).toEqual(['eth', 'ip', 'icmp', 'ip', 'udp']);
    expect([stack.layerEnd(2), stack.layerEnd(3)]).toEqual([82, 74]);
    expect(stack.stop()).toBeNull();
  });

  test('past the message it is noted', () => {
    const stack = dissect(quoting(11));
    expect(stack.stop()).toEqual({
      code: 'malformed',
      layer: 'icmp',
      at: 34,
      needed: 52,
      available: 48,
      lenSource: 'icmp.length',
    });
  });
});
