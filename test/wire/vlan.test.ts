import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LayerKind } from '../../src/wire/stack.js';
import { ethernet, frame, ipv4, llc, payload, udp, vlan, vxlan } from '../helpers/frame-builder.js';
import { hex } from '../helpers/hex.js';
import { dissect, names, outline, readAt, readLayer } from '../helpers/layers.js';
import { bits, describeWire, overEthernet } from '../helpers/wire-case.js';

for (const service of [false, true]) {
  const kind = service ? LayerKind.ServiceVlan : LayerKind.Vlan;
  describeWire(service ? '802.1ad' : '802.1Q', {
    kind,
    path: overEthernet,
    build: (fields) => vlan({ ...fields, service }),
    fields: fc.record({ priority: bits(3), dropEligible: bits(1), identifier: bits(12) }),
    inner: [ipv4()],
    expected: (fields) => ({ ...fields, etherType: 0x0800 }),
    cut: { sample: vlan({ service }), fixedLen: 4, headerLen: 4, lenSource: null },
  });
}

test('known bytes: QinQ', () => {
  // Written by hand after IEEE 802.1Q-2018, clause 9.
  const bytes = hex(`
    00 00 5e 00 53 02 00 00 5e 00 53 01 88 a8
    b2 a7  # priority 5, drop eligible, VLAN 679
    81 00
    65 1c  # priority 3, VLAN 1308
    08 00
    45 00 00 14 4b 23 00 00 3a fd 48 63 c0 00 02 11 c6 33 64 22`);
  const stack = dissect(bytes);
  expect(outline(stack)).toBe('eth@0 ieee8021ad@14 vlan@18 ip@22');
  expect(readAt(stack, 1)).toEqual({ priority: 5, dropEligible: 1, identifier: 679, etherType: 0x8100 });
  expect(readAt(stack, 2)).toEqual({ priority: 3, dropEligible: 0, identifier: 1308, etherType: 0x0800 });
});

test('a length in place of a type past the frame is noted at the tag', () => {
  const stack = dissect(frame(ethernet(), vlan({ type: 100 }), llc()));
  expect(names(stack)).toEqual(['eth', 'vlan', 'llc']);
  expect(stack.stop()).toEqual({
    code: 'truncated',
    layer: 'vlan',
    at: 14,
    needed: 104,
    available: 7,
    lenSource: 'eth.len',
  });
});

test('a length past an outer bound is malformed', () => {
  const stack = dissect(frame(ethernet(), ipv4(), udp(), vxlan(), ethernet(), vlan({ type: 100 }), llc()));
  expect(stack.stop()).toMatchObject({ code: 'malformed', layer: 'vlan', at: 64, lenSource: 'eth.len' });
});

test('a TPID that is not ours ends the walk', () => {
  const stack = dissect(frame(ethernet({ type: 0x9100 }), payload([0, 1, 8, 0])));
  expect(stack.stop()).toMatchObject({ code: 'unsupported', layer: 'eth', at: 14, available: 4 });
  expect(readLayer(stack, LayerKind.Ethernet)).toMatchObject({ etherType: 0x9100 });
});
