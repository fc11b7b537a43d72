import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_PROBES } from '../../src/inventory/open-addressing.js';
import { Traffic, type Word } from '../../src/inventory/traffic.js';
import { wordFor } from '../helpers/meeting.js';

const WORDS = [0, 1, 2, 3, 4, 5, 6, 7, 8] as const satisfies readonly Word[];

/** Counts a frame. */
function add(traffic: Traffic, words: readonly number[], bytes: number): void {
  traffic.key.set(words);
  traffic.add(bytes);
}

/** Every row as text, and its sums. */
function rows(traffic: Traffic): Map<string, [number, number]> {
  const found = new Map<string, [number, number]>();
  for (let row = 0; row < traffic.rows; row++) {
    const key = WORDS.map((word) => traffic.word(row, word)).join();
    expect(found.has(key)).toBe(false);
    found.set(key, [traffic.frames(row), traffic.bytes(row)]);
  }
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
          add(traffic, words, bytes);
          const [count, sum] = expected.get(words.join()) ?? [0, 0];
          expected.set(words.join(), [count + 1, sum + bytes]);
        }
        expect(rows(traffic)).toEqual(expected);
      }),
      { numRuns: 30 },
    );
  });

  it('tells keys apart by each word', () => {
    const traffic = new Traffic();
    for (const word of WORDS)
      add(
        traffic,
        WORDS.map((other) => (other === word ? 1 : 0)),
        1,
      );
    expect(rows(traffic).size).toBe(WORDS.length);
  });

  it('takes a length of 32 bits for what it is', () => {
    const traffic = new Traffic();
    add(traffic, WORDS, 0xffff_ffff);
    expect([...rows(traffic).values()]).toEqual([[1, 0xffff_ffff]]);
  });

  it('when it is full goes on with the rows that it has, and counts a new sender without its address', () => {
    const traffic = new Traffic(2);
    // The words: a tunnel, then a MAC with its address's family, then the address.
    const send = (tunnel: number, address: number): void =>
      add(traffic, [tunnel, 0, 0, 0, 0, 0, 0x1_0007, 9, address], 10);
    add(traffic, [1, 0, 0, 0, 0, 0, 7, 9, 0], 10);
    send(1, 5);
    send(1, 5);
    send(1, 6);
    send(2, 5);
    expect(rows(traffic)).toEqual(
      new Map([
        ['1,0,0,0,0,0,7,9,0', [2, 20]],
        ['1,0,0,0,0,0,65543,9,5', [2, 20]],
      ]),
    );
    expect(traffic.refused).toBe(2);
  });

  it('refuses keys that were chosen to meet, and goes on with those that it took', () => {
    const traffic = new Traffic();
    const send = (source: number): void =>
      add(traffic, [1, source, wordFor(0xc2b2ae35, Math.imul(source, 0x85ebca6b)), 0, 0, 0, 7, 9, 0], 10);
    for (let round = 0; round < 2; round++) for (let source = 0; source < 1_000; source++) send(source);
    expect(traffic.rows).toBe(MAX_PROBES);
    expect(traffic.refused).toBe(2 * (1_000 - MAX_PROBES));
    for (let tunnel = 2; tunnel < 3_000; tunnel++) add(traffic, [tunnel, 0, 0, 0, 0, 0, 7, 9, 0], 10);
    for (let source = 0; source < 1_000; source++) send(source);
    expect(rows(traffic).size).toBe(MAX_PROBES + 2_998);
    const sums = [...rows(traffic).values()];
    expect(sums.slice(0, MAX_PROBES)).toEqual(Array(MAX_PROBES).fill([3, 30]));
  });
});
