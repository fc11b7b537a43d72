/**
 * Broadcast, unknown unicast, multicast: a frame to a group at its sender's own tap, and its copies, one for each VTEP.
 */

import type { Pair } from '../settlement/pair.js';
import { Direction } from '../taps/overlay-side.js';
import type { TapPair } from '../taps/tap-pair.js';
import type { Tunnels } from '../taps/tunnels.js';
import type { Homes } from './homes.js';

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

/** An overlay frame to a group without any copy. */
export interface LostBum {
  readonly pair: TapPair;
  readonly vni: number;
  readonly frame: number;
  /** The MAC that sent it. */
  readonly sender: number;
}

/** The most frames to a group that are reported. */
const MAX_BUM = 1000;

interface Flooded {
  readonly overlay: number;
  readonly underlay: number;
  readonly frame: number;
  readonly copies: Pair[];
}

/** Gathers the copies of frames to a group. */
export class BumLog {
  readonly #tunnels: Tunnels;
  readonly #flooded: Map<string, Flooded>;

  constructor(tunnels: Tunnels) {
    this.#tunnels = tunnels;
    this.#flooded = new Map();
  }

  /** Takes in a pair: a copy, if it is of a frame to a group on its way out. */
  add(pair: Pair): void {
    if (!pair.toGroup || pair.direction !== Direction.Encap) return;
    const { overlay, underlay, overlayFrame: frame } = pair;
    const key = `${overlay},${underlay},${frame}`;
    const known = this.#flooded.get(key);
    if (known !== undefined) known.copies.push(pair);
    else if (this.#flooded.size < MAX_BUM) this.#flooded.set(key, { overlay, underlay, frame, copies: [pair] });
  }

  /**
   * The rows, at the underlay tap that is each overlay tap's own.
   *
   * @param ownUnderlay by overlay tap
   * @param lost frames without any copy
   * @param name of a tap
   */
  rows(
    ownUnderlay: ReadonlyMap<number, number>,
    lost: readonly LostBum[],
    homes: Homes,
    name: (tap: number) => string,
  ): BumRow[] {
    const tunnels = this.#tunnels;
    const rows: (BumRow & { readonly order: number })[] = [];
    const vtepsOf = new Map<number, readonly string[]>();
    const add = (overlay: number, underlay: number, vni: number, frame: number, copies: Pair[], from: string): void => {
      copies.sort((a, b) => a.underlayFrame - b.underlayFrame);
      const reached = new Set(copies.map(({ tunnel }) => tunnels.receiver(tunnel)));
      const toAll = copies.some(({ tunnel }) => tunnels.toGroup(tunnel));
      const vteps = vtepsOf.get(vni) ?? this.#vtepsOf(vni);
      vtepsOf.set(vni, vteps);
      rows.push({
        order: overlay,
        overlay: name(overlay),
        underlay: name(underlay),
        vni,
        overlayFrame: frame,
        copies: copies.map(({ tunnel, underlayFrame }) => ({
          destination: tunnels.receiver(tunnel),
          frame: underlayFrame,
        })),
        missing: toAll ? [] : vteps.filter((vtep) => vtep !== from && !reached.has(vtep)),
      });
    };
    for (const { overlay, underlay, frame, copies } of this.#flooded.values()) {
      if (ownUnderlay.get(overlay) !== underlay) continue;
      const { tunnel } = copies[0] as Pair;
      add(overlay, underlay, tunnels.vni(tunnel), frame, copies, tunnels.sender(tunnel));
    }
    for (const { pair, vni, frame, sender } of lost) {
      const from = homes.of(vni, sender).find((vtep) => pair.side.isOwn(vtep));
      if (ownUnderlay.get(pair.overlay) !== pair.underlay || from === undefined || rows.length >= MAX_BUM) continue;
      add(pair.overlay, pair.underlay, vni, frame, [], from);
    }
    rows.sort((a, b) => a.order - b.order || a.vni - b.vni || a.overlayFrame - b.overlayFrame);
    return rows.map(({ order: _, ...row }) => row);
  }

  /** VTEPs of a VNI, in the order of first sight. */
  #vtepsOf(vni: number): string[] {
    const tunnels = this.#tunnels;
    const vteps = new Set<string>();
    for (let tunnel = 0; tunnel < tunnels.size; tunnel++) {
      if (tunnels.vni(tunnel) !== vni) continue;
      vteps.add(tunnels.sender(tunnel));
      if (!tunnels.toGroup(tunnel)) vteps.add(tunnels.receiver(tunnel));
    }
    return [...vteps];
  }
}
