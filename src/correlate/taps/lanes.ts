/**
 * Lanes: what lies between two endpoints. A frame that was first seen at one is expected at the other after about the
 * time that others took.
 */
import { Plausible } from './latency.js';

/** Latencies by the endpoint where a frame was first seen and the one where it is seen next. */
export class Lanes {
  readonly #lanes: (Plausible | undefined)[][];

  constructor() {
    this.#lanes = [];
  }

  /** The lane from one endpoint to another. **Cost** no allocation, save the first time. */
  of(from: number, to: number): Plausible {
    const row = this.#lanes[from];
    const known = row === undefined ? undefined : row[to];
    return known ?? this.#open(from, to);
  }

  #open(from: number, to: number): Plausible {
    const lane = new Plausible();
    const row = this.#lanes[from] ?? [];
    row[to] = lane;
    this.#lanes[from] = row;
    return lane;
  }
}
