/**
 * `overlapping-fragments`: IP fragments that contradict each other. No sender makes them; receivers drop all of the
 * datagram (RFC 5722).
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { framesOf, plural } from '../wording.js';

export const overlappingFragments: Rule = {
  id: 'overlapping-fragments',
  title: 'IP fragments overlap',
  judge: ({ taps }: Facts): Claim[] =>
    taps.flatMap(({ name, evidence: { fragments } }) =>
      (
        [
          ['an IP', fragments.overlaps],
          ['an inner IP', fragments.innerOverlaps],
        ] as const
      )
        .filter(([, { count }]) => count > 0)
        .map(([what, { count, frames }]) => ({
          severity: 'warning',
          message: `${plural(count, 'frame')} at ${name} ${count === 1 ? 'holds' : 'hold'} ${what} fragment that overlaps another one of its datagram, or goes past its end: ${count === 1 ? 'that datagram is' : 'those datagrams are'} refused.`,
          evidence: framesOf(name, frames),
          fix: 'No healthy sender makes such fragments: look for an attack (teardrop), a generator, or two hosts that send from one address with the same identification.',
          about: { vni: null, vteps: [] },
        })),
    ),
};
