/**
 * `one-way-tunnel`: what one host sends another through a tunnel is seen, and nothing the other way. Floods say nothing,
 * as nobody need answer them, nor do the copies of a frame whose receiver is behind another VTEP.
 */
import { isGroup } from '../correlate/homes.js';
import { macText } from '../wire/address.js';
import { isMulticast } from './addresses.js';
import type { Facts } from './facts.js';
import type { Claim, Rule } from './finding.js';
import { type OneWay, oneWays } from './one-ways.js';
import { firstFew, MAX_EVIDENCE, plural } from './wording.js';

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
    const all = oneWays(facts);
    // Each way in a VNI of its own is routing between the two, or two numbers for one network: vni-mismatch tells these apart.
    const used = new Set(all.map(({ source, destination }) => `${source} ${destination}`));
    const homes = new Map<string, string>();
    for (const { vni, mac, vtep } of facts.endpoints) homes.set(`${vni} ${mac}`, vtep);
    const tunnels = new Map<string, OneWay[]>();
    for (const way of all) {
      const { vni, source, destination, receiver } = way;
      const home = homes.get(`${vni} ${macText(receiver)}`) ?? destination;
      if (isGroup(receiver) || isMulticast(destination) || home !== destination) continue;
      if (used.has(`${destination} ${source}`)) continue;
      const key = `${vni} ${source} ${destination}`;
      tunnels.set(key, [...(tunnels.get(key) ?? []), way]);
    }
    return [...tunnels.values()].filter((ways) => framesIn(ways) >= LEAST_FRAMES).map(claimOf);
  },
};

function framesIn(ways: readonly OneWay[]): number {
  return ways.reduce((sum, { frames }) => sum + frames, 0);
}

function claimOf(ways: readonly OneWay[]): Claim {
  const { vni, source, destination } = ways[0] as OneWay;
  const taps = [...new Set(ways.flatMap((way) => [...way.taps.keys()]))];
  return {
    severity: 'info',
    message: `${plural(framesIn(ways), 'unicast frame')} went from ${source} to ${destination} in VNI ${vni}, and none came back (${firstFew(taps)}): likely the capture has one direction only, the way back passes elsewhere, or ${destination} does not answer.`,
    evidence: ways.flatMap(({ evidence }) => evidence).slice(0, MAX_EVIDENCE),
    fix: `Capture at ${destination} too, without a filter on addresses and with both directions of a mirror; then see whether it gets these frames and answers in VNI ${vni}.`,
    about: { vni, vteps: [source, destination] },
  };
}
