/**
 * The frame inside a tunnel: where it lies, and how long it was before anything was cut.
 */
import * as geneve from '../wire/geneve.js';
import * as ipv4 from '../wire/ipv4.js';
import * as extension from '../wire/ipv6-extension.js';
import { isVxlan, LayerKind, type LayerStack } from '../wire/stack.js';
import * as vxlan from '../wire/vxlan.js';
import { declaredEnd } from './extent.js';

/**
 * The innermost VXLAN or Geneve header of a frame.
 *
 * @param wantedVni its VNI; -1 for any
 * @returns its index in the stack; -1 where there is none
 *
 * **Cost** no allocation.
 */
export function tunnelWithVni(stack: LayerStack, wantedVni: number): number {
  for (let index = stack.tunnelIndex; index >= 0; index--) {
    const found = vniAt(stack, index);
    if (found >= 0 && (wantedVni < 0 || found === wantedVni)) return index;
  }
  return -1;
}

/** The VNI of the layer at `index`. @returns 0..2^24-1; -1 where it has none */
export function vniAt(stack: LayerStack, index: number): number {
  const kind = stack.kind(index);
  const at = stack.ats[index] as number;
  if (isVxlan(kind)) return vxlan.vniValid(stack.bytes, at) ? vxlan.vni(stack.bytes, at) : -1;
  return kind === LayerKind.Geneve ? geneve.vni(stack.bytes, at) : -1;
}

/** Whether the tunnel at `index` carries Ethernet; a frame that ends before one can tell does by its header. */
export function carriesEthernet(stack: LayerStack, index: number): boolean {
  const kind = stack.kind(index);
  const at = stack.layerAt(index);
  if (index + 1 < stack.depth) return stack.kind(index + 1) === LayerKind.Ethernet;
  if (kind === LayerKind.Vxlan) return true;
  if (kind === LayerKind.Geneve) return geneve.protocolType(stack.bytes, at) === TRANSPARENT_ETHERNET;
  return (
    (vxlan.gpeFlags(stack.bytes, at) & vxlan.Flag.NextProtocol) === 0 ||
    vxlan.layerOfNextProtocol(vxlan.nextProtocol(stack.bytes, at)) === LayerKind.Ethernet
  );
}

const TRANSPARENT_ETHERNET = 0x6558;

/** Where what the tunnel at `index` carries starts. */
export function innerAt(stack: LayerStack, index: number): number {
  const at = stack.layerAt(index);
  if (stack.kind(index) === LayerKind.Geneve) return at + geneve.HEADER_LEN + geneve.optionsLen(stack.bytes, at);
  return at + vxlan.HEADER_LEN;
}

/**
 * How long what the tunnel at `index` carries was on the wire: as captured, unless the capture's limit or a fragment's
 * end cut it; then by the headers around it.
 */
export function innerWireLen(stack: LayerStack, index: number): number {
  const at = innerAt(stack, index);
  const captured = stack.layerEnd(index) - at;
  const cut = stack.isCut || isFragment(stack, index);
  return cut ? Math.max(captured, declaredEnd(stack, index) - at) : captured;
}

/** Whether the datagram that carries the tunnel at `index` goes on in another fragment. */
export function isFragment(stack: LayerStack, index: number): boolean {
  for (let outer = index - 1; outer >= 0; outer--) {
    const kind = stack.kind(outer);
    const at = stack.layerAt(outer);
    if (kind === LayerKind.Fragment) return extension.moreFragments(stack.bytes, at) === 1;
    if (kind === LayerKind.Ipv4) return ipv4.moreFragments(stack.bytes, at) === 1;
  }
  return false;
}

/** What a tunnel adds to an inner IP packet: from its outer IP header, at `ip`, to the inner one. @returns bytes; 0 where no inner one was entered */
export function overheadOf(stack: LayerStack, ip: number): number {
  for (let index = ip + 1; index < stack.depth; index++) {
    const kind = stack.kind(index);
    if (kind === LayerKind.Ipv4 || kind === LayerKind.Ipv6) return stack.layerAt(index) - stack.layerAt(ip);
  }
  return 0;
}
