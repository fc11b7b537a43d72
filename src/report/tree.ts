/**
 * A frame as a tree: the frame itself, then a block a layer with all its fields, by the names that filters and
 * `--format fields` take (`-V`).
 */
import { type Frame, isQuoted } from '../dissect/frame.js';
import { FIELD_ROWS, type FieldRow, type FieldType, FRAME_ROWS, type Reader } from '../fields/table.js';
import { printable, valueText } from '../fields/text.js';
import { LAYER_NAMES, LayerKind, type LayerStack } from '../wire/stack.js';
import type { FrameReport } from './frame-report.js';
import { rfc3339 } from './frame-time.js';

/** Headings by kind of layer. */
const TITLES: Readonly<Record<LayerKind, string>> = {
  [LayerKind.None]: 'Frame',
  [LayerKind.Ethernet]: 'Ethernet',
  [LayerKind.Vlan]: '802.1Q VLAN tag',
  [LayerKind.ServiceVlan]: '802.1ad VLAN tag',
  [LayerKind.Llc]: 'Logical link control',
  [LayerKind.Arp]: 'Address Resolution Protocol',
  [LayerKind.Ipv4]: 'Internet Protocol version 4',
  [LayerKind.Ipv6]: 'Internet Protocol version 6',
  [LayerKind.HopByHop]: 'IPv6 hop-by-hop options',
  [LayerKind.Routing]: 'IPv6 routing header',
  [LayerKind.Fragment]: 'IPv6 fragment header',
  [LayerKind.DestinationOptions]: 'IPv6 destination options',
  [LayerKind.Authentication]: 'Authentication header',
  [LayerKind.Udp]: 'User Datagram Protocol',
  [LayerKind.Tcp]: 'Transmission Control Protocol',
  [LayerKind.Icmpv4]: 'Internet Control Message Protocol',
  [LayerKind.Icmpv6]: 'Internet Control Message Protocol version 6',
  [LayerKind.Vxlan]: 'Virtual eXtensible Local Area Network',
  [LayerKind.VxlanGpe]: 'Virtual eXtensible Local Area Network, generic protocol extension',
  [LayerKind.Geneve]: 'Generic Network Virtualization Encapsulation',
  [LayerKind.Gre]: 'Generic Routing Encapsulation',
  [LayerKind.Nsh]: 'Network Service Header',
  [LayerKind.LinuxSll]: 'Linux cooked capture',
  [LayerKind.LinuxSll2]: 'Linux cooked capture, version 2',
  [LayerKind.Null]: 'BSD loopback',
  [LayerKind.RawIp]: 'Raw IP',
};

/** Digits of a hexadecimal value, at least. */
const HEX_DIGITS = 4;

interface Leaf {
  readonly name: string;
  readonly type: FieldType;
  readonly read: Reader;
}

const LEAVES: readonly (readonly Leaf[])[] = LAYER_NAMES.map((_, kind) =>
  FIELD_ROWS.flatMap((row: FieldRow) => {
    const read = row.readers.get(kind as LayerKind);
    return read === undefined ? [] : [{ name: row.name, type: row.type, read }];
  }),
);

/** A tree a frame, with an empty line behind it. */
export function treeReport(): FrameReport {
  return { head: '', frame: (frame, out) => out.text(`${treeText(frame)}\n`), tail: '' };
}

/** A frame as a tree, every line with its line end. **Cost** strings. */
function treeText(frame: Frame): string {
  const stack = frame.stack;
  let text = `Frame ${frame.number}: ${frame.wireLen} bytes on the wire, ${frame.capturedLen} captured`;
  text += frame.tap === '' ? '\n' : `, tap ${printable(frame.tap)}\n`;
  const time = rfc3339(frame);
  if (time !== null) text += `    time: ${time}\n`;
  for (const row of FRAME_ROWS) {
    const value = row.read(frame);
    if (value !== null) text += `    ${row.name}: ${typeof value === 'string' ? printable(value) : value}\n`;
  }
  for (let index = 0; index < stack.depth; index++) text += layerText(stack, index);
  const stop = stack.stop();
  if (stop !== null) {
    const length = stop.lenSource === null ? '' : `, ${stop.lenSource} needs ${stop.needed} of ${stop.available} bytes`;
    text += `Stopped: ${stop.code} at byte ${stop.at}, layer ${stop.layer}${length}\n`;
  }
  return text;
}

function layerText(stack: LayerStack, index: number): string {
  const kind = stack.kind(index);
  const at = stack.layerAt(index);
  const end = stack.layerEnd(index);
  const quoted = isQuoted(stack, index) ? ', quoted' : '';
  let text = `${TITLES[kind]}, bytes ${at - stack.frameAt} to ${end - stack.frameAt}${quoted}\n`;
  for (const leaf of LEAVES[kind] as readonly Leaf[]) {
    const value = leaf.read(stack.bytes, at, end, stack, index);
    if (value === -1) continue;
    const shown =
      leaf.type === 'hex'
        ? `0x${value.toString(16).padStart(HEX_DIGITS, '0')} (${value})`
        : valueText(leaf.type, value, stack.bytes);
    text += `    ${leaf.name}: ${shown}\n`;
  }
  return text;
}
