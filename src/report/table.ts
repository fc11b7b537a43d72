/**
 * Tables for people: columns two spaces apart, no frames, numbers to the right; easy to read, to grep and to cut.
 */
import { styleText } from 'node:util';
import Table from 'cli-table3';

/** A column. */
export interface Column {
  readonly title: string;
  /** Numbers stand to the right. */
  readonly number?: true;
}

/** No border of any kind. */
const NO_BORDER = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: '  ',
};

/** A table with its heading, lines ended. @param color whether to use bold and dim. **Cost** allocates. */
export function tableText(
  heading: string,
  columns: readonly Column[],
  rows: readonly (readonly string[])[],
  color: boolean,
): string {
  const paint = (style: 'bold' | 'dim', text: string): string =>
    color ? styleText(style, text, { validateStream: false }) : text;
  const table = new Table({
    chars: NO_BORDER,
    style: { head: [], border: [], 'padding-left': 0, 'padding-right': 0 },
    head: columns.map(({ title }) => paint('dim', title)),
    colAligns: columns.map(({ number }) => (number ? 'right' : 'left')),
  });
  for (const row of rows) table.push([...row]);
  const body = table
    .toString()
    .split('\n')
    .map((line) => `  ${line.trimEnd()}`)
    .join('\n');
  return `${paint('bold', heading)}\n${body}\n`;
}
