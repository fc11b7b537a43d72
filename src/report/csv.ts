/**
 * Chosen fields as comma-separated values with a header line (`--format csv`; RFC 4180, lines end with CR LF).
 */
import { compileField, fieldText } from '../fields/field.js';
import { printable } from '../fields/text.js';
import type { FrameReport } from './frame-report.js';

/** The columns unless told: what a table of a mixed capture needs at least. */
export const DEFAULT_COLUMNS: readonly string[] = [
  'frame.number',
  'frame.time_epoch',
  'frame.len',
  'frame.protocols',
  'vxlan.vni',
  'eth.src',
  'eth.dst',
  'ip.src',
  'ip.dst',
  'ipv6.src',
  'ipv6.dst',
  'udp.srcport',
  'udp.dstport',
  'tcp.srcport',
  'tcp.dstport',
  'arp.opcode',
  'icmp.type',
];

/**
 * A row a frame; several values of one field have commas between them, within quotes.
 *
 * @param names field names
 * @throws `E_FIELD` for a name that is in no table
 */
export function csvReport(names: readonly string[] = DEFAULT_COLUMNS): FrameReport {
  const fields = names.map(compileField);
  return {
    head: `${names.map(cell).join(',')}\r\n`,
    frame: (frame, out) => out.text(`${fields.map((field) => cell(printable(fieldText(field, frame)))).join(',')}\r\n`),
    tail: '',
  };
}

function cell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
