/**
 * `loss`: frames that one place saw and the next one did not, and nothing shows that they passed.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { lostFrames } from '../lost-frames.js';
import { MAX_EVIDENCE, outOf, percent, plural } from '../wording.js';

export const loss: Rule = {
  id: 'loss',
  title: 'Frames vanish on a hop',
  consequenceOf: [
    'mtu-black-hole',
    'inner-exceeds-mtu',
    'port-mismatch',
    'not-decapsulated',
    'bum-not-encapsulated',
    'neighbour-unresolved',
  ],
  judge: (facts: Facts): Claim[] =>
    lostFrames(facts)
      .filter(({ proven }) => proven > 0)
      .map(({ hop: { vni, source, destination, from, to, passed, lost }, vanished, count, drops, proven }) => {
        const likely =
          proven === count
            ? ''
            : `, ${count - proven} of them likely, since ${drops > 0 ? `the capture of ${to} dropped ${plural(drops, 'frame')} itself` : `${to} is not shown to have been capturing then`}`;
        return {
          severity: 'error',
          message: `${outOf(count, lost + passed)} (${percent(count, lost + passed)}) of VNI ${vni} from ${source} to ${destination} vanished between ${from} and ${to}${likely}.`,
          evidence: vanished.slice(0, MAX_EVIDENCE),
          fix: `Look at what lies between ${from} and ${to}: counters of drops and errors on each interface there (ip -s link, ethtool -S), queues, rate limits, filters.`,
          about: { vni, vteps: [source, destination] },
        };
      }),
};
