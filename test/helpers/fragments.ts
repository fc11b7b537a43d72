/** A datagram in fragments, each as a frame of its own. */
import {
  ethernet,
  fragment,
  frame,
  type Ipv4Fields,
  type Ipv6Fields,
  ipv4,
  ipv6,
  type Part,
  payload,
} from './frame-builder.js';

/** What is around a fragmented datagram, and what is fragmented. */
export interface Fragmented {
  /** Layers outside the datagram; Ethernet by default. */
  readonly around?: readonly Part[];
  /** The protocol of the payload: 17, UDP, by default. */
  readonly protocol?: number;
  readonly identification?: number;
  readonly ipv4?: Ipv4Fields;
  readonly ipv6?: Ipv6Fields;
}

/** One fragment of IPv4. @param from where it starts in `bytes`, a multiple of 8 */
export function ipv4Fragment(bytes: Uint8Array, from: number, to: number, given: Fragmented = {}): Uint8Array {
  const more = to < bytes.length ? 1 : 0;
  return frame(
    ...(given.around ?? [ethernet()]),
    ipv4({
      protocol: given.protocol ?? 17,
      identification: given.identification ?? 77,
      moreFragments: more,
      fragmentOffset: from / 8,
      ...given.ipv4,
    }),
    payload(bytes.subarray(from, to)),
  );
}

/** The same of IPv6. */
export function ipv6Fragment(bytes: Uint8Array, from: number, to: number, given: Fragmented = {}): Uint8Array {
  return frame(
    ...(given.around ?? [ethernet()]),
    ipv6({ nextHeader: 44, ...given.ipv6 }),
    fragment({
      nextHeader: given.protocol ?? 17,
      identification: given.identification ?? 77,
      moreFragments: to < bytes.length ? 1 : 0,
      fragmentOffset: from / 8,
    }),
    payload(bytes.subarray(from, to)),
  );
}

/** A payload cut at every multiple of `size`. */
export function inFragments(
  bytes: Uint8Array,
  size: number,
  given: Fragmented = {},
  one: typeof ipv4Fragment = ipv4Fragment,
): Uint8Array[] {
  const frames: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += size) {
    frames.push(one(bytes, from, Math.min(from + size, bytes.length), given));
  }
  return frames;
}
