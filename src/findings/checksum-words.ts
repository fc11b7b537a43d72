/**
 * Checksums in words, and how many a tap has of them.
 */
import { ChecksumVerdict } from '../dissect/checksum-verdict.js';
import { type Checksums, Position } from '../evidence/checksums.js';
import { LayerKind } from '../wire/stack.js';

/** One kind of checksum at one place. */
export interface ChecksumPlace {
  readonly position: Position;
  readonly kind: LayerKind;
  /** `outer UDP`, `inner IPv4 header`, `TCP`. */
  readonly name: string;
}

const POSITIONS = [
  [Position.Outer, 'outer '],
  [Position.Inner, 'inner '],
  [Position.Bare, ''],
] as const;
const KINDS = [
  [LayerKind.Ipv4, 'IPv4 header'],
  [LayerKind.Udp, 'UDP'],
  [LayerKind.Tcp, 'TCP'],
  [LayerKind.Icmpv4, 'ICMP'],
  [LayerKind.Icmpv6, 'ICMPv6'],
] as const;

/** All that there are, tunnels first. */
export const CHECKSUM_PLACES: readonly ChecksumPlace[] = POSITIONS.flatMap(([position, where]) =>
  KINDS.map(([kind, what]) => ({ position, kind, name: where + what })),
);

/** Incomplete checksums of which one may by chance have the value of a partial one, with a margin. */
const CHANCE = 8192;

/** How many checksums of a kind there are, whatever they are. */
export function checksumsAt(checksums: Checksums, { position, kind }: ChecksumPlace): number {
  let total = 0;
  for (let verdict = ChecksumVerdict.Right; verdict <= ChecksumVerdict.Wrong; verdict++) {
    total += checksums.count(position, kind, verdict as ChecksumVerdict);
  }
  return total;
}

/**
 * How many are left to the NIC. Of frames that are cut one in 65,536 looks so: as many as that may be none.
 */
export function partialAt(checksums: Checksums, { position, kind }: ChecksumPlace): number {
  const partial = checksums.count(position, kind, ChecksumVerdict.Partial);
  return partial <= checksums.count(position, kind, ChecksumVerdict.Incomplete) / CHANCE ? 0 : partial;
}
