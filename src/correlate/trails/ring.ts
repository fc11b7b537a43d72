/**
 * Rings: arrays that are written to round and round.
 */

/** Moves records of `stride` numbers, numbered `first..next-1`, from one ring to a larger one: in as many pieces as they wrap. */
export function moveRing<T extends Int32Array | Float64Array>(
  from: T,
  fromMask: number,
  to: T,
  toMask: number,
  stride: number,
  first: number,
  next: number,
): void {
  for (let number = first; number < next; ) {
    const at = number & fromMask;
    const count = Math.min(next - number, fromMask + 1 - at);
    to.set(from.subarray(at * stride, (at + count) * stride), (number & toMask) * stride);
    number += count;
  }
}
