/**
 * `loss`: frames that one place saw and the next one did not, and nothing shows that they passed.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { type Lost, lostFrames } from '../lost-frames.js';
import { isOverlay } from '../places.js';
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
      .map((one) => {
        const { hop, vanished, count, proven } = one;
        const { vni, source, destination, from, to, passed, lost } = hop;
        const likely = proven === count ? '' : `, ${count - proven} of them likely, since ${doubt(one)}`;
        return {
          severity: 'error',
          message: `${outOf(count, lost + passed)} (${percent(count, lost + passed)}) of VNI ${vni} from ${source} to ${destination} vanished between ${from} and ${to}${likely}.`,
          evidence: vanished.slice(0, MAX_EVIDENCE),
          fix: `Look at what lies between ${from} and ${to}: counters of drops and errors on each interface there (ip -s link, ethtool -S), queues, rate limits, filters.${between(facts, from, to)}`,
          about: { vni, vteps: [source, destination] },
        };
      }),
};

/** Why some of the frames are likely lost only. */
function doubt({ hop: { from, to }, drops, unlisted, copies }: Lost): string {
  if (drops > 0) return `the capture of ${to} dropped ${plural(drops, 'frame')} itself`;
  if (copies > 0) return `${from} sees frames twice`;
  if (unlisted > 0) return 'of the others some were answered';
  return `${to} is not shown to have been capturing then`;
}

/** Between underlay taps there may be several ways. */
function between(facts: Facts, from: string, to: string): string {
  if (isOverlay(facts, from) || isOverlay(facts, to)) return '';
  return ' Where several ways share the load, capture at all of them: frames may have taken one without a capture.';
}
