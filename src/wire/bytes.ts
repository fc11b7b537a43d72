/**
 * Big-endian (network order) reads: the only place in `wire` that indexes into bytes.
 *
 * None of them checks bounds: a protocol's `enter` has done so before an accessor runs.
 */

/** Reads 8 bits at `at`. @returns 0..255. **Cost** no allocation. */
export function u8(bytes: Uint8Array, at: number): number {
  return bytes[at] as number;
}

/** Reads 16 bits at `at`. @returns 0..65535. **Cost** no allocation. */
export function u16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
}

/** Reads 24 bits at `at`. @returns 0..2^24-1. **Cost** no allocation. */
export function u24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
}

/** Reads 32 bits at `at` as a signed integer: the same bits as `u32`, cheaper where they only are a key. @returns -2^31..2^31-1. **Cost** no allocation. */
export function i32(bytes: Uint8Array, at: number): number {
  return (
    ((bytes[at] as number) << 24) |
    ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)
  );
}

/** Reads 32 bits at `at`. @returns 0..2^32-1. **Cost** no allocation. */
export function u32(bytes: Uint8Array, at: number): number {
  return i32(bytes, at) >>> 0;
}

/** Reads 48 bits at `at`, a MAC address for one. @returns 0..2^48-1. **Cost** no allocation in optimised code. */
export function u48(bytes: Uint8Array, at: number): number {
  return u16(bytes, at) * 0x1_0000_0000 + u32(bytes, at + 2);
}
