/**
 * `inner-exceeds-mtu`: inner packets that do not fit the underlay once the tunnel's headers are around them, and it
 * shows: they came in fragments, or their sender was told.
 */
import type { Facts } from './facts.js';
import type { Claim, Rule } from './finding.js';
import { type FragmentedTunnel, fragmentedTunnels } from './fragmented-tunnels.js';
import { MAX_EVIDENCE } from './wording.js';

export const innerExceedsMtu: Rule = {
  id: 'inner-exceeds-mtu',
  title: 'Inner packets are too large for the underlay',
  judge: (facts: Facts): Claim[] =>
    fragmentedTunnels(facts)
      .filter(({ overhead }) => overhead > 0)
      .map(shownByFragments),
};

function shownByFragments(tunnel: FragmentedTunnel): Claim {
  const { vni, source, destination, longestLen, longestFragmentLen, overhead, evidence } = tunnel;
  return {
    severity: 'warning',
    message: `Inner packets of up to ${longestLen - overhead} bytes of VNI ${vni} from ${source} to ${destination} do not fit the underlay: the tunnel adds ${overhead} bytes, and the longest fragment has ${longestFragmentLen}.`,
    evidence: evidence.slice(0, MAX_EVIDENCE),
    fix: `Give the VMs an MTU of ${longestFragmentLen - overhead}, or the underlay one of ${longestLen} or more.`,
    about: { vni, vteps: [source, destination] },
  };
}
