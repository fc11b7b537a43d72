/**
 * A large document as indented JSON, piece by piece: as one text, that of a report with thousands of tunnels would lie in
 * memory twice.
 */

/** Characters that are put together before they are handed on. */
const PIECE_LEN = 65_536;
/** What JSON.stringify indents by. */
const SPACE = ' ';

/**
 * The pieces of what `JSON.stringify(document, null, 1)` gives, with a line's end behind it.
 *
 * @param document an object; arrays in it, and in objects in it, are handed on element by element
 *
 * **Cost** allocates the text of a piece, or of one element where that is longer.
 */
export function* jsonText(document: object): Generator<string, void, undefined> {
  let piece = '';
  for (const part of parts(document, '\n')) {
    piece += part;
    if (piece.length < PIECE_LEN) continue;
    yield piece;
    piece = '';
  }
  yield `${piece}\n`;
}

/** @param line what ends a line and indents the next one, at the depth of `value` */
function* parts(value: unknown, line: string): Generator<string, void, undefined> {
  const deeper = line + SPACE;
  if (Array.isArray(value)) {
    let before = '[';
    for (const element of value) {
      yield before + deeper + JSON.stringify(element, null, SPACE).replaceAll('\n', deeper);
      before = ',';
    }
    yield before === '[' ? '[]' : `${line}]`;
  } else if (typeof value === 'object' && value !== null) {
    let before = '{';
    for (const [name, member] of Object.entries(value)) {
      if (member === undefined) continue;
      yield `${before}${deeper}${JSON.stringify(name)}: `;
      yield* parts(member, deeper);
      before = ',';
    }
    yield before === '{' ? '{}' : `${line}}`;
  } else {
    yield JSON.stringify(value);
  }
}
