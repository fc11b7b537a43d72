/**
 * `truncated-capture`: a capture file ends inside a record, or contradicts itself; what came behind was not seen.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { plural } from '../wording.js';

export const truncatedCapture: Rule = {
  id: 'truncated-capture',
  title: 'A capture file is cut or corrupt',
  judge: ({ taps }: Facts): Claim[] =>
    taps
      .filter(({ ended }) => ended !== 'complete')
      .map(({ name, frames, ended, endReason }) => ({
        severity: 'info',
        message: `The capture of ${name} is ${ended} behind ${plural(frames, 'whole frame')}: ${endReason}; what came later was not seen.`,
        evidence: frames === 0 ? [] : [{ tap: name, frame: frames }],
        fix:
          ended === 'cut'
            ? 'Stop the capture with SIGINT and let it write out (tcpdump -U writes each frame at once), and copy it again when it is whole.'
            : 'Copy it again in binary mode and compare checksums; pcapfix may get back what is behind the fault.',
        about: { vni: null, vteps: [] },
      })),
};
