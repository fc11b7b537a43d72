/**
 * The MACs that each sender in a tunnel sent to, as one tap saw them. A sender is a row of the inventory.
 */
import { KeyTable } from '../inventory/key-table.js';

/** The most pairs of a sender and a MAC that are told apart. */
const MAX_RECEIVERS = 65_536;

/** A MAC that a sender sent to. */
export interface SeenReceiver {
  readonly row: number;
  /** 0..2^48-1 */
  readonly mac: number;
  readonly frames: number;
  readonly firstFrame: number;
  readonly lastFrame: number;
  readonly firstNs: number;
  readonly lastNs: number;
}

/** The receivers of one tap's senders. */
export class Receivers {
  readonly #table: KeyTable;
  /** By receiver: frames, first and last frame. */
  readonly #counts: number[];
  /** By receiver: first and last time. */
  readonly #times: number[];

  constructor() {
    this.#table = new KeyTable(MAX_RECEIVERS);
    this.#counts = [];
    this.#times = [];
  }

  /**
   * The number of a sender and a MAC, made at the first frame between them; that frame is not counted yet.
   *
   * @param high the MAC's first 16 bits @param low its other 32
   * @returns 0 and up; -1 where there is no room for one more
   *
   * **Cost** amortised no allocation.
   */
  number(row: number, high: number, low: number, frame: number, timeNs: number): number {
    const known = this.#table.size;
    const receiver = this.#table.row(row, high, low, 0);
    if (receiver === known) {
      this.#counts.push(0, frame, frame);
      this.#times.push(timeNs, timeNs);
    }
    return receiver;
  }

  /** Counts frames to a receiver. @param receiver as `number` gave it, -1 for none @param frame the last of them @param timeNs its time. **Cost** no allocation. */
  count(receiver: number, frames: number, frame: number, timeNs: number): void {
    if (receiver < 0) return;
    const counts = this.#counts;
    const at = receiver * 3;
    counts[at] = (counts[at] as number) + frames;
    if (frame < (counts[at + 2] as number)) return;
    counts[at + 2] = frame;
    this.#times[receiver * 2 + 1] = timeNs;
  }

  /** All of them, in the order of first sight. **Cost** allocates. */
  list(): SeenReceiver[] {
    const receivers: SeenReceiver[] = [];
    for (let receiver = 0; receiver < this.#table.size; receiver++) {
      const count = receiver * 3;
      const time = receiver * 2;
      receivers.push({
        row: this.#table.word(receiver, 0),
        mac: this.#table.word(receiver, 1) * 0x1_0000_0000 + (this.#table.word(receiver, 2) >>> 0),
        frames: this.#counts[count] as number,
        firstFrame: this.#counts[count + 1] as number,
        lastFrame: this.#counts[count + 2] as number,
        firstNs: this.#times[time] as number,
        lastNs: this.#times[time + 1] as number,
      });
    }
    return receivers;
  }
}
