import { dirname, resolve } from 'node:path';
import { defineConfig } from 'vitest/config';
import { assemblyModule } from './assembly-module.js';
import { yamlModule } from './yaml-module.js';

export default defineConfig({
  plugins: [
    { name: 'yaml', load: (id) => (id.endsWith('.yaml') ? yamlModule(id) : null) },
    {
      name: 'assembly',
      enforce: 'pre',
      resolveId: (id, importer) => (id.endsWith('.wasm') && importer ? resolve(dirname(importer), id) : null),
      load: (id) => (id.endsWith('.wasm') ? assemblyModule(id) : null),
    },
  ],
  test: {
    include: ['test/**/*.test.ts'],
    // Output is compared byte by byte: one zone, no colour, one width.
    env: { TZ: 'UTC', NO_COLOR: '1', COLUMNS: '100' },
    testTimeout: 30_000,
  },
});
