/**
 * Frames through tunnels whose VNI is never used the other way between the same two VTEPs.
 */
import type { FrameReference } from '../correlate/correlation.js';
import type { Facts } from './facts.js';

/** Frames from one MAC to one, all taps together. */
export interface OneWay {
  readonly vni: number;
  readonly source: string;
  readonly destination: string;
  /** MACs, 0..2^48-1. */
  readonly sender: number;
  readonly receiver: number;
  /** Frames, at the tap that saw the most. */
  frames: number;
  /** By tap, how many it saw. */
  readonly taps: Map<string, number>;
  /** The first and the last one at each tap. */
  readonly evidence: FrameReference[];
}

const waysOf = new WeakMap<Facts, readonly OneWay[]>();

/** All of them, in the order in which they were seen. **Cost** allocates once: several rules ask. */
export function oneWays(facts: Facts): readonly OneWay[] {
  const known = waysOf.get(facts);
  if (known !== undefined) return known;
  const { taps, tunnels, traffic } = facts;
  const used = new Set(tunnels.map(({ vni, source, destination }) => `${vni} ${source} ${destination}`));
  const ways = new Map<string, OneWay>();
  for (const { name, evidence } of taps) {
    for (const { row, mac, frames, firstFrame, lastFrame } of evidence.senders.receivers()) {
      const { vni, source, destination, innerMac } = traffic(row);
      if (used.has(`${vni} ${destination} ${source}`)) continue;
      const key = [vni, source, destination, innerMac, mac].join(' ');
      const way = ways.get(key) ?? {
        ...{ vni, source, destination, sender: innerMac, receiver: mac },
        ...{ frames: 0, taps: new Map<string, number>(), evidence: [] },
      };
      ways.set(key, way);
      // Of one sender there is a row for each of its addresses.
      const seen = (way.taps.get(name) ?? 0) + frames;
      way.taps.set(name, seen);
      way.frames = Math.max(way.frames, seen);
      for (const frame of new Set([firstFrame, lastFrame])) way.evidence.push({ tap: name, frame });
    }
  }
  const found = [...ways.values()];
  waysOf.set(facts, found);
  return found;
}
