import { expect, it } from 'vitest';
import { duration, firstFew, listed, percent, plural } from '../../src/findings/wording.js';

it('names the first five of several', () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
  expect([1, 5, 6, 7].map((count) => firstFew(names.slice(0, count)))).toEqual([
    'a',
    'a, b, c, d, e',
    'a, b, c, d, e and 1 more',
    'a, b, c, d, e and 2 more',
  ]);
  expect([0, 1, 2, 3].map((count) => listed(names.slice(0, count)))).toEqual(['', 'a', 'a and b', 'a, b and c']);
});

it('counts in thousands', () => {
  expect([0, 1, 999, 1000, 1_234_567].map((count) => plural(count, 'frame'))).toEqual([
    ...['0 frames', '1 frame', '999 frames', '1,000 frames', '1,234,567 frames'],
  ]);
});

it('has a digit more of a share below ten percent', () => {
  expect([0, 1, 99, 100, 225, 1000].map((part) => percent(part, 1000))).toEqual([
    ...['0 %', '0.1 %', '9.9 %', '10 %', '23 %', '100 %'],
  ]);
  expect(percent(0, 0)).toBe('0 %');
});

it('tells a duration in the unit that suits it', () => {
  const told = [0, 40, 999_949, 1e6, 1.234e6, 999_990_000, 1e9, 1.5e9, -2e6, 61e9].map(duration);
  expect(told).toEqual([
    ...['0 µs', '0 µs', '999.9 µs', '1 ms', '1.23 ms', '999.99 ms', '1 s', '1.5 s', '-2 ms', '61 s'],
  ]);
});
