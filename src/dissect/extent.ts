/**
 * How long things were on the wire, where the capture holds less: what a header declares, not what is there.
 */
import * as ipv4 from '../wire/ipv4.js';
import * as ipv6 from '../wire/ipv6.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import * as tcp from '../wire/tcp.js';
import * as udp from '../wire/udp.js';

/**
 * Where the layer at `index` ends by declaration: the nearest header at or outside it that has a length says so, the
 * frame's length on the wire where none does. May lie past the captured bytes, and past the enclosing layer.
 *
 * @param index within the stack's depth
 * @returns an exclusive offset into `stack.bytes`. **Cost** no allocation.
 */
export function declaredEnd(stack: LayerStack, index: number): number {
  const bytes = stack.bytes;
  for (let outer = index; outer >= 0; outer--) {
    const at = stack.layerAt(outer);
    let len = 0;
    switch (stack.kind(outer)) {
      case LayerKind.Udp:
        len = udp.length(bytes, at) < udp.HEADER_LEN ? 0 : udp.length(bytes, at);
        break;
      case LayerKind.Ipv4:
        len = ipv4.totalLength(bytes, at) < ipv4.headerLen(bytes, at) ? 0 : ipv4.totalLength(bytes, at);
        break;
      case LayerKind.Ipv6:
        len = ipv6.payloadLength(bytes, at) === 0 ? 0 : ipv6.HEADER_LEN + ipv6.payloadLength(bytes, at);
        break;
    }
    if (len > 0) return at + len;
  }
  return stack.frameAt + Math.max(stack.wireLen, stack.frameEnd - stack.frameAt);
}

/** Bytes of payload behind the TCP header at `index`, by declaration. @returns 0 and up. **Cost** no allocation. */
export function tcpPayloadLen(stack: LayerStack, index: number): number {
  const at = stack.layerAt(index);
  return Math.max(0, declaredEnd(stack, index) - at - tcp.headerLen(stack.bytes, at));
}

/** Where the link layer's headers end: the first byte behind Ethernet and its tags, or behind what stands for them. */
export function layerAfterLink(stack: LayerStack): number {
  for (let index = 0; index < stack.depth; index++) {
    const kind = stack.kind(index);
    const link =
      kind === LayerKind.Ethernet ||
      kind === LayerKind.Vlan ||
      kind === LayerKind.ServiceVlan ||
      kind === LayerKind.LinuxSll ||
      kind === LayerKind.LinuxSll2 ||
      kind === LayerKind.Null;
    if (!link) return stack.layerAt(index);
  }
  // Nothing was entered behind it: the walk stopped where the next header would start.
  return stack.at;
}
