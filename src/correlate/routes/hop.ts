/**
 * Hops: from one place to the next on the way through a tunnel, and what became of frames there.
 */

import type { LatencySummary } from '../taps/latency.js';
import type { Presence } from '../taps/presence.js';
import { MAX_LISTED } from '../taps/tap-pair.js';
import type { Absentees, LastSeen } from './absentees.js';

/** From one endpoint to the next, in one tunnel. */
export class Hop {
  readonly tunnel: number;
  readonly from: number;
  readonly to: number;
  /** Frames that both saw, and how long they took: known at the end. */
  passed = 0;
  latencyNs: LatencySummary | null = null;
  /** Frames that `from` saw, and neither `to` nor any endpoint behind it, and that nobody acknowledged. */
  lost = 0;
  /** Of those, the ones that `to` has not been shown to capture at the time of, or to be behind `from`. */
  unproven = 0;
  /** Frames that `from` saw and an endpoint behind `to` as well, or that were acknowledged: `to` was not looking. */
  missed = 0;
  duplicated = 0;
  reordered = 0;
  /** The first 1,000 of each, where they were seen last. */
  readonly lostFrames: LastSeen[] = [];
  readonly unprovenFrames: LastSeen[] = [];
  readonly missedFrames: LastSeen[] = [];
  /** At `to`. */
  readonly duplicatedFrames: LastSeen[] = [];
  readonly reorderedFrames: LastSeen[] = [];

  readonly row: number;

  constructor(row: number, tunnel: number, from: number, to: number) {
    this.row = row;
    this.tunnel = tunnel;
    this.from = from;
    this.to = to;
  }

  /** Forgets what was judged to be absent: later frames may judge otherwise. */
  forgetAbsent(): void {
    this.lost = 0;
    this.unproven = 0;
    this.missed = 0;
    this.lostFrames.length = 0;
    this.unprovenFrames.length = 0;
    this.missedFrames.length = 0;
  }

  /** Adds a copy that came to `to`. */
  addDuplicated(seen: LastSeen): void {
    this.duplicated++;
    if (this.duplicatedFrames.length < MAX_LISTED) this.duplicatedFrames.push(seen);
  }

  /** Adds a frame that came to `to` behind later ones. */
  addReordered(seen: LastSeen): void {
    this.reordered++;
    if (this.reorderedFrames.length < MAX_LISTED) this.reorderedFrames.push(seen);
  }

  /** Adds frames that `to` did not see though they passed it: `count` in all. */
  addMissed(count: number, { vanished, acknowledged }: Absentees): void {
    this.missed += count;
    addListed(this.missedFrames, [...vanished, ...acknowledged]);
  }

  /**
   * Adds frames that nobody saw behind `from`, `count` in all.
   *
   * @param there when `to`'s tap was capturing
   * @param isOrdered whether `to` is known to be behind `from`: else nothing is proven
   */
  addVanished(count: number, frames: Absentees, there: Presence, isOrdered: boolean): void {
    const { vanished, acknowledged, acknowledgedCount } = frames;
    const lost = count - acknowledgedCount;
    const isOverlay = (this.to & 1) === 0;
    // Seen at the end, it may have been on its way yet when the other capture ended.
    const takesNs = this.latencyNs?.p95 ?? 0;
    const isCaptured = (timeNs: number): boolean => there.covers(timeNs) && there.covers(timeNs + takesNs);
    const unproven = vanished.filter(
      ({ timeNs, isArp }) => !isOrdered || !isCaptured(timeNs) || (isArp && isOverlay && !there.takesArp),
    );
    this.lost += lost;
    this.missed += acknowledgedCount;
    this.unproven += isOrdered ? unproven.length + frames.unprovenUnlisted(lost, isCaptured) : lost;
    addListed(this.lostFrames, vanished);
    addListed(this.unprovenFrames, unproven);
    addListed(this.missedFrames, acknowledged);
  }
}

/** Adds frames to a list, in the order of their times. */
function addListed(list: LastSeen[], frames: readonly LastSeen[]): void {
  list.push(...frames.slice(0, MAX_LISTED - list.length));
  list.sort((a, b) => a.timeNs - b.timeNs);
}
