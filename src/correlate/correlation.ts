/**
 * What a correlation found, as reported: a row per overlay tap, underlay tap and VNI. Only here, with all endpoints known,
 * is it decided which of the unpaired frames were missed: those that should have crossed.
 */
import type { Endpoint } from '../inventory/endpoints.js';
import type { CorrelatedTap, Correlator, PairedTaps } from './correlator.js';
import type { LatencySummary } from './latency.js';
import { Direction, type OverlaySide } from './overlay-side.js';
import { MAX_LISTED, type Pair, type Unpaired } from './pairing.js';

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
  /** Further copies of a paired frame in the same tunnel. */
  readonly duplicated: number;
  /** Frames behind later ones of their flow (RFC 4737). */
  readonly reordered: number;
  /** Pairs that might as well be others: identical frames close to each other. */
  readonly ambiguous: number;
  /** Frames that the window's bound in frames pushed out before their time, of all VNIs. */
  readonly expired: number;
  /** What the underlay tap's clock is ahead of the overlay tap's, and was corrected by. */
  readonly clockOffsetNs: number;
  readonly latencyNs: { readonly encap: LatencySummary | null; readonly decap: LatencySummary | null };
  /** The frames behind the counts, the first 1,000 of each. */
  readonly evidence: {
    readonly overlayOnly: readonly number[];
    readonly underlayOnly: readonly number[];
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

/** A frame to a group, at the sender's own tap, and what became of it. */
export interface BumRow {
  readonly overlay: string;
  readonly underlay: string;
  readonly vni: number;
  readonly overlayFrame: number;
  readonly copies: readonly { readonly destination: string; readonly frame: number }[];
  /** VTEPs of the VNI that got no copy. */
  readonly missing: readonly string[];
}

/** The most frames to a group that are reported. */
const MAX_BUM = 1000;
/** 01:80:c2:00:00:00 to 0f: a bridge keeps them (IEEE 802.1Q, table 8-1). */
const BRIDGE_GROUP = 0x0180c2000000;

/** What a report is told of the taps, by their numbers. */
export interface TapKnowledge {
  /** Whether a tap saw a bare frame from a MAC. */
  sent(tap: number, mac: number): boolean;
  /** Whether two taps' times overlap, clocks corrected: else neither proves that the other missed anything. */
  sameRun(overlay: number, underlay: number): boolean;
}

/** Makes a report of a correlator that has finished. */
export class CorrelationReport {
  readonly #taps: readonly CorrelatedTap[];
  readonly #bum: Map<string, { overlay: number; underlay: number; vni: number; frame: number; copies: Pair[] }>;
  #correlator: Correlator | null;

  constructor(taps: readonly CorrelatedTap[]) {
    this.#taps = taps;
    this.#bum = new Map();
    this.#correlator = null;
  }

  /** Says what it is a report of. */
  of(correlator: Correlator): void {
    this.#correlator = correlator;
  }

  /** Takes in a pair: those of frames to a group are kept. */
  add(overlay: number, underlay: number, pair: Pair): void {
    if (!pair.toGroup || pair.direction !== Direction.Encap) return;
    const key = `${overlay},${underlay},${pair.overlayFrame}`;
    const known = this.#bum.get(key);
    if (known !== undefined) known.copies.push(pair);
    else if (this.#bum.size < MAX_BUM) {
      const vni = this.#known().tunnels.vni(pair.tunnel);
      this.#bum.set(key, { overlay, underlay, vni, frame: pair.overlayFrame, copies: [pair] });
    }
  }

  /** A pair for records. */
  record(overlay: number, underlay: number, pair: Pair): PairRecord {
    return {
      overlay: { tap: this.#name(overlay), frame: pair.overlayFrame },
      underlay: { tap: this.#name(underlay), frame: pair.underlayFrame },
      vni: this.#known().tunnels.vni(pair.tunnel),
      direction: pair.direction === Direction.Decap ? 'decap' : 'encap',
      latencyNs: Math.round(pair.latencyNs),
    };
  }

  /**
   * The report.
   *
   * @param endpoints of all captures
   * @param known of the taps
   */
  finish(endpoints: readonly Endpoint[], known: TapKnowledge): { rows: CorrelationRow[]; bum: BumRow[] } {
    const homes = new Homes(endpoints);
    const rows: CorrelationRow[] = [];
    const lost: { paired: PairedTaps; vni: number; frame: number; sender: number }[] = [];
    for (const paired of this.#known().pairings) {
      const byVni = this.#count(paired, homes, known, lost);
      for (const vni of [...byVni.keys()].sort((a, b) => a - b)) rows.push(this.#row(paired, vni, byVni));
    }
    return { rows, bum: this.#bumRows(homes, lost) };
  }

  #count(
    paired: PairedTaps,
    homes: Homes,
    known: TapKnowledge,
    lost: { paired: PairedTaps; vni: number; frame: number; sender: number }[],
  ): Map<number, Missed> {
    const { overlay, underlay, pairing } = paired;
    const { tunnels } = this.#known();
    const { side } = pairing;
    const seen = this.#tunnelsSeen(underlay);
    const byVni = new Map<number, Missed>();
    const missed = (vni: number): Missed => {
      const own = byVni.get(vni) ?? { overlay: [], overlayCount: 0, underlay: [], underlayCount: 0 };
      byVni.set(vni, own);
      return own;
    };
    for (const vni of pairing.rows.keys()) missed(vni);
    for (const vnis of seen.values()) for (const vni of vnis) if (side.vnis?.has(vni) ?? true) missed(vni);
    if (!known.sameRun(overlay, underlay)) return byVni;
    forEachGroup(pairing.unpairedUnderlay, (destination, source, tunnel, count, frames) => {
      const own = missed(tunnels.vni(tunnel));
      if (!side.involves(tunnel)) return;
      // What the bridge, or another guest, sent or got never was at this tap.
      const hidden =
        source !== 0 &&
        this.#known().overlayFrames(overlay) > 0 &&
        !(side.sends(tunnel) || side.vteps.size === 0 ? known.sent(overlay, source) : isGroup(destination)) &&
        (side.sends(tunnel) || !known.sent(overlay, destination));
      if (hidden) return;
      own.underlayCount += count;
      own.underlay.push(...frames);
    });
    forEachGroup(pairing.unpairedOverlay, (destination, source, _tunnel, count, frames) => {
      if (isKeptByBridges(destination)) return;
      for (const vni of [...byVni.keys()].sort((a, b) => a - b)) {
        if (!homes.crosses(vni, source, destination, side, seen)) continue;
        const own = missed(vni);
        const proven = frames.filter((frame) => frame > side.knownFrom(vni));
        own.overlayCount += count - (frames.length - proven.length);
        own.overlay.push(...proven);
        if (isGroup(destination)) for (const frame of proven) lost.push({ paired, vni, frame, sender: source });
        return;
      }
    });
    return byVni;
  }

  #row({ overlay, underlay, pairing }: PairedTaps, vni: number, byVni: ReadonlyMap<number, Missed>): CorrelationRow {
    const correlator = this.#known();
    const counts = pairing.rowOfVni(vni);
    const missed = byVni.get(vni) as Missed;
    const [over, under] = [this.#name(overlay), this.#name(underlay)];
    const reference = (signed: number): FrameReference =>
      signed < 0 ? { tap: over, frame: -signed } : { tap: under, frame: signed };
    return {
      overlay: over,
      underlay: under,
      vni,
      overlayFrames: byVni.size === 1 ? correlator.overlayFrames(overlay) : counts.matched + missed.overlayCount,
      matched: counts.matched,
      overlayOnly: missed.overlayCount,
      underlayOnly: missed.underlayCount,
      duplicated: counts.duplicated,
      reordered: counts.reordered,
      ambiguous: counts.ambiguous,
      expired: pairing.expired,
      clockOffsetNs: (correlator.clockOffsetsNs[underlay] as number) - (correlator.clockOffsetsNs[overlay] as number),
      latencyNs: counts.latency(),
      evidence: {
        overlayOnly: inOrder(missed.overlay),
        underlayOnly: inOrder(missed.underlay),
        duplicated: counts.duplicates.map(reference),
        reordered: counts.reorderings.map(reference),
      },
    };
  }

  /** Frames to a group at the sender's own underlay tap: that of its host, else the nearest. */
  #bumRows(
    homes: Homes,
    lost: readonly { paired: PairedTaps; vni: number; frame: number; sender: number }[],
  ): BumRow[] {
    const correlator = this.#known();
    const { tunnels } = correlator;
    const own = new Map<number, number>();
    this.#taps.forEach((tap, overlay) => {
      const pairings = correlator.pairings.filter((pair) => pair.overlay === overlay);
      const local = pairings.find(({ underlay }) => tap.host !== null && this.#taps[underlay]?.host === tap.host);
      const nearest = pairings
        .map((pair) => ({ pair, encapNs: leastEncap(pair) }))
        .filter(({ encapNs }) => encapNs !== null)
        .sort((a, b) => (a.encapNs as number) - (b.encapNs as number))[0]?.pair;
      const chosen = local ?? nearest;
      if (chosen !== undefined) own.set(overlay, chosen.underlay);
    });
    const rows: BumRow[] = [];
    const vteps = new Map<number, string[]>();
    const vtepsOf = (vni: number): string[] => {
      const known = vteps.get(vni) ?? this.#vtepsOf(vni);
      vteps.set(vni, known);
      return known;
    };
    const row = (
      overlay: number,
      underlay: number,
      vni: number,
      overlayFrame: number,
      copies: Pair[],
      from: string,
    ) => {
      const sorted = copies.sort((a, b) => a.underlayFrame - b.underlayFrame);
      const destinations = new Set(sorted.map(({ tunnel }) => tunnels.receiver(tunnel)));
      const flooded = sorted.some(({ tunnel }) => tunnels.toGroup(tunnel));
      rows.push({
        overlay: this.#name(overlay),
        underlay: this.#name(underlay),
        vni,
        overlayFrame,
        copies: sorted.map(({ tunnel, underlayFrame }) => ({
          destination: tunnels.receiver(tunnel),
          frame: underlayFrame,
        })),
        missing: flooded ? [] : vtepsOf(vni).filter((vtep) => vtep !== from && !destinations.has(vtep)),
      });
    };
    for (const { overlay, underlay, vni, frame, copies } of this.#bum.values()) {
      if (own.get(overlay) !== underlay) continue;
      row(overlay, underlay, vni, frame, copies, tunnels.sender((copies[0] as Pair).tunnel));
    }
    for (const { paired, vni, frame, sender } of lost) {
      const from = homes.of(vni, sender).find((vtep) => paired.pairing.side.isOwn(vtep));
      if (own.get(paired.overlay) !== paired.underlay || from === undefined || rows.length >= MAX_BUM) continue;
      row(paired.overlay, paired.underlay, vni, frame, [], from);
    }
    const order = new Map(this.#taps.map(({ name }, index) => [name, index]));
    return rows.sort(
      (a, b) =>
        (order.get(a.overlay) as number) - (order.get(b.overlay) as number) ||
        a.vni - b.vni ||
        a.overlayFrame - b.overlayFrame,
    );
  }

  /** VTEPs of a VNI, in the order of first sight. */
  #vtepsOf(vni: number): string[] {
    const { tunnels } = this.#known();
    const vteps = new Set<string>();
    for (let tunnel = 0; tunnel < tunnels.size; tunnel++) {
      if (tunnels.vni(tunnel) !== vni) continue;
      vteps.add(tunnels.sender(tunnel));
      if (!tunnels.toGroup(tunnel)) vteps.add(tunnels.receiver(tunnel));
    }
    return [...vteps];
  }

  /** VNIs by pair of VTEPs, either way, whose tunnels an underlay tap saw. */
  #tunnelsSeen(underlay: number): Map<string, Set<number>> {
    const correlator = this.#known();
    const { tunnels } = correlator;
    const seen = new Map<string, Set<number>>();
    for (let tunnel = 0; tunnel < tunnels.size; tunnel++) {
      if (!correlator.saw(underlay, tunnel)) continue;
      const [a, b] = [tunnels.sender(tunnel), tunnels.receiver(tunnel)];
      for (const key of [`${a} ${b}`, `${b} ${a}`, a]) {
        const vnis = seen.get(key) ?? new Set();
        vnis.add(tunnels.vni(tunnel));
        seen.set(key, vnis);
      }
    }
    return seen;
  }

  #name(tap: number): string {
    return (this.#taps[tap] as CorrelatedTap).name;
  }

  #known(): Correlator {
    return this.#correlator as Correlator;
  }
}

interface Missed {
  overlay: number[];
  overlayCount: number;
  underlay: number[];
  underlayCount: number;
}

/** Which VTEPs MACs are behind, by VNI. */
class Homes {
  readonly #vteps: Map<number, Map<number, string[]>>;

  constructor(endpoints: readonly Endpoint[]) {
    this.#vteps = new Map();
    for (const { vni, mac, vtep } of endpoints) {
      const macs = this.#vteps.get(vni) ?? new Map<number, string[]>();
      this.#vteps.set(vni, macs);
      const value = Number.parseInt(mac.replaceAll(':', ''), 16);
      macs.set(value, [...(macs.get(value) ?? []), vtep]);
    }
  }

  /** The VTEPs that a MAC sent through. */
  of(vni: number, mac: number): readonly string[] {
    return this.#vteps.get(vni)?.get(mac) ?? [];
  }

  /** Whether a frame should pass a tap: its ends are behind two VTEPs whose tunnel was seen there. A copy for another VTEP passes elsewhere. */
  crosses(
    vni: number,
    source: number,
    destination: number,
    side: OverlaySide,
    seen: ReadonlyMap<string, ReadonlySet<number>>,
  ): boolean {
    const from = this.of(vni, source);
    if (isGroup(destination)) {
      return from.some((vtep) =>
        side.isOwn(vtep) || side.vteps.size === 0
          ? seen.get(vtep)?.has(vni) === true
          : [...side.vteps].some((own) => seen.get(`${vtep} ${own}`)?.has(vni) === true),
      );
    }
    const to = this.of(vni, destination);
    return from.some((a) => to.some((b) => a !== b && seen.get(`${a} ${b}`)?.has(vni) === true));
  }
}

function forEachGroup(
  unpaired: Unpaired,
  each: (destination: number, source: number, tunnel: number, count: number, frames: readonly number[]) => void,
): void {
  const { groups, counts, frames } = unpaired;
  for (let group = 0; group < groups.size; group++) {
    const [a, b, c] = [groups.word(group, 0), groups.word(group, 1), groups.word(group, 2)];
    const destination = (a >>> 0) * 0x1_0000 + (b >>> 16);
    const source = (b & 0xffff) * 0x1_0000_0000 + (c >>> 0);
    each(destination, source, groups.word(group, 3), counts[group] as number, frames[group] as number[]);
  }
}

function isGroup(mac: number): boolean {
  return Math.floor(mac / 0x100_0000_0000) % 2 === 1;
}

function isKeptByBridges(mac: number): boolean {
  return mac >= BRIDGE_GROUP && mac <= BRIDGE_GROUP + 15;
}

function inOrder(frames: number[]): number[] {
  return frames.sort((a, b) => a - b).slice(0, MAX_LISTED);
}

function leastEncap({ pairing }: PairedTaps): number | null {
  let least: number | null = null;
  for (const row of pairing.rows.values()) {
    const p50 = row.latency().encap?.p50;
    if (p50 !== undefined && (least === null || p50 < least)) least = p50;
  }
  return least;
}
