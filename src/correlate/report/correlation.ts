/**
 * What a correlation found, as reported and as records have it: a row per overlay tap, underlay tap and VNI, one per hop of
 * a tunnel, a pair, the way of a frame.
 */
import type { LatencySummary } from '../taps/latency.js';

/** A frame of a tap. */
export interface FrameReference {
  readonly tap: string;
  readonly frame: number;
}

/** Two taps, in one VNI. */
export interface CorrelationRow {
  readonly overlay: string;
  readonly underlay: string;
  readonly vni: number;
  /** Frames of the overlay tap; where it has several VNIs, those that are known to be of this one. */
  readonly overlayFrames: number;
  /** Overlay frames with an encapsulation. */
  readonly matched: number;
  /** Overlay frames without one that should have one at this underlay tap. */
  readonly overlayOnly: number;
  /** Encapsulations without an overlay frame that should have one. */
  readonly underlayOnly: number;
  /** Of `overlayOnly` and `underlayOnly`, frames at whose time the other tap has not been shown to capture: likely, not proven. */
  readonly unproven: number;
  /** Further copies of a paired frame in the same tunnel. */
  readonly duplicated: number;
  /** Frames behind later ones of their flow (RFC 4737). */
  readonly reordered: number;
  /** Pairs that might as well be others: identical frames close to each other. */
  readonly ambiguous: number;
  /** Frames that the window's bound in frames pushed out before their time, of all VNIs. */
  readonly expired: number;
  /** What the underlay tap's clock is ahead of the overlay tap's at the start, and was corrected by. */
  readonly clockOffsetNs: number;
  /** By how much that grows, in parts per billion; 0 where no drift was found. */
  readonly clockDriftPpb: number;
  readonly latencyNs: { readonly encap: LatencySummary | null; readonly decap: LatencySummary | null };
  /** Frames that waited for the VTEP's address to be resolved: no latency of the tunnel, and not among `latencyNs`. */
  readonly firstPackets: readonly {
    readonly overlayFrame: number;
    readonly underlayFrame: number;
    readonly destination: string;
    readonly waitNs: number;
  }[];
  /** The frames behind the counts, the first 1,000 of each. */
  readonly evidence: {
    readonly overlayOnly: readonly number[];
    readonly underlayOnly: readonly number[];
    readonly duplicated: readonly FrameReference[];
    readonly reordered: readonly FrameReference[];
  };
}

/** From one place to the next on the way through a tunnel. */
export interface HopRow {
  readonly vni: number;
  readonly source: string;
  readonly destination: string;
  readonly from: string;
  readonly to: string;
  /** Frames that both saw. */
  readonly passed: number;
  /** Frames that vanished here: `from` is the last that saw them. */
  readonly lost: number;
  /** Of those, frames at whose time `to` has not been shown to capture: likely, not proven. */
  readonly unproven: number;
  /** Frames that `to` did not see though they passed while it was capturing: a place behind it did. */
  readonly missed: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly latencyNs: LatencySummary | null;
  /** The first 1,000 of each, where they were seen last before it; copies and late ones at `to`. */
  readonly evidence: {
    readonly lost: readonly FrameReference[];
    readonly unproven: readonly FrameReference[];
    readonly missed: readonly FrameReference[];
    readonly duplicated: readonly FrameReference[];
    readonly reordered: readonly FrameReference[];
  };
}

/** A pair, as records have it. */
export interface PairRecord {
  readonly overlay: FrameReference;
  readonly underlay: FrameReference;
  readonly vni: number;
  readonly direction: 'encap' | 'decap';
  readonly latencyNs: number;
}

/** The way of one frame, as records have it. */
export interface PathRecord {
  readonly vni: number;
  readonly source: string;
  readonly destination: string;
  /** Where it was seen, in the order of its way, and how long after the place before. */
  readonly path: readonly (FrameReference & { readonly afterNs: number })[];
}
