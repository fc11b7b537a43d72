import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only } from '../../helpers/analyze-taps.js';
import { arp, ethernet, frame, ipv4, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const tunnelled = (header: Parameters<typeof vxlan>[0], port = 4789): Uint8Array =>
  frame(ethernet(), ipv4(), udp({ destinationPort: port }), vxlan({ vni: 5000, ...header }), ethernet(), arp());

it('is told where a bit is set that must be zero, with the frames', async () => {
  const flags = tunnelled({ flags: 0x0810 });
  const policy = tunnelled({ groupPolicy: 1 });
  const last = tunnelled({ reserved: 1 });
  const analysis = await analyzeTaps(scratch, {
    eth0: [
      [0, tunnelled({})],
      [1, flags],
      [2, policy],
      [3, last],
    ],
  });
  expect(only(analysis, 'reserved-bits')).toMatchObject([
    {
      severity: 'info',
      message: '3 frames at eth0 have reserved bits of the VXLAN header set.',
      evidence: [2, 3, 4].map((number) => ({ tap: 'eth0', frame: number })),
    },
  ]);
});

it.each<[string, Parameters<typeof vxlan>[0]]>([
  ['the last flag', { flags: 0x0801 }],
  ['the first flag of group policy that has no meaning', { flags: 0x8849, groupPolicy: 77 }],
  ['the last byte, beside group policy', { flags: 0x8848, groupPolicy: 77, reserved: 1 }],
])('is told of one frame, of one bit: %s', async (_, header) => {
  const analysis = await analyzeTaps(scratch, { eth0: [[0, tunnelled(header)]] });
  expect(only(analysis, 'reserved-bits')).toMatchObject([
    { message: '1 frame at eth0 has reserved bits of the VXLAN header set.', evidence: [{ tap: 'eth0', frame: 1 }] },
  ]);
});

it('is not told where no bit is set', async () => {
  expect(only(await analyzeTaps(scratch, { eth0: [[0, tunnelled({})]] }), 'reserved-bits')).toEqual([]);
});

it('is not told of group policy, nor of GPE, whose bits have a meaning', async () => {
  const policy = tunnelled({ flags: 0x8848, groupPolicy: 77 });
  const generic = tunnelled({ flags: 0x0c00 }, 4790);
  const analysis = await analyzeTaps(scratch, {
    eth0: [
      [0, tunnelled({})],
      [1, policy],
      [2, generic],
    ],
  });
  expect(only(analysis, 'reserved-bits')).toEqual([]);
});
