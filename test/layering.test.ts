/**
 * Which room may import which. The table is the law: a new edge is a change here, with a page in docs/adr.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';

/** Rooms (folders of src) and top-level files; and the ones that each may import besides itself. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  wire: [],
  assembly: [],
  checksum: ['assembly'],
  dissect: ['wire', 'checksum', 'errors'],
  inventory: ['wire', 'dissect', 'errors'],
  fields: ['wire', 'dissect', 'errors'],
  evidence: ['wire', 'assembly', 'checksum', 'dissect', 'inventory', 'errors'],
  correlate: ['wire', 'assembly', 'dissect', 'inventory', 'fields', 'errors'],
  golden: ['wire', 'dissect', 'fields', 'correlate', 'errors'],
  findings: ['wire', 'dissect', 'fields', 'inventory', 'evidence', 'correlate', 'errors'],
  capture: ['assembly', 'errors'],
  lab: ['errors'],
  report: ['wire', 'dissect', 'fields', 'inventory', 'correlate', 'golden', 'findings', 'analysis', 'errors'],
  errors: [],
  frames: ['wire', 'dissect', 'fields', 'capture', 'errors'],
  // What an analysis is: types, of what it is made from.
  analysis: ['wire', 'inventory', 'correlate', 'golden', 'findings', 'capture'],
  'pair-taps': ['wire', 'dissect', 'inventory', 'correlate', 'capture', 'errors'],
  // One tap's part of an analysis.
  'tap-pass': ['wire', 'dissect', 'inventory', 'evidence', 'capture'],
  // What several taps' passes and their pairing have in common.
  'paired-taps': ['golden', 'correlate', 'capture', 'tap-pass'],
  analyze: [
    'wire',
    'dissect',
    'fields',
    'inventory',
    'evidence',
    'correlate',
    'golden',
    'findings',
    'capture',
    'analysis',
    'frames',
    'pair-taps',
    'tap-pass',
    'paired-taps',
    'errors',
  ],
  // What live frames have shown so far.
  'live-analysis': ['dissect', 'inventory', 'evidence', 'correlate', 'analysis', 'pair-taps'],
  vitest: ['golden', 'report', 'analyze', 'check-golden', 'errors'],
  'check-golden': ['dissect', 'golden', 'capture', 'pair-taps', 'analyze', 'errors'],
  core: ['wire', 'dissect', 'fields', 'inventory', 'evidence', 'correlate', 'golden', 'findings', 'errors'],
  reader: ['wire', 'dissect', 'capture', 'errors'],
  index: [
    'wire',
    'dissect',
    'fields',
    'inventory',
    'correlate',
    'golden',
    'findings',
    'capture',
    'analysis',
    'analyze',
    'check-golden',
    'frames',
    'core',
    'errors',
  ],
  cli: [
    'wire',
    'dissect',
    'fields',
    'inventory',
    'correlate',
    'golden',
    'findings',
    'capture',
    'lab',
    'report',
    'analysis',
    'analyze',
    'check-golden',
    'live-analysis',
    'frames',
    'errors',
  ],
};

/** Folders inside a room, in order: each imports those before it only. What lies beside them joins them. */
const FOLDERS: Readonly<Record<string, readonly string[]>> = {
  correlate: ['tables', 'identity', 'taps', 'trails', 'routes', 'settlement', 'placement'],
};

/** Rooms that run anywhere, a browser too: no Node module, no package. */
const PURE = [
  'wire',
  'assembly',
  'checksum',
  'dissect',
  'inventory',
  'evidence',
  'fields',
  'correlate',
  'golden',
  'findings',
  'core',
  'errors',
];
/** Files of pure rooms that may import a package. */
const PURE_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  'golden/expectation.ts': ['yaml', '@cfworker/json-schema'],
};

/** Source files: path from src → text. */
type Sources = ReadonlyMap<string, string>;

/** What a file imports: its specifiers, types and dynamic imports among them. */
function importsOf(text: string): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const pattern =
    /\b(?:import|export)\b[^'"`;()]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*\(?\s*['"]([^'"]+)['"]|\brequire\(\s*['"]([^'"]+)['"]/g;
  return [...code.matchAll(pattern)].map((match) => (match[1] ?? match[2] ?? match[3]) as string);
}

/** `wire/vxlan.ts` → `wire`, `errors.ts` → `errors`. */
function roomOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] as string) : file.replace(/\.ts$/, '');
}

/** Whether a file may import another one of its room. */
function isInOrder(room: string, file: string, target: string): boolean {
  const folders = FOLDERS[room] ?? [];
  const place = folders.indexOf(file.split('/')[1] as string);
  const targetPlace = folders.indexOf(target.split('/')[1] as string);
  return place < 0 || (targetPlace >= 0 && targetPlace <= place);
}

/** The file that a relative specifier means, from src. */
function targetOf(file: string, specifier: string): string {
  const target = posix.join(posix.dirname(file), specifier);
  if (target.endsWith('.wasm')) return target.replace(/wasm$/, 'as.ts');
  // AssemblyScript names files without their ending.
  return file.endsWith('.as.ts') ? `${target}.ts` : target.replace(/\.js$/, '.ts');
}

/** Every import that the house does not allow, one line each: file, import, why. */
function violations(sources: Sources): string[] {
  const found: string[] = [];
  const edges = new Map<string, string[]>();
  for (const [file, text] of sources) {
    const room = roomOf(file);
    const allowed = ALLOWED[room];
    if (allowed === undefined) {
      found.push(`src/${file}: ${room} is no room of the table`);
      continue;
    }
    const targets: string[] = [];
    for (const specifier of importsOf(text)) {
      if (!specifier.startsWith('.')) {
        const excepted = PURE_PACKAGES[file]?.includes(specifier) === true;
        if (PURE.includes(room) && !excepted) {
          found.push(`src/${file} imports ${specifier}: ${room} runs anywhere, on nothing`);
        }
        continue;
      }
      if (specifier.endsWith('.yaml')) continue;
      const target = targetOf(file, specifier);
      const targetRoom = roomOf(target);
      targets.push(target);
      if (!sources.has(target)) found.push(`src/${file} imports ${specifier}: no such file in src`);
      else if (targetRoom !== room && !allowed.includes(targetRoom)) {
        found.push(`src/${file} imports src/${target}: ${room} may not import ${targetRoom}`);
      } else if (targetRoom === room && !isInOrder(room, file, target)) {
        found.push(`src/${file} imports src/${target}: which comes behind it in ${room}`);
      }
    }
    edges.set(file, targets);
  }
  return [...found, ...cycles(edges)];
}

/** Import cycles, each once, as `a → b → a`. */
function cycles(edges: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const path: string[] = [];
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      found.push(`cycle: ${[...path.slice(start), file].join(' → ')}`);
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const target of edges.get(file) ?? []) visit(target);
    path.pop();
    done.add(file);
  };
  for (const file of edges.keys()) visit(file);
  return found;
}

function readSources(): Sources {
  const root = new URL('../src/', import.meta.url);
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((name) => name.replaceAll('\\', '/'))
    .filter((name) => name.endsWith('.ts'))
    .sort();
  return new Map(files.map((file) => [file, readFileSync(new URL(file, root), 'utf8')]));
}

describe('the rooms of src', () => {
  const sources = readSources();

  it('import only what the table allows, without cycles', () => {
    expect(sources.size).toBeGreaterThan(20);
    expect(violations(sources)).toEqual([]);
  });

  it('keep the table honest: it has no way round', () => {
    const edges = new Map(Object.entries(ALLOWED));
    expect(cycles(edges)).toEqual([]);
    for (const [room, allowed] of edges) {
      expect(allowed, room).not.toContain('cli');
      for (const target of allowed) expect(Object.keys(ALLOWED), `${room} → ${target}`).toContain(target);
    }
  });
});

describe('the check itself', () => {
  const of = (files: Record<string, string>): string[] => violations(new Map(Object.entries(files)));

  it('sees an edge that is not allowed, in every form of import', () => {
    const forms = [
      "import { x } from '../capture/source.js';",
      "import type { x } from '../capture/source.js';",
      "import * as x from '../capture/source.js';",
      "import {\n  x,\n  y as z,\n} from '../capture/source.js';",
      "import '../capture/source.js';",
      "export * from '../capture/source.js';",
      "export { x } from '../capture/source.js';",
      "const x = await import('../capture/source.js');",
      "let x: import('../capture/source.js').FrameBatch;",
    ];
    for (const form of forms) {
      expect(of({ 'wire/a.ts': form, 'capture/source.ts': '' }), form).toEqual([
        'src/wire/a.ts imports src/capture/source.ts: wire may not import capture',
      ]);
    }
  });

  it('passes an edge that is allowed, and no comment', () => {
    expect(
      of({
        'dissect/a.ts': "// import '../cli/x.js'\n/* import 'node:fs' */\nimport { u8 } from '../wire/b.js';",
        'wire/b.ts': 'export const u8 = 1;',
      }),
    ).toEqual([]);
  });

  it('sees Node and packages in a pure room', () => {
    expect(of({ 'wire/a.ts': "import fs from 'node:fs';" })).toHaveLength(1);
    expect(of({ 'core.ts': "import yaml from 'yaml';" })).toHaveLength(1);
    expect(of({ 'capture/a.ts': "import fs from 'node:fs';" })).toEqual([]);
  });

  it('sees an import of cli, of errors by wire, and a room that nobody knows', () => {
    expect(of({ 'report/a.ts': "import '../cli/b.js';", 'cli/b.ts': '' })).toHaveLength(1);
    expect(of({ 'wire/a.ts': "import '../errors.js';", 'errors.ts': '' })).toHaveLength(1);
    expect(of({ 'utils/a.ts': '' })).toEqual(['src/utils/a.ts: utils is no room of the table']);
  });

  it('sees a folder that imports one behind it, or what joins them', () => {
    const files = { 'correlate/taps/a.ts': '', 'correlate/trails/b.ts': '', 'correlate/c.ts': '' };
    expect(of({ ...files, 'correlate/trails/b.ts': "import '../taps/a.js';" })).toEqual([]);
    expect(of({ ...files, 'correlate/c.ts': "import './trails/b.js';" })).toEqual([]);
    expect(of({ ...files, 'correlate/taps/a.ts': "import '../trails/b.js';" })).toHaveLength(1);
    expect(of({ ...files, 'correlate/taps/a.ts': "import '../c.js';" })).toHaveLength(1);
  });

  it('sees a cycle, and an import of nothing', () => {
    expect(of({ 'wire/a.ts': "import './b.js';", 'wire/b.ts': "import type { A } from './a.js';" })).toEqual([
      'cycle: wire/a.ts → wire/b.ts → wire/a.ts',
    ]);
    expect(of({ 'wire/a.ts': "import './b.js';" })).toHaveLength(1);
  });
});
