/**
 * Frames cut so short by their snaplen that a header is missing, or too little is left behind the innermost IP header to
 * tell them from others. A frame that only lacks data is not among them.
 */
import { u16 } from '../wire/bytes.js';
import { layerOfEtherType } from '../wire/ether-type.js';
import * as ethernet from '../wire/ethernet.js';
import * as ipv4 from '../wire/ipv4.js';
import * as ipv6 from '../wire/ipv6.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import { FrameList } from './frame-list.js';

/** Bytes from the IP header on that pairing needs: up to and with a TCP header's fixed part, but for its last two words. */
const NEED_IPV4 = 38;
const NEED_IPV6 = 62;

/** Such frames of one tap. */
export class ShortFrames {
  readonly frames: FrameList;
  /** What was kept of the shortest of them, bytes; infinite without any. */
  leastLen: number;

  constructor() {
    this.frames = new FrameList();
    this.leastLen = Number.POSITIVE_INFINITY;
  }

  /** Looks at a frame that is truncated. **Cost** no allocation. */
  see(frame: number, stack: LayerStack): void {
    if (!stack.isCut || !isShort(stack)) return;
    this.frames.add(frame);
    this.leastLen = Math.min(this.leastLen, stack.frameEnd - stack.frameAt);
  }
}

function isShort({ bytes, kinds, ats, depth, tunnelIndex, quotedIndex, frameEnd, at: walkedTo }: LayerStack): boolean {
  const last = (quotedIndex < 0 ? depth : quotedIndex) - 1;
  for (let index = last; index > tunnelIndex; index--) {
    const at = ats[index] as number;
    switch (kinds[index]) {
      case LayerKind.Arp:
        return false;
      case LayerKind.Ipv4:
        return frameEnd - at < Math.min(NEED_IPV4, ipv4.totalLength(bytes, at) || NEED_IPV4);
      case LayerKind.Ipv6:
        return frameEnd - at < Math.min(NEED_IPV6, ipv6.HEADER_LEN + (ipv6.payloadLength(bytes, at) || NEED_IPV6));
      default:
        break;
    }
  }
  if (last < 0 || last === tunnelIndex) return frameEnd - walkedTo < ethernet.HEADER_LEN;
  // A type that we know, and whose header we did not get to.
  return isLink(kinds[last] as number) && layerOfEtherType(u16(bytes, walkedTo - 2)) !== LayerKind.None;
}

function isLink(kind: number): boolean {
  return kind === LayerKind.Ethernet || kind === LayerKind.Vlan || kind === LayerKind.ServiceVlan;
}
