/**
 * A golden file's text → a golden. What is wrong with it is said as `file:line:column: message`.
 *
 * The YAML and the schema library are loaded when a file is read: whoever reads none does not wait for them.
 */
import type { Document, Node } from 'yaml';
import { VxdumpError } from '../errors.js';
import { compileGolden, DocumentError, type DocumentPath } from './compile.js';
import type { GoldenDocument } from './document.js';
import type { Golden } from './golden.js';
import { GOLDEN_SCHEMA } from './schema.js';
import { schemaFault } from './schema-fault.js';

/** The longest golden file, in characters. */
export const MAX_GOLDEN_LEN = 1 << 20;
/** How deep its brackets and indents may go. */
const MAX_DEPTH = 64;

/**
 * Reads a golden file.
 *
 * @param text YAML @param path what its messages call it
 * @throws `E_GOLDEN`: `path:line:column: what is wrong`; the first fault only
 */
export async function parseGolden(text: string, path: string): Promise<Golden> {
  const { LineCounter, parseDocument } = await import('yaml');
  const { Validator } = await import('@cfworker/json-schema');
  const lines = new LineCounter();
  const fail = (offset: number, message: string): VxdumpError => {
    const { line, col } = lines.linePos(offset);
    return new VxdumpError('E_GOLDEN', `${path}:${Math.max(line, 1)}:${Math.max(col, 1)}: ${message}`);
  };
  if (text.length > MAX_GOLDEN_LEN) throw fail(0, `longer than ${MAX_GOLDEN_LEN} characters`);
  const deep = tooDeep(text);
  if (deep !== null) throw new VxdumpError('E_GOLDEN', `${path}:${deep}:1: nested deeper than ${MAX_DEPTH} levels`);
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    logLevel: 'silent',
  });
  const [fault] = document.errors;
  if (fault !== undefined) throw fail(fault.pos[0], fault.message.split('\n')[0] as string);
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 50 });
  } catch (error) {
    throw fail(0, (error as Error).message);
  }
  const { valid, errors } = new Validator(GOLDEN_SCHEMA as object, '2020-12', false).validate(value);
  if (!valid) {
    const { path: at, message } = schemaFault(errors);
    throw fail(offsetOf(document, at), message);
  }
  try {
    return compileGolden(value as GoldenDocument);
  } catch (error) {
    if (error instanceof DocumentError) throw fail(offsetOf(document, error.path), error.message);
    throw error;
  }
}

/** The first line that is nested too deep for comfort; null where none is. A parser that recurses must not see it. */
function tooDeep(text: string): number | null {
  let flow = 0;
  for (const [index, line] of text.split('\n').entries()) {
    const indent = /^[ -]*/.exec(line)?.[0].length ?? 0;
    for (const char of line) {
      if (char === '[' || char === '{') flow++;
      else if (char === ']' || char === '}') flow--;
      if (flow > MAX_DEPTH) return index + 1;
    }
    if (indent > 4 * MAX_DEPTH) return index + 1;
  }
  return null;
}

/** Where the node at a path starts: its key's place, where it has one; the nearest that is there. */
function offsetOf(document: Document, path: DocumentPath): number {
  for (let len = path.length; len >= 0; len--) {
    const parent = (len === 0 ? null : document.getIn(path.slice(0, len - 1), true)) as { items?: unknown[] } | null;
    const last = path[len - 1];
    const pair = parent?.items?.find(
      (item) => (item as { key?: { value?: unknown } } | null)?.key?.value === last && last !== undefined,
    ) as { key?: Node } | undefined;
    const node = (pair?.key ??
      (len === 0 ? document.contents : document.getIn(path.slice(0, len), true))) as Node | null;
    if (node?.range) return node.range[0];
  }
  return 0;
}
