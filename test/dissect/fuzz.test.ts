/**
 * Any bytes at all, and frames that were right once. 2,000 of them by default; `npm run fuzz` goes on for SECONDS (30).
 * SEED repeats a run. What fails is written to fixtures/regressions/.
 */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FIXTURES, readFixtures } from '../helpers/fixture.js';
import { hexLines } from '../helpers/hex.js';
import { checkInvariants } from '../helpers/invariants.js';

const MAX_LEN = 1536;
const LINK_TYPES = [0, 1, 9, 101, 108, 113, 228, 229, 276];
const long = process.env['FUZZ'] !== undefined;
const seconds = Number(process.env['SECONDS'] ?? 30);
const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

interface Sample {
  readonly bytes: Uint8Array;
  readonly linkType: number;
  readonly wireLen: number;
}

const linkType = fc.constantFrom(...LINK_TYPES);
const noise: fc.Arbitrary<Sample> = fc
  .record({ bytes: fc.uint8Array({ maxLength: MAX_LEN }), linkType })
  .map((sample) => ({ ...sample, wireLen: sample.bytes.length }));

/** A change to a frame; `where` is a place in it, as a share of its length. */
const mutation = fc.record({
  how: fc.constantFrom('set', 'flip', 'extreme', 'cut', 'insert', 'delete', 'repeat', 'swallow'),
  where: fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
  value: fc.nat(255),
});
type Mutation = typeof mutation extends fc.Arbitrary<infer T> ? T : never;

const seeds = readFixtures('frames');
const mutant: fc.Arbitrary<Sample> = fc
  .record({
    of: fc.nat(seeds.length - 1),
    with: fc.nat(seeds.length - 1),
    mutations: fc.array(mutation, { maxLength: 8 }),
    // Now and then a link type that is not the frame's own.
    linkType: fc.option(linkType, { freq: 9 }),
  })
  .map((given) => {
    const fixture = seeds[given.of] as Sample;
    const other = (seeds[given.with] as Sample).bytes;
    const bytes = given.mutations.reduce((held, change) => mutate(held, change, other), Array.from(fixture.bytes));
    const kept = Uint8Array.from(bytes.slice(0, MAX_LEN));
    return { bytes: kept, linkType: given.linkType ?? fixture.linkType, wireLen: kept.length };
  });

function mutate(bytes: number[], { how, where, value }: Mutation, other: Uint8Array): number[] {
  if (bytes.length === 0) return bytes;
  const at = Math.floor(where * bytes.length);
  switch (how) {
    case 'set':
      return bytes.with(at, value);
    case 'flip':
      return bytes.with(at, (bytes[at] as number) ^ (1 << (value & 7)));
    case 'extreme':
      return bytes.with(at, [0, 1, 0x7f, 0x80, 0xff][value % 5] as number);
    case 'cut':
      return bytes.slice(0, at);
    case 'insert':
      return bytes.toSpliced(at, 0, value);
    case 'delete':
      return bytes.toSpliced(at, 1 + (value & 15));
    case 'repeat':
      return bytes.toSpliced(at, 0, ...bytes.slice(at, at + value));
    case 'swallow':
      return [...bytes.slice(0, at), ...other];
  }
}

/** The length on the wire: the capture's, more than that, or long enough for BIG TCP. */
const onWire = fc.oneof(
  { weight: 6, arbitrary: fc.constant((len: number) => len) },
  { weight: 1, arbitrary: fc.nat(2000).map((more) => (len: number) => len + more) },
  { weight: 1, arbitrary: fc.constant(() => 70_000) },
);
const sample = fc
  .tuple(fc.oneof({ weight: 1, arbitrary: noise }, { weight: 9, arbitrary: mutant }), onWire)
  .map(([given, len]) => ({ ...given, wireLen: len(given.bytes.length) }));

test(
  `whatever the bytes, seed ${seed}`,
  () => {
    const property = fc.property(sample, fc.nat(64), (given, at) => {
      checkInvariants(given.bytes, at, given.wireLen, given.linkType);
    });
    const run = fc.check(property, {
      seed,
      ...(long ? { numRuns: 2 ** 31 - 1, interruptAfterTimeLimit: seconds * 1000 } : { numRuns: 2000 }),
    });
    if (long) console.log(`${run.numRuns} frames in ${seconds} s, seed ${seed}`);
    if (run.counterexample !== null) {
      const reason = run.errorInstance instanceof Error ? run.errorInstance.message : String(run.errorInstance);
      const file = keep(run.counterexample[0], reason);
      expect.fail(
        `${reason}\nSEED=${seed}, kept as ${file}: name it after what it is, and give it its row in fixtures/README.md`,
      );
    }
    expect(run.numRuns).toBeGreaterThan(1000);
  },
  long ? (seconds + 60) * 1000 : 60_000,
);

function keep({ bytes, linkType, wireLen }: Sample, reason: string): string {
  const day = new Date().toISOString().slice(0, 10).replaceAll('-', '');
  const file = path.join(FIXTURES, 'regressions', `${day}-seed-${seed}.hex`);
  const header = [`# origin: fuzz, seed ${seed}`, `# why: ${reason}`, `# link: ${linkType}`, `# wire: ${wireLen}`];
  writeFileSync(file, `${header.join('\n')}\n${hexLines(bytes)}\n`);
  return file;
}
