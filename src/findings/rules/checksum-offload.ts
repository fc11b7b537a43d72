/**
 * `checksum-offload`: checksums that a sender left to its NIC, so that a capture on its side, or on a virtual wire,
 * shows them unfinished: CHECKSUM_PARTIAL, and Linux's local checksum offload of an outer one that counts on it.
 */
import { ChecksumVerdict } from '../../dissect/checksum-verdict.js';
import { CHECKSUM_PLACES, checksumsAt, partialAt } from '../checksum-words.js';
import type { Facts, TapFacts } from '../facts.js';
import type { Claim, Rule } from '../finding.js';
import { framesOf, listed, MAX_EVIDENCE } from '../wording.js';

export const checksumOffload: Rule = {
  id: 'checksum-offload',
  title: 'Checksums are left to the NIC',
  judge: ({ taps }: Facts): Claim[] => {
    const offloading = taps.map((tap) => ({ tap, parts: offloaded(tap) })).filter(({ parts }) => parts.length > 0);
    if (offloading.length === 0) return [];
    const where = offloading.map(({ tap, parts }) => `${listed(parts)} at ${tap.name}`).join('; ');
    return [
      {
        severity: 'info',
        message: `Checksums are left to the sender's NIC: ${where}.`,
        evidence: offloading.flatMap(({ tap }) => framesOf(tap.name, frames(tap))).slice(0, MAX_EVIDENCE),
        fix: 'Nothing to mend: they are filled in on the way out, and nobody checks them on a virtual wire. To see them right, capture at the receiver, or switch the offload off ("ethtool -K DEVICE tx off").',
        about: { vni: null, vteps: [] },
      },
    ];
  },
};

/** What a tap has of it: `4 of 6 outer UDP`. */
function offloaded({ evidence: { checksums } }: TapFacts): string[] {
  return CHECKSUM_PLACES.flatMap((place) => {
    const total = checksumsAt(checksums, place);
    const partial = partialAt(checksums, place);
    const local = checksums.count(place.position, place.kind, ChecksumVerdict.LocalOffload);
    return [
      ...(partial > 0 ? [`${partial} of ${total} ${place.name}`] : []),
      ...(local > 0 ? [`${local} of ${total} ${place.name} (right once the inner one is filled in)`] : []),
    ];
  });
}

/** Frames that have one; where an outer one counts on it, that is inside the same frame. */
function frames({ evidence: { checksums } }: TapFacts): number[] {
  const partial = [...checksums.groups()].filter(({ verdict }) => verdict === ChecksumVerdict.Partial);
  return [...new Set(partial.flatMap(({ frames }) => frames.frames))].sort((a, b) => a - b);
}
