/**
 * What tells the fragments of one datagram from those of others.
 */
import * as ipv4 from '../wire/ipv4.js';
import * as extension from '../wire/ipv6-extension.js';
import * as linuxSll from '../wire/linux-sll.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import * as vlan from '../wire/vlan.js';
import { vniAt } from './inner.js';

/**
 * What fragments of one datagram have in common: the place, the networks around it, addresses, identification; of IPv4 also
 * the protocol.
 *
 * @param stack of a frame with a `fragmentIndex`
 * @param interfaceId of the capture
 *
 * **Cost** a string.
 */
export function keyOf(stack: LayerStack, interfaceId: number): string {
  const { bytes } = stack;
  const parts: number[] = [interfaceId];
  if (stack.kind(0) === LayerKind.LinuxSll2) {
    parts.push(linuxSll.interfaceIndex(bytes, stack.layerAt(0)), linuxSll.packetType2(bytes, stack.layerAt(0)));
  }
  for (let index = 0; index <= stack.fragmentIndex; index++) {
    const kind = stack.kind(index);
    const at = stack.layerAt(index);
    parts.push(kind);
    if (kind === LayerKind.Vlan || kind === LayerKind.ServiceVlan) parts.push(vlan.identifier(bytes, at));
    else if (kind === LayerKind.Ipv4) parts.push(ipv4.source(bytes, at), ipv4.destination(bytes, at));
    else if (kind === LayerKind.Ipv6)
      for (let word = 8; word < 40; word += 4) parts.push(stack.view.getInt32(at + word));
    else parts.push(vniAt(stack, index));
  }
  const at = stack.layerAt(stack.fragmentIndex);
  if (stack.kind(stack.fragmentIndex) === LayerKind.Fragment) parts.push(extension.identification(bytes, at));
  else parts.push(ipv4.identification(bytes, at), ipv4.protocol(bytes, at));
  return parts.join();
}
