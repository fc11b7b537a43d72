/** `arp-flux`: one request, two answers through one VTEP. */
import { afterAll, expect, it } from 'vitest';
import { analyzeTaps, only, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import { answer, ask, BACK, HV1, HV3, MAC2, OTHER, OUT, VM3 } from '../../helpers/neighbours.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const found = async (taps: Taps) => only(await analyzeTaps(scratch, taps), 'arp-flux');
/** A round of a question: asked, and answered by these. */
const round = (us: number, ...answers: readonly Uint8Array[]): Timed[] => [
  [us, ask(OUT)],
  ...answers.map((one, index): Timed => [us + 100 * (index + 1), one]),
];
const BOTH = [answer(BACK, { mac: OTHER }), answer(BACK)] as const;

it('is told where two MACs answer one request through one VTEP', async () => {
  expect(await found({ eth0: round(0, ...BOTH) })).toEqual([
    {
      id: 'arp-flux',
      severity: 'warning',
      message:
        '1 request for 192.168.1.2 in VNI 5000 got answers from 2 MACs through 10.1.0.1: 02:00:00:00:00:99, 02:00:00:00:00:12; likely a bridge or another interface of the host there answers as well.',
      evidence: [
        { tap: 'eth0', frame: 2 },
        { tap: 'eth0', frame: 3 },
      ],
      fix: expect.stringContaining('arp_ignore=1'),
    },
  ]);
});

it('counts requests, at the tap that saw most of them; frames are in order', async () => {
  const rounds = (count: number) => Array.from({ length: count }, (_, index) => round(index * 1e6, ...BOTH)).flat();
  const both = await found({ a: rounds(3), b: rounds(4), c: rounds(2) });
  expect(both).toMatchObject([{ message: expect.stringMatching(/^4 requests for .* 2 MACs/) }]);
  expect(both[0]?.evidence.filter(({ tap }) => tap === 'a').map((one) => one.frame)).toEqual([2, 3, 5, 6, 8, 9]);
});

it('lists a hundred frames at most', async () => {
  const rounds = Array.from({ length: 60 }, (_, index) => round(index * 1e6, ...BOTH)).flat();
  expect((await found({ eth0: rounds }))[0]?.evidence).toHaveLength(100);
});

it('is told once for each address, VNI and VTEP', async () => {
  const other = { ...OUT, vni: 5001 };
  const back = { ...BACK, vni: 5001 };
  const third = { from: HV3, to: HV1 };
  const frames: Timed[] = [
    ...round(0, ...BOTH, answer(third, { mac: 0x020000000021 }), answer(third, { mac: 0x020000000022 })),
    [2e6, ask(other)],
    [2e6 + 100, answer(back, { mac: OTHER })],
    [2e6 + 200, answer(back)],
    [4e6, ask(OUT, { target: VM3 })],
    [4e6 + 100, answer(BACK, { mac: OTHER, sender: VM3 })],
    [4e6 + 200, answer(BACK, { mac: MAC2, sender: VM3 })],
  ];
  const messages = (await found({ eth0: frames })).map(({ message }) => message.replace(/: .*/, ''));
  expect(messages).toEqual([
    '1 request for 192.168.1.2 in VNI 5000 got answers from 2 MACs through 10.1.0.1',
    '1 request for 192.168.1.2 in VNI 5000 got answers from 2 MACs through 10.2.0.1',
    '1 request for 192.168.1.2 in VNI 5001 got answers from 2 MACs through 10.1.0.1',
    '1 request for 192.168.1.3 in VNI 5000 got answers from 2 MACs through 10.1.0.1',
  ]);
});

it.each([
  ['one MAC answers twice', round(0, answer(BACK), answer(BACK))],
  ['one MAC answers, from two sources', round(0, answer(BACK), answer(BACK, { source: OTHER }))],
  ['each request has an answer of its own', [...round(0, answer(BACK)), ...round(1e6, answer(BACK, { mac: OTHER }))]],
  [
    'two VTEPs answer: that is duplicate-address',
    round(0, answer(BACK), answer({ from: HV3, to: HV1 }, { mac: OTHER })),
  ],
  ['the second comes a second later', [...round(0, answer(BACK)), [1_001_000, answer(BACK, { mac: OTHER })] as Timed]],
  [
    'it was one host that was asked',
    [
      [0, ask(OUT, { to: MAC2 })],
      [100, BOTH[0]],
      [200, BOTH[1]],
    ] as Timed[],
  ],
  [
    'nobody asked',
    [
      [100, BOTH[0]],
      [200, BOTH[1]],
    ] as Timed[],
  ],
  [
    'they are bare: no VTEP is to blame',
    [
      [0, ask(null)],
      [100, answer(null, { mac: OTHER })],
      [200, answer(null)],
    ] as Timed[],
  ],
] as [string, Timed[]][])('is not told where %s', async (_, frames) => {
  expect(await found({ eth0: frames })).toEqual([]);
});

it('is told of VNI 0, a network as any', async () => {
  const [through, back] = [OUT, BACK].map((way) => ({ ...way, vni: 0 })) as [typeof OUT, typeof BACK];
  const frames: Timed[] = [
    [0, ask(through)],
    [100, answer(back, { mac: OTHER })],
    [200, answer(back)],
  ];
  expect(await found({ eth0: frames })).toMatchObject([{ message: expect.stringContaining('in VNI 0 got answers') }]);
});
