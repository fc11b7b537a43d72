/**
 * `mirrored-tap`: nearly every frame is at one tap twice, within microseconds: a mirror feeds it with both ways through a
 * switch, or both sides of a link. The network did not double them.
 */
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { framesOf, outOf } from '../wording.js';

/** With fewer frames nothing can be said of nearly every one. */
const LEAST_FRAMES = 8;
/** Of all frames, those that must be one of two. */
const LEAST_SHARE = 0.9;

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

/** Whether a tap sees nearly every frame twice: its copies prove nothing about the network. */
export function isMirrored({ frames, evidence: { repeats } }: TapFacts): boolean {
  return frames >= LEAST_FRAMES && repeats.second.count * 2 >= frames * LEAST_SHARE;
}
