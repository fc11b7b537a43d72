/**
 * What the command prints, row by row of fixtures/goldens.tsv, byte for byte.
 *
 * A row is name, inputs (of fixtures/captures, space-separated), arguments (`{}` stands for the inputs), expected file
 * (of fixtures/goldens), exit code. The expected file is stdout, then stderr behind a line of its own where there is any.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { rewrites } from './helpers/rewrite.js';
import { vxdump } from './helpers/vxdump.js';

const FIXTURES = new URL('../fixtures/', import.meta.url);
const HEADER = ['name', 'inputs', 'arguments', 'expected', 'exit'];
const STDERR = '--- stderr ---\n';

interface Row {
  readonly name: string;
  readonly inputs: readonly string[];
  readonly argv: readonly string[];
  readonly expected: string;
  readonly exit: number;
}

function readRows(): Row[] {
  const lines = readFileSync(new URL('goldens.tsv', FIXTURES), 'utf8').trimEnd().split('\n');
  expect(lines.shift()?.split('\t')).toEqual(HEADER);
  return lines.map((line) => {
    const [name, inputs, args, expected, exit, ...more] = line.split('\t');
    if (!name || inputs === undefined || !args || !expected || !exit || more.length > 0) {
      throw new Error(`goldens.tsv: not five columns: ${line}`);
    }
    const files = inputs.split(' ').filter((input) => input !== '');
    const argv = args
      .split(' ')
      .flatMap((word) => (word === '{}' ? files.map((input) => `fixtures/captures/${input}`) : [word]));
    return { name, inputs: files, argv, expected, exit: Number(exit) };
  });
}

const rows = readRows();

describe('goldens.tsv', () => {
  it.each(rows)('$name', async ({ name, argv, expected, exit }) => {
    const outcome = await vxdump(argv);
    const text = outcome.stdout + (outcome.stderr === '' ? '' : STDERR + outcome.stderr);
    const file = new URL(`goldens/${expected}`, FIXTURES);
    if (rewrites(name)) writeFileSync(file, text);
    expect(text).toBe(existsSync(file) ? readFileSync(file, 'utf8') : `(no fixtures/goldens/${expected})`);
    expect(outcome.exit).toBe(exit);
  });

  it('has a row for every capture, and a capture for every input', () => {
    const captures = readdirSync(new URL('captures/', FIXTURES)).filter((name) =>
      /\.(pcap|pcapng|cap|gz|zst)$/.test(name),
    );
    const used = new Set(rows.flatMap(({ inputs }) => inputs));
    expect(captures.filter((name) => !used.has(name))).toEqual([]);
    expect([...used].filter((name) => !captures.includes(name))).toEqual([]);
  });

  it('has each name once, and no expected file that no row names', () => {
    expect(rows.map(({ name }) => name)).toEqual([...new Set(rows.map(({ name }) => name))]);
    const expectedFiles = new Set(rows.map(({ expected }) => expected));
    expect(expectedFiles.size).toBe(rows.length);
    expect(readdirSync(new URL('goldens/', FIXTURES)).filter((name) => !expectedFiles.has(name))).toEqual([]);
  });
});
