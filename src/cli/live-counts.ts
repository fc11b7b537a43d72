/**
 * What a live capture counted, as tcpdump says it, and what there is to say besides.
 */
import type { LiveCounters } from '../capture/live/live-source.js';

/** What became of the frames. */
export interface LiveCounts {
  /** Frames that were looked at. */
  readonly read: number;
  /** Of those, frames that passed the filter; null without one. */
  readonly passed: number | null;
  readonly unprinted: number;
  readonly unprintedRecords: number;
}

/** tcpdump's three lines, and more where there is a reason. @param counters of every source */
export function countsText(counts: LiveCounts, counters: readonly LiveCounters[]): string {
  const { read, passed, unprinted, unprintedRecords } = counts;
  const received = sumOf(counters, 'received');
  const dropped = sumOf(counters, 'dropped');
  const gso = sumOf(counters, 'gso') ?? 0;
  return [
    `${packets(read)} captured`,
    ...(passed === null ? [] : [`${packets(passed)} passed the filter`]),
    ...(received === null ? [] : [`${packets(received)} received by filter`]),
    ...(dropped === null ? [] : [`${packets(dropped)} dropped by kernel`]),
    ...(unprinted === 0 ? [] : [`${packets(unprinted)} not printed: the output was too slow`]),
    ...(unprintedRecords === 0 ? [] : [`${unprintedRecords} pairs not printed: the output was too slow`]),
    ...(gso === 0 ? [] : [`${packets(gso)} not as on the cable: segmentation offload (GSO, GRO)`]),
    '',
  ].join('\n');
}

/** A counter of all sources together; null where one of them does not tell. */
export function sumOf(counters: readonly LiveCounters[], key: keyof LiveCounters): number | null {
  let sum = 0;
  for (const one of counters) {
    const value = one[key];
    if (value === null) return null;
    sum += value;
  }
  return sum;
}

function packets(count: number): string {
  return `${count} packet${count === 1 ? '' : 's'}`;
}
