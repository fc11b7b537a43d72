/**
 * Where a capture first differs from its golden: what was expected there, and what came.
 */
import { expectedFrame } from './expected-frame.js';
import type { Golden } from './golden.js';
import type { Seen } from './seen.js';
import type { Expected, Row, TapVerdict } from './verdict.js';

/** The first divergence of an alignment. @param seen what the aligned frames have shown */
export function divergenceOf(
  golden: Golden,
  rows: readonly Row[],
  seen: Seen,
): Pick<TapVerdict, 'divergence' | 'actual' | 'expected'> {
  const at = rows.findIndex(({ outcome }) => outcome !== 'matched' && outcome !== 'ignored');
  const divergence = rows[at];
  if (divergence === undefined) return { divergence: null, actual: null, expected: null };
  const behind = rows.slice(at + 1).filter(({ outcome }) => outcome !== 'ignored');
  const asked = (row: Row): Expected => {
    const views = rows.flatMap(({ view }) => view ?? []);
    const frame = row.step && expectedFrame(golden, row.step, row.bound, seen, row.view, views);
    return { row, frame };
  };
  const came = (row: Row): Expected => ({ row, frame: row.view && { view: row.view, words: new Map() } });
  /** What the step that comes next asks for. */
  const next = (): Expected | null => {
    const row = behind.find(({ outcome }) => outcome !== 'extra');
    if (row === undefined) return null;
    return row.outcome === 'matched' ? came(row) : asked(row);
  };
  switch (divergence.outcome) {
    case 'missing': {
      const actual = behind.find(({ frame }) => frame !== null) ?? null;
      return { divergence, actual, expected: asked(divergence) };
    }
    case 'order': {
      // Of two frames that changed places the row has the one that came too early, or the one that came too late.
      const early = behind.find(({ frame }) => frame !== null && frame < (divergence.frame as number));
      if (early === undefined) return { divergence, actual: divergence, expected: next() };
      return { divergence, actual: early, expected: came(divergence) };
    }
    case 'field':
      return { divergence, actual: divergence, expected: asked(divergence) };
    default: {
      // A frame that is like a step is held against that one.
      const expected = divergence.fields.length > 0 ? asked(divergence) : next();
      return { divergence, actual: divergence, expected };
    }
  }
}
