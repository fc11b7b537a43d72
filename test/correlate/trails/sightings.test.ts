/** Lists of sightings: what was let go is used again, all of it. */
import { expect, it } from 'vitest';
import { PairingMemory } from '../../../src/correlate/tables/memory.js';
import { Sightings } from '../../../src/correlate/trails/sightings.js';

/** Adds a list. @returns its sightings */
function list(sightings: Sightings, frames: readonly number[]): number[] {
  const found: number[] = [];
  for (const frame of frames) {
    const last = found.at(-1) ?? 0;
    const sighting = sightings.add(frame, frame * 10, frame % 3, -1, 0, last);
    if (last !== 0) sightings.link(last, sighting);
    found.push(sighting);
  }
  return found;
}

function framesOf(sightings: Sightings, first: number): number[] {
  const frames: number[] = [];
  for (let at = first; at !== 0; at = sightings.after(at)) frames.push(sightings.frame(at));
  return frames;
}

it('keeps lists apart, whatever their lengths and the order in which they grow', () => {
  const sightings = new Sightings(new PairingMemory(), 64);
  const a = list(sightings, [1]);
  const b = list(sightings, [2, 3]);
  const c = list(sightings, [4, 5, 6]);
  const more = sightings.add(7, 70, 1, -1, 0, a[0] as number);
  sightings.link(a[0] as number, more);
  expect([a, b, c].map(([first]) => framesOf(sightings, first as number))).toEqual([
    [1, 7],
    [2, 3],
    [4, 5, 6],
  ]);
  expect(new Set([...a, ...b, ...c, more]).size).toBe(7);
});

it('finds room again for what was let go, in lists of any length', () => {
  const sightings = new Sightings(new PairingMemory(), 16);
  for (let round = 0; round < 100; round++) {
    const lists = [[1], [2, 3], [4, 5, 6], [7, 8, 9, 10], [11]].map((frames) => list(sightings, frames));
    // Seven lines: the first of the eight is nobody's.
    expect(sightings.isFull).toBe(true);
    for (const [first] of lists) sightings.letGo(first as number);
    expect(sightings.isFull).toBe(false);
  }
});

it('lets go of a list of one or two without a look at it', () => {
  const sightings = new Sightings(new PairingMemory(), 4);
  for (const frames of [[1], [2, 3], [4]]) {
    const [first] = list(sightings, frames);
    expect(sightings.isFull).toBe(true);
    sightings.letGoLine(first as number);
  }
});
