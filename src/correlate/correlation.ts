/**
 * What a correlation found, as reported: a row per overlay tap, underlay tap and VNI, and one per hop of a tunnel. Only
 * here, with all endpoints known, is it decided which of the unpaired frames were missed: those that should have crossed.
 */
import type { Endpoint } from '../inventory/endpoints.js';
import { BumLog, type BumRow, type LostBum } from './bum.js';
import type { CorrelatedTap, Correlator } from './correlator.js';
import { Homes, isGroup, isKeptByBridges, tunnelsSeen } from './homes.js';
import type { Hop, LastSeen } from './hop.js';
import type { LatencySummary } from './latency.js';
import { Direction } from './overlay-side.js';
import type { Pair } from './settlement.js';
import type { Sightings } from './sightings.js';
import { MAX_LISTED, type TapPair } from './tap-pair.js';

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
  /** Frames that `to` did not see though they passed: a place behind it did. */
  readonly missed: number;
  readonly duplicated: number;
  readonly reordered: number;
  readonly latencyNs: LatencySummary | null;
  /** The first 1,000 of each, where they were seen last. */
  readonly evidence: {
    readonly lost: readonly FrameReference[];
    readonly unproven: readonly FrameReference[];
    readonly missed: readonly FrameReference[];
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

/** What a report is told of the taps, by their numbers. */
export interface TapKnowledge {
  /** Whether a tap saw a bare frame from a MAC. */
  sent(tap: number, mac: number): boolean;
  /** Whether two taps' times overlap, clocks corrected: else neither proves that the other missed anything. */
  sameRun(overlay: number, underlay: number): boolean;
}

interface Missed {
  readonly overlay: number[];
  overlayCount: number;
  readonly underlay: number[];
  underlayCount: number;
  unproven: number;
}

/** Makes records of what a correlator finds as it runs, and a report at any time. */
export class CorrelationReport {
  readonly #taps: readonly CorrelatedTap[];
  readonly #correlator: Correlator;
  readonly #bum: BumLog;

  constructor(taps: readonly CorrelatedTap[], correlator: Correlator) {
    this.#taps = taps;
    this.#correlator = correlator;
    this.#bum = new BumLog(correlator.tunnels);
  }

  /** Takes in a pair: those of frames to a group are kept. */
  add(pair: Pair): void {
    this.#bum.add(pair);
  }

  /** A pair for records. */
  record(pair: Pair): PairRecord {
    return {
      overlay: { tap: this.#name(pair.overlay), frame: pair.overlayFrame },
      underlay: { tap: this.#name(pair.underlay), frame: pair.underlayFrame },
      vni: this.#correlator.tunnels.vni(pair.tunnel),
      direction: pair.direction === Direction.Decap ? 'decap' : 'encap',
      latencyNs: Math.round(pair.latencyNs),
    };
  }

  /** A frame's way for records. */
  pathRecord(tunnel: number, path: Uint32Array, sightings: Sightings): PathRecord {
    const { tunnels } = this.#correlator;
    return {
      vni: tunnels.vni(tunnel),
      source: tunnels.sender(tunnel),
      destination: tunnels.receiver(tunnel),
      path: Array.from(path, (at, index) => ({
        tap: this.#place(sightings.endpoint(at)),
        frame: sightings.frame(at),
        afterNs: index === 0 ? 0 : Math.round(sightings.timeNs(at) - sightings.timeNs(path[index - 1] as number)),
      })),
    };
  }

  /**
   * The report on all that is settled, which underlay tap is each overlay tap's own, and which VTEPs an underlay tap is at.
   *
   * @param endpoints of all captures
   * @param known of the taps
   */
  finish(
    endpoints: readonly Endpoint[],
    known: TapKnowledge,
  ): {
    rows: CorrelationRow[];
    hops: HopRow[];
    bum: BumRow[];
    ownUnderlay: Map<string, string>;
    localVteps: Map<string, Set<string>>;
  } {
    const homes = new Homes(endpoints);
    const rows: CorrelationRow[] = [];
    const lost: LostBum[] = [];
    for (const pair of this.#correlator.pairs) {
      const byVni = this.#count(pair, homes, known, lost);
      for (const vni of [...byVni.keys()].sort((a, b) => a - b)) rows.push(this.#row(pair, vni, byVni));
    }
    const ownUnderlays = this.#ownUnderlays();
    return {
      rows,
      ownUnderlay: new Map([...ownUnderlays].map((taps) => taps.map((tap) => this.#name(tap)) as [string, string])),
      localVteps: this.#localVteps(ownUnderlays),
      hops: this.#correlator.routes
        .hops()
        .filter(({ tunnel }) => tunnel >= 0)
        .map((hop) => this.#hopRow(hop)),
      bum: this.#bum.rows(ownUnderlays, lost, homes, (tap) => this.#name(tap)),
    };
  }

  /** What was missed between two taps, by VNI. */
  #count(pair: TapPair, homes: Homes, known: TapKnowledge, lost: LostBum[]): Map<number, Missed> {
    const correlator = this.#correlator;
    const { tunnels } = correlator;
    const { overlay, underlay, side } = pair;
    const seen = tunnelsSeen(tunnels, (tunnel) => correlator.saw(underlay, tunnel));
    const byVni = new Map<number, Missed>();
    const missed = (vni: number): Missed => {
      const own = byVni.get(vni) ?? { overlay: [], overlayCount: 0, underlay: [], underlayCount: 0, unproven: 0 };
      byVni.set(vni, own);
      return own;
    };
    for (const vni of pair.rows.keys()) missed(vni);
    for (const vnis of seen.values()) for (const vni of vnis) if (side.ownsVni(vni)) missed(vni);
    if (!known.sameRun(overlay, underlay)) return byVni;
    pair.unpairedUnderlay.forEach((destination, source, tunnel, count, unproven, frames) => {
      const own = missed(tunnels.vni(tunnel));
      if (!side.involves(tunnel)) return;
      // What the bridge, or another guest, sent or got never was at this tap.
      const hidden =
        source !== 0 &&
        correlator.overlayFrames(overlay) > 0 &&
        !(side.sends(tunnel) || side.vteps.size === 0 ? known.sent(overlay, source) : isGroup(destination)) &&
        (side.sends(tunnel) || !known.sent(overlay, destination));
      if (hidden) return;
      own.underlayCount += count;
      own.unproven += unproven;
      own.underlay.push(...frames);
    });
    pair.unpairedOverlay.forEach((destination, source, _tunnel, count, unproven, frames) => {
      if (isKeptByBridges(destination)) return;
      for (const vni of [...byVni.keys()].sort((a, b) => a - b)) {
        if (!homes.crosses(vni, source, destination, side, seen)) continue;
        const own = missed(vni);
        const later = frames.filter((frame) => frame > side.knownFrom(vni));
        own.overlayCount += count - (frames.length - later.length);
        own.unproven += Math.min(unproven, count - (frames.length - later.length));
        own.overlay.push(...later);
        if (isGroup(destination)) for (const frame of later) lost.push({ pair, vni, frame, sender: source });
        return;
      }
    });
    return byVni;
  }

  #row(pair: TapPair, vni: number, byVni: ReadonlyMap<number, Missed>): CorrelationRow {
    const { clocks, tunnels } = this.#correlator;
    const { overlay, underlay } = pair;
    const counts = pair.rowOfVni(vni);
    const missed = byVni.get(vni) as Missed;
    const [over, under] = [this.#name(overlay), this.#name(underlay)];
    const reference = (signed: number): FrameReference =>
      signed < 0 ? { tap: over, frame: -signed } : { tap: under, frame: signed };
    return {
      overlay: over,
      underlay: under,
      vni,
      overlayFrames: byVni.size === 1 ? this.#correlator.overlayFrames(overlay) : counts.matched + missed.overlayCount,
      matched: counts.matched,
      overlayOnly: missed.overlayCount,
      underlayOnly: missed.underlayCount,
      unproven: missed.unproven,
      duplicated: counts.duplicated,
      reordered: counts.reordered,
      ambiguous: counts.ambiguous,
      expired: pair.expired,
      clockOffsetNs: (clocks.offsetsNs[underlay] as number) - (clocks.offsetsNs[overlay] as number),
      clockDriftPpb: clocks.driftPpb(overlay, underlay),
      latencyNs: counts.latency(),
      firstPackets: counts.firstPackets
        .map(({ overlayFrame, underlayFrame, tunnel, waitNs }) => ({
          overlayFrame,
          underlayFrame,
          destination: tunnels.receiver(tunnel),
          waitNs: Math.round(waitNs),
        }))
        .sort((a, b) => a.overlayFrame - b.overlayFrame),
      evidence: {
        overlayOnly: inOrder(missed.overlay),
        underlayOnly: inOrder(missed.underlay),
        duplicated: counts.duplicates.map(reference),
        reordered: bySize(counts.reorderings).map(reference),
      },
    };
  }

  #hopRow(hop: Hop): HopRow {
    const { tunnels } = this.#correlator;
    const reference = ({ endpoint, frame }: LastSeen): FrameReference => ({ tap: this.#place(endpoint), frame });
    return {
      vni: tunnels.vni(hop.tunnel),
      source: tunnels.sender(hop.tunnel),
      destination: tunnels.receiver(hop.tunnel),
      from: this.#place(hop.from),
      to: this.#place(hop.to),
      passed: hop.passed,
      lost: hop.lost,
      unproven: hop.unproven,
      missed: hop.missed,
      duplicated: hop.duplicated,
      reordered: hop.reordered,
      latencyNs: hop.latencyNs,
      evidence: {
        lost: hop.lostFrames.map(reference),
        unproven: hop.unprovenFrames.map(reference),
        missed: hop.missedFrames.map(reference),
      },
    };
  }

  /** The underlay tap that is each overlay tap's own: that of its host, else the nearest. */
  #ownUnderlays(): Map<number, number> {
    const own = new Map<number, number>();
    this.#taps.forEach((tap, overlay) => {
      const pairs = this.#correlator.pairs.filter((pair) => pair.overlay === overlay);
      const local = pairs.find(({ underlay }) => tap.host !== null && this.#taps[underlay]?.host === tap.host);
      const nearest = pairs
        .map((pair) => ({ pair, encapNs: leastEncap(pair) }))
        .filter(({ encapNs }) => encapNs !== null)
        .sort((a, b) => (a.encapNs as number) - (b.encapNs as number))[0]?.pair;
      const chosen = local ?? nearest;
      if (chosen !== undefined) own.set(overlay, chosen.underlay);
    });
    return own;
  }

  /** By underlay tap, the VTEPs behind the overlay taps whose own it is. */
  #localVteps(ownUnderlays: ReadonlyMap<number, number>): Map<string, Set<string>> {
    const local = new Map<string, Set<string>>();
    for (const { overlay, underlay, side } of this.#correlator.pairs) {
      if (ownUnderlays.get(overlay) !== underlay) continue;
      local.set(this.#name(underlay), new Set([...(local.get(this.#name(underlay)) ?? []), ...side.vteps]));
    }
    return local;
  }

  #name(tap: number): string {
    return (this.#taps[tap] as CorrelatedTap).name;
  }

  /** What an endpoint's place is called. */
  #place(endpoint: number): string {
    const { points } = this.#correlator;
    return this.#name(points.tap(endpoint >> 1)) + points.suffix(endpoint >> 1);
  }
}

function inOrder(frames: number[]): number[] {
  return frames.sort((a, b) => a - b).slice(0, MAX_LISTED);
}

/** Frames of one tap in order, whichever tap it is. */
function bySize(signedFrames: readonly number[]): number[] {
  return [...signedFrames].sort((a, b) => Math.abs(a) - Math.abs(b));
}

function leastEncap(pair: TapPair): number | null {
  let least: number | null = null;
  for (const row of pair.rows.values()) {
    const p50 = row.latency().encap?.p50;
    if (p50 !== undefined && (least === null || p50 < least)) least = p50;
  }
  return least;
}
