/**
 * `inner-exceeds-mtu`: inner packets that do not fit the underlay once the tunnel's headers are around them, and it
 * shows: they came in fragments, or a sender, of them or of the tunnel's packets, was told.
 */
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { type FragmentedTunnel, fragmentedTunnels } from '../fragmented-tunnels.js';
import { type Told, told, tunnelOfGuests } from '../told.js';
import { listed, MAX_EVIDENCE, plural } from '../wording.js';

export const innerExceedsMtu: Rule = {
  id: 'inner-exceeds-mtu',
  title: 'Inner packets are too large for the underlay',
  judge: (facts: Facts): Claim[] => {
    const errors = told(facts, 'too-big');
    return [
      ...errors.flatMap((error) => (error.port < 0 ? toldGuest(error, errors, facts) : [toldVtep(error)])),
      ...fragmentedTunnels(facts)
        .filter(({ overhead }) => overhead > 0)
        .map(shownByFragments),
    ];
  },
};

/** An error to a VTEP about its tunnel's packets. */
function toldVtep({
  reporter,
  source,
  destination,
  vni,
  taps,
  count,
  mtu,
  longestLen,
  overhead,
  evidence,
}: Told): Claim {
  const leaves =
    overhead === 0 ? '' : `; less the tunnel's ${overhead} bytes that leaves ${mtu - overhead} for inner packets`;
  return {
    severity: 'warning',
    message: `${reporter} told ${source} ${plural(count, 'time')} that VXLAN packets of up to ${longestLen} bytes to ${destination} are too large${namedMtu(mtu)}, seen at ${listed(taps)}${mtu === 0 ? '' : leaves}.`,
    evidence: evidence.slice(0, MAX_EVIDENCE),
    fix: `Raise the MTU on the path from ${source} to ${destination} to ${longestLen} or more${mtu === 0 || overhead === 0 ? '' : `, or give the VMs one of ${mtu - overhead}`}.`,
    about: { vni: vni < 0 ? null : vni, vteps: [source, destination] },
  };
}

/** An error to a guest about a packet of its own for a guest behind another VTEP of its network. */
function toldGuest(error: Told, errors: readonly Told[], facts: Facts): Claim[] {
  const { source, destination, taps, count, mtu, longestLen, evidence } = error;
  const tunnel = tunnelOfGuests(error, errors, facts);
  if (tunnel === null) return [];
  const { vni, source: from, destination: to } = tunnel;
  // RFC 7348: inner Ethernet, VXLAN, UDP, and IPv4 or IPv6.
  const overhead = from.includes(':') ? 70 : 50;
  const carries = mtu === 0 ? '' : ` and leaves ${mtu} of ${mtu + overhead}`;
  return [
    {
      severity: 'warning',
      message: `${source} of VNI ${vni} was told ${plural(count, 'time')} that packets of up to ${longestLen} bytes to ${destination} are too large${namedMtu(mtu)}, seen at ${listed(taps)}; likely by the tunnel from ${from} to ${to}, which adds ${overhead} bytes${carries}.`,
      evidence: evidence.slice(0, MAX_EVIDENCE),
      fix: `Give the VMs an MTU of ${mtu === 0 ? 'less' : mtu} from the start, or the underlay one of ${longestLen + overhead} or more.`,
      about: { vni, vteps: [from, to] },
    },
  ];
}

function namedMtu(mtu: number): string {
  return mtu === 0 ? '' : ` (MTU ${mtu})`;
}

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
