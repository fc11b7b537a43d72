import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quotes, Type } from '../../src/wire/icmpv6.js';
import { LayerKind } from '../../src/wire/stack.js';
import { echo, ethernet, frame, icmpv6, ipv6, payload, udp } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, readLayer } from '../helpers/layers.js';
import { bits, describeWire, overIpv6 } from '../helpers/wire-case.js';

describeWire('icmpv6', {
  kind: LayerKind.Icmpv6,
  path: overIpv6,
  build: ({ type, code, identifier, sequenceNumber }) => icmpv6({ type, code, rest: echo(identifier, sequenceNumber) }),
  fields: fc.record({
    type: fc.constantFrom(Type.EchoRequest, Type.EchoReply),
    code: bits(8),
    identifier: bits(16),
    sequenceNumber: bits(16),
  }),
  expected: (fields) => ({ ...fields, mtu: -1, solicited: -1, linkLayerAddress: -1 }),
  cut: { sample: icmpv6(), fixedLen: 8, headerLen: 8, lenSource: null },
});

// The lab's IPv6 underlay, vm1, frames 1 and 2.
const SOLICITATION = hex(`
  33 33 ff 00 00 02 02 42 0a 00 00 01 86 dd
  60 00 00 00 00 20 3a ff
  fd 00 00 10 00 00 00 00 00 00 00 00 00 00 00 01
  ff 02 00 00 00 00 00 00 00 00 00 01 ff 00 00 02
  87 00 73 35                                      # neighbour solicitation, checksum
  00 00 00 00
  fd 00 00 10 00 00 00 00 00 00 00 00 00 00 00 02  # target
  01 01 02 42 0a 00 00 01                          # option: source link-layer address`);
const ADVERTISEMENT = hex(`
  02 42 0a 00 00 01 02 42 0a 01 00 01 86 dd
  60 00 00 00 00 20 3a ff
  fd 00 00 10 00 00 00 00 00 00 00 00 00 00 00 02
  fd 00 00 10 00 00 00 00 00 00 00 00 00 00 00 01
  88 00 12 28                                      # neighbour advertisement, checksum
  60 00 00 00                                      # solicited, override
  fd 00 00 10 00 00 00 00 00 00 00 00 00 00 00 02  # target
  02 01 02 42 0a 01 00 01                          # option: target link-layer address`);

test('known bytes', () => {
  for (const at of [0, 21]) {
    expect(readLayer(dissect(SOLICITATION, { at }), LayerKind.Icmpv6)).toEqual({
      type: 135,
      code: 0,
      checksum: 0x7335,
      identifier: -1,
      sequenceNumber: -1,
      mtu: -1,
      solicitedTargetAt: 8,
      advertisedTargetAt: -1,
      solicited: -1,
      linkLayerAddress: 0x0242_0a00_0001,
    });
    expect(readLayer(dissect(ADVERTISEMENT, { at }), LayerKind.Icmpv6)).toMatchObject({
      type: 136,
      solicitedTargetAt: -1,
      advertisedTargetAt: 8,
      solicited: 1,
      linkLayerAddress: 0x0242_0a01_0001,
    });
  }
});

test('a neighbour message that was cut has no target, or no option', () => {
  for (let capturedLen = 62; capturedLen < SOLICITATION.length; capturedLen++) {
    const fields = readLayer(dissect(SOLICITATION, { capturedLen, wireLen: 86 }), LayerKind.Icmpv6);
    expect(fields['solicitedTargetAt']).toBe(capturedLen < 78 ? -1 : 8);
    expect(fields['linkLayerAddress']).toBe(-1);
  }
});

test('routers say theirs, too, behind what their messages begin with', () => {
  const options: readonly (readonly [number, number])[] = [
    [Type.RouterSolicitation, 8],
    [Type.RouterAdvertisement, 16],
    [Type.Redirect, 40],
  ];
  for (const [type, at] of options) {
    const message = new Uint8Array(at);
    message.set([1, 1, 0x02, 0x42, 0x0a, 0, 0, 1], at - 8);
    const bytes = frame(ethernet(), ipv6(), icmpv6({ type, rest: 0 }), payload(message));
    expect(readLayer(dissect(bytes), LayerKind.Icmpv6)).toMatchObject({ linkLayerAddress: 0x0242_0a00_0001 });
    const cut = frame(ethernet(), ipv6(), icmpv6({ type, rest: 0 }), payload(message.subarray(0, -1)));
    expect(readLayer(dissect(cut), LayerKind.Icmpv6)).toMatchObject({ linkLayerAddress: -1 });
  }
});

test('an option that is no link-layer address of six bytes is not read', () => {
  for (const [type, length] of [
    [14, 1],
    [1, 2],
  ] as const) {
    const bytes = SOLICITATION.slice();
    bytes.set([type, length], 78);
    expect(readLayer(dissect(bytes), LayerKind.Icmpv6)).toMatchObject({ linkLayerAddress: -1 });
  }
});

test('too big', () => {
  const stack = dissect(frame(ethernet(), ipv6(), icmpv6({ type: Type.PacketTooBig, rest: 1450 }), ipv6(), udp()));
  expect(names(stack)).toEqual(['eth', 'ipv6', 'icmpv6', 'ipv6', 'udp']);
  expect(stack.quotedIndex).toBe(3);
  expect(readLayer(stack, LayerKind.Icmpv6)).toMatchObject({ type: 2, mtu: 1450, identifier: -1 });
});

test('which types quote', () => {
  const quoting = Array.from({ length: 256 }, (_, type) => type).filter(quotes);
  expect(quoting).toEqual([1, 2, 3, 4]);
});

test('the length of the quotation (RFC 4884) counts in eights', () => {
  const quoting = (eights: number) =>
    frame(
      ethernet(),
      ipv6(),
      icmpv6({ type: 3, rest: eights * 0x100_0000 }),
      ipv6(),
      udp(),
      payload(new Uint8Array(8)),
    );
  const bounded = dissect(quoting(6));
  expect(names(bounded)).toEqual(['eth', 'ipv6', 'icmpv6', 'ipv6', 'udp']);
  expect([bounded.layerEnd(2), bounded.layerEnd(3)]).toEqual([118, 110]);
  expect(dissect(quoting(8)).stop()).toEqual({
    code: 'malformed',
    layer: 'icmpv6',
    at: 54,
    needed: 72,
    available: 64,
    lenSource: 'icmp.length',
  });
});
