/**
 * `time-goes-backwards`: frames of one capture bear earlier times than the frames before them. File order is kept;
 * latencies of these frames are off by as much.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { agree, duration, framesOf, outOf } from '../wording.js';

export const timeGoesBackwards: Rule = {
  id: 'time-goes-backwards',
  title: 'Times run backwards within a capture',
  judge: ({ taps }: Facts): Claim[] =>
    taps
      .map(({ name, frames, evidence }) => ({ name, frames, back: evidence.stepsBack }))
      .filter(({ back }) => back.frames.count > 0)
      .map(({ name, frames, back }) => ({
        severity: 'info',
        message: `${outOf(back.frames.count, frames)} at ${name} ${agree(back.frames.count, 'bears an earlier time than the frame before it', 'bear earlier times than the frames before them')}, by ${duration(back.largestNs)} at most.`,
        evidence: framesOf(name, back.frames.frames),
        fix: 'Small steps come from several receive queues or interfaces written to one file and do no harm; large ones from a clock that was set: let ntpd or chronyd slew it, and do not step it, while capturing.',
        about: { vni: null, vteps: [] },
      })),
};
