/**
 * Captures that nobody here wrote, each cut short at many offsets, one of each kind at all of them: exit 0, 2 or 3, in
 * bounded time, and every frame that is whole is printed. capture/file/corpus.test.ts cuts at every byte below the command.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allCaptures, corpusPath } from './helpers/corpus.js';
import { readRecords } from './helpers/vxdump.js';

/** Of the first file of each kind up to this long, every byte offset is a cut. */
const ALL_CUTS_BELOW = 2048;
/** Cuts of another: its first bytes, then so many spread over the rest. */
const HEAD_CUTS = 64;
const SPREAD_CUTS = 48;
/** Of a longer file only so much is cut. */
const MAX_CUT_LEN = 256 * 1024;
/** Cuts that are read at a time: each waits for the disk more than it works. */
const AT_ONCE = 16;
const FILE_TIMEOUT_MS = 60_000;

const corpus = corpusPath('the command over captures that end early');

describe.skipIf(corpus === null)('a corpus file that ends early', () => {
  let scratch = '';
  beforeAll(() => {
    scratch = mkdtempSync(join(tmpdir(), 'vxdump-cuts-'));
  });
  afterAll(() => rmSync(scratch, { recursive: true, force: true }));

  const names = corpus === null ? [] : allCaptures(corpus);
  const thorough = firstOfKinds(corpus as string, names);

  it('is of some ten kinds', () => {
    expect(thorough.size).toBeGreaterThan(10);
  });

  it.each(names)(
    '%s',
    async (name) => {
      const bytes = readFileSync(join(corpus as string, name));
      const cuts = thorough.has(name) ? [...bytes.keys()] : cutsOf(bytes.length);
      let before = 0;
      for (let next = 0; next < cuts.length; next += AT_ONCE) {
        const reads = cuts.slice(next, next + AT_ONCE).map(async (cut) => {
          const path = join(scratch, `${name.replaceAll('/', '+')}.${cut}`);
          writeFileSync(path, bytes.subarray(0, cut));
          const read = await readRecords(path);
          rmSync(path);
          return { cut, ...read };
        });
        for (const { cut, exit, frames, stderr } of await Promise.all(reads)) {
          if (exit !== 0 && exit !== 2 && exit !== 3) expect.fail(`cut at ${cut}: exit ${exit}: ${stderr}`);
          // More bytes never give fewer frames: those that are whole stay whole.
          if (frames < before) expect.fail(`cut at ${cut}: ${frames} frames, ${before} in fewer bytes`);
          before = frames;
          const whole = wholeFrames(bytes, cut);
          if (whole !== null && frames !== whole) expect.fail(`cut at ${cut}: ${frames} frames, ${whole} are whole`);
        }
      }
    },
    FILE_TIMEOUT_MS,
  );
});

/** The first short file of each magic, byte order and link type. */
function firstOfKinds(root: string, names: readonly string[]): ReadonlySet<string> {
  const kinds = new Map<string, string>();
  for (const name of names) {
    const bytes = readFileSync(join(root, name));
    if (bytes.length > ALL_CUTS_BELOW) continue;
    // In a classic header the link type is at 20, in pcapng's first block the byte order at 8.
    const kind = [0, 8, 20].map((at) => bytes.toString('hex', at, at + 4)).join();
    if (!kinds.has(kind)) kinds.set(kind, name);
  }
  return new Set(kinds.values());
}

/** Where a file is cut, ascending. */
function cutsOf(len: number): number[] {
  const top = Math.min(len, MAX_CUT_LEN);
  const cuts = new Set(Array.from({ length: Math.min(HEAD_CUTS, top) }, (_, cut) => cut));
  // An odd step, so that cuts fall into headers and into data alike.
  const step = Math.max(1, Math.floor((top - HEAD_CUTS) / SPREAD_CUTS) | 1);
  for (let cut = HEAD_CUTS; cut < top; cut += step) cuts.add(cut);
  return [...cuts];
}

/** Whole frames of a classic little-endian file up to `cut`; null where it is none, or its records are not plain. */
function wholeFrames(bytes: Buffer, cut: number): number | null {
  if (bytes.length < 24 || ![0xa1b2c3d4, 0xa1b23c4d].includes(bytes.readUInt32LE(0))) return null;
  let frames = 0;
  for (let at = 24; at + 16 <= cut; ) {
    const len = bytes.readUInt32LE(at + 8);
    if (len > 262_144) return null;
    at += 16 + len;
    if (at > cut) break;
    frames++;
  }
  return frames;
}
