#!/usr/bin/env node
const program = new URL('../dist/cli/program.js', import.meta.url).href;
const { main } = await import(program).catch((error) => {
  // Only the program itself may be missing: a fault inside dist is a fault, and says so.
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || error.url !== program) throw error;
  process.stderr.write('vxdump: not built yet: run npm ci\n');
  return { main: () => 2 };
});
process.exitCode = await main(process.argv.slice(2));
