import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mergeSources } from '../../src/capture/merge.js';
import { mergeRuns, type Runs } from '../../src/capture/merge-runs.js';
import { FrameBatch, type FrameSource } from '../../src/capture/source.js';

/** A source of frames at given times, in ns, some a batch. */
function sourceOf(timesNs: readonly (number | null)[], batchLen: number): FrameSource {
  const batch = new FrameBatch(batchLen);
  return {
    path: 'test',
    timeDigits: 9,
    interfaces: [],
    close: async () => {},
    async *[Symbol.asyncIterator]() {
      // An empty batch first: a source may have one.
      batch.count = 0;
      yield batch;
      for (let from = 0; from < timesNs.length; from += batchLen) {
        batch.count = Math.min(batchLen, timesNs.length - from);
        for (let i = 0; i < batch.count; i++) {
          const timeNs = timesNs[from + i] ?? Number.NaN;
          batch.seconds[i] = Math.floor(timeNs / 1e9);
          batch.nanoseconds[i] = Number.isNaN(timeNs) ? 0 : timeNs - Math.floor(timeNs / 1e9) * 1e9;
        }
        yield batch;
      }
    },
  };
}

async function merged(
  times: readonly (readonly (number | null)[])[],
  batchLen: number,
  offsets: readonly number[] = [],
): Promise<{ source: number; timeNs: number }[]> {
  const taken: { source: number; timeNs: number }[] = [];
  const sources = times.map((timesNs) => sourceOf(timesNs, batchLen));
  const take = (source: number, _batch: FrameBatch, _index: number, timeNs: number) => taken.push({ source, timeNs });
  const correct = (source: number, timeNs: number) => timeNs - (offsets[source] ?? 0);
  await mergeSources(sources, correct, 0, take, async () => {});
  return taken;
}

describe('mergeSources', () => {
  it('takes frames in the order of their times', async () => {
    expect((await merged([[1, 4, 5], [2, 3, 9], []], 2)).map(({ timeNs }) => timeNs)).toEqual([1, 2, 3, 4, 5, 9]);
  });

  it('takes clocks into account, and the first of equal ones first', async () => {
    expect(
      await merged(
        [
          [10, 20],
          [110, 115],
        ],
        4,
        [0, 100],
      ),
    ).toEqual([
      { source: 0, timeNs: 10 },
      { source: 1, timeNs: 10 },
      { source: 1, timeNs: 15 },
      { source: 0, timeNs: 20 },
    ]);
  });

  it('keeps the order of a source whose times run backwards: a frame that went back follows the one before it', async () => {
    expect(
      (
        await merged(
          [
            [5, 1, 6],
            [2, 5, 7],
          ],
          2,
        )
      ).map(({ source, timeNs }) => [source, timeNs]),
    ).toEqual([
      [1, 2],
      [0, 5],
      [0, 1],
      [1, 5],
      [0, 6],
      [1, 7],
    ]);
  });

  it('gives a frame without a time that of the one before it', async () => {
    expect((await merged([[null, 3, null], [1]], 5)).map(({ timeNs }) => timeNs)).toEqual([0, 1, 3, 3]);
  });

  it('loses nothing, keeps the order of each, and sorts what is sorted', async () => {
    const times = fc.array(fc.integer({ min: -5e9, max: 5e9 }), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(fc.array(times, { maxLength: 5 }), fc.integer({ min: 1, max: 9 }), async (all, batchLen) => {
        const taken = await merged(all, batchLen);
        for (const [source, own] of all.entries()) {
          expect(taken.filter((frame) => frame.source === source).map(({ timeNs }) => timeNs)).toEqual(own);
        }
        const sorted = await merged(
          all.map((own) => own.toSorted((a, b) => a - b)),
          batchLen,
        );
        const order = sorted.map(({ timeNs }) => timeNs);
        expect(order).toEqual(order.toSorted((a, b) => a - b));
      }),
    );
  });
});

/** Takes frames whose time is no multiple of five, a few at a time, in their order. */
class Some implements Runs {
  readonly taken: (source: number) => number;
  readonly #waiting: number[][] = [[], []];
  readonly #greatest: number[] = [0, 0];
  readonly #count = [0, 0];
  readonly #all: { source: number; timeNs: number }[];
  readonly #most: number;

  constructor(all: { source: number; timeNs: number }[], most: number) {
    this.#all = all;
    this.#most = most;
    this.taken = (source) => this.#count[source] as number;
  }

  ahead(source: number, batch: FrameBatch, index: number, greatestNs: number): number {
    this.#greatest[source] = greatestNs;
    const times: number[] = [];
    for (let at = index; at < batch.count && times.length < this.#most; at++) {
      const timeNs = (batch.seconds[at] as number) * 1e9 + (batch.nanoseconds[at] as number);
      if (!(timeNs % 5 > 0)) break;
      times.push(timeNs);
    }
    this.#waiting[source] = times;
    return times.length;
  }

  greatestNs(source: number): number {
    return this.#greatest[source] as number;
  }

  run(limitNs: number): boolean {
    this.#count.fill(0);
    const both = this.#waiting.every(({ length }) => length > 0);
    for (;;) {
      const keys = this.#waiting.map((times, source) => {
        return times.length === 0 ? limitNs : Math.max(times[0] as number, this.#greatest[source] as number);
      }) as [number, number];
      const source = keys[0] <= keys[1] ? 0 : 1;
      const times = this.#waiting[source] as number[];
      if (times.length === 0 || (both && this.#waiting.some(({ length }) => length === 0))) break;
      this.#greatest[source] = keys[source] as number;
      this.#all.push({ source, timeNs: times.shift() as number });
      this.#count[source] = (this.#count[source] as number) + 1;
    }
    return this.#count.some((count) => count > 0);
  }
}

it('mergeRuns takes frames in the same order, whoever takes them', async () => {
  const times = fc.array(fc.oneof(fc.nat(60), fc.constant(null)), { maxLength: 40 });
  await fc.assert(
    fc.asyncProperty(
      times,
      times,
      fc.integer({ min: 1, max: 7 }),
      fc.integer({ min: 1, max: 5 }),
      async (a, b, len, most) => {
        const all: { source: number; timeNs: number }[] = [];
        const ended: number[] = [];
        const take = (source: number, _batch: FrameBatch, _index: number, timeNs: number) =>
          all.push({ source, timeNs });
        const sources = [sourceOf(a, len), sourceOf(b, len)];
        await mergeRuns(
          sources,
          (_, timeNs) => timeNs,
          0,
          take,
          new Some(all, most),
          async (source) => {
            ended.push(source);
          },
        );
        expect(all).toEqual(await merged([a, b], len));
        expect(ended.length).toBe(Math.ceil(a.length / len) + Math.ceil(b.length / len));
      },
    ),
    { numRuns: 500 },
  );
});
