/**
 * `hairpin-reflected`: a VTEP floods what it got through a tunnel back into the tunnels, to the VTEP that it came from too.
 * Gateways that share a MAC may send the same frame both ways by chance: it counts only where most of what a MAC floods
 * comes back, and most of what is sent from that MAC is what came back.
 */
import { isGroupMac, macText } from '../../wire/address.js';
import { isVirtualRouter } from '../addresses.js';
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { receiversAt } from '../seen-senders.js';
import { firstFew, framesOf, MAX_EVIDENCE, plural } from '../wording.js';

/** What came back from one VTEP to one, in one VNI, at one tap. */
interface Reflection {
  readonly vni: number;
  readonly tap: string;
  /** The VTEP that sends it back, and the one that it came from. */
  readonly mirror: string;
  readonly origin: string;
  /** Of how many that the origin sent. */
  frames: number;
  sent: number;
  readonly macs: string[];
  readonly evidence: number[];
}

export const hairpinReflected: Rule = {
  id: 'hairpin-reflected',
  title: 'What is flooded comes back to the VTEP that sent it',
  judge(facts: Facts): Claim[] {
    const most = new Map<string, Reflection>();
    for (const tap of facts.taps) {
      for (const [key, reflection] of reflectionsAt(facts, tap)) {
        if (reflection.frames > (most.get(key)?.frames ?? 0)) most.set(key, reflection);
      }
    }
    return [...most.values()].map(claimOf);
  },
};

/** By VNI and both VTEPs. */
function reflectionsAt(facts: Facts, tap: TapFacts): Map<string, Reflection> {
  const found = new Map<string, Reflection>();
  const { byRow } = tap.evidence.reflections;
  if (byRow.size === 0) return found;
  const flooded = floodedBy(facts, tap);
  // Of one MAC there is a row for each of its addresses.
  const byMac = new Map<string, { row: number; count: number; frames: number[] }>();
  for (const [row, { count, frames }] of byRow) {
    const { vni, source, destination } = facts.ways.at(row);
    const key = [vni, source, destination, facts.ways.innerMac(row)].join(' ');
    const known = byMac.get(key) ?? { row, count: 0, frames: [] };
    byMac.set(key, known);
    known.count += count;
    known.frames.push(...frames);
  }
  for (const { row, count, frames } of byMac.values()) {
    const { vni, source: mirror, destination: origin } = facts.ways.at(row);
    const innerMac = facts.ways.innerMac(row);
    const sent = flooded.get([vni, origin, mirror, innerMac].join(' ')) ?? 0;
    const sentBack = flooded.get([vni, mirror, origin, innerMac].join(' ')) ?? 0;
    if (isVirtualRouter(innerMac) || count * 2 < sent || count * 2 < sentBack) continue;
    const key = [vni, mirror, origin].join(' ');
    const reflection = found.get(key) ?? {
      ...{ vni, tap: tap.name, mirror, origin, frames: 0, sent: 0 },
      ...{ macs: [], evidence: [] },
    };
    found.set(key, reflection);
    reflection.frames += count;
    reflection.sent += sent;
    reflection.macs.push(macText(innerMac));
    reflection.evidence.push(...frames);
  }
  return found;
}

/** Frames to groups by VNI, both VTEPs and the MAC that sent them. */
function floodedBy(facts: Facts, tap: TapFacts): Map<string, number> {
  const flooded = new Map<string, number>();
  for (const { row, mac, frames } of receiversAt(tap)) {
    if (!isGroupMac(mac)) continue;
    const { vni, source, destination } = facts.ways.at(row);
    const key = [vni, source, destination, facts.ways.innerMac(row)].join(' ');
    flooded.set(key, (flooded.get(key) ?? 0) + frames);
  }
  return flooded;
}

function claimOf({ vni, tap, mirror, origin, frames, sent, macs, evidence }: Reflection): Claim {
  return {
    severity: 'warning',
    message: `${mirror} sent ${frames} of ${plural(sent, 'frame')} that ${origin} had flooded to it in VNI ${vni} back to ${origin} within 50 ms (${tap}, from ${firstFew(macs)}): it forwards from tunnel to tunnel, so switches learn these MACs in the wrong place.`,
    evidence: framesOf(
      tap,
      evidence.sort((a, b) => a - b),
    ).slice(0, MAX_EVIDENCE),
    fix: `On ${mirror} forward nothing from tunnel to tunnel: with one VXLAN device per peer in a bridge, bridge link set dev VXLAN isolated on for each, or one device with a flood list; turn hairpin off (bridge link set dev VXLAN hairpin off); with Open vSwitch look for flows that flood to all ports with in_port.`,
    about: { vni, vteps: [mirror, origin] },
  };
}
