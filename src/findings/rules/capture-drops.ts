/**
 * `capture-drops`: the capture itself says that frames are missing from it. What looks lost may have been dropped only
 * here.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { number, plural } from '../wording.js';

export const captureDrops: Rule = {
  id: 'capture-drops',
  title: 'The capture missed frames',
  judge: ({ taps }: Facts): Claim[] =>
    taps
      .filter(({ drops }) => drops !== null && drops > 0)
      .map(({ name, frames, drops }) => ({
        severity: 'warning',
        message: `The capture of ${name} says that it dropped ${plural(drops as number, 'frame')} besides the ${number(frames)} that it has: what is missing at ${name} may have been there.`,
        evidence: [],
        fix: 'Capture with a larger buffer (tcpdump -B 65536, dumpcap -B 64), a short snaplen (-s 192), a filter, and onto a disk that keeps up.',
        about: { vni: null, vteps: [] },
      })),
};
