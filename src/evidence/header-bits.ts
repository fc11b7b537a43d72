/**
 * Bits of tunnel headers that RFC 7348 reserves, and headers whose I flag is clear.
 */
import { isVxlan, LayerKind, type LayerStack } from '../wire/stack.js';
import { Flag, flags, groupPolicy, reserved, vniValid } from '../wire/vxlan.js';
import { FrameList } from './frame-list.js';

/** Flags of plain VXLAN besides the I flag, and with the G flag those of group policy (D and A). */
const RESERVED_FLAGS = 0xf7ff;
const POLICY_FLAGS = 0x8048;

/** What the tunnel headers of one tap had set or clear. */
export class HeaderBits {
  /** Frames with a bit set that is reserved; GPE, which gives these bits a meaning, left out. */
  readonly reservedSet: FrameList;
  /** Frames whose VXLAN header says that its VNI does not count. */
  readonly instanceClear: FrameList;

  constructor() {
    this.reservedSet = new FrameList();
    this.instanceClear = new FrameList();
  }

  /** Looks at the innermost tunnel's header. **Cost** amortised no allocation. */
  see(frame: number, { bytes, kinds, ats, tunnelIndex }: LayerStack): void {
    const at = ats[tunnelIndex] as number;
    if (!isVxlan(kinds[tunnelIndex])) return;
    if (!vniValid(bytes, at)) this.instanceClear.add(frame);
    else if (kinds[tunnelIndex] === LayerKind.Vxlan && hasReservedBits(bytes, at)) this.reservedSet.add(frame);
  }
}

function hasReservedBits(bytes: Uint8Array, at: number): boolean {
  const bits = flags(bytes, at) & RESERVED_FLAGS;
  const hasPolicy = (bits & (Flag.Group << 8)) !== 0;
  if (hasPolicy) return (bits & ~POLICY_FLAGS) !== 0 || reserved(bytes, at) !== 0;
  return bits !== 0 || groupPolicy(bytes, at) !== 0 || reserved(bytes, at) !== 0;
}
