/**
 * Golden files that are wrong, each in one way: the message has file, line and column.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { parseGolden } from '../../src/golden/expectation.js';
import { EDITOR_LINE, GOLDEN_SCHEMA } from '../../src/golden/schema.js';
import { SHIPPED } from '../../src/golden/shipped.js';
import { vxdump } from '../helpers/vxdump.js';

const HEAD = 'schema: vxdump.golden/1\nname: x\n';
const STEP = '  - name: a\n    match: { vxlan.vni: 1 }\n';
const good = `${HEAD}steps:\n${STEP}`;

describe('a golden file', () => {
  it.each<[string, string, string, string]>([
    ['of another schema', `schema: vxdump.golden/2\nname: x\nsteps:\n${STEP}`, '1:1', 'schema'],
    ['without a schema', `name: x\nsteps:\n${STEP}`, '1:1', 'schema'],
    ['without a name', `schema: vxdump.golden/1\nsteps:\n${STEP}`, '1:1', 'name'],
    ['with an empty name', `schema: vxdump.golden/1\nname: ""\nsteps:\n${STEP}`, '2:1', 'name'],
    ['with a name that is a number', `schema: vxdump.golden/1\nname: 7\nsteps:\n${STEP}`, '2:1', 'name'],
    ['without steps', HEAD, '1:1', 'steps'],
    ['with no step', `${HEAD}steps: []\n`, '3:1', 'steps'],
    ['with steps that are no list', `${HEAD}steps: 5\n`, '3:1', 'steps'],
    ['with a key that nobody knows', `${good}colour: red\n`, '6:1', 'colour'],
    ['with pairs that are not complete', `${good}pairs: some\n`, '6:1', 'pairs'],
    ['with ignore that is no list', `${good}ignore: arp\n`, '6:1', 'ignore'],
    ['that ignores a number', `${good}ignore: [5]\n`, '6:10', ''],
    ['that ignores nothing', `${good}ignore: [{}]\n`, '6:10', 'match'],
    ['that ignores a protocol that nobody knows', `${good}ignore: [arpp]\n`, '6:10', "unknown protocol 'arpp'"],
    ['with absent and no match', `${good}absent: [{ because: x }]\n`, '6:10', 'match'],
    ['with a step without a name', `${HEAD}steps:\n  - match: { vxlan.vni: 1 }\n`, '4:5', 'name'],
    ['with a step without a match', `${HEAD}steps:\n  - name: a\n`, '4:5', 'match'],
    ['with a match of nothing', `${HEAD}steps:\n  - name: a\n    match: {}\n`, '5:5', 'match'],
    [
      'with a step of another key',
      `${HEAD}steps:\n  - name: a\n    match: { vxlan.vni: 1 }\n    maybe: true\n`,
      '6:5',
      'maybe',
    ],
    ['with optional that is no truth', `${good}    optional: 1\n`, '6:5', 'optional'],
    ['with within that is no time', `${good}    within: soon\n`, '6:5', 'within'],
    [
      'with a value that is a truth',
      `${HEAD}steps:\n  - name: a\n    match: { vxlan.vni: true }\n`,
      '5:14',
      'vxlan.vni',
    ],
    ['with an empty set', `${HEAD}steps:\n  - name: a\n    match: { vxlan.vni: [] }\n`, '5:14', 'vxlan.vni'],
    [
      'with a field that nobody knows',
      `${HEAD}steps:\n  - name: a\n    match: { ip.scr: 1 }\n`,
      '5:14',
      'did you mean ip.src',
    ],
    [
      'with a value that the field cannot have',
      `${HEAD}steps:\n  - name: a\n    match: { ip.src: 10.0.0.256 }\n`,
      '5:14',
      'ip.src',
    ],
    ['with a name of two kinds', `${HEAD}steps:\n  - name: a\n    match: { ip.src: $a, eth.src: $a }\n`, '5:26', '$a'],
    ...[
      ['with seen and no match', '{ seen: eth.src }', '5:14', 'in'],
      ['with seen and another key', '{ seen: eth.src, in: { vxlan.vni: 1 }, of: 2 }', '5:62', 'of'],
      ['with seen of no field', '{ seen: [], in: { vxlan.vni: 1 } }', '5:25', 'seen'],
      ['with seen of a field that nobody knows', '{ seen: eth.scr, in: { vxlan.vni: 1 } }', '5:25', 'mean eth.src'],
      ['with seen of another kind', '{ seen: ip.src, in: { vxlan.vni: 1 } }', '5:14', 'ip.src is ipv4'],
      ['with seen of the frame itself', '{ seen: frame.number, in: { vxlan.vni: 1 } }', '5:14', 'not frame.number'],
      ['with a name in what is seen', '{ seen: eth.src, in: { ip.src: $a } }', '5:46', 'names bind in steps only'],
      [
        'with seen in what is seen',
        '{ seen: eth.src, in: { eth.src: { seen: eth.src, in: { vxlan.vni: 1 } } } }',
        '5:46',
        'for steps only',
      ],
    ].map(([what = '', value, place = '', words = '']): [string, string, string, string] => [
      what,
      `${HEAD}steps:\n  - name: a\n    match: { eth.dst: ${value} }\n`,
      place,
      words,
    ]),
    ['with $ alone', `${HEAD}steps:\n  - { name: a, match: { ip.src: $ } }\n`, '4:25', 'is no name'],
    ['with a name in ignore', `${good}ignore: [{ match: { ip.src: $a } }]\n`, '6:21', 'names bind in steps only'],
    ['with a repeat without steps', `${HEAD}steps:\n  - repeat: { min: 1 }\n`, '4:5', 'steps'],
    ['with a repeat below none', `${HEAD}steps:\n  - repeat: { min: -1 }\n    steps:\n    ${STEP}`, '4:15', 'min'],
    [
      'with a huge repeat',
      `${HEAD}steps:\n  - repeat: { max: 99999999999 }\n    steps:\n      - { name: a, match: { vxlan.vni: 1 } }\n`,
      '4:15',
      'max',
    ],
    [
      'with a repeat that goes down',
      `${HEAD}steps:\n  - repeat: { min: 3, max: 2 }\n    steps:\n      - { name: a, match: { vxlan.vni: 1 } }\n`,
      '4:23',
      'below min',
    ],
    [
      'with a repeat of nothing',
      `${HEAD}steps:\n  - repeat: { min: 1 }\n    steps:\n      - { name: a, match: { vxlan.vni: 1 }, optional: true }\n`,
      '4:5',
      'not optional',
    ],
    [
      'with an unordered group of one',
      `${HEAD}steps:\n  - unordered:\n      - { name: a, match: { vxlan.vni: 1 } }\n`,
      '4:5',
      'unordered',
    ],
    [
      'with taps and steps',
      `${good}taps: [{ tap: a, steps: [{ name: a, match: { vxlan.vni: 1 } }] }]\n`,
      '1:1',
      'taps',
    ],
    ['with a tap without a name', `${HEAD}taps:\n  - steps: [{ name: a, match: { vxlan.vni: 1 } }]\n`, '4:5', 'tap'],
    ['that is no YAML', `${HEAD}steps: [\n`, '4:1', ''],
    ['with a key twice', `${HEAD}name: y\nsteps:\n${STEP}`, '3:1', 'unique'],
    ['that is empty', '', '1:1', ''],
    ['that is a list', '- a\n', '1:1', ''],
  ])('%s is refused', async (_, text, place, words) => {
    const error = await parseGolden(text, 'g.yaml').then(
      () => null,
      (thrown) => thrown,
    );
    expect(error).toMatchObject({ code: 'E_GOLDEN' });
    expect(error.message).toMatch(/^g\.yaml:\d+:\d+: ./);
    expect(error.message).toContain(`g.yaml:${place}: `);
    expect(error.message).toContain(words);
    expect(error.message).not.toContain('\n');
    // A schema library's words, which are none of who writes YAML.
    expect(error.message).not.toMatch(/Instance|String |Array |schema had|propert/);
  });

  const step = (words: string): string => `${HEAD}steps:\n  - { name: a, match: { vxlan.vni: 1 }, ${words} }\n`;
  const matching = (words: string): string => `${HEAD}steps:\n  - { name: a, match: { ${words} } }\n`;
  it.each([
    ['', 'the file: a mapping belongs here, not nothing'],
    [`name: x\nsteps:\n${STEP}`, "the file: 'schema' is missing"],
    [`schema: vxdump.golden/2\nname: x\nsteps:\n${STEP}`, "'schema': vxdump.golden/1 belongs here"],
    [`${HEAD}steps: []\n`, "'steps' needs 1 entry at least"],
    [`${HEAD}steps:\n${STEP}  - match: { vxlan.vni: 1 }\n`, "entry 2 of 'steps': 'name' is missing"],
    [`${HEAD}steps:\n  - unordered: [{ name: a, match: { vxlan.vni: 1 } }]\n`, "'unordered' needs 2 entries at least"],
    [step('optional: 1'), "'optional': true or false belongs here, not a number"],
    [step('within: soon'), "'within': a time such as 100ms or 1.5s belongs here"],
    [step('because: ""'), "'because' is empty"],
    [step(`because: ${'x'.repeat(2001)}`), "'because' is longer than 2000 characters"],
    [matching(''), "'match' names no field"],
    [matching(Array.from({ length: 51 }, (_, i) => `f${i}: 1`).join(', ')), "'match' names more than 50 fields"],
    [matching(`ip.ttl: [${Array(101).fill(1)}]`), "'ip.ttl' takes 100 entries at most"],
    [`${HEAD}steps:\n  - repeat: { min: -1 }\n    steps:\n    ${STEP}`, "'min': -1 is less than 0"],
  ])('%j is told in plain words', async (text, words) => {
    await expect(parseGolden(text, 'g.yaml')).rejects.toThrow(new RegExp(`\\d: ${words.replaceAll('.', '\\.')}$`));
  });

  it('with aliases that explode is refused at once', async () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    await expect(parseGolden(lines.join('\n'), 'bomb.yaml')).rejects.toMatchObject({ code: 'E_GOLDEN' });
  });

  it.each([
    ['brackets', `steps: ${'['.repeat(100_000)}`],
    ['braces', `steps: ${'{a: '.repeat(100_000)}`],
    ['brackets that close', `steps: ${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['dashes', '- '.repeat(100_000)],
    ['repeats', `${HEAD}steps:\n${repeats(20)}`],
  ])('that nests %s without end is refused', async (_, text) => {
    await expect(parseGolden(text, 'deep.yaml')).rejects.toMatchObject({
      code: 'E_GOLDEN',
      message: expect.stringMatching(/nested deeper than 64 levels|repeats nest deeper than 8/),
    });
  });

  it('that is too long is refused', async () => {
    await expect(parseGolden(`# ${'x'.repeat(1 << 20)}`, 'long.yaml')).rejects.toThrow('long.yaml:1:1: longer');
  });

  it('that is good is read', async () => {
    expect(await parseGolden(good, 'g.yaml')).toMatchObject({
      name: 'x',
      taps: [{ steps: [{ index: 1, name: 'a' }] }],
    });
  });
});

describe('goldens that ship', () => {
  const validate = new Ajv2020({ allowUnionTypes: true }).compile(GOLDEN_SCHEMA);

  it.each(SHIPPED)('$name obeys the schema, and says why each step is expected', async ({ name, text, document }) => {
    expect(validate(document), JSON.stringify(validate.errors)).toBe(true);
    expect(text.split('\n')[0]).toBe(EDITOR_LINE);
    const golden = await parseGolden(text, name);
    expect(golden.name).toBe(name);
    for (const step of golden.taps[0]?.steps ?? []) expect(step.because).toBeTruthy();
  });

  it('have the schema that editors read', () => {
    expect(JSON.parse(readFileSync('schema/golden.json', 'utf8'))).toEqual(GOLDEN_SCHEMA);
  });
});

describe('vxdump golden', () => {
  it('lists and shows what ships', async () => {
    const list = await vxdump(['golden', 'list']);
    for (const { name, text } of SHIPPED) {
      expect(list.stdout).toContain(name);
      expect((await vxdump(['golden', 'show', name])).stdout).toBe(text);
    }
    expect(await vxdump(['golden', 'show', 'seven-packet'])).toMatchObject({ exit: 2, stdout: '' });
  });

  it('validates every file that it is given', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'vxdump-validate-'));
    const [bad, fine] = [join(folder, 'bad.yaml'), join(folder, 'good.yaml')];
    writeFileSync(bad, `${good}colour: red\n`);
    writeFileSync(fine, good);
    const outcome = await vxdump(['golden', 'validate', bad, join(folder, 'none.yaml'), fine]);
    rmSync(folder, { recursive: true });
    expect(outcome).toMatchObject({ exit: 2, stdout: `${fine}: x, 1 step, good\n` });
    const lines = outcome.stderr.trimEnd().split('\n');
    expect(lines[0]).toBe(`vxdump: ${bad}:6:1: 'colour' is not known here`);
    expect(lines[1]).toContain('none.yaml: cannot read it');
    expect(lines).toHaveLength(2);
  });
});

/** Repeats within repeats. */
function repeats(depth: number): string {
  let text = '';
  for (let level = 0; level < depth; level++) {
    const indent = ' '.repeat(4 * level + 2);
    text += `${indent}- repeat: { min: 1 }\n${indent}  steps:\n`;
  }
  const indent = ' '.repeat(4 * depth + 2);
  return `${text}${indent}- { name: a, match: { vxlan.vni: 1 } }\n`;
}
