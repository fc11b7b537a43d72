/**
 * `icmp-from-vtep-kernel`: a VTEP takes VXLAN frames, and says that their port is unreachable as well: its kernel, which
 * has no socket there, sees what its switch takes.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { unreachablePorts } from '../unreachable-ports.js';
import { listed, MAX_EVIDENCE, plural } from '../wording.js';

export const icmpFromVtepKernel: Rule = {
  id: 'icmp-from-vtep-kernel',
  title: 'A VTEP that works also says that its port is unreachable',
  judge: (facts: Facts): Claim[] =>
    unreachablePorts(facts)
      .filter(({ works }) => works)
      .map(({ reporter, source, destination, port, taps, count, evidence }) => ({
        severity: 'info',
        message: `${reporter} says ${plural(count, 'time')} that UDP port ${port} is unreachable for VXLAN from ${source}, seen at ${listed(taps)}, and yet it works: the kernel of ${destination} sees what its switch takes.`,
        evidence: evidence.slice(0, MAX_EVIDENCE),
        fix: `Harmless. To silence it, keep the underlay interface from the host's IP stack (its address on the switch's own port), or drop UDP port ${port} in the host's INPUT chain.`,
        about: { vni: null, vteps: [source, destination] },
      })),
};
