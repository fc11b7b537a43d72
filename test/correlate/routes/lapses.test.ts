import { expect, test } from 'vitest';
import type { Absent } from '../../../src/correlate/routes/absentees.js';
import { Lapses } from '../../../src/correlate/routes/lapses.js';
import { Presence } from '../../../src/correlate/taps/presence.js';

const TAP = 1;
const MS = 1_000_000;

/** Of two taps, of which one kept too little of some frames. */
function lapsesOf(unread = 0): Lapses {
  const presences = [new Presence(), new Presence()];
  (presences[TAP] as Presence).unread = unread;
  return new Lapses(presences);
}

function framesAt(...timesMs: readonly number[]): Absent[] {
  return timesMs.map((ms, index) => ({ endpoint: 0, frame: index + 1, timeNs: ms * MS, before: [], isArp: false }));
}

/** When the frames were that a tap may have missed, ms. */
function around(lapses: Lapses, frames: readonly Absent[], tap = TAP): number[] {
  return [...lapses.around(tap, frames)].map(({ timeNs }) => timeNs / MS);
}

test('a capture that missed a frame may have missed others up to 100 ms away, in any order', () => {
  const lapses = lapsesOf();
  lapses.add(TAP, framesAt(2000, 1000));
  expect(around(lapses, framesAt(2100, 899, 900, 1100, 1101, 1899, 1900, 2101))).toEqual([900, 1100, 1900, 2100]);
});

test('it says nothing of other taps', () => {
  const lapses = lapsesOf();
  lapses.add(TAP, framesAt(1000));
  expect(around(lapses, framesAt(1000), TAP - 1)).toEqual([]);
});

test('what is added later counts, too', () => {
  const lapses = lapsesOf();
  lapses.add(TAP, framesAt(1000));
  expect(around(lapses, framesAt(500, 1000))).toEqual([1000]);
  lapses.add(TAP, framesAt(500));
  expect(around(lapses, framesAt(500, 1000))).toEqual([500, 1000]);
});

test('each frame that was missed stands for 16 others', () => {
  const lapses = lapsesOf();
  lapses.add(TAP, framesAt(1000, 1001));
  const many = framesAt(...Array.from({ length: 100 }, (_, ms) => 950 + ms));
  expect(around(lapses, many)).toEqual(many.slice(0, 32).map(({ timeNs }) => timeNs / MS));
});

test('those of one that is too far back do not count for the next one', () => {
  const lapses = lapsesOf();
  lapses.add(TAP, framesAt(1000, 1250));
  const frames = framesAt(...Array.from({ length: 10 }, () => 1050), ...Array.from({ length: 20 }, () => 1200));
  expect(around(lapses, frames).filter((ms) => ms === 1200)).toHaveLength(16);
});

test('as many as a capture kept too little of may be any of those that it seems to lack', () => {
  const lapses = lapsesOf(2);
  expect(around(lapses, framesAt(30, 20, 10))).toEqual([10, 20]);
  lapses.add(TAP, framesAt(25));
  expect(around(lapses, framesAt(30, 500, 20, 10))).toEqual([10, 20, 30]);
});
