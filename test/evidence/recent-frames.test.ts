import { expect, it } from 'vitest';
import { RecentFrames } from '../../src/evidence/recent-frames.js';
import { ethernet, frame, ipv4, ipv6, type Part, udp } from '../helpers/frame-builder.js';
import { dissect } from '../helpers/layers.js';

const packet = (identification: number): Part => ipv4({ identification });

it('finds the last frame that was a packet, and never another one', () => {
  const recent = new RecentFrames();
  const count = 6000;
  for (let number = 1; number <= count; number++)
    recent.keep(number, dissect(frame(ethernet(), packet(number), udp())), 1);
  const found = Array.from({ length: count }, (_, index) =>
    recent.find(dissect(frame(ethernet(), packet(index + 1), udp())), 1),
  );
  expect(found.every((number, index) => number === 0 || number === index + 1)).toBe(true);
  expect(found.slice(-100).filter((number) => number > 0).length).toBeGreaterThan(90);
  expect(found.slice(0, 100).filter((number) => number > 0).length).toBeLessThan(90);
});

it('tells packets by ports where they have no number, and does not mind the time to live', () => {
  const recent = new RecentFrames();
  recent.keep(7, dissect(frame(ethernet(), ipv6(), udp({ sourcePort: 1000 }))), 1);
  expect(recent.find(dissect(frame(ethernet(), ipv6({ hopLimit: 3 }), udp({ sourcePort: 1000 }))), 1)).toBe(7);
  expect(recent.find(dissect(frame(ethernet(), ipv6(), udp({ sourcePort: 1001 }))), 1)).toBe(0);
  recent.keep(8, dissect(frame(ethernet(), packet(5), udp())), 1);
  expect(recent.find(dissect(frame(ethernet(), ipv4({ identification: 5, timeToLive: 3 }), udp())), 1)).toBe(8);
});
