import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only } from '../../helpers/analyze-taps.js';
import { arp, ethernet, frame, icmpv4, ipv4, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const tunnel = (vni: number) => [ethernet(), ipv4(), udp(), vxlan({ vni })] as const;

it('is told of a tunnel inside a tunnel', async () => {
  const once = frame(...tunnel(1), ethernet(), arp());
  const twice = frame(...tunnel(1), ...tunnel(2), ethernet(), arp());
  const analysis = await analyzeTaps(scratch, {
    eth0: [
      [0, once],
      [1, twice],
    ],
  });
  expect(only(analysis, 'nested-tunnels')).toMatchObject([
    {
      severity: 'info',
      message: '1 of 2 frames at eth0 carries a tunnel inside a tunnel.',
      evidence: [{ tap: 'eth0', frame: 2 }],
    },
  ]);
});

it('is not told of a tunnel in a datagram that an ICMP error quotes', async () => {
  const quoted = frame(...tunnel(1), ethernet(), ipv4(), icmpv4({ type: 3, code: 3 }), ...tunnel(2).slice(1));
  expect(only(await analyzeTaps(scratch, { eth0: [[0, quoted]] }), 'nested-tunnels')).toEqual([]);
});
