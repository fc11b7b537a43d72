/** Two hosts with a guest each, and frames that are seen at four taps, or at some of them. */
import type { Timed } from './analyze-taps.js';
import { ethernet, frame, icmpv4, ipv4, type Part, payload, udp, vxlan } from './frame-builder.js';

export const HV1 = 0x0a000001;
export const HV2 = 0x0a010001;
export const VM1 = 0x520000000001;
export const VM2 = 0x520000000002;

/** In the order of the way from the first host's guest to the second's. */
export const TAPS = ['vm1_overlay', 'vm1_underlay', 'vm2_underlay', 'vm2_overlay'] as const;
export type TapName = (typeof TAPS)[number];

/** A ping of a guest, and what is different about it. */
export interface Sent {
  /** From the first host to the second, unless told. */
  readonly outwards?: boolean;
  readonly vni?: number;
  readonly source?: number;
  readonly destination?: number;
  /** The VTEPs that send and get it, unless they are those of the two hosts. */
  readonly from?: number;
  readonly to?: number;
  /** Taps that saw it; all, unless told. */
  readonly at?: readonly TapName[];
}

/** What each tap saw of pings that were sent one after the other, a millisecond apart. */
export function seen(sent: readonly Sent[]): Record<TapName, Timed[]> {
  const taps: Record<TapName, Timed[]> = { vm1_overlay: [], vm1_underlay: [], vm2_underlay: [], vm2_overlay: [] };
  sent.forEach((one, index) => {
    const { outwards = true, vni = 5000, at = TAPS } = one;
    const { source = outwards ? VM1 : VM2, destination = outwards ? VM2 : VM1 } = one;
    const { from = outwards ? HV1 : HV2, to = outwards ? HV2 : HV1 } = one;
    const inner: Part[] = [
      ethernet({ source, destination }),
      ipv4({
        identification: index + 1,
        source: outwards ? 0xc0a80101 : 0xc0a80102,
        destination: outwards ? 0xc0a80102 : 0xc0a80101,
      }),
      icmpv4({ rest: index }),
      payload([1, 2, 3, 4]),
    ];
    const bare = frame(...inner);
    const carried = frame(
      ethernet(),
      ipv4({ source: from, destination: to, identification: 1000 + index }),
      udp({ destinationPort: 4789, checksum: 0 }),
      vxlan({ vni }),
      ...inner,
    );
    const way = outwards ? TAPS : TAPS.toReversed();
    way.forEach((tap, hop) => {
      if (at.includes(tap)) taps[tap].push([index * 1000 + hop * 20, tap.endsWith('overlay') ? bare : carried]);
    });
  });
  return taps;
}
