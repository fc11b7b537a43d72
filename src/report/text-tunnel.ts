/**
 * Tunnels as one thing, outer IP and UDP headers included: `VXLAN vni 5000 10.0.0.1 > 10.1.0.1: `. Not tcpdump's words.
 */
import * as geneve from '../wire/geneve.js';
import * as gre from '../wire/gre.js';
import { isExtension } from '../wire/ipv6-extension.js';
import { isVxlan, LayerKind, type LayerStack } from '../wire/stack.js';
import * as vxlan from '../wire/vxlan.js';
import { writeEndpoints, writeIpHeader } from './text-ip.js';
import type { TextSink } from './text-sink.js';

/** The tunnel header that the IP header at `index` carries, before `shown`; -1 where it carries none. **Cost** no allocation. */
export function tunnelOf(stack: LayerStack, index: number, shown: number): number {
  const kind = stack.kind(index);
  if (kind !== LayerKind.Ipv4 && kind !== LayerKind.Ipv6) return -1;
  for (let next = index + 1; next < shown; next++) {
    const inside = stack.kind(next);
    if (isVxlan(inside) || inside === LayerKind.Geneve || inside === LayerKind.Gre) return next;
    if (inside !== LayerKind.Udp && !isExtension(inside)) return -1;
  }
  return -1;
}

/** Writes the tunnel whose IP header is at `index` and whose own is at `tunnel`. **Cost** no string for IPv4. */
export function writeTunnel(stack: LayerStack, index: number, tunnel: number, verbose: number, out: TextSink): void {
  const under = stack.kind(tunnel - 1) === LayerKind.Udp ? tunnel - 1 : -1;
  writeName(stack, tunnel, verbose > 1, out);
  out.text(' ');
  if (verbose > 0) writeIpHeader(stack, index, out);
  writeEndpoints(stack, index, verbose > 0 ? under : -1, out);
  out.text(': ');
}

function writeName(stack: LayerStack, tunnel: number, more: boolean, out: TextSink): void {
  const bytes = stack.bytes;
  const at = stack.layerAt(tunnel);
  switch (stack.kind(tunnel)) {
    case LayerKind.Vxlan:
      out.text('VXLAN vni ');
      writeVni(bytes, at, out);
      if (more) {
        out.text(' flags 0x');
        out.hex(vxlan.flags(bytes, at), 4);
      }
      break;
    case LayerKind.VxlanGpe:
      out.text('VXLAN-GPE vni ');
      writeVni(bytes, at, out);
      if (more) {
        out.text(' flags 0x');
        out.hex(vxlan.gpeFlags(bytes, at), 2);
      }
      break;
    case LayerKind.Geneve:
      out.text('Geneve vni ');
      out.uint(geneve.vni(bytes, at));
      if (more) {
        out.text(' options ');
        out.uint(geneve.optionsLen(bytes, at));
      }
      break;
    default: {
      const key = gre.key(bytes, at);
      out.text(key < 0 ? 'GRE' : `GRE key 0x${key.toString(16)}`);
    }
  }
}

function writeVni(bytes: Uint8Array, at: number, out: TextSink): void {
  if (vxlan.vniValid(bytes, at)) out.uint(vxlan.vni(bytes, at));
  else out.text('invalid');
}
