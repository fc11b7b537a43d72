/**
 * `outer-fragmented`: VXLAN packets in fragments. RFC 7348, section 4.3, forbids a VTEP to send them, and lets the
 * receiver drop them.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { fragmentedTunnels } from '../fragmented-tunnels.js';
import { listed, MAX_EVIDENCE, plural } from '../wording.js';

export const outerFragmented: Rule = {
  id: 'outer-fragmented',
  title: 'VXLAN packets are fragmented',
  judge: (facts: Facts): Claim[] =>
    fragmentedTunnels(facts).map(
      ({ vni, source, destination, taps, packets, lacking, longestLen, longestFragmentLen, evidence }) => ({
        severity: 'warning',
        message: `${plural(packets, 'VXLAN packet')} of VNI ${vni} from ${source} to ${destination} came in fragments at ${listed(taps)}: packets of up to ${longestLen} bytes, in fragments of up to ${longestFragmentLen}${lackingText(lacking)}.`,
        evidence: evidence.slice(0, MAX_EVIDENCE),
        fix: `A VTEP must not fragment, and the receiver may drop fragments (RFC 7348, section 4.3): give the underlay an MTU of at least ${longestLen} on every hop, or lower the MTU of the VMs.`,
        about: { vni, vteps: [source, destination] },
      }),
    ),
};

function lackingText(lacking: number): string {
  return lacking === 0
    ? ''
    : `; ${lacking} of them ${lacking === 1 ? 'lacks' : 'lack'} a fragment that was lost, or not captured`;
}
