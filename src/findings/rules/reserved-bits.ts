/**
 * `reserved-bits`: a sender sets bits of the VXLAN header that RFC 7348, section 5, says must be zero. Receivers ignore
 * them, so this explains nothing by itself; it tells what wrote the header.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { framesOf, plural } from '../wording.js';

export const reservedBits: Rule = {
  id: 'reserved-bits',
  title: 'Reserved bits of the VXLAN header are set',
  judge: ({ taps }: Facts): Claim[] =>
    taps
      .map(({ name, evidence }) => ({ name, seen: evidence.headerBits.reservedSet }))
      .filter(({ seen }) => seen.count > 0)
      .map(({ name, seen }) => ({
        severity: 'info',
        message: `${plural(seen.count, 'frame')} at ${name} ${seen.count === 1 ? 'has' : 'have'} reserved bits of the VXLAN header set.`,
        evidence: framesOf(name, seen.frames),
        fix: 'Receivers must ignore them (RFC 7348, section 5); an extension of the sender is likely (group policy, GPE, a vendor header).',
        about: { vni: null, vteps: [] },
      })),
};
