/**
 * README's examples are tests. A `console` block's `./bin/vxdump.js` commands print what the block shows; `ts` blocks
 * typecheck as a user's program would, run, and print what a `text` block right behind them says.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ROOT, requireBuilt } from './helpers/built.js';
import { programsOf, transcriptsOf, withOutputs } from './helpers/readme.js';
import { rewrites } from './helpers/rewrite.js';

const README = new URL('README.md', ROOT);
const root = fileURLToPath(ROOT);
const markdown = readFileSync(README, 'utf8');
const env = { ...process.env, TZ: 'UTC', NO_COLOR: '1', COLUMNS: '100', FORCE_COLOR: undefined };
const fresh: { line: number; endLine: number; output: string }[] = [];

afterAll(() => {
  if (rewrites()) writeFileSync(README, withOutputs(markdown, fresh));
});

/** Keeps what a block really printed, and compares, unless this run rewrites the README. */
function compare(block: { line: number; endLine: number; output: string | null }, printed: string): void {
  if (block.output === null) return;
  fresh.push({ line: block.line, endLine: block.endLine, output: printed });
  if (!rewrites()) expect(printed).toBe(block.output);
}

describe('README commands', () => {
  // Set-up is done by whoever runs this.
  const commands = transcriptsOf(markdown)
    .filter(({ command }) => command.includes('./bin/vxdump.js'))
    .map((transcript) => ({ ...transcript, run: transcript.command.replace(/^npm ci && /, '') }));

  it('are there', () => expect(commands.length).toBeGreaterThan(0));

  it.each(commands)('$run', (transcript) => {
    requireBuilt();
    const script = `{ ${transcript.run}\n} 2>&1`;
    const { stdout } = spawnSync('bash', ['-c', script], { cwd: root, env, encoding: 'utf8', input: '' });
    compare(transcript, stdout);
  });
});

describe('README programs', () => {
  const programs = programsOf(markdown).map((program, index) => ({ ...program, name: `example-${index + 1}` }));
  let scratch = '';

  beforeAll(() => {
    if (programs.length === 0) return;
    requireBuilt();
    // A user's project: vxdump is among its dependencies.
    scratch = mkdtempSync(join(tmpdir(), 'vxdump-readme-'));
    mkdirSync(join(scratch, 'node_modules'));
    symlinkSync(root, join(scratch, 'node_modules/vxdump'), 'dir');
    symlinkSync(join(root, 'node_modules/@types'), join(scratch, 'node_modules/@types'), 'dir');
    writeFileSync(join(scratch, 'package.json'), '{ "type": "module" }');
    const compilerOptions = {
      target: 'ES2023',
      module: 'nodenext',
      strict: true,
      skipLibCheck: false,
      types: ['node'],
      outDir: 'out',
      rootDir: '.',
    };
    writeFileSync(join(scratch, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['*.ts'] }));
    for (const { name, code } of programs) writeFileSync(join(scratch, `${name}.ts`), `${code}\nexport {};\n`);
  });

  afterAll(() => {
    if (scratch !== '') rmSync(scratch, { recursive: true });
  });

  it('are there, and typecheck', () => {
    expect(programs.length).toBeGreaterThan(0);
    const tsc = spawnSync(join(root, 'node_modules/.bin/tsc'), ['-p', scratch], { encoding: 'utf8' });
    expect(tsc.stdout + tsc.stderr).toBe('');
    expect(tsc.status).toBe(0);
  });

  it.each(programs)('$name runs and prints what README says', (program) => {
    const script = join(scratch, `out/${program.name}.js`);
    const printed = execFileSync(process.execPath, [script], { cwd: root, env, encoding: 'utf8', input: '' });
    compare(program, printed);
  });
});

describe('reading README', () => {
  const text = [
    '# x',
    '```console',
    '$ one',
    'a',
    'b',
    '$ two',
    '```',
    '```ts',
    'console.log(1);',
    '```',
    '',
    '```text',
    '1',
    '```',
    '```ts',
    'x',
    '```',
    'no more',
    '```text',
    'y',
    '```',
  ].join('\n');

  it('finds each command with its output', () => {
    expect(transcriptsOf(text)).toEqual([
      { command: 'one', output: 'a\nb\n', line: 3, endLine: 5 },
      { command: 'two', output: '', line: 6, endLine: 6 },
    ]);
  });

  it('finds each program, with an output only where it follows at once', () => {
    expect(programsOf(text).map(({ code, output }) => ({ code, output }))).toEqual([
      { code: 'console.log(1);', output: '1\n' },
      { code: 'x', output: null },
    ]);
  });

  it('puts new outputs in their places', () => {
    const [one, two] = transcriptsOf(text);
    const [program] = programsOf(text);
    const rewritten = withOutputs(text, [
      { ...one, output: 'c\n' } as never,
      { ...two, output: 'd\ne\n' } as never,
      { ...program, output: '2\n3\n' } as never,
    ]);
    expect(transcriptsOf(rewritten).map(({ output }) => output)).toEqual(['c\n', 'd\ne\n']);
    expect(programsOf(rewritten)[0]?.output).toBe('2\n3\n');
    expect(withOutputs(text, transcriptsOf(text))).toBe(text);
  });

  it('refuses a block without an end', () => {
    expect(() => transcriptsOf('```console\n$ x')).toThrow('without an end');
  });
});
