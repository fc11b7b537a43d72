/**
 * Writes dist's JavaScript (tsc has written its declarations): the entry points, and what they share as chunks. Node
 * takes a millisecond for every module that it loads; why that matters stands in docs/adr/0005-bundled-dist.md.
 */
import { build } from 'esbuild';

await build({
  entryPoints: ['src/cli/program.ts', 'src/index.ts', 'src/core.ts'],
  outdir: 'dist',
  outbase: 'src',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  packages: 'external',
  chunkNames: 'chunks/[name]-[hash]',
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
});
