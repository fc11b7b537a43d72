/**
 * Pairing for people: a table of what paired, then what did not, with frame numbers.
 */
import type { Analysis } from '../analysis.js';
import type { CorrelationRow, HopRow } from '../correlate/report/correlation.js';
import type { LatencySummary } from '../correlate/taps/latency.js';
import { printable } from '../fields/text.js';
import { duration, number } from '../findings/wording.js';
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

const WAITED_COLUMNS: readonly Column[] = [
  { title: 'overlay' },
  { title: 'underlay' },
  { title: 'VNI', number: true },
  { title: 'frame', number: true },
  { title: 'VTEP' },
  { title: 'wait', number: true },
];

/** The pairing of an analysis as text, lines ended; empty without one. **Cost** allocates. */
export function correlationText({ correlation, bum }: Pick<Analysis, 'correlation' | 'bum'>, color: boolean): string {
  if (correlation === null) return '';
  const rows = correlation.taps;
  const paired = rows.reduce((sum, row) => sum + row.matched, 0);
  if (rows.length === 0) return 'Pairing: no frame could have a twin at another tap.\n';
  const parts = [tableText(heading(rows.length, 'Pairing'), PAIR_COLUMNS, rows.slice(0, MAX_ROWS).map(pairRow), color)];
  if (paired === 0) parts.push('Nothing paired.\n');
  const hops = correlation.hops.filter(isWorthTelling(correlation.hops));
  if (hops.length > 0) {
    parts.push(tableText(heading(hops.length, 'Hops'), HOP_COLUMNS, hops.slice(0, MAX_ROWS).map(hopRow), color));
  }
  const unpaired = rows.flatMap(unpairedRows);
  if (unpaired.length > 0) {
    const title = heading(unpaired.length, 'Not one to one');
    parts.push(tableText(title, UNPAIRED_COLUMNS, unpaired.slice(0, MAX_ROWS), color));
  }
  const waited = rows.flatMap(waitedRows);
  if (waited.length > 0) {
    const title = heading(waited.length, "Waited for the VTEP's address");
    parts.push(tableText(title, WAITED_COLUMNS, waited.slice(0, MAX_ROWS), color));
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

const HOP_COLUMNS: readonly Column[] = [
  { title: 'VNI', number: true },
  { title: 'tunnel' },
  { title: 'from' },
  { title: 'to' },
  { title: 'passed', number: true },
  { title: 'lost', number: true },
  { title: 'not seen', number: true },
  { title: 'doubled', number: true },
  { title: 'reordered', number: true },
  { title: 'p50/p95' },
  { title: 'frames lost' },
];

/** Between two taps a tunnel has one hop, which the pairing has told already: only longer ways are shown. */
function isWorthTelling(hops: readonly HopRow[]): (hop: HopRow) => boolean {
  const tunnelOf = ({ vni, source, destination }: HopRow): string => `${vni} ${source} ${destination}`;
  const counts = new Map<string, number>();
  for (const hop of hops) counts.set(tunnelOf(hop), (counts.get(tunnelOf(hop)) ?? 0) + 1);
  return (hop) => (counts.get(tunnelOf(hop)) as number) > 1;
}

function hopRow(hop: HopRow): string[] {
  return [
    String(hop.vni),
    `${hop.source} > ${hop.destination}`,
    printable(hop.from),
    printable(hop.to),
    number(hop.passed),
    number(hop.lost) + (hop.unproven > 0 ? ` (${number(hop.unproven)} likely)` : ''),
    number(hop.missed),
    number(hop.duplicated),
    number(hop.reordered),
    latency(hop.latencyNs),
    list(
      hop.evidence.lost.map(({ frame }) => String(frame)),
      hop.lost,
    ),
  ];
}

const BUM_COLUMNS: readonly Column[] = [
  { title: 'overlay' },
  { title: 'VNI', number: true },
  { title: 'frame', number: true },
  { title: 'no copy to' },
];

function heading(rows: number, title: string): string {
  return rows > MAX_ROWS ? `${title}, the first ${MAX_ROWS} of ${number(rows)}` : title;
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
    clock(row),
  ];
}

function clock({ clockOffsetNs, clockDriftPpb }: CorrelationRow): string {
  const drift =
    clockDriftPpb === 0 ? '' : ` ${clockDriftPpb > 0 ? '+' : ''}${Number((clockDriftPpb / 1e3).toFixed(2))} ppm`;
  return (clockOffsetNs === 0 ? '' : duration(clockOffsetNs)) + drift;
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
    ...line('of these not proven: the other tap was silent', row.unproven, []),
    ...line('doubled', row.duplicated, named(evidence.duplicated)),
    ...line('reordered', row.reordered, named(evidence.reordered)),
    ...line('ambiguous', row.ambiguous, []),
    ...line('pushed out of the window', row.expired, []),
  ];
}

/** First packets to a VTEP: paired like others, but late for a reason of their own. */
function waitedRows({ overlay, underlay, vni, firstPackets }: CorrelationRow): string[][] {
  return firstPackets.map(({ overlayFrame, destination, waitNs }) => [
    printable(overlay),
    printable(underlay),
    String(vni),
    String(overlayFrame),
    destination,
    duration(waitNs),
  ]);
}

function list(frames: readonly string[], count: number): string {
  if (frames.length === 0) return '';
  const shown = frames.slice(0, MAX_FRAMES);
  return shown.join(', ') + (count > shown.length ? ', …' : '');
}

function latency(summary: LatencySummary | null): string {
  return summary === null ? '' : `${duration(summary.p50)} / ${duration(summary.p95)}`;
}
