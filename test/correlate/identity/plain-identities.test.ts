/** Identities of plain frames: WebAssembly reads what `Identity.read` reads of them. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BATCH_CAPACITY, SENDER, WINDOW } from '../../../src/assembly/layout.js';
import { assemblyMemory, memoryOf } from '../../../src/assembly/memory.js';
import { FrameBatch } from '../../../src/capture/source.js';
import { IDENTITY_WORDS, Identity } from '../../../src/correlate/identity/identity.js';
import { PlainIdentities } from '../../../src/correlate/identity/plain-identities.js';
import * as record from '../../../src/correlate/identity/plain-record.js';
import { outerOf } from '../../../src/correlate/record.js';
import { Dissector } from '../../../src/dissect/dissector.js';
import { vni } from '../../../src/wire/vxlan.js';
import {
  ethernet,
  frame,
  icmpv4,
  ipv4,
  type Part,
  payload,
  tcp,
  udp,
  vlan,
  vxlan,
} from '../../helpers/frame-builder.js';

const BASE = 1_700_000_000;
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffff_ffff);
const mac = fc.nat(0xfeff_ffff).map((low) => low + 0x5200_0000_0000);

const segment: fc.Arbitrary<Part> = fc.oneof(
  fc.record({ sourcePort: u16, destinationPort: u16, sequenceNumber: u32 }).map((fields) => tcp(fields)),
  fc.record({ sourcePort: u16, destinationPort: fc.nat(4000) }).map((fields) => udp(fields)),
  fc.record({ type: fc.constantFrom(0, 8), rest: u32 }).map((fields) => icmpv4(fields)),
);
const plain = fc.record({
  destination: mac,
  source: mac,
  tags: fc.array(
    fc.record({ identifier: fc.integer({ min: 1, max: 4094 }), service: fc.boolean() }).map((fields) => vlan(fields)),
    { maxLength: 1 },
  ),
  ip: fc
    .record({ source: u32, destination: u32, identification: fc.oneof(fc.constant(0), u16), timeToLive: fc.nat(255) })
    .map((fields) => ipv4(fields)),
  segment,
  data: fc.uint8Array({ minLength: 14, maxLength: 120 }),
  padding: fc.constantFrom(0, 0, 7),
  tunnel: fc.option(fc.record({ vni: fc.nat(0xff_ffff), sourcePort: u16, identification: u16 })),
});

test('what is read of plain frames is what is read of their layers', () => {
  const bytes = assemblyMemory(1 << 18);
  const memory = memoryOf(bytes) as ArrayBuffer;
  const batch = new FrameBatch(BATCH_CAPACITY, memory);
  const senders = new Int32Array(memory, SENDER, BATCH_CAPACITY);
  const identities = new PlainIdentities();
  const [identity, dissector] = [new Identity(), new Dissector()];
  expect(bytes.byteOffset).toBe(WINDOW);
  fc.assert(
    fc.property(fc.array(plain, { minLength: 1, maxLength: 8 }), (all) => {
      let at = 3;
      const frames = all.map(({ destination, source, tags, ip, segment, data, padding, tunnel }, index) => {
        const inner = [ethernet({ destination, source }), ...tags, ip, segment, payload([...data])];
        const outer = [
          ethernet(),
          ipv4({ identification: tunnel?.identification ?? 0 }),
          udp({ sourcePort: tunnel?.sourcePort ?? 0, destinationPort: 4789, checksum: 0 }),
          vxlan({ vni: tunnel?.vni ?? 0 }),
        ];
        const own = Uint8Array.from([...frame(...(tunnel === null ? [] : outer), ...inner), ...Array(padding).fill(3)]);
        bytes.set(own, at);
        [batch.at[index], batch.capturedLen[index], batch.wireLen[index]] = [at, own.length, own.length];
        [batch.seconds[index], batch.nanoseconds[index], batch.linkType[index]] = [BASE + index, index * 7, 1];
        senders[index] = tunnel === null ? -1 : index;
        at += own.length;
        return own;
      });
      batch.bytes = bytes;
      batch.count = frames.length;
      identities.read(bytes, 0, frames.length, 10, BASE);
      for (const [index, { tunnel }] of all.entries()) {
        const own = identities.records.subarray(index * record.STRIDE, (index + 1) * record.STRIDE);
        const stack = dissector.dissectFrame(batch, index);
        expect(identity.read(stack, tunnel === null ? 0 : 4)).toBe(true);
        const { words, at: from, key, flags, span } = identity;
        expect([...own.subarray(record.WORDS, record.WORDS + IDENTITY_WORDS)]).toEqual([
          ...words.subarray(from, from + IDENTITY_WORDS),
        ]);
        expect([own[record.KEY], own[record.FLAGS], own[record.SPAN_KEY]]).toEqual([key, flags, span.key]);
        if (span.key !== 0) {
          expect([(own[record.SPAN_FROM] as number) >>> 0, own[record.SPAN_LEN]]).toEqual([span.from, span.len]);
        }
        const time = new Float64Array(memory, own.byteOffset, 1)[record.TIME];
        expect([time, own[record.FRAME], own[record.SENDER]]).toEqual([
          index * 1e9 + index * 7,
          10 + index,
          senders[index],
        ]);
        if (tunnel === null) continue;
        expect([own[record.OUTER], own[record.VNI]]).toEqual([outerOf(stack, 3), vni(bytes, stack.layerAt(3))]);
      }
    }),
    { numRuns: 300 },
  );
});
