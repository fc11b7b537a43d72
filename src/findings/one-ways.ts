/**
 * Frames through tunnels whose VNI is never used the other way between the same two VTEPs. There may be as many of them
 * as there are senders, and few that a rule can make something of: it picks among rows, and joins those.
 */
import type { FrameReference } from '../correlate/report/correlation.js';
import type { SeenReceiver } from '../evidence/receivers.js';
import type { Way } from '../inventory/ways.js';
import type { Facts } from './facts.js';
import { MacTable } from './mac-table.js';
import { once } from './once.js';
import { receiversAt } from './seen-senders.js';

/** What a tap, by its name, saw one sender send to one MAC. */
export interface OneWayRow {
  readonly tap: string;
  readonly row: SeenReceiver;
}

/** Frames from one MAC to one, all taps together. */
export interface OneWay {
  readonly way: Way;
  /** MACs, 0..2^48-1. */
  readonly sender: number;
  readonly receiver: number;
  /** Of one sender there is a row for each of its addresses. */
  readonly seen: OneWayRow[];
}

/** All rows, in the order in which they were seen. */
interface OneWayRows {
  readonly rows: readonly OneWayRow[];
  /** By the number of a pair of VTEPs, 1 where any of them is between these. */
  readonly hasRows: Uint8Array;
}

/** All of them. **Cost** allocates once: several rules ask. */
export const oneWayRows = once(({ taps, ways }: Facts): OneWayRows => {
  const rows: OneWayRow[] = [];
  const hasRows = new Uint8Array(ways.pairs);
  for (const tap of taps) {
    const { name } = tap;
    for (const row of receiversAt(tap)) {
      const { back, pair } = ways.at(row.row);
      if (back !== null) continue;
      rows.push({ tap: name, row });
      hasRows[pair.number] = 1;
    }
  }
  return { rows, hasRows };
});

/** Rows from one MAC to one as one, in the order of their first rows. @param rows all that there are of each. **Cost** allocates */
export function joined({ ways }: Facts, rows: readonly OneWayRow[]): OneWay[] {
  const table = new MacTable(rows.length);
  const all: OneWay[] = [];
  for (const seen of rows) {
    const { row, mac: receiver } = seen.row;
    const way = ways.at(row);
    const sender = ways.innerMac(row);
    const known = all[table.number(way.number, sender, receiver)];
    if (known === undefined) all.push({ way, sender, receiver, seen: [seen] });
    else known.seen.push(seen);
  }
  return all;
}

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
