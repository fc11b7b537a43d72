/**
 * A golden file as a module: its text, and what it says. build.js and vitest.config.ts both read src/**\/*.yaml so.
 */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';

/** @param {string} path @returns {string} the module's JavaScript */
export function yamlModule(path) {
  const text = readFileSync(path, 'utf8');
  return `export const text = ${JSON.stringify(text)};\nexport const document = ${JSON.stringify(parse(text))};\n`;
}
