/** `duplicate-address`: two MACs for one address, by one answer each or by turns. */
import { afterAll, describe, expect, it } from 'vitest';
import { analyzeTaps, only, type Taps, type Timed } from '../../helpers/analyze-taps.js';
import {
  advertise,
  answer,
  ask,
  BACK,
  HV1,
  HV3,
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

const THIRD = { from: HV3, to: HV1 };
const found = async (taps: Taps, id = 'duplicate-address') => only(await analyzeTaps(scratch, taps), id);
/** Frames, 100 ms apart. */
const spaced = (...frames: readonly Uint8Array[]): Timed[] => frames.map((one, index) => [index * 100_000, one]);
const ours = answer(BACK);
const theirs = answer(THIRD, { mac: OTHER });

describe('answers to one request', () => {
  it('is told where two MACs behind two VTEPs give them', async () => {
    expect(await found({ eth0: spaced(ask(OUT), ours, theirs) })).toEqual([
      {
        id: 'duplicate-address',
        severity: 'warning',
        message:
          '2 MACs have 192.168.1.2 in VNI 5000: 02:00:00:00:00:12, 02:00:00:00:00:99, behind 10.1.0.1 and 10.2.0.1; they answered the same request.',
        evidence: [
          { tap: 'eth0', frame: 2 },
          { tap: 'eth0', frame: 3 },
        ],
        fix: expect.stringContaining('give one of them another address'),
      },
    ]);
  });

  it('is told of a bare tap, without a VTEP', async () => {
    expect(await found({ vm1: spaced(ask(null), answer(null), answer(null, { mac: OTHER })) })).toMatchObject([
      {
        message: '2 MACs have 192.168.1.2: 02:00:00:00:00:12, 02:00:00:00:00:99; they answered the same request.',
      },
    ]);
  });

  it('is told of neighbour discovery', async () => {
    const frames = spaced(
      solicit(OUT, 0x020000000011, 1, 2),
      advertise(BACK, MAC2, 2, 1),
      advertise(THIRD, OTHER, 2, 1),
    );
    expect(await found({ eth0: frames })).toMatchObject([
      { message: expect.stringContaining('2 MACs have fd00::2 in VNI 5000') },
    ]);
  });

  it.each([
    ['one MAC answers through two VTEPs: it moved', spaced(ask(OUT), ours, answer(THIRD))],
    ['each answers a request of its own', [...spaced(ask(OUT), ours), [1e6, ask(OUT)], [1_100_000, theirs]] as Timed[]],
    ['one is of routers that share an address', spaced(ask(OUT), ours, answer(THIRD, { mac: 0x00005e000101 }))],
    ['they are in two VNIs', spaced(ask(OUT), ours, answer({ ...THIRD, vni: 5001 }, { mac: OTHER }))],
  ] as [string, Timed[]][])('is not told where %s', async (_, frames) => {
    expect(await found({ eth0: frames })).toEqual([]);
  });
});

describe('claims by turns', () => {
  const [we, they] = [ask(OUT), ask({ from: HV3, to: HV1 }, { mac: OTHER })];

  it('is told where one is claimed back twice', async () => {
    expect(await found({ eth0: spaced(we, they, we, they) })).toMatchObject([
      {
        message:
          '2 MACs have 192.168.1.1 in VNI 5000: 02:00:00:00:00:11, 02:00:00:00:00:99, behind 10.0.0.1 and 10.2.0.1; they claimed it by turns.',
        evidence: [1, 2, 3, 4].map((number) => ({ tap: 'eth0', frame: number })),
      },
    ]);
  });

  it.each([
    ['it is claimed back once: a host was replaced, and came again', [we, they, we]],
    [
      'one says so: it took the address over',
      [we, they, we, they, answer(OUT, { sender: VM1, target: VM1, mac: OTHER })],
    ],
    ['routers share one', [we, ask(THIRD, { mac: 0x00000c07ac01 }), we, ask(THIRD, { mac: 0x00000c07ac01 })]],
    ['one MAC has it through two VTEPs', [we, ask(THIRD), we, ask(THIRD)]],
    [
      'they are in two VNIs',
      [we, ask({ ...THIRD, vni: 5001 }, { mac: OTHER }), we, ask({ ...THIRD, vni: 5001 }, { mac: OTHER })],
    ],
  ] as [string, Uint8Array[]][])('is not told where %s', async (_, frames) => {
    expect(await found({ eth0: spaced(...frames) })).toEqual([]);
  });
});

describe('at several taps, of several addresses', () => {
  const dispute = spaced(ask(OUT), ours, theirs);
  const bare = spaced(ask(null), answer(null), answer(null, { mac: OTHER }));

  it('is told once for all taps; a bare tap adds nothing to what a tunnel shows', async () => {
    expect(await found({ a: dispute, b: dispute, vm1: bare })).toMatchObject([
      {
        message: expect.stringContaining('in VNI 5000'),
        evidence: [
          { tap: 'a', frame: 2 },
          { tap: 'a', frame: 3 },
          { tap: 'b', frame: 2 },
          { tap: 'b', frame: 3 },
        ],
      },
    ]);
  });

  it('is told of each address, and of a bare tap where no tunnel shows it', async () => {
    const other = spaced(
      ask(null, { target: VM3 }),
      answer(null, { sender: VM3 }),
      answer(null, { sender: VM3, mac: OTHER }),
    );
    const messages = (await found({ eth0: dispute, vm1: other })).map(({ message }) => message.replace(/:.*/, ''));
    expect(messages).toEqual(['2 MACs have 192.168.1.2 in VNI 5000', '2 MACs have 192.168.1.3']);
  });

  it('says that both answered where they took turns, too, and lists each frame once', async () => {
    const round = [ask(OUT), ours, theirs];
    const [first, ...more] = await found({ eth0: spaced(...round, ...round) });
    expect(more).toEqual([]);
    expect(first?.message).toContain('they answered the same request');
    expect(first?.evidence.map(({ frame }) => frame)).toEqual([2, 3, 5, 6]);
  });

  it('says that both answered where another tap saw turns alone', async () => {
    const turns = spaced(ours, theirs, ours, theirs);
    expect(await found({ a: turns, b: dispute })).toMatchObject([
      { message: expect.stringContaining('they answered the same request') },
    ]);
  });

  it('is told of VNI 0, a network as any', async () => {
    const zero = spaced(
      ask({ ...OUT, vni: 0 }),
      answer({ ...BACK, vni: 0 }),
      answer({ ...THIRD, vni: 0 }, { mac: OTHER }),
    );
    const messages = async (taps: Taps) => (await found(taps)).map(({ message }) => message.replace(/:.*/, ''));
    expect(await messages({ a: zero, b: dispute, vm1: bare })).toEqual([
      '2 MACs have 192.168.1.2 in VNI 0',
      '2 MACs have 192.168.1.2 in VNI 5000',
    ]);
    expect(await messages({ a: zero, vm1: bare })).toEqual(['2 MACs have 192.168.1.2 in VNI 0']);
  });

  it('lists a hundred frames at most', async () => {
    const frames = spaced(...Array.from({ length: 60 }, () => [ask(OUT), ours, theirs]).flat());
    expect((await found({ eth0: frames }))[0]?.evidence).toHaveLength(100);
  });
});

describe('beside arp-flux', () => {
  const flux = [ask(OUT), ours, answer(BACK, { mac: OTHER })];

  it('is not told of the address that a host answers for twice', async () => {
    const frames = spaced(...flux, ...flux, ...flux);
    expect(await found({ eth0: frames })).toEqual([]);
    expect(await found({ eth0: frames }, 'arp-flux')).toHaveLength(1);
  });

  it('is told where a second VTEP answers, too', async () => {
    expect(await found({ eth0: spaced(...flux, answer(THIRD, { mac: 0x020000000098 })) })).toMatchObject([
      { message: expect.stringMatching(/^3 MACs .* behind 10.1.0.1 and 10.2.0.1;/) },
    ]);
  });

  it.each([
    ['another address', BACK, VM3],
    ['another VNI', { ...BACK, vni: 5001 }, VM2],
  ])('is told of turns behind the same VTEP: %s', async (_, through, sender) => {
    const [we, they] = [MAC2, OTHER].map((mac) => ask(through, { mac, sender, target: VM1 })) as [
      Uint8Array,
      Uint8Array,
    ];
    expect(await found({ eth0: spaced(...flux, we, they, we, they) })).toMatchObject([
      { message: expect.stringContaining('by turns') },
    ]);
  });

  it('is told of another address in the same network', async () => {
    const elsewhere = [
      ask(OUT, { target: VM3 }),
      answer(BACK, { sender: VM3 }),
      answer(THIRD, { sender: VM3, mac: OTHER }),
    ];
    expect(await found({ eth0: spaced(...flux, ...elsewhere) })).toMatchObject([
      { message: expect.stringContaining('2 MACs have 192.168.1.3') },
    ]);
  });
});
