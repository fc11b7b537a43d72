/**
 * Acknowledgements: TCP segments that some tap did not see, and that their receiver acknowledged though nobody sent them
 * again. That proves that they arrived. Once a segment was sent again an acknowledgement proves nothing about the first
 * time.
 */
import { Flag } from '../wire/tcp.js';
import { acknowledged, endOf, isOfFlow, portsAt, sequence } from './segment.js';
import type { Trails } from './trails.js';

/** How far behind a segment its acknowledgement is looked for, in trails. */
const MAX_AHEAD = 4096;
/** Segments of the same connections that are looked at in all: what bounds the time. */
const MAX_STEPS_IN_ALL = 1 << 24;

/** Looks for acknowledgements among the trails that are not let go yet. */
export class Acknowledgements {
  readonly #trails: Trails;
  #stepsLeft: number;

  constructor(trails: Trails) {
    this.#trails = trails;
    this.#stepsLeft = MAX_STEPS_IN_ALL;
  }

  /**
   * Whether a segment was acknowledged before any of it was sent again.
   *
   * @param trail its own; all that came after it are still there
   * @param mayBeOf whether a trail of that VNI may be of its network
   * @returns false where that is not shown, as of all that is no TCP, or carries nothing
   *
   * **Cost** no allocation; up to 4,096 trails are gone through, those of other connections by one integer each.
   */
  has(trail: number, mayBeOf: (vni: number) => boolean): boolean {
    const trails = this.#trails;
    const words = trails.words();
    const at = trails.at(trail);
    const ports = portsAt(words, at);
    if (ports < 0) return false;
    const from = sequence(words, at + ports);
    const end = endOf(words, at, ports, trails.spanLen(trail));
    if (end === from) return false;
    const last = Math.min(trails.next - 1, trail + MAX_AHEAD);
    for (
      let other = trails.nextOfConnection(trail, last);
      other !== 0 && this.#stepsLeft > 0;
      other = trails.nextOfConnection(other, last)
    ) {
      this.#stepsLeft--;
      const otherAt = trails.at(other);
      // Another connection may have the same integer.
      if (portsAt(words, otherAt) !== ports) continue;
      const vni = trails.vni(other);
      if (vni < -1 || (vni >= 0 && !mayBeOf(vni))) continue;
      if (isOfFlow(words, otherAt, at, ports, true)) {
        const isAck = ((words[otherAt + ports + 3] as number) & Flag.Ack) !== 0;
        if (isAck && ((acknowledged(words, otherAt + ports) - end) | 0) >= 0) return true;
      } else if (isOfFlow(words, otherAt, at, ports, false)) {
        const otherEnd = endOf(words, otherAt, ports, trails.spanLen(other));
        const overlaps = ((sequence(words, otherAt + ports) - end) | 0) < 0 && ((otherEnd - from) | 0) > 0;
        if (overlaps) return false;
      }
    }
    return false;
  }
}
