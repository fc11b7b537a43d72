/**
 * What every protocol must show, told once: built and read back, cut at every byte of its header, nested inside VXLAN.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LAYER_NAMES, type LayerKind } from '../../src/wire/stack.js';
import { ethernet, frame, ipv4, ipv6, type Part, udp, vxlan } from './frame-builder.js';
import { dissect, indexOf, names, readAt, readLayer } from './layers.js';

/** Parts that lead to a protocol. `unset`: their lengths are left out, so that only the capture bounds what follows. */
export type Path = (unset: boolean) => readonly Part[];

export const alone: Path = () => [];
export const overEthernet: Path = () => [ethernet()];
export const overIpv4: Path = (unset) => [ethernet(), ipv4(unset ? { totalLength: 0 } : {})];
export const overIpv6: Path = (unset) => [ethernet(), ipv6(unset ? { payloadLength: 0 } : {})];
export const overUdp: Path = (unset) => [...overIpv4(unset), udp(unset ? { length: 0 } : {})];

/** A frame this long on the wire may leave its lengths unset (BIG TCP). */
const BIG = 70_000;

export interface WireCase<Fields> {
  readonly kind: LayerKind;
  readonly path: Path;
  /** LINKTYPE_ of the first part, Ethernet by default; other frames cannot be nested. */
  readonly linkType?: number;
  readonly build: (fields: Fields) => Part;
  /** Fields as the accessors name them; random, within the RFC. */
  readonly fields: fc.Arbitrary<Fields>;
  /** What follows. */
  readonly inner?: readonly Part[];
  /** What the accessors must say where that is not the fields as they were given. */
  readonly expected?: (fields: Fields) => object;
  readonly cut: {
    /** A header with all that makes it long. */
    readonly sample: Part;
    /** Bytes that are needed before the header can tell its length. */
    readonly fixedLen: number;
    readonly headerLen: number;
    /** The header's own length field; null where there is none. */
    readonly lenSource: string | null;
    /** The layer is there once its fixed part is. */
    readonly pushedWhenCut?: boolean;
  };
}

/** Registers the tests that all protocols share. */
export function describeWire<Fields extends object>(title: string, given: WireCase<Fields>): void {
  const { kind, path, cut, inner = [] } = given;
  const link = given.linkType === undefined ? {} : { linkType: given.linkType };
  const expected = given.expected ?? ((fields: Fields) => fields);

  describe(title, () => {
    test('what is built is read back, at any offset', () => {
      const property = fc.property(given.fields, fc.nat(70), (fields, at) => {
        const bytes = frame(...path(false), given.build(fields), ...inner);
        expect(readLayer(dissect(bytes, link), kind)).toMatchObject(expected(fields));
        expect(readLayer(dissect(bytes, { ...link, at }), kind)).toMatchObject(expected(fields));
      });
      fc.assert(property);
    });

    test('a capture that ends within the header stops there', () => {
      const under = path(true);
      const start = frame(...path(false)).length;
      const above = under.map((part) => LAYER_NAMES[part.kind]);
      const whole = frame(...under, cut.sample, ...inner);
      for (const at of [0, 37]) {
        for (let available = 0; available < cut.headerLen; available++) {
          const stack = dissect(whole, { ...link, at, capturedLen: start + available, wireLen: BIG });
          const fixed = available < cut.fixedLen;
          expect(stack.stop(), `${available} bytes of the header at ${at}`).toEqual({
            code: 'truncated',
            layer: LAYER_NAMES[kind],
            at: start,
            needed: fixed ? cut.fixedLen : cut.headerLen,
            available,
            lenSource: fixed ? 'frame.cap_len' : (cut.lenSource ?? 'frame.cap_len'),
          });
          const pushed = cut.pushedWhenCut === true && !fixed ? [LAYER_NAMES[kind]] : [];
          expect(names(stack)).toEqual([...above, ...pushed]);
        }
        const stack = dissect(whole, { ...link, at, capturedLen: start + cut.headerLen, wireLen: BIG });
        expect(names(stack).at(above.length), 'the whole header').toBe(LAYER_NAMES[kind]);
      }
    });

    if (given.linkType === undefined) {
      test('inside VXLAN it reads the same, and so do the outer layers', () => {
        const tunnel = [
          ethernet({ source: 0x0a_0b0c }),
          ipv4({ source: 0xc000_0201, timeToLive: 9 }),
          udp(),
          vxlan({ vni: 77 }),
        ];
        const property = fc.property(given.fields, (fields) => {
          const bare = [...path(false), given.build(fields), ...inner];
          const alone = readLayer(dissect(frame(...bare)), kind);
          const stack = dissect(frame(...tunnel, ...bare));
          expect(stack.tunnelIndex).toBeGreaterThanOrEqual(3);
          expect(indexOf(stack, kind)).toBeGreaterThan(3);
          expect(readLayer(stack, kind)).toEqual(alone);
          expect(readAt(stack, 0)).toMatchObject({ source: 0x0a_0b0c });
          expect(readAt(stack, 1)).toMatchObject({ source: 0xc000_0201, timeToLive: 9 });
          expect(readAt(stack, 2)).toMatchObject({ destinationPort: 4789 });
          expect(readAt(stack, 3)).toMatchObject({ vni: 77 });
        });
        fc.assert(property, { numRuns: 30 });
      });
    }
  });
}

/** A whole number of `bits` bits. */
export function bits(count: number): fc.Arbitrary<number> {
  return fc.nat(2 ** count - 1);
}

/** Bytes, `count` of them. */
export function bytesOf(count: number): fc.Arbitrary<Uint8Array> {
  return fc.uint8Array({ minLength: count, maxLength: count });
}
