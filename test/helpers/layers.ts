/**
 * What a dissection found, as values that tests compare: layers by name, stops as records, a layer's fields by accessor.
 */
import { Dissector } from '../../src/dissect/dissector.js';
import * as arp from '../../src/wire/arp.js';
import * as ethernet from '../../src/wire/ethernet.js';
import * as geneve from '../../src/wire/geneve.js';
import * as gre from '../../src/wire/gre.js';
import * as icmpv4 from '../../src/wire/icmpv4.js';
import * as icmpv6 from '../../src/wire/icmpv6.js';
import * as ipv4 from '../../src/wire/ipv4.js';
import * as ipv6 from '../../src/wire/ipv6.js';
import * as extension from '../../src/wire/ipv6-extension.js';
import { LINK_ETHERNET } from '../../src/wire/link-type.js';
import * as linuxSll from '../../src/wire/linux-sll.js';
import * as nsh from '../../src/wire/nsh.js';
import * as nullLoopback from '../../src/wire/null-loopback.js';
import { LAYER_NAMES, LayerKind, type LayerStack } from '../../src/wire/stack.js';
import * as tcp from '../../src/wire/tcp.js';
import * as udp from '../../src/wire/udp.js';
import * as vlan from '../../src/wire/vlan.js';
import * as vxlan from '../../src/wire/vxlan.js';

const dissector = new Dissector();

export interface Frame {
  readonly linkType?: number;
  /** The capture cut it to this many bytes; all by default. */
  readonly capturedLen?: number;
  /** Bytes on the wire; by default what was captured. */
  readonly wireLen?: number;
  /** Bytes in front of the frame in what holds it. */
  readonly at?: number;
}

/** Dissects `bytes` as a frame. **Lifetime** of the stack: until the next call. */
export function dissect(bytes: Uint8Array, frame: Frame = {}): LayerStack {
  const at = frame.at ?? 0;
  const capturedLen = frame.capturedLen ?? bytes.length;
  // 0xff around the frame: what reads past either end gets wrong values, not zeros.
  const held = new Uint8Array(at + capturedLen + 16).fill(0xff);
  held.set(bytes.subarray(0, capturedLen), at);
  return dissector.dissect(held, at, capturedLen, frame.wireLen ?? capturedLen, frame.linkType ?? LINK_ETHERNET);
}

/** The names of the layers, outermost first. */
export function names(stack: LayerStack): string[] {
  return Array.from(stack.kinds.subarray(0, stack.depth), (kind) => LAYER_NAMES[kind] as string);
}

/** The layers as `name@at`, `at` counted from the frame's first byte. */
export function outline(stack: LayerStack): string {
  return names(stack)
    .map((name, index) => `${name}@${stack.layerAt(index) - stack.frameAt}`)
    .join(' ');
}

/** The index of the innermost layer of `kind`; fails where there is none. */
export function indexOf(stack: LayerStack, kind: LayerKind): number {
  const index = stack.kinds.subarray(0, stack.depth).lastIndexOf(kind);
  if (index < 0) throw new Error(`no ${LAYER_NAMES[kind]} in ${outline(stack)}, ${JSON.stringify(stack.stop())}`);
  return index;
}

type Accessor = (bytes: Uint8Array, at: number, end: number) => number | boolean;

/** The accessors of a module: its functions, less those that are none. */
function accessorsOf(module: object, ...others: readonly string[]): [string, Accessor][] {
  return Object.entries(module).filter(([name, value]) => typeof value === 'function' && !others.includes(name));
}

const isSecond = ([name]: [string, Accessor]) => name.endsWith('2') || name === 'interfaceIndex';
const sll = accessorsOf(linuxSll, 'enter');
const extensions = accessorsOf(extension, 'enter', 'isExtension');
const ACCESSORS: ReadonlyMap<number, [string, Accessor][]> = new Map([
  [LayerKind.Ethernet, accessorsOf(ethernet, 'enter')],
  [LayerKind.Vlan, accessorsOf(vlan, 'enter')],
  [LayerKind.ServiceVlan, accessorsOf(vlan, 'enter')],
  [LayerKind.Llc, []],
  [LayerKind.Arp, accessorsOf(arp, 'enter')],
  [LayerKind.Ipv4, accessorsOf(ipv4, 'enter')],
  [LayerKind.Ipv6, accessorsOf(ipv6, 'enter', 'follow')],
  [LayerKind.HopByHop, extensions],
  [LayerKind.Routing, extensions],
  [LayerKind.Fragment, extensions],
  [LayerKind.DestinationOptions, extensions],
  [LayerKind.Authentication, extensions],
  [LayerKind.Udp, accessorsOf(udp, 'enter')],
  [LayerKind.Tcp, accessorsOf(tcp, 'enter')],
  [LayerKind.Icmpv4, accessorsOf(icmpv4, 'enter', 'quotes')],
  [LayerKind.Icmpv6, accessorsOf(icmpv6, 'enter', 'quotes')],
  [LayerKind.Vxlan, accessorsOf(vxlan, 'enter', 'layerOfNextProtocol')],
  [LayerKind.VxlanGpe, accessorsOf(vxlan, 'enter', 'layerOfNextProtocol')],
  [LayerKind.Geneve, accessorsOf(geneve, 'enter')],
  [LayerKind.Gre, accessorsOf(gre, 'enter')],
  [LayerKind.Nsh, accessorsOf(nsh, 'enter')],
  [LayerKind.LinuxSll, sll.filter((row) => !isSecond(row))],
  [LayerKind.LinuxSll2, sll.filter(isSecond)],
  [LayerKind.Null, accessorsOf(nullLoopback, 'enter')],
]);

/** Every field of a layer. Where an accessor answers with a place (`…At`), the place counts from the layer's start. */
export function read(bytes: Uint8Array, kind: LayerKind, at: number, end: number): Record<string, number | boolean> {
  const rows = ACCESSORS.get(kind);
  if (rows === undefined) throw new Error(`no accessors for kind ${kind}`);
  const values: Record<string, number | boolean> = {};
  for (const [name, accessor] of rows) {
    const value = accessor(bytes, at, end);
    values[name] = name.endsWith('At') && (value as number) >= 0 ? (value as number) - at : value;
  }
  return values;
}

/** Every field of the layer at `index`. */
export function readAt(stack: LayerStack, index: number): Record<string, number | boolean> {
  return read(stack.bytes, stack.kind(index), stack.layerAt(index), stack.layerEnd(index));
}

/** Every field of the innermost layer of `kind`. */
export function readLayer(stack: LayerStack, kind: LayerKind): Record<string, number | boolean> {
  return readAt(stack, indexOf(stack, kind));
}
