/**
 * Verdicts for people: a line a step, what differs beneath it, frames as `read` prints them.
 */
import { printable } from '../../fields/text.js';
import type { Row } from '../../golden/verdict.js';
import { type GoldenResult, passed } from '../../golden/verdict.js';
import { differenceText, divergenceText, extraText, frameText } from './result.js';

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
  const because = verdict.divergence?.step?.because;
  if (because) lines.push(`      ${paint(GREY, `expected because ${printable(because)}`)}`);
  if (!verdict.passed) {
    lines.push('');
    const last = verdict.rows.findLastIndex(bad);
    const first = Math.max(0, verdict.rows.findIndex(bad) - CONTEXT);
    if (first > 0) lines.push(paint(GREY, `      … ${first} rows that fit`));
    for (const row of verdict.rows.slice(first, Math.min(last + 1 + CONTEXT, first + 200)))
      lines.push(...rowLines(row, row === verdict.divergence, paint));
    if (verdict.unaligned > 0) lines.push(paint(GREY, `      … ${verdict.unaligned} frames behind are not aligned`));
  }
  if (verdict.passed) {
    for (const [what, count] of verdict.ignoredBy)
      lines.push(paint(GREY, `      ignored ${count} × ${printable(what)}`));
  }
  for (const problem of problems) lines.push(`      ${paint(RED, printable(problem))}`);
  return `${lines.join('\n')}\n`;
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

function rowLines(row: Row, first: boolean, paint: Paint): string[] {
  const [mark, color] = MARKS[row.outcome];
  const where = row.frame === null ? '' : `frame ${row.frame}`;
  const extra = row.outcome === 'extra';
  const what = row.step === null || extra ? '' : `${row.step.index} ${row.step.name}`;
  const why = extra ? extraText(row) : row.note;
  const words = [what, WORDS[row.outcome], why ?? ''].filter((text) => text !== '').join(': ');
  const lines = [`${paint(color, `  ${mark} ${where.padEnd(10)}`)}${printable(words)}`];
  if (row.outcome === 'matched' || row.outcome === 'ignored') return lines;
  if (!extra)
    for (const difference of row.fields) lines.push(paint(color, `      ${printable(differenceText(difference))}`));
  if (first && row.outcome === 'missing' && row.step !== null) {
    const expected = row.step.conditions.map(({ field, expected }) => `${field.name}: ${expected}`).join(', ');
    lines.push(paint(GREY, `      expected  ${printable(expected)}`));
  }
  const text = frameText(row);
  if (text !== null) lines.push(paint(GREY, `      actual    ${printable(text)}`));
  return lines;
}
