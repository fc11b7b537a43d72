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
import { LINK_ETHERNET, layerOfLinkType } from '../wire/link-type.js';
import * as linuxSll from '../wire/linux-sll.js';
import * as llc from '../wire/llc.js';
import * as nsh from '../wire/nsh.js';
import * as nullLoopback from '../wire/null-loopback.js';
import { LayerKind, LayerStack, MAX_LAYERS, MAX_TUNNELS } from '../wire/stack.js';
import { LenSource, StopCode } from '../wire/stop.js';
import * as tcp from '../wire/tcp.js';
import * as udp from '../wire/udp.js';
import * as vlan from '../wire/vlan.js';
import * as vxlan from '../wire/vxlan.js';
import { enterCommon, NOT_COMMON } from './common-shape.js';

/** What a dissector may be told. */
export interface DissectorOptions {
  /** UDP destination ports that carry VXLAN, in place of 4789 and 8472; 0..65535 each. */
  readonly vxlanPorts?: readonly number[];
}

/** Ports that carry VXLAN unless told otherwise: IANA's and Linux's. */
export const DEFAULT_VXLAN_PORTS: readonly number[] = [vxlan.UDP_PORT, vxlan.LINUX_UDP_PORT];

/** What each UDP destination port carries: 65,536 entries of `LayerKind`. */
function portKinds(vxlanPorts: readonly number[]): Uint8Array {
  const kinds = new Uint8Array(65_536);
  kinds[geneve.UDP_PORT] = LayerKind.Geneve;
  for (const port of vxlanPorts) kinds[port] = LayerKind.Vxlan;
  // Also where it was named: GPE without its P flag is VXLAN, and with it VXLAN would be misread.
  kinds[vxlan.GPE_UDP_PORT] = LayerKind.VxlanGpe;
  return kinds;
}

/** Dissects frame after frame into one `LayerStack`. */
export class Dissector {
  /** The layers of the last frame. **Lifetime** until the next `dissect`; the bytes behind it are borrowed. */
  readonly stack: LayerStack;

  constructor(options: DissectorOptions = {}) {
    this.stack = new LayerStack(portKinds(options.vxlanPorts ?? DEFAULT_VXLAN_PORTS));
  }

  /**
   * Finds the layers of one frame. Never throws, whatever the bytes.
   *
   * @param bytes what holds the frame; borrowed until the next call
   * @param at the frame's first byte
   * @param capturedLen bytes captured of it; all lie within `bytes`
   * @param wireLen bytes it had on the wire
   * @param linkType LINKTYPE_ value of its first header
   * @returns the stack, the same object every time
   *
   * **Stops** all codes, in `stack.stopCode`. **Cost** no allocation.
   */
  dissect(bytes: Uint8Array, at: number, capturedLen: number, wireLen: number, linkType: number): LayerStack {
    const stack = this.stack;
    stack.reset(bytes, at, capturedLen, wireLen);
    const common = capturedLen === wireLen && linkType === LINK_ETHERNET ? enterCommon(stack) : NOT_COMMON;
    if (common === LayerKind.None) return stack;
    walk(stack, common === NOT_COMMON ? layerOfLinkType(linkType) : (common as LayerKind));
    if (capturedLen < wireLen && stack.stopCode !== StopCode.Truncated) noteCut(stack, capturedLen, wireLen);
    return stack;
  }
}

/** A frame that its snaplen cut is `truncated` even where nothing that was walked had missed the rest. */
function noteCut(stack: LayerStack, capturedLen: number, wireLen: number): void {
  stack.stopCode = StopCode.Truncated;
  stack.stopLayer = LayerKind.None;
  stack.stopAt = stack.frameAt;
  stack.stopNeeded = wireLen;
  stack.stopAvailable = capturedLen;
  stack.stopLenSource = LenSource.Wire;
}

function walk(stack: LayerStack, first: LayerKind): void {
  let kind: LayerKind = first;
  if (kind === LayerKind.None) stack.unsupported(LayerKind.None);
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
