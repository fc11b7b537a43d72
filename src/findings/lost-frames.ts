/**
 * Frames that were not seen any more behind a place: which of them are known to have passed for all that, and which had
 * to wait for an address that nobody knew yet.
 */
import type { FrameReference, HopRow } from '../correlate/report/correlation.js';
import { hopsOf } from './by-vni.js';
import type { Facts } from './facts.js';
import { isMirrored } from './mirrored.js';
import { once } from './once.js';
import { isOverlay, tapAt } from './places.js';

/** What became of the frames that a hop has as lost. */
export interface Lost {
  readonly hop: HopRow;
  /** Nothing shows that they passed. */
  readonly vanished: readonly FrameReference[];
  /** An answer shows that they passed. */
  readonly answered: readonly FrameReference[];
  /** Frames behind the list of those that are lost, which may be explained as some of the listed ones are. */
  readonly unlisted: number;
  /** Second copies, of a tap that a mirror gives every frame twice: they never went further. */
  readonly copies: number;
  /** How many vanished; the references are the first 1,000 of the hop. */
  readonly count: number;
  /** Frames that the capture of the far place dropped, as it says itself. */
  readonly drops: number;
  /** How many vanished at least, though each one at whose time the far place may not have captured, and each drop, be one of them. */
  readonly proven: number;
}

/** Of each hop that lost something. **Cost** allocates once: several rules ask. */
export const lostFrames = once((facts: Facts): readonly Lost[] => {
  const dropped = new Set(
    droppedFirst(facts).flatMap(({ frames }) => frames.map(({ tap, frame }) => `${tap} ${frame}`)),
  );
  // Where nothing passed from one underlay tap to the other, they lie on different ways.
  const hops = facts.hops.filter(
    ({ lost, passed, from, to }) => lost > 0 && (passed > 0 || isOverlay(facts, from) || isOverlay(facts, to)),
  );
  return hops.map((hop) => lostOn(hop, facts, dropped));
});

/** What became of the frames that one hop has as lost. @param dropped while an address was resolved, as tap and frame */
function lostOn(hop: HopRow, facts: Facts, dropped: ReadonlySet<string>): Lost {
  const isDropped = ({ tap, frame }: FrameReference): boolean => dropped.has(`${tap} ${frame}`);
  const isAnswered = ({ tap, frame }: FrameReference): boolean =>
    tapAt(facts, tap)?.evidence.answers.has(frame) ?? false;
  const isExplained = (reference: FrameReference): boolean => isDropped(reference) || isAnswered(reference);
  const { lost, unproven } = hop.evidence;
  const answered = lost.filter((reference) => !isDropped(reference) && isAnswered(reference));
  const vanished = lost.filter((reference) => !isExplained(reference));
  const count = hop.lost - (lost.length - vanished.length);
  // Of those that vanished: what is explained needs no proof, and must not stand for another one that has it.
  const unprovenCount = hop.unproven - unproven.filter(isExplained).length;
  const drops = tapAt(facts, hop.to)?.drops ?? 0;
  // Where some of the listed frames are explained, those behind the list may be, too.
  const unlisted = vanished.length < lost.length ? hop.lost - lost.length - (hop.unproven - unproven.length) : 0;
  const from = tapAt(facts, hop.from);
  const copies = from !== undefined && isMirrored(from) ? hop.passed : 0;
  const proven = Math.max(0, count - unprovenCount - unlisted - drops - copies);
  return { hop, vanished, answered, unlisted, copies, count, drops, proven };
}

/** Frames that were dropped while a VTEP's address was being resolved: they came before the first one that was encapsulated. */
export interface DroppedFirst {
  readonly overlay: string;
  readonly underlay: string;
  readonly vni: number;
  readonly destination: string;
  readonly frames: readonly FrameReference[];
}

/** All of them, at the sender's own taps. **Cost** allocates. */
export function droppedFirst(facts: Facts): DroppedFirst[] {
  const { taps, pairings, ownUnderlay } = facts;
  // Of frames that a tap sees twice the second copies went nowhere.
  const mirrored = new Set(taps.filter(isMirrored).map(({ name }) => name));
  return pairings
    .filter(({ overlay, underlay }) => ownUnderlay.get(overlay) === underlay && !mirrored.has(overlay))
    .flatMap(({ overlay, underlay, vni, firstPackets }) => {
      const lost = new Map<string, FrameReference[]>();
      for (const { from, destination, evidence } of firstPackets.length === 0 ? [] : hopsOf(facts, vni)) {
        if (from === overlay) lost.set(destination, [...(lost.get(destination) ?? []), ...evidence.lost]);
      }
      return firstPackets.map(({ overlayFrame, destination }) => ({
        ...{ overlay, underlay, vni, destination },
        frames: (lost.get(destination) ?? []).filter(({ frame }) => frame < overlayFrame),
      }));
    });
}
