import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Traffic, type Word } from '../../src/inventory/traffic.js';

const WORDS = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const satisfies readonly Word[];

/** Every row as text, and its sums. */
function rows(traffic: Traffic): Map<string, [number, number]> {
  const found = new Map<string, [number, number]>();
  traffic.forEach((word, frames, bytes) => {
    const key = WORDS.map(word).join();
    expect(found.has(key)).toBe(false);
    found.set(key, [frames, bytes]);
  });
  return found;
}

describe('Traffic', () => {
  it('sums by all nine words, as a map does, also while it grows', () => {
    // Few values for each word, so that keys differ in one word alone, and many keys, so that it grows.
    const key = fc.tuple(...WORDS.map(() => fc.oneof(fc.constantFrom(0, 1, -1), fc.integer())));
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat(70_000)), { minLength: 1, maxLength: 1_500 }), (frames) => {
        const traffic = new Traffic();
        const expected = new Map<string, [number, number]>();
        for (const [words, bytes] of [...frames, ...frames.slice(0, 40)]) {
          traffic.key.set(words);
          expect(traffic.add(bytes)).toBe(true);
          const [count, sum] = expected.get(words.join()) ?? [0, 0];
          expected.set(words.join(), [count + 1, sum + bytes]);
        }
        expect(traffic.size).toBe(expected.size);
        expect(rows(traffic)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('tells keys apart by each word', () => {
    const traffic = new Traffic();
    for (const word of WORDS) {
      traffic.key.fill(0);
      traffic.key[word] = 1;
      traffic.add(1);
    }
    expect(traffic.size).toBe(WORDS.length);
  });

  it('refuses new keys beyond its limit, and goes on with those that it has', () => {
    const traffic = new Traffic(2);
    const add = (word: number): boolean => {
      traffic.key[0] = word;
      return traffic.add(10);
    };
    expect([add(1), add(2), add(3), add(1)]).toEqual([true, true, false, true]);
    expect([...rows(traffic).values()].sort()).toEqual([
      [1, 10],
      [2, 20],
    ]);
  });
});
