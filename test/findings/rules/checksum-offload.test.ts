import { afterAll, expect, it } from 'vitest';
import { analyze } from '../../../src/analyze.js';
import { analyzeTaps, only, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import { ethernet, frame, ipv4, type Part, payload, tcp, udp, vxlan } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const data = payload(Array(60).fill(0xa5));
const innerPartial = ipv4().pseudoSum?.(6, 80) as number;
const tunnel = (checksum: number | undefined, ...inner: Part[]): Part[] => [
  ethernet(),
  ipv4(),
  udp({ destinationPort: 4789, ...(checksum === undefined ? {} : { checksum }) }),
  vxlan(),
  ethernet(),
  ...inner,
];
const whole = frame(...tunnel(undefined, ipv4(), tcp(), data));
const outerRight = new DataView(whole.buffer).getUint16(40);
const outerPartial = ipv4().pseudoSum?.(17, whole.length - 34) as number;
const timed = (...frames: Uint8Array[]): Timed[] => frames.map((bytes, index) => [index, bytes]);
const found = async (taps: Taps) => only(await analyzeTaps(scratch, taps), 'checksum-offload');

it('is told with how many of which, tap by tap', async () => {
  const local = frame(...tunnel(outerRight, ipv4(), tcp({ checksum: innerPartial }), data));
  const partial = frame(...tunnel(outerPartial, ipv4(), tcp(), data));
  const wrong = frame(...tunnel(0xffff, ipv4(), tcp(), data));
  const bare = frame(ethernet(), ipv4(), tcp({ checksum: innerPartial }), data);
  expect(await found({ eth0: timed(whole, local, partial, wrong), vm: timed(bare), quiet: timed(whole) })).toEqual([
    {
      id: 'checksum-offload',
      severity: 'info',
      message:
        "Checksums are left to the sender's NIC: 1 of 4 outer UDP, 1 of 4 outer UDP (right once the inner one is filled in) and 1 of 4 inner TCP at eth0; 1 of 1 TCP at vm.",
      evidence: [2, 3].map((number) => ({ tap: 'eth0', frame: number })).concat({ tap: 'vm', frame: 1 }),
      fix: expect.stringContaining('Nothing to mend'),
    },
  ]);
});

it('lists frames in order, whatever is left in them', async () => {
  const outer = frame(...tunnel(outerPartial, ipv4(), tcp(), data));
  const inside = frame(...tunnel(0, ipv4(), tcp({ checksum: innerPartial }), data));
  const found4 = await found({ eth0: timed(outer, inside, outer, inside) });
  expect(found4[0]?.evidence.map(({ frame }) => frame)).toEqual([1, 2, 3, 4]);
});

it('is told of what Linux leaves behind, and nothing is called wrong', async () => {
  const analysis = await analyze(['fixtures/captures/local-offload.hv1-eth0.pcap']);
  expect(analysis.findings.filter(({ id }) => id.startsWith('checksum')).map(({ message }) => message)).toEqual([
    "Checksums are left to the sender's NIC: 10 of 10 outer UDP (right once the inner one is filled in) and 10 of 10 inner TCP at local-offload.hv1-eth0.",
  ]);
});

it('is not told of checksums that are right, none, or wrong', async () => {
  const none = frame(...tunnel(0, ipv4(), tcp(), data));
  const wrong = frame(...tunnel(0xffff, ipv4(), tcp({ checksum: 0x1234 }), data));
  expect(await found({ eth0: timed(whole, none, wrong) })).toEqual([]);
});

it('is told of a cut frame, but not of one among many that were cut: that is chance', async () => {
  const partial = frame(...tunnel(outerPartial, ipv4(), tcp(), data));
  const cut = (bytes: Uint8Array, index: number): Timed => [index, bytes.subarray(0, 100), bytes.length];
  const told = async (others: number) =>
    (await found({ eth0: [partial, ...Array(others).fill(whole)].map(cut) })).length;
  expect(await told(0)).toBe(1);
  expect(await told(8191)).toBe(1);
  expect(await told(8192)).toBe(0);
});
