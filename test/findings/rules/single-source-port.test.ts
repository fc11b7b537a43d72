/** `single-source-port` on made-up tunnels. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Timed } from '../../helpers/analyze-taps.js';
import { ethernet, frame, ipv4, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const [HV1, HV2, HV3, VM1, VM2] = [0x0a000001, 0x0a010001, 0x0a020001, 0xc0a80101, 0xc0a80102];

interface Flow {
  readonly inner: number;
  readonly port?: number;
  readonly router?: number;
  readonly vm?: number;
  readonly to?: number;
}

const sent = ({ inner, port = 40_000, router = 0x020000000001, vm = VM1, to = HV2 }: Flow): Uint8Array =>
  frame(
    ethernet({ source: router }),
    ipv4({ source: HV1, destination: to }),
    udp({ sourcePort: port, destinationPort: 4789 }),
    vxlan({ vni: 5000 }),
    ethernet(),
    ipv4({ source: vm, destination: VM2 }),
    udp({ sourcePort: inner, destinationPort: 53 }),
  );
const frames = (count: number, flow: (index: number) => Flow): Timed[] =>
  Array.from({ length: count }, (_, index): Timed => [index * 1000, sent(flow(index))]);
const findings = async (taps: Record<string, Timed[]>) => only(await analyzeTaps(scratch, taps), 'single-source-port');

it('16 flows from one port', async () => {
  const found = await findings({ eth0: frames(16, (index) => ({ inner: 1000 + index })) });
  expect(found).toMatchObject([{ severity: 'info', evidence: [{ tap: 'eth0', frame: 1 }] }]);
  expect(found[0]?.message).toContain('At least 16 inner flows from 10.0.0.1 to 10.1.0.1');
  expect(found[0]?.message).toContain('port, 40000');
});

it('counts the flows of all senders together', async () => {
  const found = await findings({ eth0: frames(16, (index) => ({ inner: 1000, vm: VM1 + 16 + index })) });
  expect(found).toHaveLength(1);
  expect(found[0]?.evidence).toHaveLength(16);
});

it('not with 15 flows, however many frames, nor with one frame from another port', async () => {
  expect(await findings({ eth0: frames(60, (index) => ({ inner: 1000 + (index % 15) })) })).toEqual([]);
  const port = (index: number): number => (index === 19 ? 40_001 : 40_000);
  expect(await findings({ eth0: frames(20, (index) => ({ inner: 1000 + index, port: port(index) })) })).toEqual([]);
});

it('not where another sender has another port, nor where another tap saw one', async () => {
  const steady = frames(16, (index) => ({ inner: 1000 + index }));
  const other: Timed[] = [[99_000, sent({ inner: 7, vm: VM2, port: 50_000 })]];
  expect(await findings({ eth0: [...steady, ...other] })).toEqual([]);
  expect(await findings({ eth0: steady, eth1: other })).toEqual([]);
});

it('counts a flow once that is seen before and after a router', async () => {
  const hops = frames(16, (index) => ({ inner: 1000 + (index >> 1), router: 0x020000000001 + (index & 1) }));
  expect(await findings({ eth0: hops })).toEqual([]);
});

it('tells a tunnel once, whichever taps saw it', async () => {
  const flows = frames(16, (index) => ({ inner: 1000 + index }));
  expect(await findings({ eth0: flows, eth1: flows })).toHaveLength(1);
});

it('is told by the tap that saw the most flows', async () => {
  const flows = frames(16, (index) => ({ inner: 1000 + index }));
  const found = await findings({ eth0: flows.slice(0, 3), eth1: flows });
  expect(found).toHaveLength(1);
  expect(found[0]?.message).toContain('At least 16 inner flows');
});

it('leaves out what is sent to another VTEP', async () => {
  const flows = frames(16, (index) => ({ inner: 1000 + index }));
  const elsewhere = frames(16, (index) => ({ inner: 1000 + index, port: 50_000 + index, to: HV3 }));
  const found = await findings({ eth0: [...elsewhere, ...flows] });
  expect(found).toMatchObject([{ evidence: [{ tap: 'eth0', frame: 17 }] }]);
});

it('lists the first frame of a hundred senders, of however many', async () => {
  const found = await findings({ eth0: frames(101, (index) => ({ inner: 1000, vm: VM1 + 16 + index })) });
  expect(found[0]?.evidence).toHaveLength(100);
});

it('not where one sender has several ports, and the next ones have one', async () => {
  const several: Timed[] = [1, 2].map((n) => [n, sent({ inner: n, vm: VM2, port: 50_000 + n })]);
  expect(await findings({ eth0: [...several, ...frames(16, (index) => ({ inner: 1000 + index }))] })).toEqual([]);
});

it('not of the tunnel beside it, whose senders have a port each', async () => {
  const flows = frames(16, (index) => ({ inner: 1000 + index }));
  const each = frames(16, (index) => ({ inner: 1000, port: 50_000 + index, vm: VM1 + 16 + index, to: HV3 }));
  const found = await findings({ eth0: [...each, ...flows] });
  expect(found).toMatchObject([{ message: expect.stringContaining('from 10.0.0.1 to 10.1.0.1') }]);
});
