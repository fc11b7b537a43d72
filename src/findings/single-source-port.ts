/**
 * `single-source-port`: all flows of a tunnel leave from one outer UDP port. Routers and bonds that spread tunnels over
 * several paths go by it (RFC 7348, 5), so all of the tunnel takes one path.
 */
import type { FrameReference } from '../correlate/correlation.js';
import { MAX_FLOWS } from '../evidence/senders.js';
import type { Facts, TapFacts } from './facts.js';
import type { Claim, Rule } from './finding.js';
import { sendersAt } from './seen-senders.js';
import { MAX_EVIDENCE } from './wording.js';

/** What a VTEP sent to another. */
interface Tunnel {
  readonly source: string;
  readonly destination: string;
  readonly vnis: Set<number>;
  /** Null where there were several. */
  port: number | null;
  /** Inner flows by tap and outer MAC: what is seen at two taps, or before and after a router, counts once. */
  readonly flows: Map<string, number>;
  readonly evidence: FrameReference[];
}

export const singleSourcePort: Rule = {
  id: 'single-source-port',
  title: 'All inner flows of a tunnel leave from one outer UDP port',
  judge(facts: Facts): Claim[] {
    const tunnels = new Map<string, Tunnel>();
    for (const tap of facts.taps) note(facts, tap, tunnels);
    return [...tunnels.values()].flatMap((tunnel) => {
      const flows = Math.max(...tunnel.flows.values());
      return tunnel.port === null || flows < MAX_FLOWS ? [] : [claimOf(tunnel, flows)];
    });
  },
};

function note(facts: Facts, tap: TapFacts, tunnels: Map<string, Tunnel>): void {
  for (const { source, destination, vni, outerMac, port, flows, firstFrame } of sendersAt(facts, tap)) {
    const key = `${source} ${destination}`;
    const fresh: Tunnel = { source, destination, vnis: new Set(), port, flows: new Map(), evidence: [] };
    const tunnel = tunnels.get(key) ?? fresh;
    tunnels.set(key, tunnel);
    if (tunnel.port !== port) tunnel.port = null;
    tunnel.vnis.add(vni);
    const seen = `${tap.name} ${outerMac}`;
    tunnel.flows.set(seen, (tunnel.flows.get(seen) ?? 0) + flows);
    if (tunnel.evidence.length < MAX_EVIDENCE) tunnel.evidence.push({ tap: tap.name, frame: firstFrame });
  }
}

function claimOf({ source, destination, vnis, port, evidence }: Tunnel, flows: number): Claim {
  const [vni] = vnis;
  return {
    severity: 'info',
    message: `At least ${flows} inner flows from ${source} to ${destination} leave from one outer source port, ${port}: routers that spread flows over several paths send all of them one way.`,
    evidence,
    fix: 'Let the sender derive the port from the inner headers: no srcport range of one port on the VXLAN device (ip -d link show), and receive hashing on where the sender takes the hash from its NIC.',
    about: { vni: vnis.size === 1 ? (vni as number) : null, vteps: [source, destination] },
  };
}
