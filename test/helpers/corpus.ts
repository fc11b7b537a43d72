/**
 * Captures that nobody here wrote; their place is in VXDUMP_CORPUS.
 */
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { vxdump } from './vxdump.js';

/** The folder; undefined where that suite is not to run. */
export const CORPUS = process.env['VXDUMP_CORPUS'];

/** Its captures, by path within it; none where the folder is missing, which a test must then refuse. */
export function corpusCaptures(): string[] {
  if (CORPUS === undefined) {
    console.log('VXDUMP_CORPUS is not set: no corpus file was read');
    return [];
  }
  if (!existsSync(CORPUS)) return [];
  return readdirSync(CORPUS, { recursive: true, encoding: 'utf8' })
    .filter((name) => !/\.(md|tsv|json|txt|out|log|ya?ml)$|^truth\//.test(name))
    .filter((name) => statSync(join(CORPUS, name)).isFile())
    .sort();
}

/** Runs `read --format ndjson`. @returns its exit code and how many records it printed */
export async function readRecords(path: string): Promise<{ exit: number; frames: number; stderr: string }> {
  let frames = 0;
  let last = '';
  const { exit, stderr } = await vxdump(['read', '--format', 'ndjson', path], (text) => {
    const lines = (last + text).split('\n');
    last = lines.pop() as string;
    for (const line of lines) {
      frames++;
      if (!line.startsWith('{') || !line.endsWith('}')) throw new Error(`no record: ${line.slice(0, 200)}`);
    }
  });
  expect(last, 'a record without its end').toBe('');
  return { exit, frames, stderr };
}
