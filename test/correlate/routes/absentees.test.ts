import { expect, test } from 'vitest';
import { Absentees } from '../../../src/correlate/routes/absentees.js';
import { Presence } from '../../../src/correlate/taps/presence.js';

test('absentees are counted while a tap was capturing: those that are not listed all, where some may have been', () => {
  const presence = new Presence();
  presence.seen(100);
  presence.seen(200);
  const frames = new Absentees();
  for (const timeNs of [90, 110, 190])
    frames.vanished.push({ endpoint: 1, frame: timeNs, timeNs, before: [], isArp: false });
  frames.acknowledge({ endpoint: 1, frame: 150, timeNs: 150, before: [], isArp: false });
  expect(frames.countWhile(presence, 4)).toBe(3);
  frames.pass(50);
  frames.pass(80);
  expect(frames.countWhile(presence, 6)).toBe(3);
  frames.pass(300);
  expect(frames.countWhile(presence, 7)).toBe(6);
});
