/**
 * Pairing for people: a table of what paired, then what did not, with frame numbers.
 */
import type { Analysis } from '../analysis.js';
import type { CorrelationRow } from '../correlate/correlation.js';
import type { LatencySummary } from '../correlate/latency.js';
import { printable } from '../fields/text.js';
import { type Column, tableText } from './table.js';

/** The most rows of a table. */
const MAX_ROWS = 40;
/** The most frame numbers that a line lists. */
const MAX_FRAMES = 10;

const PAIR_COLUMNS: readonly Column[] = [
  { title: 'overlay' },
  { title: 'underlay' },
  { title: 'VNI', number: true },
  { title: 'frames', number: true },
  { title: 'paired', number: true },
  { title: 'missing', number: true },
  { title: 'unexplained', number: true },
  { title: 'doubled', number: true },
  { title: 'reordered', number: true },
  { title: 'encap p50/p95' },
  { title: 'decap p50/p95' },
  { title: 'clock' },
];
const UNPAIRED_COLUMNS: readonly Column[] = [
  { title: 'overlay' },
  { title: 'underlay' },
  { title: 'VNI', number: true },
  { title: 'what' },
  { title: 'count', number: true },
  { title: 'frames' },
];

/** The pairing of an analysis as text, lines ended; empty without one. **Cost** allocates. */
export function correlationText({ correlation, bum }: Analysis, color: boolean): string {
  if (correlation === null) return '';
  const rows = correlation.taps;
  const paired = rows.reduce((sum, row) => sum + row.matched, 0);
  if (rows.length === 0) return 'Pairing: no frame could have a twin at another tap.\n';
  const parts = [tableText(heading(rows.length, 'Pairing'), PAIR_COLUMNS, rows.slice(0, MAX_ROWS).map(pairRow), color)];
  if (paired === 0) parts.push('Nothing paired.\n');
  const unpaired = rows.flatMap(unpairedRows);
  if (unpaired.length > 0) {
    const title = heading(unpaired.length, 'Not one to one');
    parts.push(tableText(title, UNPAIRED_COLUMNS, unpaired.slice(0, MAX_ROWS), color));
  }
  const short = bum.filter(({ missing }) => missing.length > 0);
  if (short.length > 0) {
    const lines = short.slice(0, MAX_ROWS).map(({ overlay, vni, overlayFrame, missing }) => {
      const to = missing.slice(0, 4).join(', ') + (missing.length > 4 ? ` and ${missing.length - 4} more` : '');
      return [printable(overlay), String(vni), String(overlayFrame), to];
    });
    parts.push(tableText(heading(short.length, 'Broadcast and multicast without a copy'), BUM_COLUMNS, lines, color));
  }
  return parts.join('\n');
}

const BUM_COLUMNS: readonly Column[] = [
  { title: 'overlay' },
  { title: 'VNI', number: true },
  { title: 'frame', number: true },
  { title: 'no copy to' },
];

function heading(rows: number, title: string): string {
  return rows > MAX_ROWS ? `${title}, the first ${MAX_ROWS} of ${rows.toLocaleString('en-US')}` : title;
}

function pairRow(row: CorrelationRow): string[] {
  return [
    printable(row.overlay),
    printable(row.underlay),
    String(row.vni),
    number(row.overlayFrames),
    number(row.matched),
    number(row.overlayOnly),
    number(row.underlayOnly),
    number(row.duplicated),
    number(row.reordered),
    latency(row.latencyNs.encap),
    latency(row.latencyNs.decap),
    row.clockOffsetNs === 0 ? '' : duration(row.clockOffsetNs),
  ];
}

function unpairedRows(row: CorrelationRow): string[][] {
  const { evidence } = row;
  const line = (what: string, count: number, frames: readonly string[]): string[][] =>
    count === 0
      ? []
      : [[printable(row.overlay), printable(row.underlay), String(row.vni), what, number(count), list(frames, count)]];
  const named = (frames: CorrelationRow['evidence']['duplicated']): string[] =>
    frames.slice(0, MAX_FRAMES).map(({ tap, frame }) => `${printable(tap)} ${frame}`);
  return [
    ...line('no encapsulation', row.overlayOnly, evidence.overlayOnly.map(String)),
    ...line('no overlay frame', row.underlayOnly, evidence.underlayOnly.map(String)),
    ...line('doubled', row.duplicated, named(evidence.duplicated)),
    ...line('reordered', row.reordered, named(evidence.reordered)),
    ...line('ambiguous', row.ambiguous, []),
    ...line('pushed out of the window', row.expired, []),
  ];
}

function list(frames: readonly string[], count: number): string {
  if (frames.length === 0) return '';
  const shown = frames.slice(0, MAX_FRAMES);
  return shown.join(', ') + (count > shown.length ? ', …' : '');
}

function latency(summary: LatencySummary | null): string {
  return summary === null ? '' : `${duration(summary.p50)} / ${duration(summary.p95)}`;
}

/** A duration in the unit that suits it. @param ns any sign */
function duration(ns: number): string {
  const size = Math.abs(ns);
  if (size < 1e6) return `${Number((ns / 1e3).toFixed(1))} µs`;
  return size < 1e9 ? `${Number((ns / 1e6).toFixed(2))} ms` : `${Number((ns / 1e9).toFixed(3))} s`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
