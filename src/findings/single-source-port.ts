/**
 * `single-source-port`: all flows of a tunnel leave from one outer UDP port. Routers and bonds that spread tunnels over
 * several paths go by it (RFC 7348, 5), so all of the tunnel takes one path.
 */
import type { FrameReference } from '../correlate/correlation.js';
import { MAX_FLOWS } from '../evidence/senders.js';
import type { VtepPair } from '../inventory/ways.js';
import type { Facts, TapFacts } from './facts.js';
import type { Claim, Rule } from './finding.js';
import { sendersAt } from './seen-senders.js';
import { MAX_EVIDENCE } from './wording.js';

/** What a VTEP sent to another from one port. */
interface Tunnel {
  readonly pair: VtepPair;
  readonly port: number;
  /** Inner flows by tap and outer MAC: what is seen at two taps, or before and after a router, counts once. */
  readonly flows: Map<string, number>;
  readonly evidence: FrameReference[];
}

export const singleSourcePort: Rule = {
  id: 'single-source-port',
  title: 'All inner flows of a tunnel leave from one outer UDP port',
  judge(facts: Facts): Claim[] {
    const tunnels = new Map<VtepPair, Tunnel>();
    for (const [pair, { port, flows }] of portsOf(facts)) {
      if (port === null || flows < MAX_FLOWS) continue;
      tunnels.set(pair, { pair, port, flows: new Map(), evidence: [] });
    }
    for (const tap of tunnels.size === 0 ? [] : facts.taps) note(facts, tap, tunnels);
    return [...tunnels.values()].flatMap((tunnel) => {
      const flows = Math.max(...tunnel.flows.values());
      return flows < MAX_FLOWS ? [] : [claimOf(tunnel, flows)];
    });
  },
};

/** The port that each VTEP sends to another from, null where there are several, and the flows of all taps together. */
function portsOf({ taps, ways }: Facts): Map<VtepPair, { port: number | null; flows: number }> {
  const pairs = new Map<VtepPair, { port: number | null; flows: number }>();
  for (const tap of taps) {
    for (const { row, port, flows } of sendersAt(tap)) {
      const { pair } = ways.at(row);
      const known = pairs.get(pair);
      if (known === undefined) {
        pairs.set(pair, { port, flows });
      } else {
        if (known.port !== port) known.port = null;
        known.flows += flows;
      }
    }
  }
  return pairs;
}

function note({ ways }: Facts, tap: TapFacts, tunnels: Map<VtepPair, Tunnel>): void {
  for (const { row, flows, firstFrame } of sendersAt(tap)) {
    const tunnel = tunnels.get(ways.at(row).pair);
    if (tunnel === undefined) continue;
    const seen = `${tap.name} ${ways.outerMac(row)}`;
    tunnel.flows.set(seen, (tunnel.flows.get(seen) ?? 0) + flows);
    if (tunnel.evidence.length < MAX_EVIDENCE) tunnel.evidence.push({ tap: tap.name, frame: firstFrame });
  }
}

function claimOf({ pair: { source, destination }, port, evidence }: Tunnel, flows: number): Claim {
  return {
    severity: 'info',
    message: `At least ${flows} inner flows from ${source} to ${destination} leave from one outer source port, ${port}: routers that spread flows over several paths send all of them one way.`,
    evidence,
    fix: 'Let the sender derive the port from the inner headers: no srcport range of one port on the VXLAN device (ip -d link show), and receive hashing on where the sender takes the hash from its NIC.',
    about: { vni: null, vteps: [source, destination] },
  };
}
