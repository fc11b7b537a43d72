/** Captures that nobody here wrote: each read whole, and cut at every byte. */
import { spawnSync } from 'node:child_process';
import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { VxdumpError } from '../../../src/errors.js';
import { corpusPath, labCaptures, manifest } from '../../helpers/corpus.js';
import { frameEnds, headerLen } from '../../helpers/frame-ends.js';
import { type CaptureOut, readPath, Scratch } from '../../helpers/read-capture.js';

const corpus = corpusPath('readers on the corpus');
const rows = corpus === null ? [] : manifest(corpus);
const lab = corpus === null ? [] : labCaptures(corpus);
const scratch = new Scratch();
afterAll(() => scratch.remove());

/** Every offset of a file up to this size, this many of a larger one. */
const EVERY_OFFSET_LEN = 4096;
const SAMPLES = 200;

const counts = corpus === null ? null : capinfos(corpus);

/** Frames by path as capinfos counts them; a file that it refuses is not there. Null without capinfos. */
function capinfos(root: string): ReadonlyMap<string, number> | null {
  const paths = [...rows.map((row) => row.path), ...lab];
  // Table output, one row a file: count, machine-readable, without head line.
  const result = spawnSync('capinfos', ['-c', '-M', '-T', '-r', ...paths], { cwd: root, encoding: 'utf8' });
  if (result.error !== undefined) {
    if (process.env['CI'] === 'true') throw new Error('these tests need the program capinfos');
    console.log('not run: comparison with capinfos: it is not installed');
    return null;
  }
  const lines = result.stdout.split('\n').filter((line) => line.includes('\t'));
  return new Map(lines.map((line) => line.split('\t')).map(([path, count]) => [path ?? '', Number(count)]));
}

async function outcome(path: string): Promise<CaptureOut | VxdumpError> {
  try {
    return await readPath(path);
  } catch (error) {
    if (error instanceof VxdumpError) return error;
    throw error;
  }
}

describe.skipIf(corpus === null)('every file, read to its end', () => {
  test('the corpus is there', () => {
    expect(rows.length).toBeGreaterThan(150);
    expect(lab.length).toBeGreaterThan(50);
  });

  test.each(rows.map((row) => [row.path, row] as const))('%s', async (path, row) => {
    const result = await outcome(join(corpus as string, path));
    const count = counts?.get(path);
    if (count !== undefined) {
      expect(result).not.toBeInstanceOf(Error);
      expect((result as CaptureOut).frames.length).toBe(count);
      expect((result as CaptureOut).end?.ended).toBe('complete');
    } else if (counts !== null || row.frames < 0) {
      // Refused by capinfos: by us too, in one of our ways.
      if (!(result instanceof VxdumpError)) expect(result.end?.ended).not.toBe('complete');
    } else {
      expect((result as CaptureOut).frames.length).toBe(row.frames);
    }
  });

  test.each(lab.map((path) => [path]))('%s', async (path) => {
    const result = (await outcome(join(corpus as string, path))) as CaptureOut;
    expect(result.end?.ended).toBe('complete');
    if (counts !== null) expect(result.frames.length).toBe(counts.get(path));
  });
});

describe.skipIf(corpus === null)('every file, cut at every byte', () => {
  // Side by side: each waits for the disk more than it works.
  test.concurrent.each(rows.map((row) => [row.path]))(
    '%s',
    async (path) => {
      const file = readFileSync(join(corpus as string, path));
      const full = await outcome(join(corpus as string, path));
      const sound = !(full instanceof Error) && full.compression === 'none' && full.end?.ended === 'complete';
      const ends = sound ? frameEnds(file) : [];
      const copy = scratch.write(file);
      let whole = ends.length;
      for (const len of offsets(file.length)) {
        truncateSync(copy, len);
        const result = await outcome(copy);
        while (whole > 0 && (ends[whole - 1] as number) > len) whole--;
        const wrong = sound
          ? wrongOfSound(result, full, file, len, whole, ends[whole - 1] ?? 24)
          : wrongOfBroken(result, full);
        if (wrong !== null) expect.fail(`cut to ${len} bytes: ${wrong}`);
      }
    },
    120_000,
  );
});

type Outcome = CaptureOut | VxdumpError;

/** What is wrong with what came of a part of a file that is broken, or compressed, already; null for nothing: any of our ways to say so will do. */
function wrongOfBroken(result: Outcome, full: Outcome): string | null {
  if (full instanceof Error) {
    return result instanceof VxdumpError || result.end !== null ? null : 'no end';
  }
  if (result instanceof VxdumpError) {
    return ['E_EMPTY', 'E_CUT_HEADER'].includes(result.code) ? null : result.message;
  }
  return result.end?.ended === 'complete' ? 'called complete' : null;
}

/** What is wrong with what came of the first `len` bytes of a sound file, which hold `whole` frames up to `end`; null for nothing. */
function wrongOfSound(
  result: Outcome,
  full: Outcome,
  file: Buffer,
  len: number,
  whole: number,
  end: number,
): string | null {
  if (len < headerLen(file)) {
    const code = len === 0 ? 'E_EMPTY' : 'E_CUT_HEADER';
    return result instanceof VxdumpError && result.code === code ? null : `not ${code}`;
  }
  if (result instanceof VxdumpError) return result.message;
  const { frames, format } = full as CaptureOut;
  if (result.frames.length !== whole) return `${result.frames.length} frames, ${whole} are whole`;
  if (!isDeepStrictEqual(result.frames[whole - 1], frames[whole - 1])) return `frame ${whole} is another`;
  const ended = result.end?.ended;
  if (ended !== 'cut' && ended !== 'complete') return `ended ${ended}`;
  if (format === 'pcap' && (ended === 'complete') !== (len === end)) return `ended ${ended}`;
  return null;
}

/** Lengths to cut a file to, the longest first: a file is cut shorter and shorter. */
function offsets(len: number): readonly number[] {
  const step = len <= EVERY_OFFSET_LEN ? 1 : len / SAMPLES;
  const list: number[] = [];
  for (let at = len - 1; at >= 0; at -= step) list.push(Math.floor(at));
  return list;
}

describe.skipIf(corpus === null)('times beyond 2038', () => {
  const tests = 'the-tcpdump-group+tcpdump/tests';
  test.each([
    ['time_2038_overflow.pcap', 2_147_483_648],
    ['time_2107.pcapng', 4_323_283_200],
  ])('%s', async (name, seconds) => {
    const out = await readPath(join(corpus as string, tests, name));
    expect(out.frames[0]).toMatchObject({ seconds, nanoseconds: 0 });
  });
});
