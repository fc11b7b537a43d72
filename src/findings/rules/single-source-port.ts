/**
 * `single-source-port`: all flows of a tunnel leave from one outer UDP port. Routers and bonds that spread tunnels over
 * several paths go by it (RFC 7348, 5), so all of the tunnel takes one path.
 */
import type { FrameReference } from '../../correlate/report/correlation.js';
import { MAX_FLOWS } from '../../evidence/senders.js';
import type { VtepPair } from '../../inventory/ways.js';
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { sendersAt } from '../seen-senders.js';
import { MAX_EVIDENCE } from '../wording.js';

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
    const isFromOne = pairsFromOnePort(facts);
    for (const tap of isFromOne.includes(1) ? facts.taps : []) note(facts, tap, isFromOne, tunnels);
    return [...tunnels.values()].flatMap((tunnel) => {
      const flows = Math.max(...tunnel.flows.values());
      return flows < MAX_FLOWS ? [] : [claimOf(tunnel, flows)];
    });
  },
};

/** What stands for several ports. */
const SEVERAL = -1;

/** By the number of a pair of VTEPs, 1 where all of its flows are from one port, and many, all taps together. */
function pairsFromOnePort({ taps, ways }: Facts): Uint8Array {
  // Ports are one too large: 0 is for none so far.
  const ports = new Int32Array(ways.pairs);
  const totals = new Int32Array(ways.pairs);
  for (const tap of taps) {
    for (const { row, port, flows } of sendersAt(tap)) {
      const { number } = ways.at(row).pair;
      const known = ports[number] as number;
      if (port === null || (known !== 0 && known !== port + 1)) ports[number] = SEVERAL;
      else ports[number] = port + 1;
      totals[number] = (totals[number] as number) + flows;
    }
  }
  return Uint8Array.from(ports, (port, pair) => (port !== SEVERAL && (totals[pair] as number) >= MAX_FLOWS ? 1 : 0));
}

/** Adds what a tap saw of these pairs. */
function note({ ways }: Facts, tap: TapFacts, isFromOne: Uint8Array, tunnels: Map<VtepPair, Tunnel>): void {
  for (const { row, port, flows, firstFrame } of sendersAt(tap)) {
    const { pair } = ways.at(row);
    if (isFromOne[pair.number] === 0) continue;
    const fresh: Tunnel = { pair, port: port as number, flows: new Map(), evidence: [] };
    const tunnel = tunnels.get(pair) ?? fresh;
    tunnels.set(pair, tunnel);
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
