import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import { authentication, ethernet, frame, gre, ipv4, ipv6, payload, udp, vxlan } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, outline, readLayer } from '../helpers/layers.js';
import { bits, bytesOf, describeWire, overEthernet } from '../helpers/wire-case.js';

describeWire('ipv4', {
  kind: LayerKind.Ipv4,
  path: overEthernet,
  build: ipv4,
  fields: fc.record({
    typeOfService: bits(8),
    identification: bits(16),
    reservedFlag: bits(1),
    dontFragment: bits(1),
    moreFragments: bits(1),
    fragmentOffset: bits(13),
    timeToLive: bits(8),
    protocol: bits(8),
    checksum: bits(16),
    source: bits(32),
    destination: bits(32),
    options: fc.integer({ min: 0, max: 10 }).chain((words) => bytesOf(4 * words)),
  }),
  expected: ({ options, ...rest }) => ({
    ...rest,
    version: 4,
    headerLen: 20 + options.length,
    totalLength: 20 + options.length,
  }),
  cut: {
    sample: ipv4({ totalLength: 0, options: new Uint8Array(40) }),
    fixedLen: 20,
    headerLen: 60,
    lenSource: 'ip.hdr_len',
  },
});

test('known bytes', () => {
  // The lab's golden run, underlay of vm1, frame 5: the inner header, its payload left out.
  const bytes = hex(`
    00 00 00 00 00 02 00 00 00 00 00 01 08 00
    45           # version, header length
    00           # type of service
    00 54        # total length
    29 bf        # identification
    40 00        # don't fragment, offset 0
    40           # time to live
    01           # ICMP
    8d 96        # checksum
    c0 a8 01 01  # source: 192.168.1.1
    c0 a8 01 02  # destination: 192.168.1.2`);
  expect(readLayer(dissect(bytes), LayerKind.Ipv4)).toEqual({
    version: 4,
    headerLen: 20,
    typeOfService: 0,
    totalLength: 84,
    identification: 0x29bf,
    reservedFlag: 0,
    dontFragment: 1,
    moreFragments: 0,
    fragmentOffset: 0,
    timeToLive: 64,
    protocol: 1,
    checksum: 0x8d96,
    source: 0xc0a8_0101,
    destination: 0xc0a8_0102,
  });
});

test('what follows by protocol number', () => {
  expect(outline(dissect(frame(ethernet(), ipv4(), ipv4(), udp())))).toBe('eth@0 ip@14 ip@34 udp@54');
  expect(outline(dissect(frame(ethernet(), ipv4(), ipv6(), udp())))).toBe('eth@0 ip@14 ipv6@34 udp@74');
  expect(outline(dissect(frame(ethernet(), ipv4(), gre(), ipv4(), udp())))).toBe('eth@0 ip@14 gre@34 ip@38 udp@58');
  expect(outline(dissect(frame(ethernet(), ipv4(), authentication(), udp())))).toBe('eth@0 ip@14 ah@34 udp@58');
  const unknown = dissect(frame(ethernet(), ipv4({ protocol: 253 }), payload([1, 2])));
  expect(unknown.stop()).toMatchObject({ code: 'unsupported', layer: 'ip', at: 34, available: 2 });
  expect(dissect(frame(ethernet(), ipv4({ protocol: 253 }))).stop()).toBeNull();
});

test('total length ends the layer: what the link pads is not its payload', () => {
  const stack = dissect(frame(ethernet(), ipv4({ totalLength: 28 }), udp({ length: 8 }), payload(new Uint8Array(18))));
  expect([stack.layerEnd(0), stack.layerEnd(1), stack.layerEnd(2)]).toEqual([60, 42, 42]);
  expect(stack.stop()).toBeNull();
});

describe('lengths that lie', () => {
  test('total length past the capture is truncated, and the walk goes on', () => {
    const stack = dissect(frame(ethernet(), ipv4({ totalLength: 1500 }), udp()));
    expect(names(stack)).toEqual(['eth', 'ip', 'udp']);
    expect(stack.stop()).toEqual({
      code: 'truncated',
      layer: 'ip',
      at: 14,
      needed: 1500,
      available: 28,
      lenSource: 'ip.len',
    });
  });

  test('total length past an outer length is malformed', () => {
    const stack = dissect(frame(ethernet(), ipv4(), udp(), vxlan(), ethernet(), ipv4({ totalLength: 29 }), udp()));
    expect(names(stack)).toEqual(['eth', 'ip', 'udp', 'vxlan', 'eth', 'ip', 'udp']);
    expect(stack.stop()).toEqual({
      code: 'malformed',
      layer: 'ip',
      at: 64,
      needed: 29,
      available: 28,
      lenSource: 'ip.len',
    });
  });

  test('total length below the header ends the walk', () => {
    const stack = dissect(frame(ethernet(), ipv4({ totalLength: 19 }), udp()));
    expect(names(stack)).toEqual(['eth', 'ip']);
    expect(stack.stop()).toEqual({
      code: 'malformed',
      layer: 'ip',
      at: 14,
      needed: 20,
      available: 19,
      lenSource: 'ip.len',
    });
  });

  test('total length 0 is noted, and what was captured counts', () => {
    const stack = dissect(frame(ethernet(), ipv4({ totalLength: 0 }), udp()));
    expect(names(stack)).toEqual(['eth', 'ip', 'udp']);
    expect(stack.stop()).toMatchObject({
      code: 'malformed',
      layer: 'ip',
      needed: 20,
      available: 0,
      lenSource: 'ip.len',
    });
  });

  test('a header length below 20 ends the walk before it', () => {
    const stack = dissect(frame(ethernet(), ipv4({ headerLen: 16 }), udp()));
    expect(names(stack)).toEqual(['eth']);
    expect(stack.stop()).toEqual({
      code: 'malformed',
      layer: 'ip',
      at: 14,
      needed: 20,
      available: 16,
      lenSource: 'ip.hdr_len',
    });
  });

  test('a header length past an outer length ends the walk before it', () => {
    const stack = dissect(frame(ethernet(), ipv4(), udp(), vxlan(), ethernet(), ipv4({ headerLen: 60 })));
    expect(stack.stop()).toEqual({
      code: 'malformed',
      layer: 'ip',
      at: 64,
      needed: 60,
      available: 20,
      lenSource: 'ip.hdr_len',
    });
  });

  test('another version is no length fault', () => {
    const stack = dissect(frame(ethernet(), ipv4({ version: 6 })));
    expect(names(stack)).toEqual(['eth']);
    expect(stack.stop()).toEqual({
      code: 'malformed',
      layer: 'ip',
      at: 14,
      needed: 0,
      available: 20,
      lenSource: null,
    });
  });
});
