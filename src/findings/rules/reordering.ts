/**
 * `reordering`: on one hop, frames of a flow come behind later ones (RFC 4737, section 3).
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { framesAt } from '../frames-at.js';
import { areMirrored } from '../mirrored.js';
import { outOf, percent } from '../wording.js';

export const reordering: Rule = {
  id: 'reordering',
  title: 'Frames overtake each other on a hop',
  judge: (facts: Facts): Claim[] =>
    facts.hops
      .filter(({ reordered, from, to }) => reordered > 0 && !areMirrored(facts, from, to))
      .map(({ vni, source, destination, from, to, passed, reordered }) => ({
        severity: 'warning',
        message: `${outOf(reordered, passed)} (${percent(reordered, passed)}) of VNI ${vni} from ${source} to ${destination} came to ${to} behind later ones of their flow, which they had left ${from} before.`,
        evidence: framesAt(facts, to, vni, 'reordered'),
        fix: `Look for paths of different length between ${from} and ${to}: load balancing by packet, a bond in round-robin mode, a queue that some frames skip. Balance by flow: VXLAN's outer source port is there for it (RFC 7348, section 5).`,
        about: { vni, vteps: [source, destination] },
      })),
};
