/**
 * Presence: when a tap is known to have been capturing. That it did not see a frame proves something only between two
 * frames that it did see, or while who captured says that it was.
 */
import type { Unpaired } from './tap-pair.js';

/** The most absences that wait for a proof. */
const MAX_PENDING = 65_536;

interface Absence {
  readonly timeNs: number;
  readonly unpaired: Unpaired;
  readonly group: number;
}

/** When one tap was capturing, as far as its frames show, or its capture says. */
export class Presence {
  /** Frames of which too little was captured to tell which they are. */
  unread: number;
  #firstNs = Number.POSITIVE_INFINITY;
  #lastNs = Number.NEGATIVE_INFINITY;
  #sawArp = false;
  /** Absences behind its last frame, and before its first one. */
  readonly #pending: Absence[];
  readonly #early: Absence[];

  constructor() {
    this.unread = 0;
    this.#pending = [];
    this.#early = [];
  }

  /** The tap saw a frame. **Cost** no allocation. */
  seen(timeNs: number): void {
    if (timeNs < this.#firstNs) this.#firstNs = timeNs;
    if (timeNs <= this.#lastNs) return;
    this.#lastNs = timeNs;
    if (this.#pending.length > 0) this.#prove(this.#pending);
  }

  /** The tap saw ARP that was not in a tunnel. **Cost** no allocation. */
  seenArp(): void {
    this.#sawArp = true;
  }

  /** Whether its capture is shown to let ARP through: it may have a filter, such as `icmp`. */
  get takesArp(): boolean {
    return this.#sawArp;
  }

  /** The tap was capturing from one time to another, as who captured says; frames of another time make that untrue. */
  ran(fromNs: number, untilNs: number): void {
    if (this.#firstNs <= this.#lastNs && (fromNs > this.#lastNs || untilNs < this.#firstNs)) return;
    this.#firstNs = Math.min(this.#firstNs, fromNs);
    this.#lastNs = Math.max(this.#lastNs, untilNs);
    this.#prove(this.#pending);
    this.#prove(this.#early);
  }

  /** Whether it was capturing at a time. */
  covers(timeNs: number): boolean {
    return timeNs >= this.#firstNs && timeNs <= this.#lastNs;
  }

  /** Whether it was capturing at any time between two. */
  overlaps(fromNs: number, untilNs: number): boolean {
    return fromNs <= this.#lastNs && untilNs >= this.#firstNs;
  }

  /** Counts an absence of this tap among those that are not proven, for as long as none of its frames proves it. */
  absent(timeNs: number, unpaired: Unpaired, group: number): void {
    if (group < 0 || this.covers(timeNs)) return;
    unpaired.unproven[group] = (unpaired.unproven[group] as number) + 1;
    const waiting = timeNs > this.#lastNs ? this.#pending : this.#early;
    if (waiting.length < MAX_PENDING) waiting.push({ timeNs, unpaired, group });
  }

  #prove(pending: Absence[]): void {
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
