/**
 * `mtu-black-hole`: on one hop of a tunnel larger packets vanish and smaller ones pass, and no ICMP error says so.
 */
import type { FrameReference, HopRow } from '../../correlate/report/correlation.js';
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { tapAt } from '../places.js';
import { told, tunnelOfGuests } from '../told.js';
import { MAX_EVIDENCE, plural } from '../wording.js';

/** Frames that must have vanished, all of them larger than any that passed: by chance that is rare. */
const LEAST_LOST = 3;
/** Every link carries 1280 bytes (RFC 8200, section 5): less the tunnel's 70, smaller packets vanish for other reasons. */
const LEAST_LOST_LEN = 1210;
/** Something besides handshakes of ARP's size must have passed. */
const LEAST_PASSED_LEN = 60;

export const mtuBlackHole: Rule = {
  id: 'mtu-black-hole',
  title: 'Larger packets vanish without a word',
  judge: (facts: Facts): Claim[] => {
    const lossy = facts.hops.filter(({ lost, unproven }) => lost - unproven >= LEAST_LOST);
    if (lossy.length === 0) return [];
    const sizes = new Sizes(facts);
    const directions = toldDirections(facts);
    const wasTold = ({ vni, source, destination }: HopRow): boolean =>
      directions.has(`${source} ${destination}`) || directions.has(`${vni} ${source} ${destination}`);
    return lossy.filter((hop) => !wasTold(hop)).flatMap((hop) => judgeHop(hop, sizes));
  },
};

function judgeHop(hop: HopRow, sizes: Sizes): Claim[] {
  const { vni, source, destination, from, to, lost, unproven, evidence } = hop;
  const failed = evidence.lost
    .map((reference) => ({ reference, len: sizes.packetLen(reference) }))
    .filter(({ len }) => len > 0)
    .sort((a, b) => a.len - b.len);
  const [least, most] = [failed[0]?.len ?? 0, failed[failed.length - 1]?.len ?? 0];
  if (failed.length < LEAST_LOST || least < LEAST_LOST_LEN) return [];
  const passed = sizes.longestPassed(hop);
  if (passed < LEAST_PASSED_LEN || least <= passed) return [];
  const range = least === most ? `${least}` : `${least} to ${most}`;
  const likely = unproven === 0 ? '' : ` (${unproven} of them likely: ${to} is not shown to capture then)`;
  return [
    {
      severity: 'error',
      message: `${plural(lost, 'frame')} of VNI ${vni} from ${source} to ${destination} vanished between ${from} and ${to}${likely} and no ICMP error says why: inner packets of up to ${passed} bytes passed, those of ${range} did not.`,
      evidence: failed
        .map(({ reference }) => reference)
        .sort(inOrder)
        .slice(0, MAX_EVIDENCE),
      fix: `Likely an MTU between ${from} and ${to} that holds ${passed} bytes and the tunnel's headers (50, over IPv6 70), but not ${least}: raise it there, or give the VMs an MTU of ${passed}. Find out why nobody is told (a switch, or ICMP filtered).`,
      about: { vni, vteps: [source, destination] },
    },
  ];
}

function inOrder(a: FrameReference, b: FrameReference): number {
  return a.frame - b.frame;
}

/** Directions of which somebody was told that packets are too large: then it is no black hole. A VTEP's are of all VNIs. */
function toldDirections(facts: Facts): ReadonlySet<string> {
  const errors = told(facts, 'too-big');
  return new Set(
    errors.flatMap((error) => {
      if (error.port >= 0) return [`${error.source} ${error.destination}`];
      const tunnel = tunnelOfGuests(error, errors, facts);
      return tunnel === null ? [] : [`${tunnel.vni} ${tunnel.source} ${tunnel.destination}`];
    }),
  );
}

/** Sizes of what passed and of what did not. */
class Sizes {
  readonly #facts: Facts;
  /** By tap, the longest packet of each tunnel that was not lost behind it. */
  readonly #longest: Map<string, ReadonlyMap<string, number>>;

  constructor(facts: Facts) {
    this.#facts = facts;
    this.#longest = new Map();
  }

  packetLen({ tap, frame }: FrameReference): number {
    return tapAt(this.#facts, tap)?.evidence.frameSizes.packetLen(frame) ?? 0;
  }

  /** The longest inner packet that is known to have passed a hop: at its end, or where that is an overlay tap, at its start. */
  longestPassed({ vni, source, destination, from, to }: HopRow): number {
    const end = tapAt(this.#facts, to);
    const tap = end?.role === 'overlay' ? tapAt(this.#facts, from) : end;
    return tap === undefined ? 0 : (this.#longestAt(tap).get(`${vni} ${source} ${destination}`) ?? 0);
  }

  #longestAt(tap: TapFacts): ReadonlyMap<string, number> {
    const known = this.#longest.get(tap.name);
    if (known !== undefined) return known;
    const lost = this.#facts.hops.flatMap(({ evidence }) => evidence.lost);
    const frames = lost.filter((reference) => tapAt(this.#facts, reference.tap) === tap).map(({ frame }) => frame);
    const longest = new Map<string, number>();
    for (const [row, len] of tap.evidence.frameSizes.longest(new Set(frames))) {
      const { vni, source, destination } = this.#facts.ways.at(row);
      const tunnel = `${vni} ${source} ${destination}`;
      longest.set(tunnel, Math.max(longest.get(tunnel) ?? 0, len));
    }
    this.#longest.set(tap.name, longest);
    return longest;
  }
}
