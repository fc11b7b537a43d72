import { expect, test } from 'vitest';
import { Absentees } from '../../../src/correlate/routes/absentees.js';
import { Hop } from '../../../src/correlate/routes/hop.js';
import { Proof } from '../../../src/correlate/routes/proof.js';
import { Presence } from '../../../src/correlate/taps/presence.js';

/** The capture there may have missed frames of this time. */
const MISSED_NS = 55;

/** A hop that takes 20 ns, to an underlay tap that captured from 0 to 100 ns; frames that vanished on it. @param unread frames that the tap kept too little of */
function hopThatLost(frames: Absentees, count: number, isOrdered = true, unread = 0): Hop {
  const there = new Presence();
  there.unread = unread;
  there.seen(0);
  there.seen(100);
  const hop = new Hop(0, 0, 1, 3);
  const missed = new Set(frames.vanished.filter(({ timeNs }) => timeNs === MISSED_NS));
  const proof = new Proof({ presence: there, missed, endpoint: hop.to, isOrdered, takesNs: 20 });
  hop.addVanished(count, frames, proof);
  return hop;
}

/** The same of frames that are listed, by their times. */
function vanished(isOrdered: boolean, ...timesNs: readonly number[]): Hop {
  const frames = new Absentees();
  for (const [index, timeNs] of timesNs.entries()) {
    frames.vanished.push({ endpoint: 1, frame: index + 1, timeNs, before: [], isArp: false });
  }
  return hopThatLost(frames, timesNs.length, isOrdered);
}

test('a loss is proven where the frame should have come while the other tap was capturing', () => {
  const { lost, unproven, unprovenFrames } = vanished(true, -1, 0, 80, 81, 100, 101);
  expect([lost, unproven]).toEqual([6, 4]);
  expect(unprovenFrames.map(({ timeNs }) => timeNs)).toEqual([-1, 81, 100, 101]);
});

test('of a frame that its capture may have missed, none is', () => {
  expect(vanished(true, 54, MISSED_NS, 56).unprovenFrames.map(({ timeNs }) => timeNs)).toEqual([MISSED_NS]);
});

test('none is where it is not known which tap comes first', () => {
  const { lost, unproven, unprovenFrames } = vanished(false, 10, 20, 30);
  expect([lost, unproven, unprovenFrames.length]).toEqual([3, 3, 3]);
});

test('so it is of those that are not listed, all of them or none', () => {
  const unproven = (...timesNs: readonly number[]): number => {
    const frames = new Absentees();
    for (const timeNs of timesNs) frames.pass(timeNs);
    return hopThatLost(frames, timesNs.length).unproven;
  };
  expect(unproven(0, 40, 80)).toBe(0);
  expect(unproven(0, 40, 81)).toBe(3);
  expect(unproven(-1, 40, 80)).toBe(3);
});

test('nor is it of as many of them as the tap kept too little of to tell which they are, beyond those that are listed', () => {
  const frames = new Absentees();
  frames.vanished.push({ endpoint: 1, frame: 1, timeNs: 40, before: [], isArp: false });
  for (const timeNs of [41, 42, 43]) frames.pass(timeNs);
  const unproven = [0, 1, 2, 3, 4, 5].map((unread) => hopThatLost(frames, 4, true, unread).unproven);
  expect(unproven).toEqual([0, 0, 1, 2, 3, 3]);
});
