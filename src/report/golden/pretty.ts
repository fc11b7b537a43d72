/**
 * Verdicts for people: a line a step, what differs beneath it, frames as `read` prints them.
 */
import { printable } from '../../fields/text.js';
import { type GoldenResult, passed, type Row, type TapVerdict } from '../../golden/verdict.js';
import { differenceText, divergenceText, END, expectedText, extraText, frameText } from './result.js';

const RED = 31;
const GREEN = 32;
const YELLOW = 33;
const GREY = 90;
const BOLD = 1;
/** Rows that fit around one that does not. */
const CONTEXT = 8;

/** The text. @param color whether a terminal shows it */
export function prettyGolden(results: readonly GoldenResult[], { color }: { color: boolean }): string {
  const paint = (code: number, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text);
  return results.map((result) => one(result, paint)).join('\n');
}

type Paint = (code: number, text: string) => string;

function one(result: GoldenResult, paint: Paint): string {
  const { golden, path, verdict, problems } = result;
  const good = passed(result);
  const head = good ? paint(GREEN, 'PASS') : paint(RED, 'FAIL');
  const counts = `${verdict.matched} matched${verdict.ignored === 0 ? '' : `, ${verdict.ignored} ignored`}`;
  const lines = [`${head}  ${paint(BOLD, golden.name)}  ${printable(path)}  ${counts}`];
  const divergence = divergenceText(verdict);
  if (divergence !== null) lines.push(`      ${printable(divergence)}`);
  const because = becauseOf(verdict.divergence);
  if (because !== null) lines.push(`      ${paint(GREY, `expected because ${printable(because)}`)}`);
  if (!verdict.passed) {
    lines.push('');
    const last = verdict.rows.findLastIndex(bad);
    const first = Math.max(0, verdict.rows.findIndex(bad) - CONTEXT);
    if (first > 0)
      lines.push(paint(GREY, `      … what is before fits, up to frame ${(verdict.rows[first]?.frame ?? 1) - 1}`));
    for (const row of verdict.rows.slice(first, Math.min(last + 1 + CONTEXT, first + 200)))
      lines.push(...rowLines(row, verdict, paint));
    if (verdict.unaligned > 0) lines.push(paint(GREY, `      … ${verdict.unaligned} frames behind are not aligned`));
  }
  if (verdict.passed) {
    for (const [what, count] of verdict.ignoredBy)
      lines.push(paint(GREY, `      ignored ${count} × ${printable(what)}`));
  }
  for (const problem of problems) lines.push(`      ${paint(RED, printable(problem))}`);
  return `${lines.join('\n')}\n`;
}

/** Why the step is expected; of no interest where its frame came, and then another one. */
function becauseOf(divergence: Row | null): string | null {
  if (divergence?.outcome === 'extra' && divergence.fields.length === 0) return null;
  return divergence?.step?.because ?? null;
}

function bad({ outcome }: Row): boolean {
  return outcome !== 'matched' && outcome !== 'ignored';
}

const MARKS = {
  matched: ['✓', GREEN],
  ignored: ['·', GREY],
  field: ['✗', RED],
  missing: ['-', RED],
  extra: ['+', RED],
  order: ['↕', YELLOW],
} as const;

const WORDS = {
  matched: '',
  ignored: 'ignored',
  field: 'differs',
  missing: 'missing',
  extra: 'extra',
  order: 'out of order',
};

function rowLines(row: Row, verdict: TapVerdict, paint: Paint): string[] {
  const [mark, color] = MARKS[row.outcome];
  const width = Math.max(10, `frame ${verdict.frames}  `.length);
  const where = row.frame === null ? '' : `frame ${row.frame}`;
  const extra = row.outcome === 'extra';
  const what = row.step === null || extra ? '' : `${row.step.index} ${row.step.name}`;
  const why = extra ? extraText(row) : row.note;
  const words = [what, WORDS[row.outcome], why ?? ''].filter((text) => text !== '').join(': ');
  const lines = [`${paint(color, `  ${mark} ${where.padEnd(width)}`)}${printable(words)}`];
  if (row.outcome === 'matched' || row.outcome === 'ignored') return lines;
  if (!extra)
    for (const difference of row.fields) lines.push(paint(color, `      ${printable(differenceText(difference))}`));
  const show = (what: string, text: string): void => {
    lines.push(paint(GREY, `      ${what.padEnd(10)}${printable(text)}`));
  };
  const { divergence, actual } = verdict;
  if (row === divergence) {
    const expected = expectedText(verdict);
    if (expected !== null) show('expected', expected);
    if (actual === null) show('actual', END);
    else if (actual.view !== null) show('actual', frameText(actual.view));
  } else if (row !== actual && row.view !== null) show('actual', frameText(row.view));
  return lines;
}
