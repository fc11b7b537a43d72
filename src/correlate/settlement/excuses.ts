/**
 * Excuses: why an overlay frame that has no encapsulation was not missed. The tunnel made it itself, or it is another
 * network's.
 */
import { EtherType } from '../../wire/ether-type.js';
import * as icmpv4 from '../../wire/icmpv4.js';
import * as icmpv6 from '../../wire/icmpv6.js';
import { IpProtocol } from '../../wire/ip-protocol.js';
import { Flag } from '../identity/identity.js';
import { Likeness } from '../identity/likeness.js';
import type { OverlaySide } from '../taps/overlay-side.js';
import type { Trails } from '../trails/trails.js';

/** Type and code of ICMP "fragmentation needed and DF set" (RFC 792). */
const FRAGMENTATION_NEEDED = (icmpv4.Type.DestinationUnreachable << 8) | icmpv4.UnreachableCode.FragmentationNeeded;
/** The most trails of the same key that are looked at. */
const MAX_STEPS = 32;

/**
 * Whether an unpaired frame of an overlay tap has an excuse; where frames of one VNI go on having one, `side` learns that
 * the VNI is the tap's. **Cost** no allocation.
 */
export function isExcused(trails: Trails, trail: number, side: OverlaySide): boolean {
  return isTooBig(trails.words(), trails.at(trail)) || isForeign(trails, trail, side);
}

/** An ICMP "too big" without a twin: the tunnel made it itself. */
function isTooBig(words: Int32Array, at: number): boolean {
  const type = (words[at + 3] as number) >>> 16;
  const protocolWord = words[at + 5] as number;
  if (type === EtherType.Ipv4) {
    return (protocolWord & 0xff) === IpProtocol.Icmpv4 && ((words[at + 8] as number) & 0xffff) === FRAGMENTATION_NEEDED;
  }
  if (type !== EtherType.Ipv6 || protocolWord >>> 24 !== IpProtocol.Icmpv6) return false;
  return (((words[at + 13] as number) >> 8) & 0xff) === icmpv6.Type.PacketTooBig;
}

/**
 * Whether it has a twin in a VNI that is not known to be its tap's: nobody can say that it was lost. Where that goes on
 * with one VNI, it is the tap's too, and was not there at the first look.
 */
function isForeign(trails: Trails, trail: number, side: OverlaySide): boolean {
  if (side.vnis === null) return false;
  for (
    let other = trails.newest(trails.key(trail)), steps = 0;
    other !== 0 && steps < MAX_STEPS;
    other = trails.older(other), steps++
  ) {
    const vni = trails.vni(other);
    if (vni < 0 || side.ownsVni(vni) || trails.alike(trail, other) !== Likeness.Same) continue;
    if ((trails.flags(trail) & Flag.ToGroup) === 0) side.suspect(vni);
    return true;
  }
  return false;
}
