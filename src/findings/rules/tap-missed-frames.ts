/**
 * `tap-missed-frames`: a tap did not see frames that a place behind it, or an answer, shows to have passed. It is the
 * capture that lacks them, not the network.
 */
import type { FrameReference, HopRow } from '../../correlate/report/correlation.js';
import { hopsOf } from '../by-vni.js';
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { lostFrames } from '../lost-frames.js';
import { tapAt } from '../places.js';
import { agree, MAX_EVIDENCE, plural } from '../wording.js';

interface Missed {
  count: number;
  readonly evidence: FrameReference[];
}

export const tapMissedFrames: Rule = {
  id: 'tap-missed-frames',
  title: 'A tap did not see frames that passed it',
  judge(facts: Facts): Claim[] {
    const missed = new Map<string, Missed>();
    const note = (tap: string, count: number, evidence: readonly FrameReference[]): void => {
      if (count === 0) return;
      const own = missed.get(tap) ?? { count: 0, evidence: [] };
      own.count += count;
      own.evidence.push(...evidence);
      missed.set(tap, own);
    };
    for (const { hop, answered } of lostFrames(facts)) note(hop.to, answered.length, answered);
    for (const { to, missed: count, evidence } of facts.hops) note(to, count, evidence.missed);
    for (const { tap, frames } of unheralded(facts)) note(tap, frames.length, frames);
    return [...missed]
      .map(([place, { count, evidence }]) => ({ place, count: count - unreadAt(facts, place), evidence }))
      .filter(({ count }) => count > 0)
      .map(({ place, count, evidence }) => ({
        severity: 'info',
        message: `${place} did not see ${plural(count, 'frame')} that ${agree(count, 'is', 'are')} known to have passed it: answers, or places behind it, show ${agree(count, 'it', 'them')}.`,
        evidence: evidence.sort((a, b) => a.frame - b.frame).slice(0, MAX_EVIDENCE),
        fix: 'Nothing is wrong with the network. The capture lost them: a larger buffer (-B), a smaller snaplen (-s), a filter that lets less through, or writing to a faster disk keeps more.',
        about: { vni: null, vteps: [] },
      }));
  },
};

/** Frames of which the tap of a place kept too little to tell which they are: it may have seen as many of those that it seems to lack. */
function unreadAt(facts: Facts, place: string): number {
  return tapAt(facts, place)?.unread ?? 0;
}

/** Frames that an overlay tap got out of a tunnel and that its own underlay tap, which nothing is in front of, has not seen. */
function unheralded(facts: Facts): { tap: string; frames: FrameReference[] }[] {
  return facts.pairings
    .filter(({ overlay, underlay }) => facts.ownUnderlay.get(overlay) === underlay)
    .filter(({ overlay, underlay, vni }) => !hopsOf(facts, vni).some((hop) => isOther(facts, hop, overlay, underlay)))
    .map(({ overlay, underlay, vni, evidence }) => {
      const sent = new Set(
        hopsOf(facts, vni)
          .filter(({ from }) => tapAt(facts, from)?.name === overlay)
          .flatMap(({ evidence: { lost, missed } }) => [...lost, ...missed].map(({ frame }) => frame)),
      );
      // Nobody need have got it: a bridge says some things itself, at one port only.
      for (const flood of facts.bum) if (flood.overlay === overlay && flood.vni === vni) sent.add(flood.overlayFrame);
      const came = evidence.overlayOnly.filter((frame) => !sent.has(frame));
      return { tap: underlay, frames: came.map((frame) => ({ tap: overlay, frame })) };
    });
}

/** Whether a hop that leads to the underlay tap from elsewhere has what that one missed. */
function isOther(facts: Facts, { from, to, missed }: HopRow, overlay: string, underlay: string): boolean {
  return to === underlay && tapAt(facts, from)?.name !== overlay && missed > 0;
}
