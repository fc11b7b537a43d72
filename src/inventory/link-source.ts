/**
 * Where a frame, or an IP layer in it, came from: the source MAC of the link layer below.
 */
import { addressLen, addressLen2 } from '../wire/linux-sll.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';

const ETHERNET_SOURCE = 6;
const SLL_ADDRESS = 6;
const SLL2_ADDRESS = 12;

/** Where the six bytes of the source MAC start, of the link layer at or next below `index`. @returns -1 where there is none. **Cost** no allocation. */
export function linkSourceAt(stack: LayerStack, index: number): number {
  let link = index;
  while (link > 0 && (stack.kinds[link] === LayerKind.Vlan || stack.kinds[link] === LayerKind.ServiceVlan)) link--;
  const at = stack.layerAt(link);
  switch (stack.kind(link)) {
    case LayerKind.Ethernet:
      return at + ETHERNET_SOURCE;
    case LayerKind.LinuxSll:
      return addressLen(stack.bytes, at) === 6 ? at + SLL_ADDRESS : -1;
    case LayerKind.LinuxSll2:
      return addressLen2(stack.bytes, at) === 6 ? at + SLL2_ADDRESS : -1;
    default:
      return -1;
  }
}
