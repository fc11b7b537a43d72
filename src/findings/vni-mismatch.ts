/**
 * `vni-mismatch`: two VTEPs carry frames between the same two MACs in one VNI one way and in another the other way, and
 * use neither both ways. Routing between VNIs would change the MACs (asymmetric IRB): likely one side has the wrong VNI.
 */
import { macText } from '../wire/address.js';
import type { Facts } from './facts.js';
import type { Claim, Rule } from './finding.js';
import { type OneWay, oneWays } from './one-ways.js';
import { MAX_EVIDENCE, plural } from './wording.js';

export const vniMismatch: Rule = {
  id: 'vni-mismatch',
  title: 'One VNI one way, another one back',
  judge: (facts: Facts): Claim[] => {
    const ways = new Map<string, OneWay[]>();
    for (const way of oneWays(facts)) {
      const key = [way.source, way.destination, way.sender, way.receiver].join(' ');
      ways.set(key, [...(ways.get(key) ?? []), way]);
    }
    // Each two VTEPs once for two VNIs, whatever MACs are behind them.
    const claims = new Map<string, Claim>();
    for (const out of [...ways.values()].flat()) {
      const reverse = [out.destination, out.source, out.receiver, out.sender].join(' ');
      for (const back of ways.get(reverse) ?? []) {
        const key = [out, back]
          .map(({ vni, source }) => `${vni} ${source}`)
          .sort()
          .join(' ');
        if (!claims.has(key)) claims.set(key, claimOf(out, back));
      }
    }
    return [...claims.values()];
  },
};

function claimOf(out: OneWay, back: OneWay): Claim {
  const { source, destination, sender, receiver } = out;
  return {
    severity: 'warning',
    message: `Between ${macText(sender)} behind ${source} and ${macText(receiver)} behind ${destination}, ${plural(out.frames, 'frame')} went out in VNI ${out.vni} and ${plural(back.frames, 'frame')} came back in VNI ${back.vni}, and neither VNI is used both ways: likely one of the two VTEPs has the wrong VNI.`,
    evidence: [...out.evidence, ...back.evidence].slice(0, MAX_EVIDENCE),
    fix: `Compare the VNI on ${source} and ${destination} ("ip -d link show type vxlan", "ovs-vsctl find interface type=vxlan", "vtep-ctl list Logical_Switch"): one network has one VNI everywhere.`,
    about: { vni: null, vteps: [source, destination] },
  };
}
