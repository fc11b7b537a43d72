/** Who asks, who answers: rules on made-up taps of one VNI between two VTEPs. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../helpers/analyze-taps.js';
import { arp, ethernet, frame, ipv4, udp, vxlan } from '../helpers/frame-builder.js';
import { Scratch } from '../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const [HV1, HV2, VM1, VM2] = [0x0a000001, 0x0a010001, 0xc0a80101, 0xc0a80102];
const [A, B, BRIDGE, ALL] = [0x020000000011, 0x020000000012, 0x020000000099, 0xffffffffffff];
const ask = (): Uint8Array =>
  frame(
    ethernet(),
    ipv4({ source: HV1, destination: HV2 }),
    udp({ destinationPort: 4789 }),
    vxlan({ vni: 5000 }),
    ethernet({ source: A, destination: ALL }),
    arp({ senderHardware: A, senderProtocol: VM1, targetProtocol: VM2 }),
  );
const answer = (mac: number, from = HV2): Uint8Array =>
  frame(
    ethernet(),
    ipv4({ source: from, destination: HV1 }),
    udp({ destinationPort: 4789 }),
    vxlan({ vni: 5000 }),
    ethernet({ source: mac, destination: A }),
    arp({ operation: 2, senderHardware: mac, senderProtocol: VM2, targetHardware: A, targetProtocol: VM1 }),
  );
const findings = async (id: string, frames: Timed[]) => only(await analyzeTaps(scratch, { eth0: frames }), id);

it('arp-flux: two MACs answer one request through one VTEP', async () => {
  const found = await findings('arp-flux', [
    [0, ask()],
    [100, answer(BRIDGE)],
    [200, answer(B)],
  ]);
  expect(found).toMatchObject([{ severity: 'warning', evidence: [{ frame: 2 }, { frame: 3 }] }]);
  expect(found[0]?.message).toContain('1 request for 192.168.1.2 in VNI 5000 got answers from 2 MACs through 10.1.0.1');
});

it('arp-flux: not where each request has one answer, nor where two VTEPs answer: that is duplicate-address', async () => {
  const frames: Timed[] = [
    [0, ask()],
    [100, answer(BRIDGE)],
    [1_000_000, ask()],
    [1_000_100, answer(B)],
  ];
  expect(await findings('arp-flux', frames)).toEqual([]);
  const apart: Timed[] = [
    [0, ask()],
    [100, answer(BRIDGE)],
    [200, answer(B, 0x0a020001)],
  ];
  expect(await findings('arp-flux', apart)).toEqual([]);
  expect(await findings('duplicate-address', apart)).toHaveLength(1);
});

it('arp-unanswered: asked, asked again, never answered', async () => {
  const found = await findings('arp-unanswered', [
    [0, ask()],
    [1_000_000, ask()],
  ]);
  expect(found).toMatchObject([{ severity: 'error', evidence: [{ frame: 1 }, { frame: 2 }] }]);
});

it('arp-unanswered: not where it was asked once, answered late, or asked again only minutes later', async () => {
  expect(await findings('arp-unanswered', [[0, ask()]])).toEqual([]);
  const late: Timed[] = [
    [0, ask()],
    [1_000_000, ask()],
    [1_500_000, answer(B)],
  ];
  expect(await findings('arp-unanswered', late)).toEqual([]);
  const again: Timed[] = [
    [0, ask()],
    [60_000_000, ask()],
  ];
  expect(await findings('arp-unanswered', again)).toEqual([]);
});
