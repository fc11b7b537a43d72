import { expect, it } from 'vitest';
import { Dissector } from '../../src/dissect/dissector.js';
import { Clock } from '../../src/evidence/clock.js';
import { Repeats } from '../../src/evidence/repeats.js';
import { arp, ethernet, frame } from '../helpers/frame-builder.js';

const message = frame(ethernet(), arp());
const seen = (places: readonly number[], bytes: Uint8Array, ...others: Uint8Array[]): number => {
  const clock = new Clock();
  const repeats = new Repeats(clock);
  const dissector = new Dissector();
  places.forEach((at, turn) => {
    const buffer = others[turn] ?? bytes;
    buffer.set(message, at);
    clock.timeNs = turn;
    repeats.see(turn + 1, dissector.dissect(buffer, at, message.length, message.length, 1));
  });
  return repeats.second.count;
};

it('compares frames that lie behind each other in one buffer', () => {
  expect(seen([0, 100], new Uint8Array(400))).toBe(1);
});

it('compares nothing with what a buffer held before it was filled again, nor with another buffer', () => {
  expect(seen([100, 0], new Uint8Array(400))).toBe(0);
  expect(seen([0, 100], new Uint8Array(400), new Uint8Array(400))).toBe(0);
});
