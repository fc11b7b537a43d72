/**
 * `i-flag-clear`: a VXLAN header says that its VNI does not count. A receiver must drop such frames (RFC 7348, section
 * 5), so they are lost on every VTEP that follows it; or they are no VXLAN at all.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { agree, framesOf, outOf } from '../wording.js';

export const iFlagClear: Rule = {
  id: 'i-flag-clear',
  title: 'The I flag of the VXLAN header is clear',
  judge: ({ taps }: Facts): Claim[] =>
    taps
      .map(({ name, vxlanFrames, evidence }) => ({ name, vxlanFrames, clear: evidence.headerBits.instanceClear }))
      .filter(({ clear }) => clear.count > 0)
      .map(({ name, vxlanFrames, clear }) => ({
        severity: 'warning',
        message: `${outOf(clear.count, vxlanFrames)} with a VXLAN header at ${name} ${agree(clear.count, 'has', 'have')} the I flag clear: receivers must drop ${agree(clear.count, 'it', 'them')}.`,
        evidence: framesOf(name, clear.frames),
        fix: 'Find the sender by its outer address: a VTEP that builds such headers is broken; where it is not a VTEP, something else uses the port, and --vxlan-port says which ports are VXLAN.',
        about: { vni: null, vteps: [] },
      })),
};
