import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import { Flag } from '../../src/wire/tcp.js';
import { ethernet, frame, ipv4, payload, tcp } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, readLayer } from '../helpers/layers.js';
import { bits, bytesOf, describeWire, overIpv4 } from '../helpers/wire-case.js';

describeWire('tcp', {
  kind: LayerKind.Tcp,
  path: overIpv4,
  build: tcp,
  fields: fc.record({
    sourcePort: bits(16),
    destinationPort: bits(16),
    sequenceNumber: bits(32),
    acknowledgmentNumber: bits(32),
    flags: bits(9),
    window: bits(16),
    checksum: bits(16),
    urgentPointer: bits(16),
    options: fc.integer({ min: 0, max: 10 }).chain((words) => bytesOf(4 * words)),
  }),
  expected: ({ options, ...rest }) => ({ ...rest, headerLen: 20 + options.length }),
  cut: {
    sample: tcp({ options: new Uint8Array(12) }),
    fixedLen: 20,
    headerLen: 32,
    lenSource: 'tcp.hdr_len',
    pushedWhenCut: true,
  },
});

test('known bytes', () => {
  // The lab's run with offloads on, overlay of vm1, frame 3: a SYN.
  const bytes = hex(`
    00 00 00 00 00 02 00 00 00 00 00 01 08 00
    45 00 00 3c 85 c8 40 00 40 06 31 a0 c0 a8 01 01 c0 a8 01 02
    9c 40        # source port: 40000
    14 51        # destination port: 5201
    ca df 34 88  # sequence number
    00 00 00 00  # acknowledgment number
    a0 02        # data offset 10 words, SYN
    fd 5c        # window
    83 82        # checksum
    00 00        # urgent pointer
    02 04 05 82 04 02 08 0a cc 2c cb 7e 00 00 00 00 01 03 03 0a`);
  const stack = dissect(bytes);
  expect(readLayer(stack, LayerKind.Tcp)).toEqual({
    sourcePort: 40_000,
    destinationPort: 5201,
    sequenceNumber: 0xcadf_3488,
    acknowledgmentNumber: 0,
    headerLen: 40,
    flags: Flag.Syn,
    window: 0xfd5c,
    checksum: 0x8382,
    urgentPointer: 0,
  });
  expect(stack.stop()).toBeNull();
});

test('a data offset past total length is malformed; the fixed part is there', () => {
  const stack = dissect(frame(ethernet(), ipv4(), tcp({ headerLen: 60 }), payload([1, 2])));
  expect(names(stack)).toEqual(['eth', 'ip', 'tcp']);
  expect(stack.at).toBe(stack.end);
  expect(stack.stop()).toEqual({
    code: 'malformed',
    layer: 'tcp',
    at: 34,
    needed: 60,
    available: 22,
    lenSource: 'tcp.hdr_len',
  });
});

test('a data offset below 20 is malformed, and there is no header', () => {
  const stack = dissect(frame(ethernet(), ipv4(), tcp({ headerLen: 16 })));
  expect(names(stack)).toEqual(['eth', 'ip']);
  expect(stack.stop()).toEqual({
    code: 'malformed',
    layer: 'tcp',
    at: 34,
    needed: 20,
    available: 16,
    lenSource: 'tcp.hdr_len',
  });
});
