/** `arp-unanswered`: a VM asks, asks again, and nobody answers, where an answer would be seen. */
import { afterAll, describe, expect, it } from 'vitest';
import { analyzeTaps, only, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import {
  advertise,
  answer,
  ask,
  BACK,
  data,
  HV1,
  HV2,
  HV3,
  MAC1,
  MAC2,
  OTHER,
  OUT,
  solicit,
  VM1,
  VM2,
  VM3,
} from '../../helpers/neighbours.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const ID = 'arp-unanswered';
const found = async (taps: Taps, id = ID) => only(await analyzeTaps(scratch, taps), id);
const message = (text: string) => ({ message: expect.stringContaining(text) });
/** Frames, a second apart. */
const seconds = (...frames: readonly Uint8Array[]): Timed[] => frames.map((one, index) => [(index + 1) * 1e6, one]);
const THIRD = { from: HV1, to: HV3 };

describe('in tunnels', () => {
  it('is told where a VM asks, asks again, and gets no answer', async () => {
    expect(await found({ eth0: seconds(ask(OUT), ask(OUT), ask(OUT)) })).toEqual([
      {
        id: ID,
        severity: 'error',
        message:
          'No answer in VNI 5000, from 10.0.0.1 to 10.1.0.1: 192.168.1.1 for 192.168.1.2 3 times in 2 s (eth0); likely nobody has that address, or the request does not reach it.',
        evidence: [1, 2, 3].map((number) => ({ tap: 'eth0', frame: number })),
        fix: expect.stringContaining('Capture at the VTEP'),
      },
    ]);
  });

  it('is told of neighbour discovery', async () => {
    const frames = seconds(solicit(OUT, MAC1, 1, 2), solicit(OUT, MAC1, 1, 2));
    expect(await found({ eth0: frames })).toMatchObject([message('fd00::1 for fd00::2 2 times in 1 s')]);
    expect(await found({ eth0: [...frames, ...seconds(advertise(BACK, MAC2, 2, 1))] })).toEqual([]);
    expect(await found({ eth0: [...frames, ...seconds(advertise(BACK, MAC2, 2))] })).toEqual([]);
  });

  it('counts copies to several VTEPs once, and names them', async () => {
    const frames = [1e6, 2e6].flatMap((us): Timed[] => [
      [us, ask(OUT)],
      [us + 50, ask(THIRD)],
    ]);
    expect(await found({ eth0: frames })).toMatchObject([
      message('from 10.0.0.1 to 10.1.0.1, 10.2.0.1: 192.168.1.1 for 192.168.1.2 2 times in 1 s'),
    ]);
  });

  it('is told once for a VTEP and VNI, with the times that the tap that saw most of them saw', async () => {
    const [one, other] = [ask(OUT), ask(OUT, { target: VM3 })];
    const taps = { a: seconds(one, one), b: seconds(one, one, one), c: seconds(other, other) };
    expect(await found(taps)).toMatchObject([
      message('192.168.1.1 for 192.168.1.2 3 times in 2 s, 192.168.1.1 for 192.168.1.3 2 times in 1 s (a, b, c)'),
    ]);
  });

  it('is told of each VTEP, and VNI', async () => {
    const [back, vni] = [
      { ...BACK, words: { mac: MAC2, sender: VM2, target: VM3 } },
      { ...OUT, vni: 5001 },
    ];
    const frames = seconds(ask(OUT, { target: OTHER_VM }), ask(vni), ask(back, back.words));
    const again = frames.map(([us, bytes]): Timed => [us + 3e6, bytes]);
    const where = (await found({ eth0: [...frames, ...again] })).map((one) => one.message.replace(/:.*/, ''));
    expect(where).toEqual([
      'No answer in VNI 5000, from 10.0.0.1 to 10.1.0.1',
      'No answer in VNI 5001, from 10.0.0.1 to 10.1.0.1',
      'No answer in VNI 5000, from 10.1.0.1 to 10.0.0.1',
    ]);
  });

  it('is told of VNI 0, a network as any, with the time between the requests, whenever the capture began', async () => {
    const asked = ask({ ...OUT, vni: 0 });
    const frames: Timed[] = [[0, data(OUT)], ...seconds(asked, asked)];
    expect(await found({ eth0: frames })).toMatchObject([message('No answer in VNI 0, from 10.0.0.1 to 10.1.0.1:')]);
    expect(await found({ eth0: frames })).toMatchObject([message(' 2 times in 1 s ')]);
  });

  it('is told of VNI 0 though there is an answer in another', async () => {
    const asked = ask({ ...OUT, vni: 0 });
    expect(await found({ eth0: seconds(asked, asked, answer(BACK)) })).toHaveLength(1);
  });

  it('has the times of the first tap where several saw as many', async () => {
    const later: Timed[] = [
      [1e6, ask(OUT)],
      [3e6, ask(OUT)],
    ];
    expect(await found({ a: seconds(ask(OUT), ask(OUT)), b: later })).toMatchObject([message('2 times in 1 s (a, b)')]);
    expect(await found({ a: later, b: seconds(ask(OUT), ask(OUT)) })).toMatchObject([message('2 times in 2 s (a, b)')]);
  });

  it('lists a hundred frames at most', async () => {
    const many = seconds(...Array.from({ length: 60 }, () => ask(OUT)));
    expect((await found({ a: many, b: many }))[0]?.evidence).toHaveLength(100);
  });

  it.each([
    ['it asked once', seconds(ask(OUT))],
    [
      'it asked once, and copies went to several',
      [
        [0, ask(OUT)],
        [50, ask(THIRD)],
        [90_000, ask(OUT)],
      ] as Timed[],
    ],
    [
      'it asks again sooner than hosts do',
      [
        [0, ask(OUT)],
        [300_000, ask(OUT)],
      ] as Timed[],
    ],
    [
      'it asks again only later: it may have known meanwhile',
      [
        [0, ask(OUT)],
        [5_100_000, ask(OUT)],
      ] as Timed[],
    ],
    ['it asks one host alone: it knows it', seconds(ask(OUT, { to: MAC2 }), ask(OUT, { to: MAC2 }))],
    ['it asks whether an address is free', seconds(ask(OUT, { sender: 0 }), ask(OUT, { sender: 0 }))],
    ['it announces its own', seconds(ask(OUT, { target: VM1 }), ask(OUT, { target: VM1 }))],
    ['there is an answer', seconds(ask(OUT), ask(OUT), answer(BACK))],
    ['there is one, and one in another VNI', seconds(ask(OUT), ask(OUT), answer(BACK), answer({ ...BACK, vni: 5001 }))],
    ['there is one, bare', seconds(ask(OUT), ask(OUT), answer(null))],
    ['the address announces itself', seconds(ask(OUT), ask(OUT), answer(BACK, { target: VM2 }))],
    ['the address asks for others', seconds(ask(OUT), ask(OUT), ask(BACK, { mac: MAC2, sender: VM2, target: VM3 }))],
    [
      'the tap may not be at the VTEP: answers may come another way',
      seconds(ask(OUT), ask(OUT), data({ from: HV3, to: HV2 })),
    ],
  ])('is not told where %s', async (_, frames) => {
    expect(await found({ eth0: frames })).toEqual([]);
  });

  it('is not told where the answer was seen at another tap', async () => {
    expect(await found({ a: seconds(ask(OUT), ask(OUT)), b: seconds(answer(BACK)) })).toEqual([]);
  });

  it.each([
    ['in another VNI', answer({ ...BACK, vni: 5001 })],
    ['of another address', answer(BACK, { sender: VM3 })],
  ])('is told though there is an answer: %s', async (_, bytes) => {
    expect(await found({ eth0: seconds(ask(OUT), ask(OUT), bytes) })).toHaveLength(1);
  });

  it('is told of the VTEP that pairing shows to be at the tap, and of no other', async () => {
    const paired = {
      vm1_overlay: seconds(data(null), data(null, MAC2, MAC1, 2)),
      vm1_underlay: [
        [1_000_030, data(OUT)],
        [1_999_970, data(BACK, MAC2, MAC1, 2)],
      ] as Timed[],
    };
    const at = (...frames: Uint8Array[]) =>
      found({
        ...paired,
        vm1_underlay: [...paired.vm1_underlay, ...seconds(...frames).map(([us, bytes]): Timed => [us + 3e6, bytes])],
      });
    const back = ask(BACK, { mac: MAC2, sender: VM2, target: OTHER_VM });
    expect(await at(back, back)).toEqual([]);
    const ours = ask(OUT, { target: OTHER_VM });
    expect(await at(ours, ours, data({ from: HV3, to: HV2 }))).toHaveLength(1);
  });

  it('is told where all tunnels of the tap lead to the VTEP, or to a group', async () => {
    const [others, group] = [data({ from: HV3, to: HV1 }), data({ from: HV2, to: 0xef000001 })];
    expect(await found({ eth0: seconds(ask(OUT), ask(OUT), others, group) })).toHaveLength(1);
  });
});

const OTHER_VM = 0xc0a80163;

describe('bare', () => {
  const asks = seconds(ask(null), ask(null));
  const tunnel: Timed = [0, data({ from: HV2, to: HV3 }, 0x020000000031, 0x020000000032)];
  const known = [ask(null, { target: VM3 }), answer(null, { mac: OTHER, sender: VM3 })] as const;

  it('is told where the asker gets answers from others: it sits there', async () => {
    expect(await found({ vm1: [...asks, ...seconds(...known)], eth0: [tunnel] })).toEqual([
      {
        id: ID,
        severity: 'error',
        message:
          'No answer: 192.168.1.1 for 192.168.1.2 2 times in 1 s (vm1); likely nobody has that address, or the request does not reach it.',
        evidence: [1, 2].map((number) => ({ tap: 'vm1', frame: number })),
        fix: expect.any(String),
      },
    ]);
  });

  it('is told where its requests left the host there', async () => {
    const outside = [1, 2].map((second): Timed => [second * 1e6 + 30, ask(THIRD)]);
    const other = [3, 4].map((second): Timed => [second * 1e6, data(second === 3 ? OUT : BACK)]);
    const taps = { vm1_overlay: asks, vm1_underlay: [...outside, ...other] };
    expect(await found(taps)).toMatchObject([message('(vm1_underlay, vm1_overlay)')]);
  });

  it('is not told where the answer was seen in a tunnel', async () => {
    const taps = { vm1: [...asks, ...seconds(...known)], eth0: [[2e6, answer(BACK)] as Timed] };
    expect(await found(taps)).toEqual([]);
  });

  it('is not told where requests of others left the host, there or at another tap', async () => {
    const [left, copy] = [ask(null, { target: OTHER_VM }), ask(THIRD, { target: OTHER_VM })];
    const words = { mac: MAC2, sender: VM3 };
    const silent = seconds(ask(null, words), ask(null, words));
    const around = [3, 4].map((second): Timed => [second * 1e6, data(second === 3 ? OUT : BACK)]);
    const vm1_underlay: Timed[] = [[1_000_030, copy], ...around];
    expect(await found({ vm1_overlay: [[1e6, left], ...silent], vm1_underlay })).toEqual([]);
    expect(await found({ vm1_overlay: [[1e6, left]], vm1_underlay, vm3_overlay: silent })).toEqual([]);
  });

  it.each([
    ['nothing else is known of the asker', asks],
    [
      'somebody else gets answers',
      [
        ...asks,
        ...seconds(
          ask(null, { mac: MAC2, sender: VM3, target: OTHER_VM }),
          answer(null, { mac: OTHER, sender: OTHER_VM, target: VM3 }),
        ),
      ],
    ],
    ['it asked others, in vain, too', [...asks, ...seconds(ask(null, { target: VM3 }))]],
  ])('is not told where %s', async (_, frames) => {
    expect(await found({ vm1: frames, eth0: [tunnel] })).toEqual([]);
  });

  it('is not told where no tunnel was seen at all', async () => {
    expect(await found({ vm1: [...asks, ...seconds(...known)] })).toEqual([]);
  });

  it('is told with the tunnels that the same request was seen in', async () => {
    const frames = seconds(ask(OUT), ask(OUT), ask(OUT));
    expect(await found({ vm1: [...asks, ...seconds(...known)], eth0: frames })).toMatchObject([
      message(
        'No answer in VNI 5000, from 10.0.0.1 to 10.1.0.1: 192.168.1.1 for 192.168.1.2 3 times in 2 s (eth0, vm1)',
      ),
    ]);
  });

  it('is told apart from what other requests were seen in', async () => {
    const frames = seconds(ask(OUT, { target: OTHER_VM }), ask(OUT, { target: OTHER_VM }));
    expect(await found({ vm1: [...asks, ...seconds(...known)], eth0: frames })).toHaveLength(2);
  });
});

describe('beside what explains it', () => {
  const MISSING = 'bum-missing-vtep';
  /** A VTEP that floods to one of its peers, and forgets the other. */
  const forgets = (vni: number): Timed[] => [
    [0, data({ ...THIRD, vni }, MAC1, OTHER)],
    [2e6, ask({ ...OUT, vni })],
    [3e6, ask({ ...OUT, vni })],
  ];
  const told = async (taps: Taps) => {
    const { findings } = await analyzeTaps(scratch, taps);
    return findings.map(({ id }) => id).filter((id) => id === ID || id === MISSING);
  };

  it('is not told where the flood leaves a VTEP out', async () => {
    expect(await told({ eth0: forgets(5000) })).toEqual([MISSING]);
    expect(await told({ eth0: forgets(5000).slice(1) })).toEqual([ID]);
  });

  it('is told where that is another VNI', async () => {
    const answered: Timed[] = [...forgets(6000), [3_000_100, answer({ ...BACK, vni: 6000 })]];
    const frames: Timed[] = [...answered, [4e6, ask(OUT)], [5e6, ask(OUT)]];
    expect(await told({ eth0: answered })).toEqual([MISSING]);
    expect(await told({ eth0: frames })).toEqual([ID, MISSING]);
  });

  it('is told where that is between other VTEPs', async () => {
    const [HV4, HV5, HV6] = [0x0a040001, 0x0a050001, 0x0a060001];
    const words = { mac: 0x020000000041, sender: 0xc0a80141, target: 0xc0a80142 };
    const others: Timed[] = [
      [0, data({ from: HV4, to: HV5 }, words.mac, 0x020000000051)],
      [2e6, ask({ from: HV4, to: HV6 }, words)],
      [3e6, ask({ from: HV4, to: HV6 }, words)],
      [3_000_100, answer({ from: HV6, to: HV4 }, { mac: MAC2, sender: words.target, target: words.sender })],
    ];
    const late: Timed[] = [10, 11].map((second) => [second * 1e6, ask(OUT)]);
    expect(await told({ eth0: late, eth1: others })).toEqual([ID, MISSING]);
  });

  it('is not told of bare requests, whatever VTEPs the flood is between', async () => {
    const known = [ask(null, { target: VM3 }), answer(null, { mac: OTHER, sender: VM3 })] as const;
    const vm1 = seconds(ask(null, { target: OTHER_VM }), ask(null, { target: OTHER_VM }), ...known);
    expect(await told({ vm1, eth0: [...forgets(5000), [3_000_100, answer(BACK)]] })).toEqual([MISSING]);
  });
});
