/**
 * Acknowledgements: TCP segments that some tap did not see, and that their receiver acknowledged though nobody sent them
 * again. That proves that they arrived. Once a segment was sent again an acknowledgement proves nothing about the first
 * time.
 */
import type { Trails } from '../trails/trails.js';

/** How far behind a segment its acknowledgement is looked for, in trails. */
const MAX_AHEAD = 4096;
/** The same in all: what bounds the time where nearly all is lost. */
const MAX_AHEAD_IN_ALL = 1 << 26;

/** Looks for acknowledgements among the trails in the window. */
export class Acknowledgements {
  readonly #trails: Trails;
  #aheadLeft = MAX_AHEAD_IN_ALL;

  constructor(trails: Trails) {
    this.#trails = trails;
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
    const { outlines } = trails;
    if (!outlines.isSegment(trail)) return false;
    const last = Math.min(trails.next - 1, trail + Math.min(MAX_AHEAD, this.#aheadLeft));
    this.#aheadLeft -= last - trail;
    for (
      let other = outlines.nextOfConnection(trail, last);
      other !== 0;
      other = outlines.nextOfConnection(other, last)
    ) {
      const vni = outlines.vni(other);
      if (vni < -1 || (vni >= 0 && !mayBeOf(vni))) continue;
      if (outlines.isSameWay(trail, other)) {
        if (outlines.overlap(trail, other)) return false;
      } else if (outlines.acknowledges(other, trail)) {
        return true;
      }
    }
    return false;
  }
}
