/**
 * The walk: from a frame's link type to its innermost header, one `switch`, nothing allocated per frame.
 */
import * as arp from '../wire/arp.js';
import * as ethernet from '../wire/ethernet.js';
import * as geneve from '../wire/geneve.js';
import * as gre from '../wire/gre.js';
import * as icmpv4 from '../wire/icmpv4.js';
import * as icmpv6 from '../wire/icmpv6.js';
import * as ipv4 from '../wire/ipv4.js';
import * as ipv6 from '../wire/ipv6.js';
import * as extension from '../wire/ipv6-extension.js';
import { layerOfLinkType } from '../wire/link-type.js';
import * as linuxSll from '../wire/linux-sll.js';
import * as llc from '../wire/llc.js';
import * as nsh from '../wire/nsh.js';
import * as nullLoopback from '../wire/null-loopback.js';
import { LayerKind, type LayerStack, MAX_LAYERS, MAX_TUNNELS } from '../wire/stack.js';
import { LenSource, StopCode } from '../wire/stop.js';
import * as tcp from '../wire/tcp.js';
import * as udp from '../wire/udp.js';
import * as vlan from '../wire/vlan.js';
import * as vxlan from '../wire/vxlan.js';

/**
 * Enters the layers of the frame that `stack` was reset to, from its first byte. Never throws, whatever the bytes.
 *
 * @param linkType LINKTYPE_ value of the first header
 *
 * **Stops** all codes. **Cost** no allocation.
 */
export function walk(stack: LayerStack, linkType: number): void {
  const first = layerOfLinkType(linkType);
  if (first === LayerKind.None) stack.unsupported(LayerKind.None);
  walkFrom(stack, first);
}

/** Enters layer after layer from `stack.at` on, the first of them of `kind`. **Stops** all codes. **Cost** no allocation. */
export function walkFrom(stack: LayerStack, first: LayerKind): void {
  let kind: LayerKind = first;
  while (kind !== LayerKind.None) {
    if (stack.depth === MAX_LAYERS) {
      stack.note(StopCode.TooDeep, kind, MAX_LAYERS + 1, MAX_LAYERS, LenSource.None);
      return;
    }
    switch (kind) {
      case LayerKind.Ethernet:
        kind = ethernet.enter(stack);
        break;
      case LayerKind.Vlan:
      case LayerKind.ServiceVlan:
        kind = vlan.enter(stack, kind);
        break;
      case LayerKind.Ipv4:
        kind = ipv4.enter(stack);
        break;
      case LayerKind.Udp:
        kind = udp.enter(stack);
        break;
      case LayerKind.Vxlan:
      case LayerKind.VxlanGpe:
        kind = tunnelFits(stack, kind) ? vxlan.enter(stack, kind) : LayerKind.None;
        break;
      case LayerKind.Tcp:
        kind = tcp.enter(stack);
        break;
      case LayerKind.Icmpv4:
        kind = icmpv4.enter(stack);
        break;
      case LayerKind.Arp:
        kind = arp.enter(stack);
        break;
      case LayerKind.Ipv6:
        kind = ipv6.enter(stack);
        break;
      case LayerKind.Icmpv6:
        kind = icmpv6.enter(stack);
        break;
      case LayerKind.HopByHop:
      case LayerKind.Routing:
      case LayerKind.Fragment:
      case LayerKind.DestinationOptions:
      case LayerKind.Authentication:
        kind = extension.enter(stack, kind);
        break;
      case LayerKind.Geneve:
        kind = tunnelFits(stack, kind) ? geneve.enter(stack) : LayerKind.None;
        break;
      case LayerKind.Gre:
        kind = tunnelFits(stack, kind) ? gre.enter(stack) : LayerKind.None;
        break;
      case LayerKind.Nsh:
        kind = nsh.enter(stack);
        break;
      case LayerKind.Llc:
        kind = llc.enter(stack);
        break;
      case LayerKind.LinuxSll:
      case LayerKind.LinuxSll2:
        kind = linuxSll.enter(stack, kind);
        break;
      case LayerKind.Null:
        kind = nullLoopback.enter(stack);
        break;
      case LayerKind.RawIp:
        kind = rawIp(stack);
        break;
    }
  }
}

/** Whether one more tunnel may be entered. **Stops** too-deep. */
function tunnelFits(stack: LayerStack, kind: LayerKind): boolean {
  if (stack.tunnels < MAX_TUNNELS) return true;
  stack.note(StopCode.TooDeep, kind, MAX_TUNNELS + 1, MAX_TUNNELS, LenSource.None);
  return false;
}

/** IPv4 or IPv6 by the version nibble. **Stops** truncated, unsupported. */
function rawIp(stack: LayerStack): LayerKind {
  if (!stack.fits(LayerKind.None, 1)) return LayerKind.None;
  const version = (stack.bytes[stack.at] as number) >> 4;
  if (version === 4) return LayerKind.Ipv4;
  return version === 6 ? LayerKind.Ipv6 : stack.unsupported(LayerKind.None);
}
