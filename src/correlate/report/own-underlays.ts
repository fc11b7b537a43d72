/**
 * Which underlay tap is each overlay tap's own, and which VTEPs are there.
 */
import type { CorrelatedTap } from '../correlator.js';
import type { TapPair } from '../taps/tap-pair.js';

/**
 * The underlay tap of each overlay tap, by their numbers: that of its host, else the one that saw the most of the tunnels
 * through which its VTEP sends, since its own saw all of them, else the nearest; none of another host by its
 * name, whose overlay tap is behind another VTEP.
 *
 * @param tunnelsFrom through how many tunnels the VTEP of a pair's overlay tap sends, as its underlay tap saw it
 */
export function ownUnderlays(
  taps: readonly CorrelatedTap[],
  pairs: readonly TapPair[],
  tunnelsFrom: (pair: TapPair) => number,
): Map<number, number> {
  const own = new Map<number, number>();
  taps.forEach((tap, overlay) => {
    const those = pairs.filter((pair) => pair.overlay === overlay);
    const local = those.find(({ underlay }) => tap.host !== null && taps[underlay]?.host === tap.host);
    const nearest = those
      .filter((pair) => !isOthers(pair, taps, pairs))
      .map((pair) => ({ pair, encapNs: leastEncap(pair), tunnels: tunnelsFrom(pair) }))
      .filter(({ encapNs }) => encapNs !== null)
      .sort((a, b) => b.tunnels - a.tunnels || (a.encapNs as number) - (b.encapNs as number))[0]?.pair;
    const chosen = local ?? nearest;
    if (chosen !== undefined) own.set(overlay, chosen.underlay);
  });
  return own;
}

/** Whether an underlay tap belongs to another overlay tap by their host's name, and that one is behind another VTEP. */
function isOthers({ underlay, side }: TapPair, taps: readonly CorrelatedTap[], pairs: readonly TapPair[]): boolean {
  const host = taps[underlay]?.host ?? null;
  return pairs.some(
    (other) =>
      other.underlay === underlay &&
      host !== null &&
      taps[other.overlay]?.host === host &&
      other.side.vteps.size > 0 &&
      ![...other.side.vteps].some((vtep) => side.vteps.has(vtep)),
  );
}

/**
 * By underlay tap, the VTEPs behind the overlay taps whose own it is; where names put some of those on its host, behind
 * these alone: of others it may only be the nearest.
 *
 * @param own as `ownUnderlays` gave it
 */
export function localVteps(
  taps: readonly CorrelatedTap[],
  own: ReadonlyMap<number, number>,
  pairs: readonly TapPair[],
): Map<number, Set<string>> {
  const local = new Map<number, Set<string>>();
  const isOnHost = ({ overlay, underlay }: TapPair): boolean =>
    taps[underlay]?.host !== null && taps[overlay]?.host === taps[underlay]?.host;
  const named = new Set(pairs.filter(isOnHost).map(({ underlay }) => underlay));
  for (const pair of pairs) {
    const { overlay, underlay, side } = pair;
    if (own.get(overlay) !== underlay || (named.has(underlay) && !isOnHost(pair))) continue;
    local.set(underlay, new Set([...(local.get(underlay) ?? []), ...side.vteps]));
  }
  return local;
}

function leastEncap(pair: TapPair): number | null {
  let least: number | null = null;
  for (const row of pair.rows.values()) {
    const p50 = row.latency().encap?.p50;
    if (p50 !== undefined && (least === null || p50 < least)) least = p50;
  }
  return least;
}
