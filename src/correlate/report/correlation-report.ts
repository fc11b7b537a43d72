/** Makes what is reported of a correlation: records as it runs, and its rows at any time. */

import type { Endpoint } from '../../inventory/endpoints.js';
import type { CorrelatedTap, Correlator } from '../correlator.js';
import type { Hop } from '../routes/hop.js';
import type { Seen } from '../routes/seen.js';
import type { Pair } from '../settlement/pair.js';
import { Direction } from '../taps/overlay-side.js';
import { MAX_LISTED, type TapPair } from '../taps/tap-pair.js';
import type { Sightings } from '../trails/sightings.js';
import { BumLog, type BumRow, type LostBum } from './bum.js';
import type { CorrelationRow, FrameReference, HopRow, PairRecord, PathRecord } from './correlation.js';
import { Homes } from './homes.js';
import { type Missed, missedBetween, type TapKnowledge } from './missed.js';
import { localVteps, ownUnderlays } from './own-underlays.js';

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
      const byVni = missedBetween(pair, this.#correlator, homes, known, lost);
      for (const vni of [...byVni.keys()].sort((a, b) => a - b)) rows.push(this.#row(pair, vni, byVni));
    }
    const { pairs } = this.#correlator;
    const own = ownUnderlays(this.#taps, pairs, (pair) => this.#tunnelsFrom(pair));
    return {
      rows,
      ownUnderlay: new Map([...own].map((taps) => taps.map((tap) => this.#name(tap)) as [string, string])),
      localVteps: new Map([...localVteps(this.#taps, own, pairs)].map(([tap, vteps]) => [this.#name(tap), vteps])),
      hops: this.#correlator.routes
        .hops()
        .filter(({ tunnel }) => tunnel >= 0)
        .map((hop) => this.#hopRow(hop)),
      bum: this.#bum.rows(own, lost, homes, (tap) => this.#name(tap)),
    };
  }

  /** Through how many tunnels the VTEP of an overlay tap sends, as an underlay tap saw it. */
  #tunnelsFrom({ underlay, side }: TapPair): number {
    const { tunnels } = this.#correlator;
    let count = 0;
    for (let tunnel = 0; tunnel < tunnels.size; tunnel++) {
      if (side.sends(tunnel) && side.owns(tunnel) && this.#correlator.saw(underlay, tunnel)) count++;
    }
    return count;
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
    const reference = ({ endpoint, frame }: Seen): FrameReference => ({ tap: this.#place(endpoint), frame });
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
        duplicated: hop.duplicatedFrames.map(reference),
        reordered: hop.reorderedFrames.map(reference),
      },
    };
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
