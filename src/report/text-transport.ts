/**
 * TCP and UDP headers in tcpdump's words, their ports aside: those stand with the addresses.
 */
import { declaredEnd, tcpPayloadLen } from '../dissect/extent.js';
import type { LayerStack } from '../wire/stack.js';
import * as tcp from '../wire/tcp.js';
import * as udp from '../wire/udp.js';
import type { TextSink } from './text-sink.js';

const TCP_FLAGS: readonly string[] = Array.from({ length: 512 }, (_, bits) => {
  const text = [...'FSRP.UEWe'].filter((_flag, index) => ((bits >> index) & 1) === 1).join('');
  return `Flags [${text === '' ? 'none' : text}]`;
});

/** Writes `Flags [P.], seq 1:101, ack 1, win 512, length 100`, numbers as they are on the wire. **Cost** no string. */
export function writeTcp(stack: LayerStack, index: number, verbose: number, out: TextSink): void {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  const flags = tcp.flags(bytes, at);
  const len = tcpPayloadLen(stack, index);
  const sequence = tcp.sequenceNumber(bytes, at);
  out.text(TCP_FLAGS[flags] as string);
  if (verbose > 0) {
    out.text(', cksum 0x');
    out.hex(tcp.checksum(bytes, at), 4);
  }
  if (len > 0 || (flags & (tcp.Flag.Syn | tcp.Flag.Fin | tcp.Flag.Rst)) !== 0) {
    out.text(', seq ');
    out.uint(sequence);
    if (len > 0) {
      out.text(':');
      out.uint((sequence + len) >>> 0);
    }
  }
  if ((flags & tcp.Flag.Ack) !== 0) {
    out.text(', ack ');
    out.uint(tcp.acknowledgmentNumber(bytes, at));
  }
  out.text(', win ');
  out.uint(tcp.window(bytes, at));
  if ((flags & tcp.Flag.Urg) !== 0) {
    out.text(', urg ');
    out.uint(tcp.urgentPointer(bytes, at));
  }
  out.text(', length ');
  out.uint(len);
}

/** Writes `UDP, length 100`. **Cost** no string. */
export function writeUdp(stack: LayerStack, index: number, verbose: number, out: TextSink): void {
  const bytes = stack.bytes;
  const at = stack.layerAt(index);
  const len = udp.length(bytes, at) || declaredEnd(stack, index) - at;
  out.text('UDP,');
  if (verbose > 1) {
    out.text(' cksum 0x');
    out.hex(udp.checksum(bytes, at), 4);
    out.text(',');
  }
  out.text(' length ');
  out.uint(Math.max(0, len - udp.HEADER_LEN));
}
