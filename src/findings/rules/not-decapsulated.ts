/**
 * `not-decapsulated`: frames of a VNI reach a VTEP at its own underlay tap, no overlay tap of its host sees any of them,
 * and the VTEP sends nothing in that VNI. Likely it does not have it.
 *
 * There are two ways to know that they should have come out at an overlay tap: it belongs to no other VNI, and would be
 * their only way out; or they are for a MAC that it sends from, in a VNI of its own.
 */
import type { CorrelationRow, FrameReference } from '../../correlate/report/correlation.js';
import { macText } from '../../wire/address.js';
import { hopsOf } from '../by-vni.js';
import type { Facts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { once } from '../once.js';
import { endsOf, framesAt, joined, oneWayRows } from '../one-ways.js';
import { tapAt } from '../places.js';
import { framesOf, listed, MAX_EVIDENCE, plural } from '../wording.js';

export const notDecapsulated: Rule = {
  id: 'not-decapsulated',
  title: 'A VTEP does not take frames off the tunnel',
  consequenceOf: ['port-mismatch'],
  judge: (facts: Facts): Claim[] => [
    ...facts.pairings.flatMap((row) => atSilentTap(row, facts)),
    ...[...new Set(facts.ownUnderlay.values())].flatMap((tap) => forKnownMacs(tap, facts)),
  ],
};

/** VNIs and VTEPs that send in them. */
const sendersOf = once(({ tunnels }: Facts) => new Set(tunnels.map(({ vni, source }) => `${vni} ${source}`)));

const vtepsOf = once(({ vteps }: Facts) => new Set(vteps.map(({ address }) => address)));

function sendsIn(facts: Facts, vni: number, vtep: string): boolean {
  return sendersOf(facts).has(`${vni} ${vtep}`);
}

/** Frames that reached the own underlay tap of an overlay tap at which nothing ever paired. */
function atSilentTap(row: CorrelationRow, facts: Facts): Claim[] {
  const { overlay, underlay, vni, underlayOnly, unproven, evidence } = row;
  const paired = facts.pairings.some((other) => other.overlay === overlay && other.matched > 0);
  if (paired || underlayOnly === 0 || facts.ownUnderlay.get(overlay) !== underlay) return [];
  return lastSeenAt(underlay, vni, facts)
    .filter(({ destination }) => !sendsIn(facts, vni, destination))
    .map(({ sources, destination }) => {
      const likely = unproven === 0 ? '' : ` (likely: ${overlay} is not shown to capture then)`;
      return {
        severity: 'error',
        message: `${plural(underlayOnly, 'frame')} of VNI ${vni} from ${listed(sources)} reached ${destination} at ${underlay}, and none left it at ${overlay}${likely}; ${destination} sends nothing in VNI ${vni}, so likely it does not have it.`,
        evidence: framesOf(underlay, evidence.underlayOnly).slice(0, MAX_EVIDENCE),
        fix: fixOf(vni, destination),
        about: { vni, vteps: [...sources, destination] },
      };
    });
}

/** Tunnels of a VNI that lead from other taps to this one, and no further: their receivers. Frames of its own host's VMs leave there. */
function lastSeenAt(tap: string, vni: number, facts: Facts): { sources: string[]; destination: string }[] {
  const { ownUnderlay } = facts;
  const hops = hopsOf(facts, vni);
  const goOn = new Set(hops.filter(({ from }) => from === tap).map(({ destination }) => destination));
  const byDestination = new Map<string, Set<string>>();
  for (const { source, destination, from, to, passed } of hops) {
    if (to !== tap || passed === 0) continue;
    if (ownUnderlay.get(tapAt(facts, from)?.name ?? from) === tap) continue;
    if (goOn.has(destination) || !vtepsOf(facts).has(destination)) continue;
    byDestination.set(destination, (byDestination.get(destination) ?? new Set()).add(source));
  }
  return [...byDestination].map(([destination, sources]) => ({ sources: [...sources], destination }));
}

/** Frames that reached a VTEP in a VNI that it does not send in, for MACs that it has in others. */
interface Arrivals {
  readonly vni: number;
  readonly destination: string;
  readonly sources: Set<string>;
  frames: number;
  readonly evidence: FrameReference[];
  /** The others. */
  readonly vnis: Set<number>;
}

/** Frames at an underlay tap for MACs that are behind its VTEP in other VNIs, those of its overlay taps. */
function forKnownMacs(underlay: string, facts: Facts): Claim[] {
  const local = facts.localVteps.get(underlay);
  if (local === undefined) return [];
  const overlays = [...facts.ownUnderlay].filter(([, own]) => own === underlay).map(([overlay]) => overlay);
  const paired = facts.pairings.filter(({ overlay, matched }) => matched > 0 && overlays.includes(overlay));
  const vnis = new Set(paired.map(({ vni }) => vni));
  const rows = oneWayRows(facts).rows.filter(({ row: { row } }) => {
    const { vni, destination } = facts.ways.at(row);
    return local.has(destination) && !vnis.has(vni) && !sendsIn(facts, vni, destination);
  });
  const arriving = joined(facts, rows).filter((one) => framesAt(one, underlay) > 0);
  if (arriving.length === 0) return [];
  const homes = new Map<string, number[]>();
  for (const { vni, mac, vtep } of facts.endpoints) {
    const key = `${vtep} ${mac}`;
    if (vnis.has(vni)) homes.set(key, [...(homes.get(key) ?? []), vni]);
  }
  const arrivals = new Map<string, Arrivals>();
  for (const arrival of arriving) {
    const { vni, source, destination } = arrival.way;
    const others = homes.get(`${destination} ${macText(arrival.receiver)}`);
    if (others === undefined) continue;
    const key = `${vni} ${destination}`;
    const one = arrivals.get(key) ?? { vni, destination, sources: new Set(), frames: 0, evidence: [], vnis: new Set() };
    arrivals.set(key, one);
    one.sources.add(source);
    one.frames += framesAt(arrival, underlay);
    one.evidence.push(...endsOf(arrival, underlay));
    for (const other of others) one.vnis.add(other);
  }
  return [...arrivals.values()].map((one) => claimOf(one, underlay, overlays));
}

function claimOf(
  { vni, destination, sources, frames, evidence, vnis }: Arrivals,
  underlay: string,
  overlays: readonly string[],
): Claim {
  return {
    severity: 'error',
    message: `${plural(frames, 'frame')} of VNI ${vni} from ${listed([...sources])} reached ${destination} at ${underlay} for a MAC that it has in VNI ${listed([...vnis].map(String))}, and ${listed(overlays)} saw none of them; ${destination} sends nothing in VNI ${vni}, so likely it does not have it.`,
    evidence: evidence.slice(0, MAX_EVIDENCE),
    fix: fixOf(vni, destination),
    about: { vni, vteps: [...sources, destination] },
  };
}

function fixOf(vni: number, vtep: string): string {
  return `See on ${vtep} which VNIs it has ("ip -d link show type vxlan", "ovs-vsctl find interface type=vxlan", "vtep-ctl list Logical_Switch"): add VNI ${vni}, or correct it on the sender; then whether its bridge forwards to that port.`;
}
