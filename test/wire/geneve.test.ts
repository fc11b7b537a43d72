import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import { arp, ethernet, frame, geneve, ipv4, ipv6, type Part, payload, udp } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, outline, readLayer } from '../helpers/layers.js';
import { bits, bytesOf, describeWire, overUdp } from '../helpers/wire-case.js';

describeWire('geneve', {
  kind: LayerKind.Geneve,
  path: overUdp,
  build: geneve,
  fields: fc.record({
    control: bits(1),
    critical: bits(1),
    vni: bits(24),
    options: fc.integer({ min: 0, max: 63 }).chain((words) => bytesOf(4 * words)),
  }),
  inner: [ethernet(), arp()],
  expected: ({ options, ...rest }) => ({ ...rest, version: 0, protocolType: 0x6558, optionsLen: options.length }),
  cut: {
    sample: geneve({ options: new Uint8Array(12) }),
    fixedLen: 8,
    headerLen: 20,
    lenSource: 'geneve.opt_len',
  },
});

test('known bytes', () => {
  // Written by hand after RFC 8926, sections 3.1 and 3.5.
  const bytes = hex(`
    00 00 5e 00 53 02 00 00 5e 00 53 01 08 00
    45 00 00 5a 4b 21 00 00 3d 11 46 0b c0 00 02 11 c6 33 64 22
    c1 d2 17 c1 00 46 53 89
    03                                   # version 0, options: 12 bytes
    40                                   # C
    65 58                                # Ethernet
    3a 5c 7e                             # VNI 3824766
    00                                   # reserved
    ff 12 83 02 a1 b2 c3 d4 e5 f6 07 18  # a critical option of 8 bytes
    ff ff ff ff ff ff 00 00 5e 00 53 11 08 06
    00 01 08 00 06 04 00 01 00 00 5e 00 53 11 cb 00 71 05 00 00 00 00 00 00 cb 00 71 06`);
  const stack = dissect(bytes);
  expect(outline(stack)).toBe('eth@0 ip@14 udp@34 geneve@42 eth@62 arp@76');
  expect([stack.tunnels, stack.tunnelIndex]).toEqual([1, 3]);
  expect(readLayer(stack, LayerKind.Geneve)).toEqual({
    version: 0,
    optionsLen: 12,
    control: 0,
    critical: 1,
    protocolType: 0x6558,
    vni: 3_824_766,
  });
  expect(stack.stop()).toBeNull();
});

test('what follows by protocol type', () => {
  const behind = (...parts: Part[]) => names(dissect(frame(ethernet(), ipv4(), udp(), ...parts))).slice(3);
  expect(behind(geneve(), ipv4())).toEqual(['geneve', 'ip']);
  expect(behind(geneve(), ipv6())).toEqual(['geneve', 'ipv6']);
  const unknown = dissect(frame(ethernet(), ipv4(), udp(), geneve({ protocolType: 0x880b }), payload([1])));
  expect(unknown.stop()).toMatchObject({ code: 'unsupported', layer: 'geneve', at: 50, available: 1 });
});

test('another version is not entered', () => {
  const stack = dissect(frame(ethernet(), ipv4(), udp(), geneve({ version: 1 }), ethernet()));
  expect(names(stack)).toEqual(['eth', 'ip', 'udp']);
  expect(stack.stop()).toMatchObject({ code: 'unsupported', layer: 'geneve', at: 42, available: 22 });
});

test('options past UDP length are malformed', () => {
  const stack = dissect(frame(ethernet(), ipv4(), udp(), geneve({ optionsLen: 252 }), ethernet()));
  expect(names(stack)).toEqual(['eth', 'ip', 'udp']);
  expect(stack.stop()).toEqual({
    code: 'malformed',
    layer: 'geneve',
    at: 42,
    needed: 260,
    available: 22,
    lenSource: 'geneve.opt_len',
  });
});
