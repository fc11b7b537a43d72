/**
 * Writes dist's JavaScript (tsc has written its declarations): the library and the command, each with chunks of what its
 * parts share. Node takes a millisecond for every module that it loads; docs/adr/0005-bundled-dist.md has the numbers.
 *
 * A bundle's top-level `const` comes out as `var`, which the engine reads anew at each use; as `const` again it is
 * compiled into the code, if no other module has to do with it: so what is imported from a chunk is copied to a `const`,
 * and of what is exported a copy is. Hence no top-level `let` in src: `test/package.test.ts` looks.
 */

import { cpSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { build } from 'esbuild';
import { assemblyModule } from './assembly-module.js';
import { yamlModule } from './yaml-module.js';

const yaml = {
  name: 'yaml',
  setup: ({ onLoad }) => onLoad({ filter: /\.yaml$/ }, ({ path }) => ({ contents: yamlModule(path), loader: 'js' })),
};
const assembly = {
  name: 'assembly',
  setup: ({ onResolve, onLoad }) => {
    onResolve({ filter: /\.wasm$/ }, ({ path, resolveDir }) => ({ path: resolve(resolveDir, path) }));
    onLoad({ filter: /\.wasm$/ }, async ({ path }) => ({ contents: await assemblyModule(path), loader: 'js' }));
  },
};

for (const entryPoints of [
  ['src/index.ts', 'src/core.ts', 'src/reader.ts', 'src/vitest.ts'],
  ['src/cli/program.ts', 'src/capture/live/cap-child.ts'],
]) {
  const { outputFiles } = await build({
    entryPoints,
    outdir: 'dist',
    outbase: 'src',
    bundle: true,
    plugins: [yaml, assembly],
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    chunkNames: 'chunks/[name]-[hash]',
    logLevel: 'warning',
    write: false,
  });
  for (const { path, text } of outputFiles) {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, ownNames(text.replaceAll(/^var (?=\w+ = )/gm, 'const ')));
  }
}

// What the lab reads at run time, where `../lab/` leads to from a chunk as from its source.
for (const name of ['scenarios', 'docker', 'relay.py'])
  cpSync(`src/lab/${name}`, `dist/lab/${name}`, { recursive: true });

/** Gives a chunk `const`s of its own for what it imports from others, and copies of its own to export. */
function ownNames(text) {
  return text
    .replaceAll(/^import \{([^}]*)\} from "\.[^"]*";$/gm, (line, clause) => {
      const names = namesOf(clause);
      const taken = names.map(([theirs, own = theirs]) => `${theirs} as ${own}$`);
      return [
        line.replace(clause, () => taken.join()),
        ...names.map((name) => `const ${name.at(-1)} = ${name.at(-1)}$;`),
      ].join('\n');
    })
    .replace(/^export \{([^}]*)\};$/m, (line, clause) => {
      const names = namesOf(clause);
      const given = names.map(([own, theirs = own]) => `$${own} as ${theirs}`);
      return [...names.map(([own]) => `const $${own} = ${own};`), line.replace(clause, () => given.join())].join('\n');
    });
}

/** `a, b as c` as `[['a'], ['b', 'c']]`. */
function namesOf(clause) {
  return clause.split(',').map((name) => name.trim().split(' as '));
}
