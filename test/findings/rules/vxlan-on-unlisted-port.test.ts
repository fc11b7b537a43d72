import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only } from '../../helpers/analyze-taps.js';
import { arp, ethernet, frame, ipv4, payload, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const tunnelled = (port: number, header: Parameters<typeof vxlan>[0] = {}): Uint8Array =>
  frame(ethernet(), ipv4(), udp({ destinationPort: port }), vxlan({ vni: 5000, ...header }), ethernet(), arp());

it('is told by port, in the order of ports', async () => {
  const analysis = await analyzeTaps(scratch, {
    eth0: [
      [0, tunnelled(48879)],
      [1, tunnelled(4788)],
      [2, tunnelled(48879)],
      [3, tunnelled(4789)],
    ],
  });
  expect(only(analysis, 'vxlan-on-unlisted-port')).toMatchObject([
    {
      severity: 'info',
      message: '1 frame to UDP port 4788 at eth0 is VXLAN, likely, and was not read as such.',
      evidence: [{ tap: 'eth0', frame: 2 }],
      fix: expect.stringContaining('--vxlan-port 4788'),
    },
    {
      message: '2 frames to UDP port 48879 at eth0 are VXLAN, likely, and were not read as such.',
      evidence: [1, 3].map((number) => ({ tap: 'eth0', frame: number })),
    },
  ]);
});

it('is not told once the port is named, nor of payloads that only begin alike', async () => {
  const taps = {
    eth0: [
      [0, tunnelled(4788, { reserved: 1 })],
      [1, tunnelled(4788, { flags: 0x0c00 })],
      [2, frame(ethernet(), ipv4(), udp({ destinationPort: 4788 }), vxlan({ vni: 5000 }), payload(new Uint8Array(60)))],
    ],
  } as const;
  expect(only(await analyzeTaps(scratch, taps), 'vxlan-on-unlisted-port')).toEqual([]);
  const named = await analyzeTaps(scratch, { eth0: [[0, tunnelled(4788)]] }, { vxlanPorts: [4788] });
  expect(only(named, 'vxlan-on-unlisted-port')).toEqual([]);
});
