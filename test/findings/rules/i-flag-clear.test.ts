import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only } from '../../helpers/analyze-taps.js';
import { arp, ethernet, frame, geneve, ipv4, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const tunnelled = (flags: number, port = 4789): Uint8Array =>
  frame(ethernet(), ipv4(), udp({ destinationPort: port }), vxlan({ vni: 5000, flags }), ethernet(), arp());

it('is told of VXLAN headers whose I flag is clear, of how many', async () => {
  const analysis = await analyzeTaps(scratch, {
    eth0: [
      [0, tunnelled(0x0800)],
      [1, tunnelled(0x0000)],
      [2, tunnelled(0x0400, 4790)],
    ],
  });
  expect(only(analysis, 'i-flag-clear')).toMatchObject([
    {
      severity: 'warning',
      message: '2 of 3 frames with a VXLAN header at eth0 have the I flag clear: receivers must drop them.',
      evidence: [2, 3].map((number) => ({ tap: 'eth0', frame: number })),
    },
  ]);
});

it('is told of one frame', async () => {
  const analysis = await analyzeTaps(scratch, { eth0: [[0, tunnelled(0x0000)]] });
  expect(only(analysis, 'i-flag-clear').map(({ message }) => message)).toEqual([
    '1 of 1 frame with a VXLAN header at eth0 has the I flag clear: receivers must drop it.',
  ]);
});

it('is not told of a header whose other flags are set besides, nor of another port, nor of Geneve', async () => {
  const analysis = await analyzeTaps(scratch, {
    eth0: [
      [0, tunnelled(0xff00)],
      [1, tunnelled(0x0000, 4788)],
      [2, frame(ethernet(), ipv4(), udp({ destinationPort: 6081 }), geneve(), ethernet(), arp())],
    ],
  });
  expect(only(analysis, 'i-flag-clear')).toEqual([]);
});
