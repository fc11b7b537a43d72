/**
 * `mirrored-tap`: nearly every frame is at one tap twice, within microseconds: a mirror feeds it with both ways through a
 * switch, or both sides of a link. The network did not double them.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { isMirrored } from '../mirrored.js';
import { framesOf, outOf } from '../wording.js';

export const mirroredTap: Rule = {
  id: 'mirrored-tap',
  title: 'A mirror gives a tap every frame twice',
  judge: ({ taps }: Facts): Claim[] =>
    taps.filter(isMirrored).map(({ name, frames, evidence }) => ({
      severity: 'info',
      message: `${outOf(evidence.repeats.second.count, frames)} at ${name} are there for the second time within 100 µs: the tap sees them twice, likely through a mirror of both directions; nothing doubled them on the network.`,
      evidence: framesOf(name, evidence.repeats.second.frames),
      fix: 'Mirror one direction only, or one port of the two; `editcap -d CAPTURE OUT` takes the second copies out of a capture.',
      about: { vni: null, vteps: [] },
    })),
};
