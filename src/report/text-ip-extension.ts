/**
 * IPv6 extension headers in tcpdump's words, the authentication header of either IP among them.
 */
import { declaredEnd } from '../dissect/extent.js';
import * as extension from '../wire/ipv6-extension.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import type { TextSink } from './text-sink.js';

/** Writes `frag (0|1448) `, and the protocol that was not entered where the header is the last. **Cost** strings. */
export function writeExtension(stack: LayerStack, index: number, last: boolean, out: TextSink): void {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  switch (stack.kind(index)) {
    case LayerKind.HopByHop:
      out.text('HBH');
      break;
    case LayerKind.DestinationOptions:
      out.text('DSTOPT');
      break;
    case LayerKind.Routing:
      out.text(
        `srcrt (len=${extension.length(bytes, at)}, type=${extension.routingType(bytes, at)}, segleft=${extension.segmentsLeft(bytes, at)})`,
      );
      break;
    case LayerKind.Fragment: {
      const offset = extension.fragmentOffset(bytes, at);
      out.text(`frag (${offset * 8}|${declaredEnd(stack, index) - at - extension.HEADER_LEN})`);
      // What follows in another fragment is no header.
      if (offset !== 0) return;
      break;
    }
    default:
      out.text('AH(spi=0x');
      out.hex(extension.securityParametersIndex(bytes, at), 8);
      out.text('):');
  }
  out.text(' ');
  if (last) out.text(`ip-proto-${extension.nextHeader(bytes, at)}`);
}
