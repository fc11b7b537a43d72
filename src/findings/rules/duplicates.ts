/**
 * `duplicates`: at one tap, in one tunnel, a frame comes more often than the tap before it saw it. Between an overlay tap
 * and its own underlay that is the VTEP's doing, between two underlay taps that of the network.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { framesAt } from '../frames-at.js';
import { areMirrored } from '../mirrored.js';
import { isOverlay } from '../places.js';
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
    .filter(({ duplicated }) => duplicated > 0)
    .map(({ overlay, underlay, vni, overlayFrames, duplicated, evidence }) => ({
      severity: 'warning',
      message: `${outOf(duplicated, overlayFrames)} (${percent(duplicated, overlayFrames)}) of VNI ${vni} came more than once ${overlay === underlay ? `at ${overlay}` : `between ${overlay} and ${underlay}`}.`,
      evidence: evidence.duplicated.slice(0, MAX_EVIDENCE),
      fix: FIX,
      about: { vni, vteps: [] },
    }));
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
