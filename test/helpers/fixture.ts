/**
 * Frames as files: fixtures/frames/<protocol>-<case>.hex and fixtures/regressions/<yyyymmdd>-<what>.hex. Header lines
 * `# key: value`, then hex. `layers` and `stop` say what must be found; without them only the invariants must hold.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { hex } from './hex.js';

export const FIXTURES = path.resolve(import.meta.dirname, '../../fixtures');

export interface FrameFixture {
  /** Its path below fixtures/. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly linkType: number;
  readonly wireLen: number;
  /** `origin`, `rfc`, `why`, `layers`, `stop`. */
  readonly header: ReadonlyMap<string, string>;
}

/** Every frame fixture of a folder. */
export function readFixtures(folder: 'frames' | 'regressions'): FrameFixture[] {
  const files = readdirSync(path.join(FIXTURES, folder)).filter((file) => file.endsWith('.hex'));
  return files.sort().map((file) => parse(`${folder}/${file}`));
}

function parse(name: string): FrameFixture {
  const text = readFileSync(path.join(FIXTURES, name), 'utf8');
  const header = new Map([...text.matchAll(/^# (\w+): (.+)$/gm)].map((row) => [row[1] as string, row[2] as string]));
  const bytes = hex(text);
  return {
    name,
    bytes,
    linkType: Number(header.get('link') ?? 1),
    wireLen: Number(header.get('wire') ?? bytes.length),
    header,
  };
}
