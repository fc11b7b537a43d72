/**
 * `one-way-tunnel`: what one host sends another through a tunnel is seen, and nothing the other way. Floods say nothing,
 * as nobody need answer them, nor do the copies of a frame whose receiver is behind another VTEP.
 */
import type { Way } from '../../inventory/ways.js';
import { isGroupMac, macText } from '../../wire/address.js';
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { endpointsOf } from '../mac-places.js';
import { endsOf, joined, mostFrames, type OneWay, type OneWayRow, oneWayRows } from '../one-ways.js';
import { firstFew, MAX_EVIDENCE, plural } from '../wording.js';

/** One frame may be the last before an answer. */
const LEAST_FRAMES = 2;

export const oneWayTunnel: Rule = {
  id: 'one-way-tunnel',
  title: 'A tunnel is seen in one direction only',
  consequenceOf: [
    'port-mismatch',
    'vni-mismatch',
    'not-decapsulated',
    'vtep-source-mismatch',
    'checksum-wrong',
    'zero-udp-checksum-ipv6',
    'loss',
  ],
  judge(facts: Facts): Claim[] {
    const tunnels = new Map<Way, OneWay[]>();
    for (const one of joined(facts, betweenHosts(facts))) {
      if (isElsewhere(facts, one)) continue;
      const tunnel = tunnels.get(one.way);
      if (tunnel === undefined) tunnels.set(one.way, [one]);
      else tunnel.push(one);
    }
    return [...tunnels.values()].filter((ways) => framesIn(ways) >= LEAST_FRAMES).map(claimOf);
  },
};

/** What is for one host, between VTEPs without another VNI that is seen the other way alone. */
function betweenHosts(facts: Facts): OneWayRow[] {
  const { rows, hasRows } = oneWayRows(facts);
  const kept: OneWayRow[] = [];
  for (const seen of rows) {
    const { back, isToGroup } = facts.ways.at(seen.row.row).pair;
    // Each way in a VNI of its own is routing between the two, or two numbers for one network: vni-mismatch tells these apart.
    if (isToGroup || (back !== null && hasRows[back.number] === 1) || isGroupMac(seen.row.mac)) continue;
    kept.push(seen);
  }
  return kept;
}

/** Whether the receiver sends, and never through the VTEP that it is sent to at. */
function isElsewhere(facts: Facts, { way, receiver }: OneWay): boolean {
  const homes = endpointsOf(facts, way.vni, macText(receiver));
  return homes.length > 0 && homes.every(({ vtep }) => vtep !== way.destination);
}

function framesIn(ways: readonly OneWay[]): number {
  return ways.reduce((sum, one) => sum + mostFrames(one), 0);
}

function claimOf(ways: readonly OneWay[]): Claim {
  const { vni, source, destination } = (ways[0] as OneWay).way;
  const taps = [...new Set(ways.flatMap(({ seen }) => seen.map(({ tap }) => tap)))];
  return {
    severity: 'info',
    message: `${plural(framesIn(ways), 'unicast frame')} went from ${source} to ${destination} in VNI ${vni}, and none came back (${firstFew(taps)}): likely the capture has one direction only, the way back passes elsewhere, or ${destination} does not answer.`,
    evidence: ways.flatMap((one) => endsOf(one)).slice(0, MAX_EVIDENCE),
    fix: `Capture at ${destination} too, without a filter on addresses and with both directions of a mirror; then see whether it gets these frames and answers in VNI ${vni}.`,
    about: { vni, vteps: [source, destination] },
  };
}
