import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { STOP_NAMES } from '../../src/wire/stop.js';
import { FIXTURES, readFixtures } from '../helpers/fixture.js';
import { checkInvariants } from '../helpers/invariants.js';
import { dissect, outline } from '../helpers/layers.js';

const frames = readFixtures('frames');
const regressions = readFixtures('regressions');

describe.each([...frames, ...regressions])('$name', ({ bytes, linkType, wireLen, header }) => {
  test('holds the invariants', () => {
    for (const at of [0, 41]) checkInvariants(bytes, at, wireLen, linkType);
  });

  test.skipIf(header.get('layers') === undefined)('is what its header says', () => {
    for (const at of [0, 41]) {
      const stack = dissect(bytes, { linkType, wireLen, at });
      const stop = stack.stop();
      const { code, layer, ...rest } = stop ?? {};
      const text =
        stop === null
          ? 'none'
          : [code, layer, ...Object.entries(rest).map(([key, value]) => `${key}=${value}`)].join(' ');
      expect(outline(stack) || 'none').toBe(header.get('layers'));
      expect(text).toBe(header.get('stop'));
    }
  });
});

test('every frame says where it is from, which RFC it is about, why it is here, and what must be found', () => {
  for (const { name, header } of frames) {
    expect(
      ['origin', 'rfc', 'why', 'layers', 'stop'].filter((key) => !header.has(key)),
      name,
    ).toEqual([]);
  }
});

test('every stop code has a frame that reaches it', () => {
  const reached = new Set(frames.map(({ header }) => header.get('stop')?.split(' ')[0]));
  expect([...reached].sort()).toEqual([...STOP_NAMES].sort());
});

test('every file has its row in fixtures/README.md', () => {
  const readme = readFileSync(path.join(FIXTURES, 'README.md'), 'utf8');
  const missing = [...frames, ...regressions].filter(({ name }) => !readme.includes(`| \`${name}\` |`));
  expect(missing.map(({ name }) => name)).toEqual([]);
});
