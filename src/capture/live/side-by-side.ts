/**
 * Several live sources as one, in the order of their frames' times. A source alone has its frames taken where they lie;
 * of several they are copied, and held until every other source has shown a later frame, or has had the time to.
 */
import type { CaptureInterface, FrameBatch } from '../source.js';
import { HeldFrames } from './held-frames.js';
import { ANY, type LiveCounters, type LiveSource } from './live-source.js';

const LINK_ETHERNET = 1;
const LINK_COOKED_1 = 113;
/** Bytes that are held, at most: 64 MiB. Beyond that order is given up before frames are. */
const MAX_HELD = 67_108_864;

/** Takes one frame. @param source its place among the sources @returns false to end the capture */
export type TakeFrame = (source: number, batch: FrameBatch, index: number) => boolean;

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

  /** How long after its time a frame is taken at the latest, as a rule, ms. */
  get latencyMs(): number {
    const latencies = this.sources.map(({ latencyMs }) => latencyMs);
    return Math.max(...latencies) * (latencies.length > 1 ? 2 : 1);
  }

  /**
   * Reads until all are over, or no more is wanted.
   *
   * @param onBatch called when some frames were taken, and nothing else is there; reading waits for it
   * @throws what any of the sources throws, once the others have been stopped and have given what they had
   *
   * **Cost** nothing per frame for one source, a copy for several.
   */
  async read(take: TakeFrame, onBatch: () => Promise<void>): Promise<void> {
    const [only] = this.sources;
    if (only === undefined || this.sources.length > 1) return this.#readSeveral(take, onBatch);
    for await (const batch of only) {
      let wanted = true;
      for (let index = 0; index < batch.count && wanted; index++) wanted = take(0, batch, index);
      await onBatch();
      if (!wanted) return;
    }
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

  async #readSeveral(take: TakeFrame, onBatch: () => Promise<void>): Promise<void> {
    const turn = new Turn();
    const baseSeconds = Math.floor(Date.now() / 1000);
    const queues = this.sources.map(({ latencyMs }, place) => new HeldFrames(place, latencyMs, baseSeconds));
    let failure: unknown = null;
    let wanted = true;
    const fill = async (source: LiveSource, queue: HeldFrames): Promise<void> => {
      try {
        for await (const batch of source) {
          queue.put(batch, Date.now());
          turn.wake();
          while (heldIn(queues) > MAX_HELD && wanted) await turn.next();
          if (!wanted) return;
        }
      } catch (error) {
        failure ??= error;
        this.stop();
      } finally {
        queue.isOpen = false;
        turn.wake();
      }
    };
    const filling = this.sources.map((source, place) => fill(source, queues[place] as HeldFrames));
    try {
      while (wanted) {
        const { taken, dueMs, goesOn } = release(queues, take);
        wanted = goesOn;
        if (taken > 0) {
          await onBatch();
          turn.wake();
        } else if (dueMs === Number.POSITIVE_INFINITY && !queues.some(({ isOpen }) => isOpen)) {
          break;
        } else {
          await turn.next(dueMs - Date.now());
        }
      }
    } finally {
      wanted = false;
      turn.wake();
      await this.close();
      await Promise.all(filling);
    }
    if (failure !== null) throw failure;
  }
}

/** Takes what needs not wait, in its order. @returns how many frames, and until when to wait for more */
function release(queues: readonly HeldFrames[], take: TakeFrame): { taken: number; dueMs: number; goesOn: boolean } {
  const nowMs = Date.now();
  let taken = 0;
  for (;;) {
    const front = least(queues, null);
    if (front === null) return { taken, dueMs: Number.POSITIVE_INFINITY, goesOn: true };
    let waitMs = 0;
    for (const other of queues) if (other.isOpen && other.isEmpty && other.latencyMs > waitMs) waitMs = other.latencyMs;
    const dueMs = front.arrivedMs + waitMs;
    if (waitMs > 0 && dueMs > nowMs && heldIn(queues) <= MAX_HELD) return { taken, dueMs, goesOn: true };
    const next = least(queues, front);
    const limitNs = next?.keyNs ?? Number.POSITIVE_INFINITY;
    const { batch } = front;
    do {
      taken++;
      if (!take(front.place, batch, front.index)) return { taken, dueMs: nowMs, goesOn: false };
      // It stays in front until its time reaches the next one's, or another batch is to be judged.
    } while (front.step() && front.keyNs < limitNs);
  }
}

/** The queue whose frame was first. @param but one that does not count */
function least(queues: readonly HeldFrames[], but: HeldFrames | null): HeldFrames | null {
  let found: HeldFrames | null = null;
  for (const queue of queues) {
    if (queue !== but && !queue.isEmpty && (found === null || isBefore(queue, found))) found = queue;
  }
  return found;
}

/** Whether one queue's first frame comes before another's: of equal times the longer, which a header was taken off. */
function isBefore(a: HeldFrames, b: HeldFrames): boolean {
  return a.keyNs < b.keyNs || (a.keyNs === b.keyNs && a.wireLen > b.wireLen);
}

function heldIn(queues: readonly HeldFrames[]): number {
  let bytes = 0;
  for (const queue of queues) bytes += queue.heldLen;
  return bytes;
}

/** Lets waits end together, early or in time. */
class Turn {
  #waiting: (() => void)[];

  constructor() {
    this.#waiting = [];
  }

  wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  /** Waits until it is woken. @param ms the longest */
  next(ms = Number.POSITIVE_INFINITY): Promise<void> {
    return new Promise((resolve) => {
      if (ms === Number.POSITIVE_INFINITY) {
        this.#waiting.push(resolve);
        return;
      }
      // Sockets are looked at once more before time is up: this process may have been held up itself.
      const timer = setTimeout(() => setImmediate(() => this.wake()), Math.max(0, ms));
      this.#waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
