/** What trails keep: all for the window's length, but for those that are whole. */
import { expect, it } from 'vitest';
import { Identity } from '../../../src/correlate/identity/identity.js';
import { PLACES_END, RECORD } from '../../../src/correlate/tables/layout.js';
import { PairingMemory } from '../../../src/correlate/tables/memory.js';
import { Trails } from '../../../src/correlate/trails/trails.js';

const MS = 1e6;
const CAPACITY = 8192;
const MOST = 1 << 18;

function makeRoom(trails: Trails): void {
  while (trails.isFull) if (!trails.grow()) throw new Error('no room');
}

/** Lets time pass. */
function pass(trails: Trails, untilNs: number): void {
  trails.clockNs = untilNs;
  trails.letGoSettled();
}

/** Opens a trail of a frame that is told by its key alone, and settles it where it is seen again. */
function open(trails: Trails, identity: Identity, key: number, atNs: number, againNs: number | null): number {
  pass(trails, atNs);
  makeRoom(trails);
  trails.lend(identity);
  identity.words.fill(0, identity.at, identity.at + 28);
  identity.key = key;
  const trail = trails.open(identity, trails.sightings.add(key, atNs, 0, -1, 0, 0), -1, trails.newest(key));
  if (againNs === null) return trail;
  makeRoom(trails);
  trails.append(trail, trails.sightings.add(key, againNs, 1, 0, 0, trails.lastSighting(trail)));
  trails.markSettled(trail);
  return trail;
}

it('lets go of what is whole, and keeps what is not until its turn', () => {
  const [trails, identity] = [new Trails(new PairingMemory(), CAPACITY, MOST), new Identity()];
  const alone = open(trails, identity, 1, 0, null);
  const whole = open(trails, identity, 2, 1, 40_000);
  expect([trails.newest(1), trails.newest(2)]).toEqual([alone, whole]);
  pass(trails, 11 * MS);
  expect([trails.newest(1), trails.newest(2)]).toEqual([alone, whole]);
  pass(trails, 14 * MS);
  expect([trails.newest(1), trails.newest(2)]).toEqual([alone, 0]);
  expect(trails.oldestNs).toBe(0);
  trails.letGo();
  expect([trails.newest(1), trails.oldestNs]).toEqual([0, Number.POSITIVE_INFINITY]);
});

it('keeps what was whole late, and what looks like another one', () => {
  const [trails, identity] = [new Trails(new PairingMemory(), CAPACITY, MOST), new Identity()];
  const late = open(trails, identity, 1, 0, 3 * MS);
  open(trails, identity, 2, 0, null);
  const like = open(trails, identity, 2, 1, 1000);
  pass(trails, 500 * MS);
  expect([trails.newest(1), trails.newest(2)]).toEqual([late, like]);
});

it('takes the MACs of the first sighting that shows them', () => {
  const [trails, identity] = [new Trails(new PairingMemory(), CAPACITY, MOST), new Identity()];
  const trail = open(trails, identity, 1, 0, null);
  const macs = () => [...trails.words().subarray(trails.at(trail), trails.at(trail) + 4)];
  const other = new Identity();
  for (const last of [3, 4]) {
    other.words.set([1, 2, last, 9]);
    trails.takeMacs(trail, other);
    expect(macs()).toEqual([1, 2, 3, 0]);
  }
});

it('keeps what has copies', () => {
  const [trails, identity] = [new Trails(new PairingMemory(), CAPACITY, MOST), new Identity()];
  const whole = open(trails, identity, 2, 0, 1000);
  trails.setTwin(open(trails, identity, 3, 2000, null), whole);
  pass(trails, 500 * MS);
  expect(trails.newest(2)).toBe(whole);
});

it('chains young and old ones of a key, the newest first', () => {
  const [trails, identity] = [new Trails(new PairingMemory(), CAPACITY, MOST), new Identity()];
  const all = [0, 1, 30, 31].map((ms) => open(trails, identity, 7, ms * MS, null));
  const found: number[] = [];
  for (let trail = trails.newest(7); trail !== 0; trail = trails.older(trail)) found.push(trail);
  expect(found).toEqual(all.reverse());
});

it('lets go of what came to a trail that was whole, too', () => {
  const [trails, identity] = [new Trails(new PairingMemory(), CAPACITY, MOST), new Identity()];
  const { capacity } = trails.sightings;
  // One behind the other, so many that they would fill the room if a third one of each were forgotten.
  for (let n = 1; n <= capacity; n++) {
    const trail = open(trails, identity, n, n * 10_000, n * 10_000 + 70);
    makeRoom(trails);
    trails.append(trail, trails.sightings.add(n, n * 10_000 + 80, 1, 1, 0, trails.lastSighting(trail)));
  }
  expect(trails.sightings.capacity).toBe(capacity);
});

it('takes room for what is under way only, and finds the rest again', () => {
  const memory = new PairingMemory();
  const [trails, identity] = [new Trails(memory, CAPACITY, MOST), new Identity()];
  const lost: number[] = [];
  // A quarter of a second of a frame each microsecond: one in a hundred is never seen again.
  for (let n = 1; n <= 250_000; n++) {
    const trail = open(trails, identity, n, n * 1000, n % 100 === 0 ? null : n * 1000 + 70_000);
    if (n % 100 === 0) lost.push(trail);
  }
  expect(memory.counts[PLACES_END]).toBeLessThan(CAPACITY * 4 * RECORD);
  expect(lost.map((trail) => trails.newest(trail))).toEqual(lost);
});
