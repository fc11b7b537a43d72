/**
 * `duplicates`: at one tap, in one tunnel, a frame comes more often than the tap before it saw it. Between an overlay tap
 * and its own underlay that is the VTEP's doing, between two underlay taps that of the network.
 */
import type { CorrelationRow, FrameReference } from '../../correlate/report/correlation.js';
import { hopsOf } from '../by-vni.js';
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { framesAt } from '../frames-at.js';
import { areMirrored } from '../mirrored.js';
import { isOverlay, tapAt } from '../places.js';
import { MAX_EVIDENCE, outOf, percent } from '../wording.js';

const FIX =
  'Look for a loop, a port mirror that covers both directions, or two forwarders on one segment that both flood (multihoming without a designated one). Equal outer IP identification says that the underlay copied the packet, a different one that the VTEP sent it twice.';

export const duplicates: Rule = {
  id: 'duplicates',
  title: 'Frames arrive more often than they were sent',
  judge: (facts: Facts): Claim[] => [...besideOverlays(facts), ...betweenUnderlays(facts)],
};

function besideOverlays(facts: Facts): Claim[] {
  return facts.pairings
    .filter(
      ({ overlay, underlay }) => facts.ownUnderlay.get(overlay) === underlay && !areMirrored(facts, overlay, underlay),
    )
    .map((row) => ({ ...row, ...doubledBetween(facts, row) }))
    .filter(({ doubled }) => doubled > 0)
    .map(({ overlay, underlay, vni, overlayFrames, doubled, frames }) => ({
      severity: 'warning',
      message: `${outOf(doubled, overlayFrames)} (${percent(doubled, overlayFrames)}) of VNI ${vni} came more than once ${overlay === underlay ? `at ${overlay}` : `between ${overlay} and ${underlay}`}.`,
      evidence: frames.slice(0, MAX_EVIDENCE),
      fix: FIX,
      about: { vni, vteps: [] },
    }));
}

/** Copies that came to be between two taps: what comes twice to the first of them, and once to the other, was doubled before. */
function doubledBetween(
  facts: Facts,
  { overlay, underlay, vni }: CorrelationRow,
): { doubled: number; frames: FrameReference[] } {
  const isOf = (place: string, name: string): boolean => tapAt(facts, place)?.name === name;
  const hops = hopsOf(facts, vni).filter(
    ({ from, to, duplicated }) =>
      duplicated > 0 && ((isOf(from, overlay) && isOf(to, underlay)) || (isOf(from, underlay) && isOf(to, overlay))),
  );
  const frames = hops.flatMap(({ evidence }) => evidence.duplicated).sort((a, b) => a.frame - b.frame);
  return { doubled: hops.reduce((sum, { duplicated }) => sum + duplicated, 0), frames };
}

function betweenUnderlays(facts: Facts): Claim[] {
  return facts.hops
    .filter(
      ({ from, to, duplicated }) =>
        duplicated > 0 &&
        from !== to &&
        !isOverlay(facts, from) &&
        !isOverlay(facts, to) &&
        !areMirrored(facts, from, to),
    )
    .map(({ vni, source, destination, from, to, passed, duplicated }) => ({
      severity: 'warning',
      message: `${outOf(duplicated, passed)} (${percent(duplicated, passed)}) of VNI ${vni} from ${source} to ${destination} came to ${to} more often than ${from} saw ${duplicated === 1 ? 'it' : 'them'}.`,
      evidence: framesAt(facts, to, vni, 'duplicated'),
      fix: FIX,
      about: { vni, vteps: [source, destination] },
    }));
}
