/** JSON in pieces is what JSON.stringify gives. */
import { expect, it } from 'vitest';
import { jsonText } from '../../src/report/json-text.js';

const MANY = Array.from({ length: 5000 }, (_, frame) => ({ tap: 'eth0', frames: [frame, frame + 1], last: null }));

it.each([
  ['nothing', {}],
  ['members', { schema: 'vxdump.analysis/1', count: 3, sequence: null, open: true }],
  ['objects in objects', { correlation: { taps: [], hops: [{ from: 'a', to: 'b' }], none: {} } }],
  ['arrays in arrays', { rows: [[], [1, [2, 3]], {}] }],
  ['members that are not there', { a: undefined, b: { c: undefined, d: 1 } }],
  ['what has to be escaped', { 'a "b"\n': ['x\ny', '\u0007', '"'] }],
  ['many elements', { tunnels: MANY, correlation: { taps: MANY, pairs: MANY } }],
])('is whole: %s', (_, document) => {
  expect([...jsonText(document)].join('')).toBe(`${JSON.stringify(document, null, 1)}\n`);
});

it('comes in pieces that stay small, however long the document', () => {
  const pieces = [...jsonText({ tunnels: MANY })];
  expect(pieces.length).toBeGreaterThan(3);
  expect(Math.max(...pieces.map(({ length }) => length))).toBeLessThan(70_000);
});
