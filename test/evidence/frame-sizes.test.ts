/** Frame sizes: what is kept of each frame, and whose it is. */
import { expect, it } from 'vitest';
import { FrameSizes } from '../../src/evidence/frame-sizes.js';
import { ethernet, frame, ipv4, ipv6, payload, tcp, udp, vxlan } from '../helpers/frame-builder.js';
import { dissect } from '../helpers/layers.js';

const bare = (totalLength: number, layer4 = udp()) => dissect(frame(ethernet(), ipv4({ totalLength }), layer4));
const tunnelled = (totalLength: number) =>
  dissect(frame(ethernet(), ipv4(), udp({ destinationPort: 4789 }), vxlan(), ethernet(), ipv4({ totalLength }), udp()));

it('lengths are of the innermost packet, by its header, whoever sent it', () => {
  const sizes = new FrameSizes();
  sizes.see(1, bare(60), -1);
  sizes.see(2, tunnelled(1000), 7);
  sizes.see(3, bare(65_535), -1);
  sizes.see(4, dissect(frame(ethernet(), ipv6(), udp(), payload(Array(10).fill(0)))), -1);
  sizes.see(5, dissect(frame(ethernet())), -1);
  sizes.see(5000, tunnelled(1500), 0xfffe);
  expect([1, 2, 3, 4, 5, 6, 5000, 90_000].map((number) => sizes.packetLen(number))).toEqual([
    60, 1000, 65_535, 58, 0, 0, 1500, 0,
  ]);
});

it('TCP that no wire saw at that length has none', () => {
  const sizes = new FrameSizes();
  sizes.see(1, bare(1600, tcp()), -1);
  sizes.see(2, bare(1601, tcp()), -1);
  expect([1, 2].map((number) => sizes.packetLen(number))).toEqual([1600, 0]);
});

it('the longest of each row leaves out frames that do not count, bare ones, and rows without a place', () => {
  const sizes = new FrameSizes();
  const given = [
    [900, 0],
    [1000, 0],
    [1100, 0],
    [800, 0xfffe],
    [1400, 0xffff],
    [1500, -1],
  ] as const;
  given.forEach(([len, row], index) => {
    sizes.see(index + 1, row < 0 ? bare(len) : tunnelled(len), row);
  });
  expect([...sizes.longest(new Set([3]))]).toEqual([
    [0, 1000],
    [0xfffe, 800],
  ]);
});
