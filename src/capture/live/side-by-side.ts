/**
 * Several live sources as one: whichever has frames is next. Order holds within a source, not among them.
 */
import type { CaptureInterface, FrameBatch } from '../source.js';
import { ANY, type LiveCounters, type LiveSource } from './live-source.js';

const LINK_ETHERNET = 1;
const LINK_COOKED_1 = 113;

/** Reads sources at once; each has one interface, and batches name it by the source's place. */
export class SideBySide {
  readonly sources: readonly LiveSource[];

  constructor(sources: readonly LiveSource[]) {
    this.sources = sources;
  }

  /** An interface for each source. */
  get interfaces(): CaptureInterface[] {
    return this.sources.map(({ interfaces, path, snaplen }) => {
      // dumpcap describes its interface with the first frames; on all of them at once it has cooked headers.
      return interfaces[0] ?? { linkType: path === ANY ? LINK_COOKED_1 : LINK_ETHERNET, snaplen, name: path };
    });
  }

  /** Batches of all. @throws what any of them throws, once the others have been stopped and have given what they had */
  async *batches(): AsyncGenerator<FrameBatch, void, undefined> {
    const waiting = new Map<number, Promise<Arrival>>();
    const iterators = this.sources.map((source) => source[Symbol.asyncIterator]());
    const next = (place: number): void => {
      const iterator = iterators[place] as AsyncIterator<FrameBatch>;
      waiting.set(
        place,
        iterator.next().then(
          (result) => ({ place, batch: result.done === true ? null : result.value, failure: null }),
          (failure: unknown) => ({ place, batch: null, failure }),
        ),
      );
    };
    for (const place of iterators.keys()) next(place);
    let failure: unknown = null;
    while (waiting.size > 0) {
      const arrival = await Promise.race(waiting.values());
      // Taken out and put in again it stands last: none is always the first to be asked.
      waiting.delete(arrival.place);
      if (arrival.batch === null) {
        if (arrival.failure !== null) {
          failure ??= arrival.failure;
          this.stop();
        }
        continue;
      }
      if (arrival.place > 0) arrival.batch.interfaceId.fill(arrival.place, 0, arrival.batch.count);
      yield arrival.batch;
      next(arrival.place);
    }
    if (failure !== null) throw failure;
  }

  stop(): void {
    for (const source of this.sources) source.stop();
  }

  async close(): Promise<void> {
    for (const source of this.sources) await source.close();
  }

  /** The counters of each, in their order. */
  counters(): Promise<LiveCounters[]> {
    return Promise.all(this.sources.map((source) => source.counters()));
  }
}

interface Arrival {
  readonly place: number;
  readonly batch: FrameBatch | null;
  readonly failure: unknown;
}
