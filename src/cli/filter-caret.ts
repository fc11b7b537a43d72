/**
 * A filter's fault under the filter: its reason, the filter, a caret.
 */
import type { FilterError } from '../fields/filter-syntax.js';
import { printable } from '../fields/text.js';

/** Characters that are shown before and behind the fault. */
const AROUND = 60;

/** Three lines for a person. */
export function filterFault({ message, text, at }: FilterError): string {
  const start = at > AROUND ? at - AROUND : 0;
  const before = `${start > 0 ? '…' : ''}${printable(text.slice(start, at))}`;
  const behind = `${printable(text.slice(at, at + AROUND))}${at + AROUND < text.length ? '…' : ''}`;
  return `vxdump: ${printable(message)}\n  ${before}${behind}\n  ${' '.repeat(before.length)}^\n`;
}
