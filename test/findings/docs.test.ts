/** docs/findings.md has a section for each rule, with all that a reader needs. */
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { RULES } from '../../src/findings/registry.js';

const sections = new Map(
  readFileSync('docs/findings.md', 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
);

it.each(RULES.map(({ id }) => id))('%s: when, what it means, how to confirm it, how to mend it', (id) => {
  const section = sections.get(id);
  expect(section, `docs/findings.md has no section ${id}`).toBeDefined();
  for (const part of ['**When.**', '**Means.**', '**Confirm.**', '**Mend.**']) expect(section).toContain(part);
});

it('has ids that are unique', () => {
  expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
});

it('has no section of anything else', () => {
  const ids = new Set(RULES.map(({ id }) => id));
  expect([...sections.keys()].filter((title) => !ids.has(title))).toEqual(['On captures of others']);
});
