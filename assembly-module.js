/**
 * An AssemblyScript file as a module: `code()`, its WebAssembly. What src imports as `NAME.wasm` is `NAME.as.ts` beside it;
 * build.js and vitest.config.ts both read it so.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import asc from 'assemblyscript/asc';

const OPTIONS = '-O3 --noAssert --runtime stub --importMemory --noExportMemory --enable simd --outFile out'.split(' ');

/** @param {string} path of `NAME.wasm` @returns {Promise<string>} the module's JavaScript @throws Error with what the compiler says */
export async function assemblyModule(path) {
  const folder = dirname(path);
  let code = new Uint8Array(0);
  const { error, stderr } = await asc.main([path.slice(folder.length + 1).replace(/wasm$/, 'as.ts'), ...OPTIONS], {
    readFile: (name) => {
      try {
        return readFileSync(join(folder, name), 'utf8');
      } catch {
        return null;
      }
    },
    writeFile: (_name, contents) => {
      code = contents;
    },
    listFiles: () => [],
  });
  const said = stderr.toString();
  if (error !== null || said !== '') throw new Error(`${path}: ${error?.message ?? 'a warning'}\n${said}`);
  const base64 = Buffer.from(code).toString('base64');
  return `export const code = () => Uint8Array.from(atob('${base64}'), (byte) => byte.charCodeAt(0));\n`;
}
