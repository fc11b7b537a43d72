/**
 * A line a frame, in tcpdump's words, tunnels first: `VXLAN vni 5000 10.0.0.1 > 10.1.0.1: ARP, Request who-has ...`.
 */
import { declaredEnd } from '../dissect/extent.js';
import type { Frame } from '../dissect/frame.js';
import { printable } from '../fields/text.js';
import * as nsh from '../wire/nsh.js';
import { LAYER_NAMES, LayerKind, type LayerStack } from '../wire/stack.js';
import { StopCode } from '../wire/stop.js';
import type { FrameReport } from './frame-report.js';
import { arpText } from './text-arp.js';
import { icmp6Text, icmpText } from './text-icmp.js';
import { writeIp } from './text-ip.js';
import { writeExtension } from './text-ip-extension.js';
import { type LinkName, namesPayload, writeCooked, writeEthernet, writeVlan } from './text-link.js';
import type { TextSink } from './text-sink.js';
import { hintText, stopText } from './text-stop.js';
import { writeTcp, writeUdp } from './text-transport.js';
import { tunnelOf, writeTunnel } from './text-tunnel.js';
import { TimeColumn, type TimeStyle } from './time-column.js';

/** What a line shows. */
export interface TextOptions {
  /** tcpdump's -e: MAC addresses, EtherTypes, VLAN tags. */
  readonly linkHeader?: boolean;
  /** tcpdump's -v: 1 adds IP headers and a tunnel's ports, 2 checksums and tunnel flags; 0 unless told. */
  readonly verbose?: number;
  /** How time is shown; `clock` unless told. */
  readonly time?: TimeStyle;
  /** Decimals of a second that the capture has. */
  readonly digits: 6 | 9;
  /** Whether the name of the frame's interface stands in front, for frames of several. */
  readonly interfaceColumn?: boolean;
  /** What a cooked header's interface is called, where that is known; `if3` unless told. */
  readonly linkName?: LinkName;
}

/** A line a frame. */
export function textReport({
  linkHeader = false,
  verbose = 0,
  time = 'clock',
  digits,
  interfaceColumn = false,
  linkName = (index) => `if${index}`,
}: TextOptions): FrameReport {
  const column = new TimeColumn(time, digits);
  return {
    head: '',
    frame: (frame, out) => {
      column.write(frame, out);
      if (interfaceColumn) out.text(`${printable(frame.interfaceName ?? '?').padEnd(5)} `);
      writeLine(frame, linkHeader, verbose, linkName, out);
    },
    tail: '',
  };
}

function writeLine(frame: Frame, linkHeader: boolean, verbose: number, linkName: LinkName, out: TextSink): void {
  const stack = frame.stack;
  const shown = stack.quotedIndex < 0 ? stack.depth : Math.min(stack.quotedIndex, stack.depth);
  if (shown === 0) {
    // What is too short for its link header says so behind.
    const unknown = stack.stopCode === StopCode.Unsupported ? 'link type not known, ' : '';
    out.text(`${unknown}length ${frame.wireLen}`);
  }
  for (let index = 0; index < shown; ) {
    const tunnel = tunnelOf(stack, index, shown);
    if (tunnel > index) {
      writeTunnel(stack, index, tunnel, verbose, out);
      index = tunnel + 1;
      if (index === shown) writeLength(stack, tunnel, out);
    } else {
      writeLayer(stack, index, index + 1 === shown, linkHeader, verbose, linkName, out);
      index++;
    }
  }
  if (stack.stopCode !== StopCode.None) {
    out.text(stopText(stack));
    out.text(hintText(stack));
  }
  if (frame.gso) out.text(' [GSO]');
  out.text('\n');
}

/** What one layer adds to the line; `last` where none follows that is shown. */
function writeLayer(
  stack: LayerStack,
  index: number,
  last: boolean,
  linkHeader: boolean,
  verbose: number,
  linkName: LinkName,
  out: TextSink,
): void {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  const kind = stack.kind(index);
  // A link header in front of it has just said its name.
  const named = linkHeader && index > 0 && namesPayload(stack.kind(index - 1));
  switch (kind) {
    case LayerKind.Ipv4:
      if (!named) out.text('IP ');
      writeIp(stack, index, last, verbose, out);
      return;
    case LayerKind.Ipv6:
      if (!named) out.text('IP6 ');
      writeIp(stack, index, last, verbose, out);
      return;
    case LayerKind.Tcp:
      writeTcp(stack, index, verbose, out);
      return;
    case LayerKind.Udp:
      writeUdp(stack, index, verbose, out);
      return;
    case LayerKind.Ethernet:
      if (linkHeader || last) writeEthernet(stack, index, last, out);
      return;
    case LayerKind.Vlan:
    case LayerKind.ServiceVlan:
      if (linkHeader || last) writeVlan(stack, index, linkHeader, last, out);
      return;
    case LayerKind.LinuxSll:
    case LayerKind.LinuxSll2:
      writeCooked(stack, index, linkHeader, last, linkName, out);
      return;
    case LayerKind.HopByHop:
    case LayerKind.DestinationOptions:
    case LayerKind.Routing:
    case LayerKind.Fragment:
    case LayerKind.Authentication:
      writeExtension(stack, index, last, out);
      return;
    case LayerKind.Null:
      if (!last) return;
      out.text('unknown');
      break;
    case LayerKind.Llc:
      out.text('LLC');
      break;
    case LayerKind.Arp:
      if (!named) out.text('ARP, ');
      out.text(arpText(bytes, at, verbose));
      break;
    case LayerKind.Icmpv4:
      out.text(icmpText(stack, at));
      break;
    case LayerKind.Icmpv6:
      out.text(icmp6Text(stack, at, stack.layerEnd(index)));
      break;
    case LayerKind.Nsh:
      out.text(`NSH path ${nsh.servicePath(bytes, at)} index ${nsh.serviceIndex(bytes, at)}`);
      break;
    default:
      out.text(LAYER_NAMES[kind]);
  }
  if (last) {
    out.text(', ');
    writeLength(stack, index, out);
  } else {
    out.text(': ');
  }
}

/** How long the layer and all within it were, by declaration. */
function writeLength(stack: LayerStack, index: number, out: TextSink): void {
  out.text('length ');
  out.uint(declaredEnd(stack, index) - stack.layerAt(index));
}
