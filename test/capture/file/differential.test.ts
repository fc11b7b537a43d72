/** A second opinion on classic microsecond files: pcap-parser 0.2.1, record by record. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import pcapParser from 'pcap-parser';
import { afterAll, describe, expect, test } from 'vitest';
import { bytesOf, pcap } from '../../helpers/capture-writer.js';
import { corpusPath, labCaptures, manifest } from '../../helpers/corpus.js';
import { readPath, Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

interface Row {
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly wireLen: number;
  readonly bytes: string;
}

function theirs(path: string): Promise<readonly Row[]> {
  return new Promise((resolve, reject) => {
    const rows: Row[] = [];
    pcapParser
      .parse(path)
      .on('packet', ({ header, data }) => {
        const { timestampSeconds, timestampMicroseconds, originalLength } = header;
        // It does not carry; that is tested elsewhere.
        const carried = Math.floor(timestampMicroseconds / 1_000_000);
        rows.push({
          seconds: timestampSeconds + carried,
          nanoseconds: (timestampMicroseconds - carried * 1_000_000) * 1000,
          wireLen: originalLength,
          bytes: Buffer.from(data).toString('hex'),
        });
      })
      .on('end', () => resolve(rows))
      .on('error', reject);
  });
}

async function ours(path: string): Promise<readonly Row[]> {
  const { frames } = await readPath(path);
  return frames.map(({ seconds, nanoseconds, wireLen, bytes }) => ({ seconds, nanoseconds, wireLen, bytes }));
}

/** Whether pcap-parser reads it: classic, microseconds, version 2. */
function classic(path: string): boolean {
  const head = readFileSync(path).subarray(0, 8);
  return ['d4c3b2a102000400', 'a1b2c3d400020004'].includes(head.toString('hex'));
}

test('files of our writer', async () => {
  const record = fc.record({
    len: fc.nat(3000),
    seconds: fc.nat(0xffff_ffff),
    fraction: fc.nat(999_999),
    more: fc.nat(9),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(record, { maxLength: 120 }), fc.constantFrom('little', 'big'), async (list, order) => {
      const frames = list.map(({ len, seconds, fraction, more }, i) => {
        return { bytes: bytesOf(len, i), seconds, fraction, wireLen: len + more };
      });
      const path = scratch.write(pcap(frames, { order }), 'one.pcap');
      expect(await ours(path)).toEqual(await theirs(path));
    }),
    { numRuns: 40 },
  );
});

const corpus = corpusPath('readers against pcap-parser');
const all = corpus === null ? [] : [...manifest(corpus).map((row) => row.path), ...labCaptures(corpus)];
const paths = corpus === null ? [] : all.filter((path) => classic(join(corpus, path)));

describe.skipIf(corpus === null)('the corpus', () => {
  test('has classic files', () => expect(paths.length).toBeGreaterThan(100));

  test.each(paths.map((path) => [path]))('%s', async (path) => {
    const full = join(corpus as string, path);
    expect(await ours(full)).toEqual(await theirs(full));
  });
});
