/**
 * `vxlan-on-unlisted-port`: UDP payloads to a port that was not named look like VXLAN through and through. They are not
 * decoded as such unless asked for.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { agree, framesOf, plural } from '../wording.js';

export const vxlanOnUnlistedPort: Rule = {
  id: 'vxlan-on-unlisted-port',
  title: 'VXLAN, likely, on a port that was not named',
  judge: ({ taps }: Facts): Claim[] =>
    taps.flatMap(({ name, evidence }) =>
      [...evidence.unlistedPorts.byPort]
        .sort(([a], [b]) => a - b)
        .map(([port, seen]) => ({
          severity: 'info',
          message: `${plural(seen.count, 'frame')} to UDP port ${port} at ${name} ${agree(seen.count, 'is', 'are')} VXLAN, likely, and ${agree(seen.count, 'was', 'were')} not read as such.`,
          evidence: framesOf(name, seen.frames),
          fix: `Run again with --vxlan-port ${port} (several ports with commas between; 4789 and 8472 are read unless ports are named).`,
          about: { vni: null, vteps: [] },
        })),
    ),
};
