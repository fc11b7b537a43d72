/**
 * A beam: readings of a capture as a golden sequence, the cheapest one for each place and bindings.
 */
import type { Thread } from './threads.js';
import type { Row } from './verdict.js';

/** How far behind the best a reading may be. */
export const BAND = 24;
/** The most readings after a frame. */
const MAX_READINGS = 256;

/** Rows, last first. */
export interface History {
  readonly row: Row;
  readonly before: History | null;
}

/** Where a capture stands in the sequence, what the faults on the way there cost, and what happened on it. */
export interface Reading {
  readonly thread: Thread;
  readonly cost: number;
  readonly history: History | null;
}

/** Readings by place and bindings, the cheapest of each. */
export class Beam {
  readonly #byKey = new Map<string, Reading>();

  /** @returns whether it was cheaper than what was there */
  offer(reading: Reading): boolean {
    const { place, bound } = reading.thread;
    const { node, rounds, done } = place;
    const key = `${node}|${rounds}|${done}|${bound.join()}`;
    const known = this.#byKey.get(key);
    if (known !== undefined && known.cost <= reading.cost) return false;
    this.#byKey.set(key, reading);
    return true;
  }

  /** All of them, cheapest first; of equals the one that came first. */
  all(): Reading[] {
    return [...this.#byKey.values()].sort((a, b) => a.cost - b.cost);
  }

  /** Those within the band. */
  best(): Reading[] {
    const all = this.all();
    const limit = (all[0]?.cost ?? 0) + BAND;
    return all.filter(({ cost }) => cost <= limit).slice(0, MAX_READINGS);
  }
}
