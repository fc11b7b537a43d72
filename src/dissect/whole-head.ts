/**
 * The headers of a datagram that was put together: those of its first fragment, with lengths as of the whole, and
 * without what says that it is a fragment. Header checksums stay as right, or as wrong, as they were (RFC 1624).
 */
import { u16 } from '../wire/bytes.js';
import * as ipv6 from '../wire/ipv6.js';
import * as extension from '../wire/ipv6-extension.js';
import { linkTypeOf } from '../wire/link-type.js';
import { LayerKind, type LayerStack, MAX_IP_LEN } from '../wire/stack.js';

const IPV4_TOTAL_LENGTH = 2;
const IPV4_FRAGMENT = 6;
const IPV4_CHECKSUM = 10;
/** More fragments, and the offset. */
const IPV4_FRAGMENT_BITS = 0x3fff;
const IPV6_PAYLOAD_LENGTH = 4;
const IPV6_NEXT_HEADER = 6;
const UDP_LENGTH = 4;

/** The headers of a first fragment. */
export interface Head {
  /** A copy, up to the fragment's payload; an IPv6 fragment header is left out. */
  readonly bytes: Uint8Array;
  readonly linkType: number;
  /** Headers in it that have a length, outermost first: kind and place. The last one is of the fragmented datagram. */
  readonly lengths: readonly (readonly [kind: LayerKind, at: number])[];
}

/** Keeps the headers of a first fragment. @param index its stack's `fragmentIndex` */
export function headOf(stack: LayerStack, index: number): Head {
  const at = stack.layerAt(index) - stack.frameAt;
  const isIpv4 = stack.kind(index) === LayerKind.Ipv4;
  const len = isIpv4 ? at + (((stack.bytes[stack.layerAt(index)] as number) & 15) << 2) : at;
  const bytes = new Uint8Array(stack.bytes.subarray(stack.frameAt, stack.frameAt + len));
  const lengths: [LayerKind, number][] = [];
  for (let layer = 0; layer <= index; layer++) {
    const kind = stack.kind(layer);
    if (kind !== LayerKind.Ipv4 && kind !== LayerKind.Ipv6 && kind !== LayerKind.Udp) continue;
    lengths.push([kind, stack.layerAt(layer) - stack.frameAt]);
  }
  if (!isIpv4) {
    const before = stack.layerAt(index - 1) - stack.frameAt;
    const nextAt = stack.kind(index - 1) === LayerKind.Ipv6 ? before + IPV6_NEXT_HEADER : before;
    bytes[nextAt] = extension.nextHeader(stack.bytes, stack.layerAt(index));
  }
  return { bytes, linkType: linkTypeOf(stack.kind(0)), lengths };
}

/** The same for the whole datagram. @param payloadLen bytes behind it. **Lifetime** the head's: it is changed in place. */
export function wholeHead(head: Head, payloadLen: number): Head {
  const { bytes, lengths } = head;
  const [kind, at] = lengths[lengths.length - 1] as [LayerKind, number];
  const own = bytes.length - at + payloadLen;
  const before =
    kind === LayerKind.Ipv4
      ? u16(bytes, at + IPV4_TOTAL_LENGTH)
      : ipv6.HEADER_LEN + u16(bytes, at + IPV6_PAYLOAD_LENGTH);
  if (kind === LayerKind.Ipv4) put(bytes, at, IPV4_FRAGMENT, u16(bytes, at + IPV4_FRAGMENT) & ~IPV4_FRAGMENT_BITS);
  for (const [outer, outerAt] of lengths) {
    const lengthAt =
      outer === LayerKind.Ipv4 ? IPV4_TOTAL_LENGTH : outer === LayerKind.Ipv6 ? IPV6_PAYLOAD_LENGTH : UDP_LENGTH;
    const len = Math.min(u16(bytes, outerAt + lengthAt) + own - before, MAX_IP_LEN);
    if (outer === LayerKind.Ipv4) put(bytes, outerAt, lengthAt, len);
    else set(bytes, outerAt + lengthAt, len);
  }
  return head;
}

/** Changes a field of an IPv4 header, and the checksum with it. */
function put(bytes: Uint8Array, at: number, field: number, value: number): void {
  const sum = (~u16(bytes, at + IPV4_CHECKSUM) & 0xffff) + (~u16(bytes, at + field) & 0xffff) + value;
  const folded = (sum & 0xffff) + (sum >> 16);
  set(bytes, at + IPV4_CHECKSUM, ~((folded & 0xffff) + (folded >> 16)) & 0xffff);
  set(bytes, at + field, value);
}

function set(bytes: Uint8Array, at: number, value: number): void {
  bytes[at] = value >> 8;
  bytes[at + 1] = value & 0xff;
}
