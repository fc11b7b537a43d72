/**
 * Hops: from one place to the next on the way through a tunnel, and what became of frames there.
 */

import type { LatencySummary } from '../taps/latency.js';
import { MAX_LISTED } from '../taps/tap-pair.js';
import type { Absent, Absentees } from './absentees.js';
import type { Proof } from './proof.js';
import type { Seen } from './seen.js';

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
  /** Frames that `from` saw and an endpoint behind `to` as well, or that were acknowledged, while `to` was capturing. */
  missed = 0;
  duplicated = 0;
  reordered = 0;
  /** The first 1,000 of each, at `from`, or at the place before it that saw them last. */
  readonly lostFrames: Seen[] = [];
  readonly unprovenFrames: Seen[] = [];
  readonly missedFrames: Seen[] = [];
  /** At `to`. */
  readonly duplicatedFrames: Seen[] = [];
  readonly reorderedFrames: Seen[] = [];

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
  addDuplicated(seen: Seen): void {
    this.duplicated++;
    if (this.duplicatedFrames.length < MAX_LISTED) this.duplicatedFrames.push(seen);
  }

  /** Adds a frame that came to `to` behind later ones. */
  addReordered(seen: Seen): void {
    this.reordered++;
    if (this.reorderedFrames.length < MAX_LISTED) this.reorderedFrames.push(seen);
  }

  /** Adds frames that `to` did not see though they passed it, and it was capturing. @param count of them all @param listed the first of them */
  addMissed(count: number, listed: readonly Absent[]): void {
    this.missed += count;
    addListed(
      this.missedFrames,
      listed.map((frame) => this.#atFrom(frame)),
    );
  }

  /** A frame where it was seen before the hop. */
  #atFrom(frame: Absent): Seen {
    return frame.before.find(({ endpoint }) => endpoint === this.from) ?? frame;
  }

  /** Adds frames that nobody saw behind `from`, `count` in all. @param proof what `to` shows of them */
  addVanished(count: number, frames: Absentees, proof: Proof): void {
    const { vanished, acknowledged, acknowledgedCount } = frames;
    const lost = count - acknowledgedCount;
    const unproven = vanished.filter((frame) => !proof.holds(frame));
    this.lost += lost;
    this.missed += acknowledgedCount;
    const unlisted = Math.max(
      frames.unprovenUnlisted(lost, (timeNs) => proof.covers(timeNs)),
      Math.min(lost - vanished.length, proof.unreadBeyond(vanished.length)),
    );
    this.unproven += unproven.length + unlisted;
    addListed(this.lostFrames, vanished);
    addListed(this.unprovenFrames, unproven);
    addListed(this.missedFrames, acknowledged);
  }

  /** Adds frames that `to` shows to have vanished. */
  addProven(frames: readonly Seen[]): void {
    this.lost += frames.length;
    addListed(this.lostFrames, frames);
  }
}

/** Adds frames to a list, in the order of their times. */
function addListed(list: Seen[], frames: readonly Seen[]): void {
  list.push(...frames.slice(0, MAX_LISTED - list.length));
  list.sort((a, b) => a.timeNs - b.timeNs);
}
