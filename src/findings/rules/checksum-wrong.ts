/**
 * `checksum-wrong`: a checksum that neither is right nor what a sender's offload leaves behind; and one that was left to
 * the NIC and arrives so, over a physical wire, at a VTEP that takes none of these frames.
 */
import { ChecksumVerdict } from '../../dissect/checksum-verdict.js';
import type { ChecksumGroup } from '../../evidence/checksums.js';
import { type ChecksumTunnel, checksumTunnels, isAnswered } from '../checksum-tunnels.js';
import { CHECKSUM_PLACES, type ChecksumPlace, checksumsAt, partialAt } from '../checksum-words.js';
import { isDecapsulated } from '../decapsulated.js';
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { isPhysicalNic } from '../nic.js';
import { framesOf, listed, MAX_EVIDENCE, plural } from '../wording.js';

export const checksumWrong: Rule = {
  id: 'checksum-wrong',
  title: 'Checksums are wrong',
  judge: (facts: Facts): Claim[] =>
    facts.taps.flatMap((tap) => [
      ...CHECKSUM_PLACES.flatMap((place) => wrong(facts, tap, place)),
      ...unfinished(facts, tap),
    ]),
};

/** What is wrong at one place. */
function wrong(facts: Facts, { name, evidence: { checksums } }: TapFacts, place: ChecksumPlace): Claim[] {
  const count = checksums.count(place.position, place.kind, ChecksumVerdict.Wrong);
  if (count === 0) return [];
  const groups = [...checksums.groups()].filter(
    ({ position, kind, verdict }) =>
      position === place.position && kind === place.kind && verdict === ChecksumVerdict.Wrong,
  );
  const tunnels = tunnelsOf(facts, groups);
  const vnis = [...new Set(tunnels.map(({ vni }) => vni))];
  const ends = new Set(tunnels.map(({ source, destination }) => `${source} to ${destination}`));
  const through =
    tunnels.length === 0
      ? ''
      : ` (VNI ${listed(vnis.slice(0, MAX_NAMED).map(String))}${more(vnis.length)}; ${listed([...ends].slice(0, MAX_NAMED))}${more(ends.size)})`;
  const [first] = groups;
  const example =
    first === undefined
      ? ''
      : `: frame ${first.frames.frames[0]} has ${hex(first.found)}, right would be ${hex(first.expected)}`;
  return [
    {
      severity: 'error',
      message: `${count} of ${checksumsAt(checksums, place)} ${place.name} checksums at ${name} ${count === 1 ? 'is' : 'are'} wrong${through}${example}.`,
      evidence: framesOf(name, inOrder(groups.flatMap(({ frames }) => frames.frames))),
      fix: 'Receivers drop such frames. No offload explains it: find what writes or changes them (a NIC driver\'s tunnel offload: "ethtool -K DEVICE tx-udp_tnl-segmentation off tx-checksum-ip-generic off"; a middlebox that rewrites; damage on the way).',
      about: {
        vni: vnis.length === 1 ? (vnis[0] as number) : null,
        vteps: [...new Set(tunnels.flatMap(({ source, destination }) => [source, destination]))],
      },
    },
  ];
}

/** What arrives unfinished and is taken by nobody. */
function unfinished(facts: Facts, tap: TapFacts): Claim[] {
  const { name, evidence } = tap;
  if (CHECKSUM_PLACES.every((place) => partialAt(evidence.checksums, place) === 0)) return [];
  return checksumTunnels(facts, tap, ChecksumVerdict.Partial)
    .filter((tunnel) => isPhysicalNic(tunnel.destinationMac) && isDropped(facts, name, tunnel))
    .map(({ vni, source, destination, count, frames }) => ({
      severity: 'error',
      message: `${plural(count, 'frame')} of VNI ${vni} from ${source} to ${destination} ${count === 1 ? 'arrives' : 'arrive'} at ${name} with a UDP checksum that the sender's NIC was to fill in (CHECKSUM_PARTIAL); none was decapsulated or answered: likely ${destination} drops them.`,
      evidence: framesOf(name, frames.slice(0, MAX_EVIDENCE)),
      fix: `Switch the offload off at ${source} ("ethtool -K DEVICE tx-checksum-ip-generic off", on the VXLAN device or its NIC), or send none ("ip link add … type vxlan … noudpcsum").`,
      about: { vni, vteps: [source, destination] },
    }));
}

/** Whether a tunnel's frames came to a tap from another underlay tap, and went no further. */
function isDropped(facts: Facts, tap: string, tunnel: ChecksumTunnel): boolean {
  const { vni, source, destination, frames } = tunnel;
  const overlays = new Set(facts.taps.filter(({ role }) => role === 'overlay').map(({ name }) => name));
  const arrives = facts.hops.some(
    (hop) =>
      hop.vni === vni &&
      hop.source === source &&
      hop.destination === destination &&
      hop.to === tap &&
      !overlays.has(hop.from),
  );
  if (!arrives || isDecapsulated(facts, tunnel) || isAnswered(facts, tunnel)) return false;
  const own = facts.pairings.filter((row) => row.vni === vni && facts.ownUnderlay.get(row.overlay) === tap);
  const unpaired = new Set(
    own.filter(({ underlay }) => underlay === tap).flatMap(({ evidence }) => evidence.underlayOnly),
  );
  return frames.every((frame) => unpaired.has(frame));
}

function tunnelsOf(facts: Facts, groups: readonly ChecksumGroup[]) {
  return groups.filter(({ row }) => row >= 0).map(({ row }) => facts.ways.at(row));
}

/** The most VNIs and tunnels that a sentence names. */
const MAX_NAMED = 3;

function more(count: number): string {
  return count > MAX_NAMED ? ` and ${count - MAX_NAMED} more` : '';
}

function hex(value: number): string {
  return `0x${value.toString(16).padStart(4, '0')}`;
}

function inOrder(frames: readonly number[]): number[] {
  return [...new Set(frames)].sort((a, b) => a - b).slice(0, MAX_EVIDENCE);
}
