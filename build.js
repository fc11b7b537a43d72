/**
 * Writes dist's JavaScript (tsc has written its declarations): the library and the command, each with chunks of what its
 * parts share. Node takes a millisecond for every module that it loads; docs/adr/0005-bundled-dist.md has the numbers.
 */
import { build } from 'esbuild';

for (const entryPoints of [['src/index.ts', 'src/core.ts'], ['src/cli/program.ts']]) {
  await build({
    entryPoints,
    outdir: 'dist',
    outbase: 'src',
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'node20.19',
    packages: 'external',
    chunkNames: 'chunks/[name]-[hash]',
    logLevel: 'warning',
  });
}
