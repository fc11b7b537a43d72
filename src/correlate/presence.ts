/**
 * Presence: when a tap is known to have been capturing. That it did not see a frame proves something only between two
 * frames that it did see.
 */
import type { Unpaired } from './tap-pair.js';

/** The most absences that wait for a tap's next frame. */
const MAX_PENDING = 65_536;

/** When one tap was capturing, as far as its frames show. */
export class Presence {
  #firstNs: number;
  #lastNs: number;
  readonly #pending: { readonly timeNs: number; readonly unpaired: Unpaired; readonly group: number }[];

  constructor() {
    this.#firstNs = Number.POSITIVE_INFINITY;
    this.#lastNs = Number.NEGATIVE_INFINITY;
    this.#pending = [];
  }

  /** The tap saw a frame. **Cost** no allocation. */
  seen(timeNs: number): void {
    if (timeNs < this.#firstNs) this.#firstNs = timeNs;
    if (timeNs <= this.#lastNs) return;
    this.#lastNs = timeNs;
    if (this.#pending.length > 0) this.#prove();
  }

  /** Whether it was capturing at a time. */
  covers(timeNs: number): boolean {
    return timeNs >= this.#firstNs && timeNs <= this.#lastNs;
  }

  /** Counts an absence of this tap among those that are not proven, for as long as none of its frames proves it. */
  absent(timeNs: number, unpaired: Unpaired, group: number): void {
    if (group < 0 || this.covers(timeNs)) return;
    unpaired.unproven[group] = (unpaired.unproven[group] as number) + 1;
    if (timeNs > this.#lastNs && this.#pending.length < MAX_PENDING) this.#pending.push({ timeNs, unpaired, group });
  }

  #prove(): void {
    const pending = this.#pending;
    let kept = 0;
    for (const absence of pending) {
      if (this.covers(absence.timeNs)) {
        const { unpaired, group } = absence;
        unpaired.unproven[group] = (unpaired.unproven[group] as number) - 1;
      } else {
        pending[kept++] = absence;
      }
    }
    pending.length = kept;
  }
}
