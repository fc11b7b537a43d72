/**
 * Frames through tunnels whose VNI is never used the other way between the same two VTEPs.
 */
import type { FrameReference } from '../correlate/correlation.js';
import type { SeenReceiver } from '../evidence/receivers.js';
import type { Way } from '../inventory/ways.js';
import type { Facts } from './facts.js';
import { MacTable } from './mac-table.js';
import { once } from './once.js';
import { receiversAt } from './seen-senders.js';

/** Frames from one MAC to one, all taps together. */
export interface OneWay {
  readonly way: Way;
  /** MACs, 0..2^48-1. */
  readonly sender: number;
  readonly receiver: number;
  /** What taps saw of it, by their names: of one sender there is a row for each of its addresses. */
  readonly seen: { readonly tap: string; readonly row: SeenReceiver }[];
}

/** All of them, in the order in which they were seen. **Cost** allocates once: several rules ask. */
export const oneWays = once(({ taps, ways }: Facts): readonly OneWay[] => {
  const table = new MacTable(taps.reduce((sum, tap) => sum + receiversAt(tap).length, 0));
  const all: OneWay[] = [];
  for (const tap of taps) {
    for (const row of receiversAt(tap)) {
      const way = ways.at(row.row);
      if (way.back !== null) continue;
      const sender = ways.innerMac(row.row);
      const seen = { tap: tap.name, row };
      const known = all[table.number(way.number, sender, row.mac)];
      if (known === undefined) all.push({ way, sender, receiver: row.mac, seen: [seen] });
      else known.seen.push(seen);
    }
  }
  return all;
});

/** Frames of it that a tap saw. */
export function framesAt({ seen }: OneWay, tap: string): number {
  return seen.reduce((sum, { tap: name, row }) => (name === tap ? sum + row.frames : sum), 0);
}

/** Frames of it at the tap that saw the most. */
export function mostFrames(way: OneWay): number {
  return Math.max(...way.seen.map(({ tap }) => framesAt(way, tap)));
}

/** The first frame and the last one of what a tap, or all of them, saw. */
export function endsOf({ seen }: OneWay, tap?: string): FrameReference[] {
  return seen
    .filter(({ tap: name }) => tap === undefined || name === tap)
    .flatMap(({ tap: name, row }) =>
      [...new Set([row.firstFrame, row.lastFrame])].map((frame) => ({ tap: name, frame })),
    );
}
