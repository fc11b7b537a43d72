/**
 * Clock offsets: what the clocks of taps differ by, as the frames that two of them saw tell, and from pair to pair what
 * each one is ahead of the first.
 */
import { Direction } from './overlay-side.js';

/** A latency above this in the only direction that was seen is rather a difference of clocks, ns. */
export const LONGEST_LATENCY_NS = 500e6;

/** A tap as its clock goes. */
export interface ClockedTap {
  /** Taps on one host share a clock. */
  readonly host: string | null;
  /** What it was told that its clock is ahead of true time, ns; null where it was not. */
  readonly clockOffsetNs: number | null;
}

/** Whether names put two taps on one host. **Cost** no allocation. */
export function areOfOneHost(a: ClockedTap, b: ClockedTap): boolean {
  return a.host !== null && a.host === b.host;
}

/** Two taps, of which one saw frames encapsulated: how much later than the other one, by tunnel. */
export interface Comparison {
  readonly overlay: number;
  readonly underlay: number;
  readonly byTunnel: ReadonlyMap<number, number[]>;
  readonly leads: ReadonlyMap<number, Direction>;
  /** What the underlay tap's clock is ahead of the overlay tap's, ns; null where nothing tells. */
  readonly aheadNs: number | null;
  /** Whether frames both ways tell it. */
  readonly isBothWays: boolean;
}

/** What each tap's clock is ahead of the first tap's: along comparisons, host by host. */
export function clockOffsets(taps: readonly ClockedTap[], compared: readonly Comparison[]): number[] {
  const offsets: (number | undefined)[] = taps.map((tap) => tap.clockOffsetNs ?? undefined);
  const spread = (): void => {
    taps.forEach((tap, index) => {
      if (offsets[index] !== undefined || tap.host === null) return;
      const peer = taps.findIndex((other, at) => other.host === tap.host && offsets[at] !== undefined);
      if (peer >= 0) offsets[index] = offsets[peer];
    });
  };
  // What both ways tell comes before what one way makes likely.
  const inOrder = [...compared].sort((a, b) => Number(b.isBothWays) - Number(a.isBothWays));
  for (let root = 0; root < taps.length; root++) {
    spread();
    offsets[root] ??= 0;
    for (;;) {
      spread();
      const link = inOrder.find(
        ({ overlay, underlay, aheadNs }) =>
          aheadNs !== null && (offsets[overlay] === undefined) !== (offsets[underlay] === undefined),
      );
      if (link === undefined) break;
      const { overlay, underlay } = link;
      const aheadNs = link.aheadNs as number;
      if (offsets[underlay] === undefined) offsets[underlay] = (offsets[overlay] as number) + aheadNs;
      else offsets[overlay] = (offsets[underlay] as number) - aheadNs;
    }
  }
  return offsets as number[];
}

/** What a pair of clocks differs by; null where nothing tells. 0 where no causality is violated. */
export function clockDifference(
  byTunnel: ReadonlyMap<number, number[]>,
  leads: ReadonlyMap<number, Direction>,
): { aheadNs: number | null; isBothWays: boolean } {
  if (byTunnel.size === 0) return { aheadNs: null, isBothWays: false };
  const encap: number[] = [];
  const decap: number[] = [];
  const other: number[] = [];
  for (const [tunnel, differences] of byTunnel) {
    const direction = leads.get(tunnel);
    const into = direction === undefined ? other : direction === Direction.Encap ? encap : decap;
    for (const difference of differences) into.push(difference);
  }
  if (encap.length > 0 && decap.length > 0) {
    const [out, back] = [median(encap), median(decap)];
    return { aheadNs: out >= 0 && back <= 0 ? 0 : Math.round((out + back) / 2), isBothWays: true };
  }
  const oneWay = median([...encap, ...decap, ...other]);
  return { aheadNs: Math.abs(oneWay) > LONGEST_LATENCY_NS ? Math.round(oneWay) : 0, isBothWays: false };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}
