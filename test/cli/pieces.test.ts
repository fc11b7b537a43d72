/** Text in pieces: all of it, in order, and no character in halves. */
import { expect, it } from 'vitest';
import { PIECE_LEN, pieces } from '../../src/cli/pieces.js';

const utf8 = new TextEncoder();

it.each([
  ['nothing', '', []],
  ['little', 'abc', [3]],
  ['as much as goes at once', 'a'.repeat(PIECE_LEN), [PIECE_LEN]],
  ['one more', 'a'.repeat(PIECE_LEN + 1), [PIECE_LEN, 1]],
  ['a character over the end', `${'a'.repeat(PIECE_LEN - 1)}\u{1f98a}b`, [PIECE_LEN + 1, 1]],
  ['one that ends there', `${'a'.repeat(PIECE_LEN - 2)}\u{1f98a}b`, [PIECE_LEN, 1]],
  ['a half without another', `${'a'.repeat(PIECE_LEN - 1)}\ud83eb`, [PIECE_LEN, 1]],
  ['nothing but such characters', '\u{1f98a}'.repeat(PIECE_LEN), [PIECE_LEN, PIECE_LEN]],
])('is cut up: %s', (_, text, lens) => {
  const cut = [...pieces(text)];
  expect(cut.map(({ length }) => length)).toEqual(lens);
  expect(Buffer.concat(cut.map((piece) => utf8.encode(piece)))).toEqual(Buffer.from(utf8.encode(text)));
});
