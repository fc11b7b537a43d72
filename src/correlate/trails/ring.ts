/**
 * Rings: arrays that are written to round and round.
 */

/**
 * Makes a ring twice as long, in place: records of `stride` numbers, numbered `first..next-1`, go where they belong then.
 *
 * @param mask records that it has room for, less one: a power of two less one
 */
export function widenRing(
  ring: Int32Array | Float64Array,
  mask: number,
  stride: number,
  first: number,
  next: number,
): void {
  const wider = mask * 2 + 1;
  for (let number = first; number < next; ) {
    const at = number & mask;
    const count = Math.min(next - number, mask + 1 - at);
    const to = number & wider;
    if (to !== at) ring.copyWithin(to * stride, at * stride, (at + count) * stride);
    number += count;
  }
}
