/**
 * `port-mismatch`: a VTEP answers VXLAN with ICMP port unreachable, and nothing shows that it takes the frames all the
 * same. Where something does, it is `icmp-from-vtep-kernel`.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { unreachablePorts } from '../unreachable-ports.js';
import { listed, MAX_EVIDENCE, plural } from '../wording.js';

export const portMismatch: Rule = {
  id: 'port-mismatch',
  title: 'Nobody listens on the port that VXLAN is sent to',
  judge: (facts: Facts): Claim[] =>
    unreachablePorts(facts)
      .filter(({ works }) => !works)
      .map(({ reporter, source, destination, port, vnis, taps, count, evidence }) => ({
        severity: 'error',
        message: `${reporter} says ${plural(count, 'time')} that ${reporter === destination ? 'its UDP port' : `${destination}'s UDP port`} ${port} is unreachable for VXLAN from ${source}${ofVnis(vnis)}, seen at ${listed(taps)}; nothing of it was decapsulated or answered.`,
        evidence: evidence.slice(0, MAX_EVIDENCE),
        fix: `Likely ${destination} listens on another port (compare "ip -d link show type vxlan": Linux defaults to 8472, IANA's is 4789), its tunnel interface is missing or down, or a firewall rejects the port.`,
        about: { vni: vnis.length === 1 ? (vnis[0] as number) : null, vteps: [source, destination] },
      })),
};

function ofVnis(vnis: readonly number[]): string {
  return vnis.length === 0 ? '' : ` (VNI ${listed(vnis.map(String))})`;
}
