/**
 * Rounds of questions: how often each was asked, and by which frames. What changes with each frame that asks lies side by
 * side here: hosts ask over and over, and time goes into waiting for memory.
 */
import { MAX_FRAMES } from './frame-list.js';

/** Copies of one question come closer than this, ns. */
const ROUND_NS = 0.1e9;
/** Who asks again this soon has no answer: hosts ask once a second, or so (RFC 1122, 2.3.2.1; RFC 4861, 10). */
const AGAIN_NS = 5e9;
const LEAST_AGAIN_NS = 0.4e9;

/** Integers of a question in `Rounds`: rounds, how often again, frames that are kept, where the last of those is, and its row. */
const STRIDE = 5;
const ROUNDS = 0;
const AGAIN = 1;
const KEPT = 2;
const LAST_KEPT = 3;
const LAST_ROW = 4;

/** The rounds of all questions of a tap. */
export class Rounds {
  /** The integers of every question. */
  readonly #counts: number[];
  /** When each was asked last, ns. */
  readonly #lastNs: number[];
  /** Frames that asked, each with the place of the one that asked the same before; -1 for none. */
  readonly #frames: number[];

  constructor() {
    this.#counts = [];
    this.#lastNs = [];
    this.#frames = [];
  }

  /** Gives a number to a question that is new. @returns 0, 1, 2, … */
  open(): number {
    this.#counts.push(0, 0, 0, -1, -1);
    return this.#lastNs.push(Number.NEGATIVE_INFINITY) - 1;
  }

  /** Takes in a frame that asks. @returns whether it came through another row than the one before */
  ask(number: number, frame: number, timeNs: number, row: number): boolean {
    const counts = this.#counts;
    const at = number * STRIDE;
    const sinceNs = timeNs - (this.#lastNs[number] as number);
    // So written that a frame without a time is a round of its own.
    if (!(sinceNs < ROUND_NS)) {
      counts[at + ROUNDS] = (counts[at + ROUNDS] as number) + 1;
      this.#lastNs[number] = timeNs;
      if (sinceNs >= LEAST_AGAIN_NS && sinceNs <= AGAIN_NS) counts[at + AGAIN] = (counts[at + AGAIN] as number) + 1;
    }
    if ((counts[at + KEPT] as number) < MAX_FRAMES) {
      counts[at + KEPT] = (counts[at + KEPT] as number) + 1;
      counts[at + LAST_KEPT] = this.#frames.push(frame, counts[at + LAST_KEPT] as number) - 2;
    }
    if (row === counts[at + LAST_ROW]) return false;
    counts[at + LAST_ROW] = row;
    return true;
  }

  /** The first 100 frames that asked a question, copies too. **Cost** allocates. */
  frames(number: number): number[] {
    const frames: number[] = [];
    let at = this.#counts[number * STRIDE + LAST_KEPT] as number;
    for (; at >= 0; at = this.#frames[at + 1] as number) frames.push(this.#frames[at] as number);
    return frames.reverse();
  }

  rounds(number: number): number {
    return this.#counts[number * STRIDE + ROUNDS] as number;
  }

  again(number: number): number {
    return this.#counts[number * STRIDE + AGAIN] as number;
  }

  lastNs(number: number): number {
    return this.#lastNs[number] as number;
  }
}
