/**
 * `duplicates`: at one tap, in one tunnel, a frame comes more often than the tap before it saw it.
 */
import type { Facts } from './facts.js';
import type { Claim, Rule } from './finding.js';
import { plural } from './wording.js';

export const duplicates: Rule = {
  id: 'duplicates',
  title: 'Frames arrive more often than they were sent',
  judge: ({ pairings }: Facts): Claim[] =>
    pairings
      .filter(({ duplicated }) => duplicated > 0)
      .map(({ overlay, underlay, vni, overlayFrames, duplicated, evidence }) => ({
        severity: 'warning',
        message: `${plural(duplicated, 'frame')} of VNI ${vni} came more than once between ${overlay} and ${underlay}, of ${plural(overlayFrames, 'frame')} there.`,
        evidence: evidence.duplicated.slice(0, 100),
        fix: 'Look for a loop, a port mirror that covers both directions, or two paths that both flood (multihoming without a designated forwarder).',
        about: { vni, vteps: [] },
      })),
};
