#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';

// Before a report there is little garbage, and with it much at once: a young generation that grew to hold that would take
// some 20 MB, and is no quicker.
setFlagsFromString('--semi-space-growth-factor=1');
const program = new URL('../dist/cli/program.js', import.meta.url).href;
const { main } = await import(program).catch((error) => {
  // Only the program itself may be missing: a fault inside dist is a fault, and says so.
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || error.url !== program) throw error;
  process.stderr.write('vxdump: not built yet: run npm ci\n');
  return { main: () => 2 };
});
process.exitCode = await main(process.argv.slice(2));
