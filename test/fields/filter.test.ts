import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Frame } from '../../src/dissect/frame.js';
import { FrameCursor } from '../../src/dissect/frame-cursor.js';
import { compileFilter } from '../../src/fields/filter.js';
import {
  FilterError,
  type FilterNode,
  type FilterValue,
  filterText,
  MAX_DEPTH,
  MAX_SET,
  parseFilter,
} from '../../src/fields/filter-syntax.js';
import type { Operator } from '../../src/fields/value-test.js';
import { arp, ethernet, frame, icmpv4, ipv4, ipv6, payload, udp, vxlan } from '../helpers/frame-builder.js';

function frameOf(bytes: Uint8Array): Frame {
  const cursor = new FrameCursor('tap');
  const columns = {
    bytes,
    at: Int32Array.of(0),
    capturedLen: Int32Array.of(bytes.length),
    wireLen: Uint32Array.of(bytes.length),
    seconds: Float64Array.of(7),
    nanoseconds: Int32Array.of(5),
    linkType: Uint16Array.of(1),
    interfaceId: Int32Array.of(0),
  };
  cursor.move(columns, 0, [{ name: 'eth 0' }]);
  return cursor;
}

const passes = (text: string, of: Frame): boolean => compileFilter(text)(of);
const fault = (text: string): FilterError => {
  try {
    compileFilter(text);
  } catch (error) {
    if (error instanceof FilterError) return error;
    throw error;
  }
  throw new Error(`understood: ${text}`);
};

/** Trees as the parser makes them: no node within one of its own kind, two parts at least. */
const name = fc.constantFrom('ip.src', 'inner.eth.dst', 'outer.udp.port', 'vxlan.vni#2', 'arp', 'frame.protocols');
const value: fc.Arbitrary<FilterValue> = fc
  .oneof(fc.constantFrom('1', '10.0.0.0/8', 'fd00::1', '02:42:0a'), fc.string({ minLength: 1 }))
  .map((text) => ({ text, at: 0 }));
const leaf: fc.Arbitrary<FilterNode> = fc.oneof(
  name.map((of) => ({ kind: 'present' as const, name: of, at: 0 })),
  fc.integer({ min: 0, max: 99 }).map((vni) => ({
    kind: 'vni' as const,
    name: 'inner.vxlan',
    at: 0,
    value: { text: String(vni), at: 0 },
  })),
  fc.tuple(name, fc.constantFrom<Operator>('==', '!=', '<', '<=', '>', '>='), value).map(([of, operator, right]) => ({
    kind: 'compare' as const,
    name: of,
    at: 0,
    operator,
    value: right,
  })),
  fc.tuple(name, fc.array(fc.tuple(value, fc.boolean()), { minLength: 1, maxLength: 4 })).map(([of, items]) => ({
    kind: 'in' as const,
    name: of,
    at: 0,
    items: items.map(([from, range]) =>
      range && /^[\w/]+$/.test(from.text) ? { from, to: { text: '9', at: 0 } } : { from, to: null },
    ),
  })),
);
const tree: fc.Arbitrary<FilterNode> = fc.letrec<{ node: FilterNode }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 4 },
    leaf,
    tie('node').map((part) => ({ kind: 'not' as const, part })),
    fc
      .tuple(fc.constantFrom('or' as const, 'and' as const), fc.array(tie('node'), { minLength: 2, maxLength: 3 }))
      .map(([kind, parts]) => ({ kind, parts })),
  ),
})).node;

/** A tree without the places of its words. */
const placeless = (node: unknown): unknown =>
  JSON.parse(JSON.stringify(node, (key, part) => (key === 'at' ? undefined : part)));

describe('the filter language', () => {
  it('reads back what it writes, as the same tree', () => {
    fc.assert(
      fc.property(tree, (node) => {
        expect(placeless(parseFilter(filterText(node)))).toEqual(placeless(node));
      }),
      { numRuns: 500 },
    );
  });

  it('never fails but with a FilterError inside the text, whatever the text', () => {
    const words = fc.constantFrom('(', ')', '{', '}', ',', '==', '!=', '!', 'and', 'or', 'not', 'in', '"', '"a b"');
    const values = fc.constantFrom('ip.src', 'vxlan', '5000', '1..2', '..', '10.0.0.1', '::', 'x#0', '=', '<', '\\');
    const text = fc.oneof(
      fc.string(),
      fc.array(fc.oneof(words, values)).map((parts) => parts.join(' ')),
    );
    fc.assert(
      fc.property(text, (given) => {
        try {
          compileFilter(given);
        } catch (error) {
          expect(error).toBeInstanceOf(FilterError);
          expect((error as FilterError).at).toBeGreaterThanOrEqual(0);
          expect((error as FilterError).at).toBeLessThanOrEqual(given.length);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['ip.src = 10.0.0.1', 7, 'write =='],
    ['ip.src == ', 10, 'not the end'],
    ['ip.scr == 1.1.1.1', 0, 'did you mean ip.src?'],
    ['(vxlan', 6, '")"'],
    ['vxlan)', 5, '"and" or "or"'],
    ['vxlan 5000 5001', 11, '"and" or "or"'],
    ['udp.port in 5', 12, '"{"'],
    ['udp.port in {}', 13, 'a value'],
    ['udp.port in {1..}', 13, 'FROM..TO'],
    ['udp.port in {2..1}', 13, 'upwards'],
    ['ip.src < 10.0.0.0/8', 9, 'no order'],
    ['ip.src == 10.0.0.256', 10, 'IPv4 address'],
    ['ip.src == 10.0.0.0/33', 10, 'IPv4 address'],
    ['ipv6.src == 1::2::3', 12, 'IPv6 address'],
    ['eth.src == 02:42:0a:00:00:01:02', 11, 'MAC address'],
    ['ip.ttl == sixty', 10, 'number'],
    ['ip.ttl == 010', 10, 'number'],
    ['ip.ttl == 99999999999999999999', 10, 'no field'],
    ['frame.protocols < "eth"', 0, 'no order'],
    ['frame.protocols == "eth', 19, 'does not end'],
    ['ip.src == 1.1.1.1 and', 21, 'not the end'],
    ['and', 0, 'a protocol'],
    ['vxlan ; rm', 6, 'no meaning'],
    ['vxlan 😀', 6, '"😀" has no meaning'],
    ['host 10.0.0.1', 0, "unknown field 'host'"],
    ['arp and (net 10.0.0.0/8)', 9, "unknown field 'net'"],
    ['udp port 4789', 4, '"and" or "or" belongs here, not "port"'],
    ['(arp or host', 8, "unknown field 'host'"],
    ['port == 1 and arp 5', 18, 'not "5"'],
  ])('says where and what: %s', (text, at, words) => {
    const error = fault(text);
    expect(error).toMatchObject({ code: 'E_FILTER', at });
    expect(error.message).toContain(words);
  });

  it('bounds what it reads: parentheses, negations, sets, length', () => {
    expect(fault('('.repeat(10_000)).message).toContain(`more than ${MAX_DEPTH} parentheses`);
    expect(fault('not '.repeat(10_000)).message).toContain(`more than ${MAX_DEPTH} parentheses`);
    expect(fault(`${'('.repeat(10_000)}vxlan${')'.repeat(10_000)}`).code).toBe('E_FILTER');
    const set = (len: number): string => `udp.port in {${Array.from({ length: len }, (_, i) => i).join(' ')}}`;
    expect(fault(set(MAX_SET + 1)).message).toContain(`more than ${MAX_SET} values`);
    expect(fault('x'.repeat(1_000_000)).message).toContain('characters');
    const many = Array(5000).fill('arp').join(' or ');
    expect(passes(many, frameOf(frame(ethernet(), arp())))).toBe(true);
    expect(passes(`${'('.repeat(MAX_DEPTH)}arp${')'.repeat(MAX_DEPTH)}`, frameOf(frame(ethernet(), arp())))).toBe(true);
    expect(passes(set(MAX_SET), frameOf(frame(ethernet(), ipv4(), udp({ destinationPort: 4000 }))))).toBe(true);
  });
});

describe('filters', () => {
  const tunnelled = frameOf(
    frame(
      ethernet({ source: 0x0242_0a00_0001 }),
      ipv4({ source: 0x0a00_0001 }),
      udp({ destinationPort: 4789 }),
      vxlan({ vni: 5000 }),
      ethernet({ source: 1 }),
      ipv6(),
      udp({ destinationPort: 9 }),
    ),
  );
  const bare = frameOf(frame(ethernet(), arp()));

  it.each([
    ['vxlan 5000', true],
    ['vxlan 5001', false],
    ['inner.vxlan 5000', false],
    ['outer.vxlan 5000', true],
    ['vxlan#1 5000', true],
    ['inner.udp', true],
    ['udp#3', false],
    ['inner.ip', false],
    ['outer.ip.src == 10.0.0.1', true],
    ['inner.ipv6.src == fd00::/16', true],
    ['ipv6.src == fd00::1', true],
    ['ipv6.src == FD00:0:0::0.0.0.1', true],
    ['ipv6.src != fd00::1', false],
    ['ipv6.src < fd00::2', true],
    ['ipv6.src >= fd00::1:0', false],
    ['ipv6.src in {fe80::/10, fd00::1..fd00::f}', true],
    ['ipv6.src == ::/0', true],
    ['ip.src == 0.0.0.0/0', true],
    ['eth.src == 02:42:0a', true],
    ['eth.src == 02-42-0A', true],
    ['eth.src == 00:00:00:00:00:01', true],
    ['eth.src != 02:42:0a', false],
    ['eth.src in {00..01}', false],
    ['udp.dstport in {4789}', true],
    ['udp.dstport in {1..8, 10..20}', false],
    ['frame.len > 60 and frame.number == 1', true],
    ['frame.interface_name == "eth 0"', true],
    ['frame.interface_name != "eth 0"', false],
    ['frame.protocols == eth:ip:udp:vxlan:eth:ipv6:udp', true],
    ['frame.protocols in {"a", "eth:ip:udp:vxlan:eth:ipv6:udp"}', true],
    ['frame.time_epoch', true],
    ['ip.ttl != 3', true],
    ['arp.opcode != 3', false],
    ['not arp.opcode == 3', true],
    ['ip.flags.df == false', true],
  ])('%s: %s', (text, expected) => {
    if (text === 'eth.src in {00..01}') expect(fault(text).message).toContain('whole address');
    else expect(passes(text, tunnelled)).toBe(expected);
  });

  it('have neither inner nor outer where there is no tunnel', () => {
    expect(passes('arp', bare)).toBe(true);
    expect(passes('inner.arp or outer.arp or inner.eth.src or outer.eth.src', bare)).toBe(false);
  });

  it('see into a datagram that an ICMP error quotes with #n alone', () => {
    const quoted = frame(ipv4({ source: 0x0b00_0001 }), udp({ destinationPort: 4789 }), payload([0, 0, 0, 0]));
    const error = frameOf(frame(ethernet(), ipv4(), icmpv4({ type: 3, code: 3 }), payload(quoted)));
    expect(passes('ip.src == 11.0.0.0/8', error)).toBe(false);
    expect(passes('ip.src#2 == 11.0.0.0/8', error)).toBe(true);
    expect(passes('udp', error)).toBe(false);
  });
});
