/**
 * How a frame agrees with one seen before: the words decide.
 */
import { EtherType } from '../../wire/ether-type.js';
import { IpProtocol } from '../../wire/ip-protocol.js';
import {
  FIRST_KEY_WORD,
  FIRST_NAT_WORD,
  Flag,
  IDENTITY_WORDS,
  IPV4_TTL,
  IPV6_HOP_LIMIT,
  LAST_NAT_WORD,
  TTL_WORD,
} from './identity.js';

const HAS_SOURCE = Flag.HasMacs | Flag.HasSource;

/** From worst to best: changed by NAT, by a router, or by nothing. */
export const Likeness = { None: 0, Translated: 1, Routed: 2, Same: 3 } as const;
export type Likeness = (typeof Likeness)[keyof typeof Likeness];

/**
 * Compares two frames that have the same key, as far as both were captured: words from `at` on, and flags, of each.
 *
 * **Cost** no allocation.
 */
export function likenessOf(
  a: Int32Array,
  atA: number,
  flagsA: number,
  b: Int32Array,
  atB: number,
  flagsB: number,
): Likeness {
  const vlanA = flagsA & Flag.VlanMask;
  const vlanB = flagsB & Flag.VlanMask;
  if (vlanA !== vlanB && vlanA !== 0 && vlanB !== 0) return Likeness.None;
  const keptA = (flagsA >> Flag.KeptShift) & Flag.KeptMask;
  const keptB = (flagsB >> Flag.KeptShift) & Flag.KeptMask;
  // Behind what was kept both have zeros: words past the shorter one count only where both end alike.
  const kept = keptA < keptB ? keptA : keptB;
  const count = keptA === keptB ? IDENTITY_WORDS : kept >> 2;
  let ttlDiffers = false;
  let addressesDiffer = false;
  for (let word = FIRST_KEY_WORD; word < count; word++) {
    const difference = (a[atA + word] as number) ^ (b[atB + word] as number);
    if (difference === 0) continue;
    if (word === TTL_WORD && (difference & ~ttlMask((a[atA + FIRST_KEY_WORD] as number) >>> 16)) === 0) {
      ttlDiffers = true;
    } else if (
      (flagsA & flagsB & Flag.Translatable) !== 0 &&
      isTranslated(word, difference, a[atA + TTL_WORD] as number)
    ) {
      addressesDiffer = true;
    } else {
      return Likeness.None;
    }
  }
  const rest = kept & 3;
  if (keptA !== keptB && rest !== 0) {
    const difference = (a[atA + count] as number) ^ (b[atB + count] as number);
    if (difference >>> (32 - rest * 8) !== 0) return Likeness.None;
  }
  if (addressesDiffer) return Likeness.Translated;
  const bothHaveMacs = (flagsA & flagsB & Flag.HasMacs) !== 0;
  const sourceDiffers = a[atA + 2] !== b[atB + 2] || (((a[atA + 1] as number) ^ (b[atB + 1] as number)) & 0xffff) !== 0;
  const sameMacs = !sourceDiffers && a[atA] === b[atB] && a[atA + 1] === b[atB + 1];
  if (!ttlDiffers) {
    if (bothHaveMacs) return sameMacs ? Likeness.Same : Likeness.None;
    return sourceDiffers && (flagsA & HAS_SOURCE) !== 0 && (flagsB & HAS_SOURCE) !== 0 ? Likeness.None : Likeness.Same;
  }
  // A router changes both; cooked frames cannot show the MACs.
  return sameMacs && bothHaveMacs ? Likeness.None : Likeness.Routed;
}

/** Whether a difference is in what NAT changes: addresses, and where there are any, ports. @param ttlWord it ends in the protocol */
function isTranslated(word: number, difference: number, ttlWord: number): boolean {
  if (word < FIRST_NAT_WORD || word > LAST_NAT_WORD) return false;
  if (word === FIRST_NAT_WORD) return difference >>> 16 === 0;
  if ((ttlWord & 0xff) === IpProtocol.Icmpv4) return word < 8 || (word === 8 && (difference & 0xffff) === 0);
  return word !== LAST_NAT_WORD || (difference & 0xffff) === 0;
}

function ttlMask(etherType: number): number {
  if (etherType === EtherType.Ipv4) return IPV4_TTL;
  return etherType === EtherType.Ipv6 ? IPV6_HOP_LIMIT : 0;
}
