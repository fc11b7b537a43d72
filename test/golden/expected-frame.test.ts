/**
 * The frame that was expected at a divergence, as people see it beside the one that came. On the four frames of a ping in
 * the lab: ARP request, ARP reply, echo request, echo reply. mutants.test.ts has what every fault of the lab comes to.
 */
import { expect, it } from 'vitest';
import { dissect, type FrameView } from '../../src/dissect/frame-view.js';
import { GoldenCheck } from '../../src/golden/check.js';
import { parseGolden } from '../../src/golden/expectation.js';
import type { TapGolden } from '../../src/golden/golden.js';
import { expectedText } from '../../src/report/golden/result.js';
import { framesOf } from '../helpers/captures.js';

const frames = framesOf('fixtures/captures/ovs-golden.hv1-vm1.pcap');
const [ask, , ping, pong] = frames as [FrameView, FrameView, FrameView, FrameView];
const PING =
  'ethertype IPv4 (0x0800), length 98: 192.168.1.1 > 192.168.1.2: ICMP echo request, id 10718, seq 1, length 64';

async function expectedOf(steps: string, capture: readonly FrameView[]): Promise<string | null> {
  const golden = await parseGolden(`schema: vxdump.golden/1\nname: x\nsteps:\n${steps}`, 'x.yaml');
  const check = new GoldenCheck(golden, golden.taps[0] as TapGolden);
  for (const frame of capture) check.add(frame);
  return expectedText(check.finish());
}

/** A step in one line. */
const step = (match: string): string => `  - { name: a, match: { ${match} } }\n`;

it.each([
  ['a value', 'icmp.seq: 2', PING.replace('seq 1', 'seq 2')],
  ['a range', 'icmp.seq: 7..9', PING.replace('seq 1', 'seq 7..9')],
  ['a prefix', 'ip.dst: 10.9.0.0/16', PING.replace('192.168.1.2', '10.9.0.0/16')],
  ['several', 'ip.dst: [10.9.0.1, 10.9.0.2]', PING.replace('192.168.1.2', '10.9.0.1 or 10.9.0.2')],
  ['a name of a value', 'icmp.type: echo-reply', PING.replace('request', 'reply')],
])('has %s in the place of the one that came', async (_, match, line) => {
  const text = await expectedOf(step(`frame.protocols: eth:ip:icmp, ip.src: 192.168.1.1, ${match}`), [ping]);
  expect(text?.trimStart()).toBe(`00:00:00:00:00:01 > 00:00:00:00:00:02, ${line}`);
  // Below each other, the lines have no column apart.
  expect(text).toMatch(/^ {16}\S/);
});

it('has the first bytes of a MAC, and a name that is not bound', async () => {
  const steps = step('arp.opcode: request') + step('arp.opcode: reply, eth.src: 02:42, arp.src.proto_ipv4: $ip');
  expect((await expectedOf(steps, [ask]))?.trimStart()).toBe(
    '02:42 > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Reply $ip is-at 00:00:00:00:00:01, length 28',
  );
});

it('has what a name is bound to by a later frame', async () => {
  const steps =
    step('arp.opcode: request') + step('arp.opcode: reply, eth.src: $vm2') + step('icmp.type: 8, eth.dst: $vm2');
  expect(await expectedOf(steps, [ask, ping])).toContain('00:00:00:00:00:02 > ff:ff:ff:ff:ff:ff');
});

it('is made from the nearest frame, whatever its place', async () => {
  const echo = (type: number, seq: number): string =>
    step(`icmp.type: ${type}, icmp.seq: ${seq}, ip.src: 192.168.1.${type === 8 ? 1 : 2}`);
  const text = await expectedOf(step('arp.opcode: request') + echo(8, 1) + echo(0, 1), [ask, pong]);
  expect(text).toContain('192.168.1.1 > 192.168.1.1: ICMP echo request, id 10718, seq 1');
});

it('has the values of its own round', async () => {
  const steps = `  - repeat: { min: 1 }
    steps:
      - { name: ping, match: { icmp.type: echo-request, icmp.seq: $seq, ip.src: 192.168.1.1, ip.dst: 192.168.1.2 } }
      - { name: pong, match: { icmp.type: echo-reply, icmp.seq: $seq, ip.src: 192.168.1.2, ip.dst: 192.168.1.1 } }
`;
  const numbered = (frame: FrameView, seq: number): FrameView => {
    const bytes = Uint8Array.from(frame.bytes);
    bytes[14 + 20 + 7] = seq;
    return dissect(bytes);
  };
  const rounds = [1, 2, 3, 4].flatMap((seq) => [numbered(ping, seq), numbered(pong, seq)]);
  for (const gone of rounds.keys()) {
    const [seq, type] = [Math.floor(gone / 2) + 1, gone % 2 === 0 ? 'request' : 'reply'];
    expect(await expectedOf(steps, rounds.toSpliced(gone, 1))).toContain(`ICMP echo ${type}, id 10718, seq ${seq},`);
  }
});

it('is told as conditions where no frame comes near it', async () => {
  const steps = step('arp.opcode: request, eth.src: $vm1') + step('tcp.dstport: 80, eth.src: $vm1, ip.src: $ip');
  const conditions = 'tcp.dstport: 80, eth.src: 00:00:00:00:00:01 ($vm1), ip.src: ';
  expect(await expectedOf(steps, [ask])).toBe(`${conditions}$ip`);
  expect(await expectedOf(steps, [ask, ping])).toBe(`${conditions}192.168.1.1 ($ip)`);
  // Written into the ping it would be no ping any more, and no TCP either.
  expect(await expectedOf(step('ip.proto: tcp, ip.src: 192.168.1.1, ip.dst: 192.168.1.2'), [ping])).toMatch(
    /^ip\.proto: tcp/,
  );
});

it('is the next frame, or the end, where one came that nothing asks for', async () => {
  const steps = step('arp.opcode: request') + step('icmp.type: 8');
  expect(await expectedOf(steps, [ask, ask, ping])).toContain(PING);
  expect(await expectedOf(steps, [ask, ping, pong])).toBe('the end of the capture');
});
