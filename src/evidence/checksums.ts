/**
 * Checksums of one tap: how many are what, outside tunnels, around them and inside, and the frames of those that are
 * worth a look.
 */
import { type Check, checkOf } from '../checksum/check.js';
import { ChecksumVerdict, checksumOffset, checksumVerdict, expectedChecksum } from '../dissect/checksum-verdict.js';
import { areCommonAndRight } from '../dissect/common-checksums.js';
import { destination } from '../wire/ethernet.js';
import { LayerKind, type LayerStack } from '../wire/stack.js';
import { FrameList } from './frame-list.js';

/** Where a checksum is: in a frame without a tunnel, around the innermost tunnel, or inside it. */
export const Position = { Bare: 0, Outer: 1, Inner: 2 } as const;
export type Position = (typeof Position)[keyof typeof Position];

/** The most groups whose frames are kept: what bounds its memory, at some 1 KiB each. Beyond it frames only count. */
export const MAX_GROUPS = 4096;

/** A cell of the counts: verdict, kind of layer, position, from the low bits up. */
const KIND_SHIFT = 4;
const POSITION_SHIFT = KIND_SHIFT + 5;
const CELLS = 3 << POSITION_SHIFT;
const KINDS = 1 << (POSITION_SHIFT - KIND_SHIFT);
/** Kinds of layers that have a checksum, a bit each. */
const CHECKED =
  (1 << LayerKind.Ipv4) |
  (1 << LayerKind.Udp) |
  (1 << LayerKind.Tcp) |
  (1 << LayerKind.Icmpv4) |
  (1 << LayerKind.Icmpv6);

/** Frames of one sender and tunnel whose checksums at one place are the same kind of remarkable. */
export interface ChecksumGroup {
  readonly position: Position;
  /** The layer that has the checksum. */
  readonly kind: LayerKind;
  /** From `AbsentOverIpv6` on. */
  readonly verdict: ChecksumVerdict;
  /** Of the innermost tunnel and inner sender in the inventory; -1 without one. */
  readonly row: number;
  readonly frames: FrameList;
  /** Of the first frame: the MAC that it was sent to, 0 where the link layer has none. */
  readonly destinationMac: number;
  /** Of the first frame: the field, and where that is wrong what it should be. */
  readonly found: number;
  readonly expected: number;
}

/** What the checksums of one tap are. */
export class Checksums {
  readonly #counts: Float64Array;
  /** Common frames, by the kind of their last layer: bare ones, then those in tunnels. */
  readonly #common: Float64Array;
  readonly #groups: Map<number, ChecksumGroup>;
  /** What frames lie in, and what checks it. */
  #bytes: Uint8Array;
  #check: Check;

  constructor() {
    this.#counts = new Float64Array(CELLS);
    this.#common = new Float64Array(2 * KINDS);
    this.#groups = new Map();
    this.#bytes = new Uint8Array(0);
    this.#check = checkOf(this.#bytes);
  }

  /** Looks at all checksums of a frame, those in quotations left out. **Cost** a sum over it; amortised no allocation. */
  see(frame: number, stack: LayerStack, row: number): void {
    const { kinds, depth, tunnelIndex } = stack;
    if (stack.bytes !== this.#bytes) {
      this.#bytes = stack.bytes;
      this.#check = checkOf(stack.bytes);
    }
    if (areCommonAndRight(stack, this.#check)) {
      const cell = (kinds[depth - 1] as number) + (tunnelIndex < 0 ? 0 : KINDS);
      this.#common[cell] = (this.#common[cell] as number) + 1;
      return;
    }
    const end = stack.quotedIndex < 0 ? depth : stack.quotedIndex;
    for (let index = 0; index < end; index++) {
      const kind = kinds[index] as LayerKind;
      if (((CHECKED >> kind) & 1) === 0) continue;
      const verdict = checksumVerdict(stack, index);
      const position = tunnelIndex < 0 ? Position.Bare : index < tunnelIndex ? Position.Outer : Position.Inner;
      const cell = cellOf(position, kind, verdict);
      this.#counts[cell] = (this.#counts[cell] as number) + 1;
      if (verdict < ChecksumVerdict.AbsentOverIpv6) continue;
      // Headers around another tunnel than the innermost have no row.
      const isOther = position === Position.Outer && index + 2 < tunnelIndex;
      this.#keep(frame, stack, index, isOther ? -1 : row, position, verdict);
    }
  }

  /** Counts common frames whose checksums are right. @param kind of their last layer */
  addRight(kind: LayerKind, inTunnel: boolean, frames: number): void {
    const cell = kind + (inTunnel ? KINDS : 0);
    this.#common[cell] = (this.#common[cell] as number) + frames;
  }

  /** How many checksums at a place are this. */
  count(position: Position, kind: LayerKind, verdict: ChecksumVerdict): number {
    return (this.#counts[cellOf(position, kind, verdict)] as number) + this.#commonCount(position, kind, verdict);
  }

  /** Remarkable frames, group by group, in the order in which these came. */
  groups(): IterableIterator<ChecksumGroup> {
    return this.#groups.values();
  }

  /** What common frames add to a count. */
  #commonCount(position: Position, kind: LayerKind, verdict: ChecksumVerdict): number {
    const first = position === Position.Bare ? 0 : KINDS;
    const common = this.#common.subarray(first, first + KINDS);
    const absent = position === Position.Outer && kind === LayerKind.Udp;
    if (verdict !== (absent ? ChecksumVerdict.Absent : ChecksumVerdict.Right)) return 0;
    if (absent || kind === LayerKind.Ipv4) return common.reduce((sum, frames) => sum + frames, 0);
    return position === Position.Outer ? 0 : (common[kind] as number);
  }

  #keep(
    frame: number,
    stack: LayerStack,
    index: number,
    row: number,
    position: Position,
    verdict: ChecksumVerdict,
  ): void {
    const kind = stack.kind(index);
    const key = (row + 1) * CELLS + cellOf(position, kind, verdict);
    let group = this.#groups.get(key);
    if (group === undefined) {
      if (this.#groups.size === MAX_GROUPS) return;
      const { bytes, view } = stack;
      const destinationMac = stack.kind(0) === LayerKind.Ethernet ? destination(bytes, stack.layerAt(0)) : 0;
      const found = view.getUint16(stack.layerAt(index) + checksumOffset(kind));
      const expected = verdict === ChecksumVerdict.Wrong ? expectedChecksum(stack, index) : found;
      group = { position, kind, verdict, row, frames: new FrameList(), destinationMac, found, expected };
      this.#groups.set(key, group);
    }
    group.frames.add(frame);
  }
}

function cellOf(position: Position, kind: LayerKind, verdict: ChecksumVerdict): number {
  return (position << POSITION_SHIFT) | (kind << KIND_SHIFT) | verdict;
}
