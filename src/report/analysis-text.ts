/**
 * An analysis for people: how it stands, what is wrong, then tables. A long table shows its busiest rows; JSON has them all.
 */
import type { Analysis, CaptureSummary } from '../analysis.js';
import { printable } from '../fields/text.js';
import { number, plural } from '../findings/wording.js';
import { correlationText } from './correlation-text.js';
import { findingsText, verdictLine } from './findings-text.js';
import { type Column, tableText } from './table.js';

/** How an analysis is printed. */
export interface AnalysisTextOptions {
  readonly color: boolean;
}

/** The part of an analysis that tells no captures. */
export type Traffic = Pick<Analysis, 'vteps' | 'tunnels' | 'endpoints' | 'correlation' | 'bum'>;

/** The most rows that a table shows. */
const MAX_ROWS = 40;
/** The most values that a cell lists. */
const MAX_VALUES = 4;

/** An analysis as text, lines ended. **Cost** allocates. */
export function analysisText(analysis: Analysis, { color }: AnalysisTextOptions): string {
  return tables([
    `${verdictLine(analysis, color)}${headline(analysis)}\n${sequenceLine(analysis)}`,
    findingsText(analysis.findings, color),
    tableText('Captures', CAPTURE_COLUMNS, analysis.captures.map(captureRow), color),
    trafficText(analysis, color),
  ]);
}

/** What an analysis has besides its captures, as tables; empty where there is nothing. **Cost** allocates. */
export function trafficText(traffic: Traffic, color: boolean): string {
  const { vteps, tunnels, endpoints } = traffic;
  return tables([
    busiest('VTEPs', VTEP_COLUMNS, vteps, color, (vtep) => [
      vtep.address,
      number(vtep.frames),
      list(vtep.vnis.map(String)),
      list(vtep.macs),
    ]),
    busiest('Tunnels', TUNNEL_COLUMNS, tunnels, color, (tunnel) => [
      String(tunnel.vni),
      tunnel.source,
      tunnel.destination,
      String(tunnel.destinationPort),
      number(tunnel.frames),
      number(tunnel.bytes),
      counts(tunnel.inner),
    ]),
    busiest('Endpoints', ENDPOINT_COLUMNS, endpoints, color, (endpoint) => [
      String(endpoint.vni),
      endpoint.mac,
      list(endpoint.addresses),
      endpoint.vtep,
      number(endpoint.frames),
    ]),
    correlationText(traffic, color),
  ]);
}

/** Tables with an empty line between. */
function tables(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n');
}

/** Which golden a capture is. */
function sequenceLine({ sequence }: Analysis): string {
  if (sequence === null) return '';
  const ignored = sequence.ignored === 0 ? '' : `, ${sequence.ignored} ignored`;
  return `${printable(sequence.tap)} is the golden sequence ${sequence.golden}: ${sequence.matched} frames${ignored}.\n`;
}

const CAPTURE_COLUMNS: readonly Column[] = [
  { title: 'tap' },
  { title: 'role' },
  { title: 'frames', number: true },
  { title: 'VXLAN', number: true },
  { title: 'bytes', number: true },
  { title: 'first frame, UTC' },
  { title: 'seconds', number: true },
  { title: 'link type' },
  { title: 'stops' },
  { title: 'ended' },
];
const VTEP_COLUMNS: readonly Column[] = [
  { title: 'address' },
  { title: 'frames sent', number: true },
  { title: 'VNIs' },
  { title: 'MACs' },
];
const TUNNEL_COLUMNS: readonly Column[] = [
  { title: 'VNI', number: true },
  { title: 'from' },
  { title: 'to' },
  { title: 'port', number: true },
  { title: 'frames', number: true },
  { title: 'bytes', number: true },
  { title: 'inner' },
];
const ENDPOINT_COLUMNS: readonly Column[] = [
  { title: 'VNI', number: true },
  { title: 'MAC' },
  { title: 'addresses' },
  { title: 'behind' },
  { title: 'frames sent', number: true },
];

function headline({ captures, tunnels }: Analysis): string {
  const frames = captures.reduce((sum, capture) => sum + capture.frames, 0);
  const vxlan = captures.reduce((sum, capture) => sum + capture.vxlanFrames, 0);
  const vnis = [...new Set(tunnels.map(({ vni }) => vni))];
  const what = `${plural(frames, 'frame')} in ${plural(captures.length, 'capture')}`;
  if (vxlan === 0) return `${what}; none is VXLAN.`;
  return `${what}; ${number(vxlan)} VXLAN, ${vnis.length === 1 ? 'VNI' : 'VNIs'} ${list(vnis.map(String)) || 'unknown'}.`;
}

function captureRow(capture: CaptureSummary): string[] {
  const { firstTimeNs, lastTimeNs } = capture;
  const lasted = firstTimeNs === null || lastTimeNs === null ? '' : seconds(BigInt(lastTimeNs) - BigInt(firstTimeNs));
  return [
    printable(capture.tap),
    capture.role,
    number(capture.frames),
    number(capture.vxlanFrames),
    number(capture.bytes),
    firstTimeNs === null ? '' : utc(BigInt(firstTimeNs)),
    lasted,
    list(capture.linkTypes),
    counts(capture.stops),
    capture.ended,
  ];
}

/** A table of the rows with the most frames, in their own order; nothing where there are none. */
function busiest<T extends { readonly frames: number }>(
  heading: string,
  columns: readonly Column[],
  items: readonly T[],
  color: boolean,
  row: (item: T) => string[],
): string {
  if (items.length === 0) return '';
  const kept = new Set([...items].sort((a, b) => b.frames - a.frames).slice(0, MAX_ROWS));
  const title = items.length > MAX_ROWS ? `${heading}, the ${MAX_ROWS} busiest of ${number(items.length)}` : heading;
  const rows = items.filter((item) => kept.has(item)).map(row);
  return tableText(title, columns, rows, color);
}

function list(values: readonly string[]): string {
  const more = values.length - MAX_VALUES;
  return more > 0 ? `${values.slice(0, MAX_VALUES).join(', ')} and ${number(more)} more` : values.join(', ');
}

function counts(record: Readonly<Record<string, number>>): string {
  return Object.entries(record)
    .sort(([, a], [, b]) => b - a)
    .map(([name, value]) => `${name} ${number(value)}`)
    .join(', ');
}

/** To the second; seconds since 1970 where no calendar reaches. */
function utc(timeNs: bigint): string {
  const date = new Date(Number(timeNs / 1_000_000n));
  if (Number.isNaN(date.getTime())) return `${timeNs / 1_000_000_000n}`;
  return date
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace('T', ' ');
}

function seconds(durationNs: bigint): string {
  return (Number(durationNs) / 1e9).toFixed(3);
}
