/**
 * `nested-tunnels`: a tunnel inside a tunnel. Nothing is wrong with that, but each one takes its share of the MTU, and
 * what is said of addresses and VNIs is said of the innermost one.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { agree, framesOf, outOf } from '../wording.js';

export const nestedTunnels: Rule = {
  id: 'nested-tunnels',
  title: 'Tunnels inside tunnels',
  judge: ({ taps }: Facts): Claim[] =>
    taps
      .map(({ name, frames, evidence }) => ({ name, frames, nested: evidence.nested }))
      .filter(({ nested }) => nested.count > 0)
      .map(({ name, frames, nested }) => ({
        severity: 'info',
        message: `${outOf(nested.count, frames)} at ${name} ${agree(nested.count, 'carries', 'carry')} a tunnel inside a tunnel.`,
        evidence: framesOf(name, nested.frames),
        fix: 'Where it is meant, take the overhead of each tunnel off the inner MTU (50 bytes for VXLAN over IPv4, 70 over IPv6); where it is not, look for a VTEP whose uplink is itself an overlay network.',
        about: { vni: null, vteps: [] },
      })),
};
