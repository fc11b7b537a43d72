/**
 * Writes dist's JavaScript (tsc has written its declarations): the library and the command, each with chunks of what its
 * parts share. Node takes a millisecond for every module that it loads; docs/adr/0005-bundled-dist.md has the numbers.
 *
 * A bundle's top-level `const` comes out as `var`, which the engine reads anew at each use; as `const` again it is
 * compiled into the code. Hence no top-level `let` in src: `test/package.test.ts` looks.
 */

import { cpSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { build } from 'esbuild';
import { yamlModule } from './yaml-module.js';

const yaml = {
  name: 'yaml',
  setup: ({ onLoad }) => onLoad({ filter: /\.yaml$/ }, ({ path }) => ({ contents: yamlModule(path), loader: 'js' })),
};

for (const entryPoints of [
  ['src/index.ts', 'src/core.ts', 'src/vitest.ts'],
  ['src/cli/program.ts', 'src/capture/live/cap-child.ts'],
]) {
  const { outputFiles } = await build({
    entryPoints,
    outdir: 'dist',
    outbase: 'src',
    bundle: true,
    plugins: [yaml],
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
    await writeFile(path, text.replaceAll(/^var (?=\w+ = )/gm, 'const '));
  }
}

// What the lab reads at run time, where `../lab/` leads to from a chunk as from its source.
for (const name of ['scenarios', 'docker', 'relay.py'])
  cpSync(`src/lab/${name}`, `dist/lab/${name}`, { recursive: true });
