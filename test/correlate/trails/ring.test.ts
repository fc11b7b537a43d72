/** Rings: made longer, they have what they had, where it belongs then. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { widenRing } from '../../../src/correlate/trails/ring.js';

it('a ring that was made twice as long has the same records', () => {
  fc.assert(
    fc.property(fc.nat(5), fc.nat(1000), fc.nat(64), fc.integer({ min: 1, max: 3 }), (log, first, many, stride) => {
      const mask = (1 << log) - 1;
      const next = first + Math.min(many, mask + 1);
      const ring = new Int32Array((mask + 1) * 2 * stride);
      for (let number = first; number < next; number++) {
        for (let word = 0; word < stride; word++) ring[(number & mask) * stride + word] = number * 10 + word;
      }
      widenRing(ring, mask, stride, first, next);
      for (let number = first; number < next; number++) {
        const at = (number & (mask * 2 + 1)) * stride;
        expect([...ring.subarray(at, at + stride)]).toEqual(
          Array.from({ length: stride }, (_, word) => number * 10 + word),
        );
      }
    }),
  );
});
