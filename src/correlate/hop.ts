/**
 * Hops: from one place to the next on the way through a tunnel, and what became of frames there.
 */
import type { LatencySummary } from './latency.js';
import type { Presence } from './presence.js';
import { MAX_LISTED } from './tap-pair.js';

/** A frame, where it was seen last. */
export interface LastSeen {
  readonly endpoint: number;
  readonly frame: number;
  readonly timeNs: number;
  /** Its receiver acknowledged it: it arrived, whoever did not see it. */
  readonly acknowledged: boolean;
}

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
  /** Of those, the ones that `to` has not been shown to capture at the time of. */
  unproven = 0;
  /** Frames that `from` saw and an endpoint behind `to` as well, or that were acknowledged: `to` was not looking. */
  missed = 0;
  duplicated = 0;
  reordered = 0;
  /** The first 1,000 of each, where they were seen last. */
  readonly lostFrames: LastSeen[] = [];
  readonly unprovenFrames: LastSeen[] = [];
  readonly missedFrames: LastSeen[] = [];

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

  /** Adds frames that `to` did not see though they passed it. @param frames the first of `count` */
  addMissed(count: number, frames: readonly LastSeen[]): void {
    this.missed += count;
    addListed(this.missedFrames, frames);
  }

  /** Adds frames that nobody saw behind `from`. @param frames the first of `count` @param there when `to`'s tap was capturing */
  addVanished(count: number, frames: readonly LastSeen[], there: Presence): void {
    const arrived = frames.filter(({ acknowledged }) => acknowledged);
    const lost = frames.filter(({ acknowledged }) => !acknowledged);
    const unproven = lost.filter(({ timeNs }) => !there.covers(timeNs));
    this.lost += count - arrived.length;
    this.unproven += unproven.length;
    addListed(this.lostFrames, lost);
    addListed(this.unprovenFrames, unproven);
    this.addMissed(arrived.length, arrived);
  }
}

/** Adds frames to a list, in the order of their times. */
function addListed(list: LastSeen[], frames: readonly LastSeen[]): void {
  list.push(...frames.slice(0, MAX_LISTED - list.length));
  list.sort((a, b) => a.timeNs - b.timeNs);
}
