/**
 * Several live sources as one, on sources that give what the test says, when it says so: what order comes of it.
 */
import { setTimeout } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { LiveSource } from '../../../src/capture/live/live-source.js';
import { SideBySide } from '../../../src/capture/live/side-by-side.js';
import { FrameBatch } from '../../../src/capture/source.js';

const LATENCY_MS = 30;

interface FrameIn {
  readonly ns: number;
  readonly len?: number;
}

/** Batches, each behind a wait; one batch is reused, as a ring's bytes are. */
class Scripted implements LiveSource {
  readonly kind = 'ring';
  readonly path = 'scripted';
  readonly snaplen = 262_144;
  readonly timeDigits = 9;
  readonly latencyMs = LATENCY_MS;
  readonly interfaces = [];
  isStopped = false;
  isClosed = false;
  readonly #batches: readonly { readonly afterMs: number; readonly frames: readonly FrameIn[] }[];
  readonly #failure: Error | null;
  readonly #endless: boolean;

  constructor(
    batches: readonly { readonly afterMs: number; readonly frames: readonly FrameIn[] }[],
    failure: Error | null = null,
    endless = false,
  ) {
    this.#batches = batches;
    this.#failure = failure;
    this.#endless = endless;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FrameBatch, void, undefined> {
    const batch = new FrameBatch(16);
    batch.bytes = new Uint8Array(16 * 2048);
    for (const { afterMs, frames } of this.#batches) {
      if (afterMs > 0) await setTimeout(afterMs);
      batch.count = frames.length;
      for (const [index, { ns, len = 60 }] of frames.entries()) {
        batch.at[index] = index * 2048;
        batch.capturedLen[index] = len;
        batch.wireLen[index] = len;
        batch.seconds[index] = SECONDS;
        batch.nanoseconds[index] = ns;
        batch.bytes.fill(ns % 251, index * 2048, index * 2048 + len);
      }
      yield batch;
      batch.bytes.fill(0xee);
    }
    while (this.#endless && !this.isStopped && !this.isClosed) await setTimeout(1);
    if (this.#failure !== null) throw this.#failure;
  }

  async counters() {
    return { received: 0, dropped: 0, gso: 0 };
  }

  stop(): void {
    this.isStopped = true;
  }

  async close(): Promise<void> {
    this.isClosed = true;
  }
}

const SECONDS = Math.floor(Date.now() / 1000);

interface Taken {
  readonly source: number;
  readonly ns: number;
  readonly interfaceId: number;
}

async function read(sources: readonly Scripted[], limit = Number.POSITIVE_INFINITY): Promise<Taken[]> {
  const taken: Taken[] = [];
  const live = new SideBySide(sources);
  await live.read(
    (source, batch, index) => {
      const ns = batch.nanoseconds[index] as number;
      const at = batch.at[index] as number;
      const bytes = batch.bytes.subarray(at, at + (batch.capturedLen[index] as number));
      expect(bytes.every((byte) => byte === ns % 251)).toBe(true);
      taken.push({ source, ns, interfaceId: batch.interfaceId[index] as number });
      return taken.length < limit;
    },
    async () => {},
  );
  return taken;
}

describe('sources side by side', () => {
  it('gives every frame once, in the order of their times, whenever they come', async () => {
    const batches = fc.array(
      fc.record({
        afterMs: fc.integer({ min: 0, max: 3 }),
        frames: fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 1, maxLength: 6 }),
      }),
      { maxLength: 4 },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(batches, { minLength: 2, maxLength: 3 }), async (scripts) => {
        // A source's own times do not run backwards here: its order is kept whatever they do.
        const sources = scripts.map((script) => {
          let ns = 0;
          const next = (step: number): FrameIn => {
            ns += step;
            return { ns };
          };
          return new Scripted(script.map(({ afterMs, frames }) => ({ afterMs, frames: frames.map(next) })));
        });
        const given = scripts.flatMap((script) => script.flatMap(({ frames }) => frames)).length;
        const taken = await read(sources);
        expect(taken).toHaveLength(given);
        for (const [index, { ns, source, interfaceId }] of taken.entries()) {
          expect(ns).toBeGreaterThanOrEqual(taken[index - 1]?.ns ?? 0);
          expect(interfaceId).toBe(source);
        }
      }),
      { numRuns: 40 },
    );
  });

  it('keeps the order of a source whose times run backwards', async () => {
    const odd = new Scripted([{ afterMs: 0, frames: [{ ns: 100 }, { ns: 20 }, { ns: 300 }] }]);
    const even = new Scripted([{ afterMs: 0, frames: [{ ns: 150 }] }]);
    expect((await read([odd, even])).map(({ ns }) => ns)).toEqual([100, 20, 150, 300]);
  });

  it('takes the longer of two frames with one time first: the other is what was inside', async () => {
    const inner = new Scripted([{ afterMs: 0, frames: [{ ns: 7, len: 98 }] }]);
    const outer = new Scripted([{ afterMs: 5, frames: [{ ns: 7, len: 148 }] }]);
    expect((await read([inner, outer])).map(({ source }) => source)).toEqual([1, 0]);
  });

  it('waits for a silent source no longer than that may be late', async () => {
    const busy = new Scripted([{ afterMs: 0, frames: [{ ns: 1 }] }], null, true);
    const silent = new Scripted([], null, true);
    const began = Date.now();
    expect(await read([silent, busy], 1)).toMatchObject([{ source: 1, ns: 1 }]);
    expect(Date.now() - began).toBeGreaterThanOrEqual(LATENCY_MS - 2);
    expect([busy.isClosed, silent.isClosed]).toEqual([true, true]);
  });

  it('takes frames of one source where they lie, at once', async () => {
    const only = new Scripted([{ afterMs: 0, frames: [{ ns: 5 }, { ns: 3 }] }]);
    expect((await read([only])).map(({ ns }) => ns)).toEqual([5, 3]);
  });

  it('gives what all had before it throws what one of them threw', async () => {
    const failing = new Scripted([{ afterMs: 0, frames: [{ ns: 1 }] }], new Error('gone'));
    const other = new Scripted([{ afterMs: 2, frames: [{ ns: 2 }] }], null, true);
    const taken: number[] = [];
    const reading = new SideBySide([failing, other]).read(
      (_source, batch, index) => taken.push(batch.nanoseconds[index] as number) > 0,
      async () => {},
    );
    await expect(reading).rejects.toThrow('gone');
    expect(taken).toEqual([1, 2]);
    expect(other.isStopped).toBe(true);
  });
});
