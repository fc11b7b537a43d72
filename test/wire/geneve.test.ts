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
  // tcpdump's tests, geneve.pcap, frame 1, cut behind the inner Ethernet header.
  const bytes = hex(`
    00 1b 21 3c ac 30 00 1b 21 3c ab 64 08 00
    45 00 00 8e df ad 40 00 40 11 32 af 14 00 00 01 14 00 00 02
    31 4a 17 c1 00 7a 00 00
    02                       # version 0, options: 8 bytes
    40                       # C
    65 58                    # Ethernet
    00 00 0a                 # VNI 10
    00                       # reserved
    00 00 80 01 00 00 00 0c  # an option
    fe 71 d8 83 72 4f b6 9e d2 49 51 48 08 00`);
  const stack = dissect(bytes, { wireLen: 156 });
  expect(outline(stack)).toBe('eth@0 ip@14 udp@34 geneve@42 eth@58');
  expect([stack.tunnels, stack.tunnelIndex]).toEqual([1, 3]);
  expect(readLayer(stack, LayerKind.Geneve)).toEqual({
    version: 0,
    optionsLen: 8,
    control: 0,
    critical: 1,
    protocolType: 0x6558,
    vni: 10,
  });
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
