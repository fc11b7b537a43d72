/**
 * What the flags of `read` ask for, as a report.
 */
import type { FrameReport } from '../report/frame-report.js';
import type { HexStyle } from '../report/hex.js';
import type { TimeStyle } from '../report/time-column.js';
import { UsageError } from './usage-error.js';

/** Flags that decide how a frame is printed. */
export interface ReportFlags {
  readonly format: 'text' | 'ndjson' | 'json' | 'csv' | 'fields';
  /** The link-header switch; with `--format fields` the chosen fields. */
  readonly e?: true | string[];
  readonly V?: true;
  readonly time?: string;
}

/** Letters that count how often they stand on the line, as tcpdump's do. */
export type Repeats = Record<'t' | 'v' | 'x' | 'X', number>;

/** What `--time` takes: names, and tshark's letters. */
export const TIMES: Readonly<Record<string, TimeStyle>> = {
  clock: 'clock',
  none: 'none',
  epoch: 'epoch',
  delta: 'delta',
  date: 'date',
  'since-first': 'since-first',
  a: 'clock',
  ad: 'date',
  d: 'delta',
  e: 'epoch',
  r: 'since-first',
};
/** What `-t`, `-tt`, … stand for. */
const TIMES_BY_T: readonly TimeStyle[] = ['clock', 'none', 'epoch', 'delta', 'date', 'since-first'];

/**
 * The report that the flags ask for.
 *
 * @param digits decimals of a second that the capture has
 * @throws E_USAGE where flags do not go together; E_FIELD for a field that there is not
 */
export async function chooseReport(flags: ReportFlags, repeats: Repeats, digits: 6 | 9): Promise<FrameReport> {
  const hex = hexStyle(repeats);
  if (flags.format !== 'text') {
    if (flags.V || hex !== null)
      throw new UsageError(`read: -V, -x and -X print text, not --format ${flags.format}`);
    return recordReport(flags);
  }
  const report = flags.V
    ? (await import('../report/tree.js')).treeReport()
    : (await import('../report/text-line.js')).textReport({
        linkHeader: flags.e === true,
        verbose: repeats.v,
        time: timeStyle(flags, repeats),
        digits,
      });
  return hex === null ? report : (await import('../report/hex.js')).withHex(report, hex);
}

async function recordReport(flags: ReportFlags): Promise<FrameReport> {
  switch (flags.format) {
    case 'ndjson':
      return (await import('../report/ndjson.js')).ndjsonReport();
    case 'json':
      return (await import('../report/ndjson.js')).jsonReport();
    case 'csv':
      return (await import('../report/csv.js')).csvReport();
    default:
      if (!Array.isArray(flags.e)) throw new UsageError('read: --format fields needs at least one -e FIELD');
      return (await import('../report/fields.js')).fieldsReport(flags.e);
  }
}

function hexStyle({ x, X }: Repeats): HexStyle | null {
  if (X > 0) return X > 1 ? 'XX' : 'X';
  if (x > 0) return x > 1 ? 'xx' : 'x';
  return null;
}

function timeStyle(flags: ReportFlags, { t }: Repeats): TimeStyle {
  if (flags.time !== undefined) return TIMES[flags.time] as TimeStyle;
  return TIMES_BY_T[Math.min(t, TIMES_BY_T.length - 1)] as TimeStyle;
}
