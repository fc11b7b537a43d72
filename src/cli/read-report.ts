/**
 * What print options ask for, as a report.
 */
import { csvReport } from '../report/csv.js';
import { fieldsReport } from '../report/fields.js';
import type { FrameReport } from '../report/frame-report.js';
import { type HexStyle, withHex } from '../report/hex.js';
import { jsonReport, ndjsonReport } from '../report/ndjson.js';
import { type TextOptions, textReport } from '../report/text-line.js';
import type { TimeStyle } from '../report/time-column.js';
import { treeReport } from '../report/tree.js';
import { type PrintFlags, type Repeats, TIMES } from './read-flags.js';
import { UsageError } from './usage-error.js';

/** What `-t`, `-tt`, … stand for. */
const TIMES_BY_T: readonly TimeStyle[] = ['clock', 'none', 'epoch', 'delta', 'date', 'since-first'];

/**
 * The report that the flags ask for.
 *
 * @param digits decimals of a second that the capture has
 * @param interfaces how lines name their interface; as a file has it, unless told
 * @throws E_USAGE where flags do not go together; E_FIELD for a field that there is not
 */
export function chooseReport(
  flags: PrintFlags,
  repeats: Repeats,
  digits: 6 | 9,
  interfaces: Pick<TextOptions, 'interfaceColumn' | 'linkName'> = {},
): FrameReport {
  const hex = hexStyle(repeats);
  if (flags.w !== undefined && (flags.format !== 'text' || flags.V || hex !== null)) {
    throw new UsageError('-w writes frames and prints none; leave one of them out');
  }
  if (flags.format !== 'text') {
    if (flags.V || hex !== null) throw new UsageError(`-V, -x and -X print text, not --format ${flags.format}`);
    return recordReport(flags);
  }
  const report = flags.V
    ? treeReport()
    : textReport({
        linkHeader: flags.e === true,
        verbose: repeats.v,
        time: timeStyle(flags, repeats),
        digits,
        ...interfaces,
      });
  return hex === null ? report : withHex(report, hex);
}

function recordReport(flags: PrintFlags): FrameReport {
  switch (flags.format) {
    case 'ndjson':
      return ndjsonReport();
    case 'json':
      return jsonReport();
    case 'csv':
      return csvReport();
    default:
      if (!Array.isArray(flags.e)) throw new UsageError('--format fields needs at least one -e FIELD');
      return fieldsReport(flags.e);
  }
}

function hexStyle({ x, X }: Repeats): HexStyle | null {
  if (X > 0) return X > 1 ? 'XX' : 'X';
  if (x > 0) return x > 1 ? 'xx' : 'x';
  return null;
}

function timeStyle(flags: PrintFlags, { t }: Repeats): TimeStyle {
  if (flags.time !== undefined) return TIMES[flags.time] as TimeStyle;
  return TIMES_BY_T[Math.min(t, TIMES_BY_T.length - 1)] as TimeStyle;
}
