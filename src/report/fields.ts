/**
 * Chosen fields, tab-separated, a line a frame (`--format fields -e ...`), as tshark's `-T fields`.
 */
import { compileField, fieldText } from '../fields/field.js';
import { printable } from '../fields/text.js';
import type { FrameReport } from './frame-report.js';

/**
 * Chosen fields of each frame; several values of one have commas between them.
 *
 * @param names field names, at least one
 * @throws `E_FIELD` for a name that is in no table
 */
export function fieldsReport(names: readonly string[]): FrameReport {
  const fields = names.map(compileField);
  return {
    head: '',
    frame: (frame, out) => out.text(`${fields.map((field) => printable(fieldText(field, frame))).join('\t')}\n`),
    tail: '',
  };
}
