import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChecksumVerdict, checksumVerdict } from '../../src/dissect/checksum-verdict.js';
import { Checksums, MAX_GROUPS, Position } from '../../src/evidence/checksums.js';
import { MAX_FRAMES } from '../../src/evidence/frame-list.js';
import { LayerKind } from '../../src/wire/stack.js';
import {
  ethernet,
  frame,
  icmpv4,
  ipv4,
  ipv6,
  type Part,
  payload,
  tcp,
  udp,
  vlan,
  vxlan,
} from '../helpers/frame-builder.js';
import { dissect } from '../helpers/layers.js';

const tunnel: Part[] = [ethernet(), ipv4(), udp({ checksum: 0 }), vxlan(), ethernet()];
const OUTERS = [[ethernet()], tunnel, [...tunnel, vlan()], [ethernet(), ipv6(), udp(), vxlan(), ethernet()]];
const SEGMENTS = [tcp(), udp(), icmpv4(), tcp({ checksum: 1 }), udp({ checksum: 1 })];

it('counts each checksum once, whether the frame is common or not', () => {
  const shape = fc.record({ outer: fc.constantFrom(...OUTERS), segment: fc.constantFrom(...SEGMENTS) });
  fc.assert(
    fc.property(fc.array(shape, { maxLength: 20 }), (frames) => {
      const checksums = new Checksums();
      const expected = new Map<string, number>();
      for (const { outer, segment } of frames) {
        const stack = dissect(frame(...outer, ipv4(), segment, payload([1, 2, 3])));
        checksums.see(1, stack, 0);
        for (let index = 0; index < stack.depth; index++) {
          const verdict = checksumVerdict(stack, index);
          const position =
            stack.tunnelIndex < 0 ? Position.Bare : index < stack.tunnelIndex ? Position.Outer : Position.Inner;
          const key = `${position} ${stack.kind(index)} ${verdict}`;
          if (verdict !== ChecksumVerdict.NotChecked) expected.set(key, (expected.get(key) ?? 0) + 1);
        }
      }
      const counted = new Map<string, number>();
      for (const position of Object.values(Position)) {
        for (const kind of Object.values(LayerKind)) {
          for (const verdict of Object.values(ChecksumVerdict)) {
            const count = checksums.count(position, kind, verdict);
            if (count > 0) counted.set(`${position} ${kind} ${verdict}`, count);
          }
        }
      }
      expect(counted).toEqual(expected);
    }),
    { numRuns: 50 },
  );
});

it('keeps frames by sender, a hundred of each, and of so many senders', () => {
  const checksums = new Checksums();
  const wrong = dissect(frame(...tunnel, ipv4(), tcp({ checksum: 0x1234 })));
  for (let number = 1; number <= MAX_FRAMES + 5; number++) checksums.see(number, wrong, 7);
  const [group] = checksums.groups();
  expect(group).toMatchObject({
    position: Position.Inner,
    kind: LayerKind.Tcp,
    verdict: ChecksumVerdict.Wrong,
    row: 7,
    found: 0x1234,
  });
  expect(group?.frames.count).toBe(MAX_FRAMES + 5);
  expect(group?.frames.frames).toHaveLength(MAX_FRAMES);

  for (let row = 0; row < MAX_GROUPS + 10; row++) checksums.see(1, wrong, row);
  expect([...checksums.groups()]).toHaveLength(MAX_GROUPS);
  expect(checksums.count(Position.Inner, LayerKind.Tcp, ChecksumVerdict.Wrong)).toBe(MAX_FRAMES + 5 + MAX_GROUPS + 10);
});

it('knows the row of the innermost tunnel only, and leaves quotations out', () => {
  const nested = dissect(
    frame(
      ethernet(),
      ipv4(),
      udp({ checksum: 9 }),
      vxlan(),
      ethernet(),
      ipv4(),
      udp({ checksum: 9 }),
      vxlan(),
      ethernet(),
      ipv4(),
      tcp(),
    ),
  );
  const checksums = new Checksums();
  checksums.see(1, nested, 3);
  expect([...checksums.groups()].map(({ row }) => row)).toEqual([-1, 3]);

  const quoting = dissect(
    frame(ethernet(), ipv4(), icmpv4({ type: 3 }), ipv4({ totalLength: 900 }), udp({ checksum: 9 }), payload([1])),
  );
  const others = new Checksums();
  others.see(1, quoting, -1);
  expect([...others.groups()]).toEqual([]);
  expect(others.count(Position.Bare, LayerKind.Udp, ChecksumVerdict.Incomplete)).toBe(0);
});
