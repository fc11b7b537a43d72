/**
 * What a golden's words mean: unordered, optional, absent, seen. On the four frames of a ping in the lab: ARP request,
 * ARP reply, echo request, echo reply.
 */
import { describe, expect, it } from 'vitest';
import { dissect, type FrameView } from '../../src/dissect/frame-view.js';
import { GoldenCheck } from '../../src/golden/check.js';
import { parseGolden } from '../../src/golden/expectation.js';
import type { Golden, TapGolden } from '../../src/golden/golden.js';
import type { Row, TapVerdict } from '../../src/golden/verdict.js';
import { prettyGolden } from '../../src/report/golden/pretty.js';
import { framesOf } from '../helpers/captures.js';

const [ask, answer, ping, pong] = framesOf('fixtures/captures/ovs-golden.hv1-vm1.pcap') as [
  FrameView,
  FrameView,
  FrameView,
  FrameView,
];
const VM2_MAC = '00:00:00:00:00:02';
const BRIDGE_MAC = '4a:2d:f0:10:dc:9b';

async function check(text: string, frames: readonly FrameView[]): Promise<TapVerdict> {
  const golden = await parseGolden(`schema: vxdump.golden/1\nname: x\n${text}`, 'x.yaml');
  const run = new GoldenCheck(golden, golden.taps[0] as TapGolden);
  for (const [index, { capturedLen, wireLen, stack }] of frames.entries()) {
    run.add({
      number: index + 1,
      tap: '',
      interfaceId: -1,
      interfaceName: null,
      capturedLen,
      wireLen,
      seconds: index,
      nanoseconds: 0,
      stack,
    });
  }
  return run.finish();
}

/** The frame with a MAC written over what is at `at`. */
function withMac(frame: FrameView, mac: string, ...at: readonly number[]): FrameView {
  const bytes = Uint8Array.from(frame.bytes);
  for (const start of at) bytes.set(Buffer.from(mac.replaceAll(':', ''), 'hex'), start);
  return dissect(bytes);
}

function outcomes({ rows }: TapVerdict): string[] {
  return rows.map(({ outcome, step, frame }) => `${frame ?? '-'} ${outcome} ${step?.name ?? ''}`.trim());
}

describe('unordered', () => {
  const golden = `steps:
  - unordered:
      - { name: ask, match: { arp.opcode: request, arp.src.hw_mac: $a } }
      - { name: answer, match: { arp.opcode: reply, arp.dst.hw_mac: $a } }
      - { name: more, match: { arp.opcode: 1..2 }, optional: true }
  - { name: ping, match: { icmp.type: echo-request, eth.src: $a } }
`;

  it.each([
    ['in file order', [ask, answer, ping]],
    ['the other way round', [answer, ask, ping]],
    ['with the optional one last', [ask, answer, answer, ping]],
    ['with the optional one first', [answer, answer, ask, ping]],
  ])('takes its steps %s', async (_, frames) => {
    expect(await check(golden, frames)).toMatchObject({ passed: true, matched: frames.length });
  });

  it('takes each once', async () => {
    expect(await check(golden, [ask, ask, ask, answer, ping])).toMatchObject({ passed: false });
    expect(await check(golden, [ask, answer, ask, answer, ping])).toMatchObject({ passed: false });
  });

  it('names the one that is missing', async () => {
    expect(outcomes(await check(golden, [answer, ping]))).toEqual([
      '- missing ask',
      '1 matched answer',
      '2 matched ping',
    ]);
  });

  it('shares what its names are bound to', async () => {
    // An answer to somebody else is the optional step, not the one that answers `ask`.
    expect(outcomes(await check(golden, [withMac(answer, BRIDGE_MAC, 32), ask, ping]))).toEqual([
      '- missing answer',
      '1 matched more',
      '2 matched ask',
      '3 matched ping',
    ]);
  });
});

describe('optional', () => {
  const golden = `steps:
  - { name: one, match: { frame.protocols: eth:arp }, optional: true }
  - { name: two, match: { frame.protocols: eth:arp, eth.src: $mac }, optional: true }
  - { name: answer, match: { arp.opcode: reply } }
  - { name: pong, match: { icmp.type: echo-reply, eth.src: $mac } }
`;

  it.each([
    ['neither', [answer, pong]],
    ['one', [ask, answer, pong]],
    ['both', [ask, answer, answer, pong]],
  ])('steps that overlap: %s of them', async (_, frames) => {
    expect(await check(golden, frames)).toMatchObject({ passed: true, matched: frames.length });
  });

  it('a reading that bound another value ends, and the others go on', async () => {
    // `ask` is step one, not step two: that would bind $mac to the asker.
    expect(await check(golden, [ask, answer, pong])).toMatchObject({ passed: true });
    expect(await check(golden, [ask, ask, answer, pong])).toMatchObject({ passed: false });
  });

  it('does not stand in for the step that is not', async () => {
    expect(outcomes(await check(golden, [ask, pong]))).toEqual(['1 matched one', '- missing answer', '2 matched pong']);
    expect(await check(golden, [answer, answer, answer, answer, pong])).toMatchObject({ passed: false });
  });
});

describe('repeat', () => {
  const golden = (rounds: string): string => `steps:
  - repeat: ${rounds}
    steps:
      - { name: ping, match: { icmp.type: echo-request, icmp.seq: $seq } }
      - { name: pong, match: { icmp.type: echo-reply, icmp.seq: $seq } }
`;
  const rounds = (count: number): FrameView[] => Array(count).fill([ping, pong]).flat();

  it('takes as many rounds as it says', async () => {
    for (const count of [2, 3])
      expect(await check(golden('{ min: 2, max: 3 }'), rounds(count))).toMatchObject({ passed: true });
    for (const count of [1, 4])
      expect(await check(golden('{ min: 2, max: 3 }'), rounds(count))).toMatchObject({ passed: false });
  });

  it('names each round that is missing', async () => {
    const verdict = await check(golden('{ min: 20 }'), rounds(2));
    expect(verdict.divergence).toMatchObject({ outcome: 'missing', step: { name: 'ping' } });
    expect(verdict.rows.filter(({ outcome }) => outcome === 'missing')).toHaveLength(36);
  });

  describe('of five pings, with one fault in any round', () => {
    const numbered = (frame: FrameView, seq: number): FrameView => {
      const bytes = Uint8Array.from(frame.bytes);
      bytes[14 + 20 + 7] = seq;
      return dissect(bytes);
    };
    const five = [1, 2, 3, 4, 5].flatMap((seq) => [numbered(ping, seq), numbered(pong, seq)]);
    const faults = async (frames: readonly FrameView[]): Promise<string[]> =>
      outcomes(await check(golden('{ min: 1 }'), frames)).filter((text) => !text.includes('matched'));
    const nameAt = (at: number): string => (at % 2 === 0 ? 'ping' : 'pong');

    it.each([...five.keys()])('frame %i lost: it is missing', async (at) => {
      expect(await faults(five.toSpliced(at, 1))).toEqual([`- missing ${nameAt(at)}`]);
    });

    it.each([...five.keys()])('frame %i doubled: it is extra', async (at) => {
      expect(await faults(five.toSpliced(at, 0, five[at] as FrameView))).toEqual([`${at + 2} extra ${nameAt(at)}`]);
    });

    it.each([0, 2, 4, 6, 8])('frame %i behind its reply: they are out of order', async (at) => {
      const frames = five.with(at, five[at + 1] as FrameView).with(at + 1, five[at] as FrameView);
      expect(await faults(frames)).toEqual([expect.stringMatching(/^\d+ order p[io]ng$/)]);
    });
  });

  it('that wants more than anyone can wait for is told all the same', async () => {
    for (const frames of [rounds(2), [...rounds(2), ask]]) {
      const verdict = await check(golden('{ min: 10_000_000 }'.replaceAll('_', '')), frames);
      expect(verdict).toMatchObject({ passed: false, matched: 4 });
      expect(verdict.divergence?.step?.name ?? verdict.divergence?.outcome).toMatch(/ping|extra/);
    }
  });

  it('that is missing in the middle leaves what is behind it', async () => {
    const verdict = await check(
      `${golden('{ min: 12, max: 12 }')}  - { name: ask, match: { arp.opcode: request } }\n`,
      [...rounds(9), ask],
    );
    expect(verdict.rows.filter(({ outcome }) => outcome !== 'matched').map(({ step }) => step?.name)).toEqual([
      ...['ping', 'pong', 'ping', 'pong', 'ping', 'pong'],
    ]);
  });
});

describe('a fault far behind the first frames', () => {
  const golden = `steps:
  - repeat: { min: 1 }
    steps:
      - { name: ping, match: { icmp.type: echo-request } }
      - { name: pong, match: { icmp.type: echo-reply } }
ignore: [arp]
`;

  it('has the frames before it, and counts all that fit', async () => {
    const rounds = Array<FrameView[]>(1500).fill([ping, pong]).flat();
    const verdict = await check(golden, [ask, ...rounds, pong, ...rounds.slice(0, 20), ask]);
    expect(verdict).toMatchObject({ passed: false, matched: 3020, ignored: 2, unaligned: 0 });
    expect(verdict.divergence).toMatchObject({ outcome: 'extra', frame: 3002, step: { name: 'pong' } });
    const at = verdict.rows.indexOf(verdict.divergence as Row);
    const before = verdict.rows.slice(at - 8, at).map(({ frame, step }) => `${frame} ${step?.name}`);
    expect(before).toEqual(
      [2994, 2995, 2996, 2997, 2998, 2999, 3000, 3001].map((n) => `${n} ${n % 2 === 0 ? 'ping' : 'pong'}`),
    );
    const text = prettyGolden([{ golden: {} as Golden, path: '', cut: null, verdict, problems: [] }], { color: false });
    expect(text).toContain('… what is before fits, up to frame 2993\n  ✓ frame 2994');
  });
});

describe('absent', () => {
  const golden = `steps:
  - { name: ask, match: { arp.opcode: request } }
  - { name: reply, match: { arp.opcode: reply }, optional: true }
ignore: [icmp]
absent:
  - { match: { icmp.type: echo-reply }, because: nobody may answer }
  - { match: { arp.opcode: reply, eth.src: 00:00:00 } }
`;

  it('lets frames pass that match it in part', async () => {
    const other = withMac(answer, BRIDGE_MAC, 6);
    expect(await check(golden, [ask, other, ping])).toMatchObject({ passed: true, matched: 2, ignored: 1 });
  });

  it('goes before what is ignored, and before a step', async () => {
    expect((await check(golden, [ask, pong])).divergence).toMatchObject({
      outcome: 'extra',
      frame: 2,
      note: 'must be absent: nobody may answer',
    });
    expect((await check(golden, [ask, answer])).divergence).toMatchObject({
      outcome: 'extra',
      frame: 2,
      note: 'must be absent: arp.opcode: reply, eth.src: 00:00:00',
    });
  });
});

describe('seen', () => {
  const golden = `steps:
  - { name: ask, match: { arp.opcode: request } }
  - { name: answer, match: { arp.opcode: reply, eth.src: ${VM2_MAC} }, optional: true }
  - { name: ping, match: { icmp.type: echo-request, eth.dst: { seen: [eth.src, arp.src.hw_mac], in: { arp.opcode: reply } } } }
ignore: [{ match: { arp.opcode: reply, eth.src: ${BRIDGE_MAC} } }]
`;
  const bridge = withMac(answer, BRIDGE_MAC, 6, 22);

  it('is a value of a frame that matched a step, or was ignored', async () => {
    expect(await check(golden, [ask, answer, ping])).toMatchObject({ passed: true });
    expect(await check(golden, [ask, bridge, answer, ping])).toMatchObject({ passed: true });
    expect(await check(golden, [ask, bridge, answer, withMac(ping, BRIDGE_MAC, 0)])).toMatchObject({ passed: true });
  });

  it('is none of a frame that matches something else, or comes later', async () => {
    const asker = withMac(ping, '00:00:00:00:00:01', 0);
    const { divergence } = await check(golden, [ask, answer, asker]);
    expect(divergence).toMatchObject({
      outcome: 'field',
      step: { name: 'ping' },
      fields: [{ field: 'eth.dst', expected: VM2_MAC, actual: '00:00:00:00:00:01' }],
    });
    expect(await check(golden, [ask, answer, withMac(ping, BRIDGE_MAC, 0), bridge])).toMatchObject({ passed: false });
  });

  it('is any value while no frame was like that', async () => {
    expect(await check(golden, [ask, withMac(ping, BRIDGE_MAC, 0)])).toMatchObject({ passed: true });
  });

  it('is known past the frames that are kept', async () => {
    const noise = Array<FrameView>(600).fill(bridge);
    expect(await check(golden, [ask, ...noise, withMac(ping, BRIDGE_MAC, 0)])).toMatchObject({ passed: true });
    const { divergence } = await check(golden, [ask, ...noise, ping]);
    expect(divergence).toMatchObject({ frame: 602, fields: [{ expected: BRIDGE_MAC, actual: VM2_MAC }] });
  });
});
