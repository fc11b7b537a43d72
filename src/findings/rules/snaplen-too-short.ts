/**
 * `snaplen-too-short`: frames were cut within their headers, so that they cannot be told apart, let alone paired.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { agree, framesOf, outOf } from '../wording.js';

export const snaplenTooShort: Rule = {
  id: 'snaplen-too-short',
  title: 'Frames are cut within their headers',
  judge: ({ taps }: Facts): Claim[] =>
    taps
      .map(({ name, frames, evidence }) => ({ name, frames, short: evidence.shortFrames }))
      .filter(({ short }) => short.frames.count > 0)
      .map(({ name, frames, short }) => ({
        severity: 'info',
        message: `${outOf(short.frames.count, frames)} at ${name} ${agree(short.frames.count, 'is', 'are')} cut within their headers (${short.leastLen} bytes are left of the shortest): too short to be dissected to the end and to be paired.`,
        evidence: framesOf(name, short.frames.frames),
        fix: 'Capture with -s 192, which keeps all headers of an encapsulated frame over IPv4 or IPv6, or with -s 0, which keeps whole frames.',
        about: { vni: null, vteps: [] },
      })),
};
