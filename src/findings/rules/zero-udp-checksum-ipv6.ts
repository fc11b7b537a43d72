/**
 * `zero-udp-checksum-ipv6`: tunnels over IPv6 whose UDP has no checksum. RFC 6935 allows that to tunnels, if both ends
 * agree; a receiver that does not drops the frames without a word.
 */
import { ChecksumVerdict } from '../../dissect/checksum-verdict.js';
import { type ChecksumTunnel, checksumTunnels, isAnswered } from '../checksum-tunnels.js';
import { isDecapsulated } from '../decapsulated.js';
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { framesOf, listed, MAX_EVIDENCE, plural } from '../wording.js';

/** One frame proves no silence: who asks again was not answered. */
const LEAST_UNANSWERED = 2;

interface Seen {
  readonly tap: string;
  readonly tunnel: ChecksumTunnel;
  readonly works: boolean;
}

export const zeroUdpChecksumIpv6: Rule = {
  id: 'zero-udp-checksum-ipv6',
  title: 'Tunnels over IPv6 have no UDP checksum',
  consequenceOf: ['port-mismatch'],
  judge: (facts: Facts): Claim[] => {
    const seen = facts.taps.flatMap((tap) =>
      checksumTunnels(facts, tap, ChecksumVerdict.AbsentOverIpv6).map((tunnel) => ({
        tap: tap.name,
        tunnel,
        works: works(facts, tunnel),
      })),
    );
    return [...unanswered(seen.filter(({ works }) => !works)), ...harmless(seen.filter(({ works }) => works))];
  },
};

function works(facts: Facts, tunnel: ChecksumTunnel): boolean {
  const toGroup = tunnel.destination.startsWith('ff');
  return toGroup || tunnel.count < LEAST_UNANSWERED || isAnswered(facts, tunnel) || isDecapsulated(facts, tunnel);
}

/** A claim for each tunnel. */
function unanswered(seen: readonly Seen[]): Claim[] {
  const keys = new Set(seen.map(({ tunnel }) => keyOf(tunnel)));
  return [...keys].map((key) => {
    const same = seen.filter(({ tunnel }) => keyOf(tunnel) === key);
    const { vni, source, destination } = (same[0] as Seen).tunnel;
    const count = Math.max(...same.map(({ tunnel }) => tunnel.count));
    return {
      severity: 'warning',
      message: `${plural(count, 'frame')} of VNI ${vni} from ${source} to ${destination}, seen at ${listed(same.map(({ tap }) => tap))}, have no UDP checksum, and nothing was decapsulated or came back: likely ${destination} drops them, as IPv6 asks for where it was not told otherwise.`,
      evidence: evidenceOf(same),
      fix: `Let ${destination} take them ("ip link add … type vxlan … udp6zerocsumrx") or ${source} send checksums ("noudp6zerocsumtx").`,
      about: { vni, vteps: [source, destination] },
    };
  });
}

/** One claim for all. */
function harmless(seen: readonly Seen[]): Claim[] {
  if (seen.length === 0) return [];
  const tunnels = new Set(seen.map(({ tunnel }) => keyOf(tunnel)));
  const taps = [...new Set(seen.map(({ tap }) => tap))];
  const parts = taps.map((name) => {
    const count = seen.filter(({ tap }) => tap === name).reduce((sum, { tunnel }) => sum + tunnel.count, 0);
    return `${plural(count, 'frame')} at ${name}`;
  });
  return [
    {
      severity: 'info',
      message: `${plural(tunnels.size, 'tunnel')} over IPv6 ${tunnels.size === 1 ? 'sends' : 'send'} no UDP checksum: ${listed(parts)}.`,
      evidence: evidenceOf(seen),
      fix: 'Allowed to tunnels whose receiver agrees (RFC 6935, RFC 6936; "udp6zerocsumrx").',
      about: { vni: null, vteps: [] },
    },
  ];
}

/** Tap by tap, in the order of the frames. */
function evidenceOf(seen: readonly Seen[]) {
  const taps = [...new Set(seen.map(({ tap }) => tap))];
  const framesAt = (name: string) => seen.filter(({ tap }) => tap === name).flatMap(({ tunnel }) => tunnel.frames);
  return taps
    .flatMap((name) =>
      framesOf(
        name,
        framesAt(name).sort((a, b) => a - b),
      ),
    )
    .slice(0, MAX_EVIDENCE);
}

function keyOf({ vni, source, destination }: ChecksumTunnel): string {
  return `${vni} ${source} ${destination}`;
}
