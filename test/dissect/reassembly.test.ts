import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Dissector } from '../../src/dissect/dissector.js';
import { MAX_DATAGRAMS, MAX_HELD_LEN, Outcome, Reassembly, TIMEOUT_NS } from '../../src/dissect/reassembly.js';
import { LINK_ETHERNET } from '../../src/wire/link-type.js';
import { LayerKind } from '../../src/wire/stack.js';
import { type Fragmented, inFragments, ipv4Fragment, ipv6Fragment } from '../helpers/fragments.js';
import {
  ethernet,
  frame,
  icmpv4,
  internetSum,
  ipv4,
  ipv6,
  options,
  payload,
  udp,
  vlan,
  vxlan,
} from '../helpers/frame-builder.js';
import { checkInvariants } from '../helpers/invariants.js';
import { names } from '../helpers/layers.js';

/** What a tap's fragments make, one after the other. */
class Tap {
  readonly reassembly = new Reassembly();
  readonly #dissector = new Dissector();
  #frames = 0;

  add(bytes: Uint8Array, { timeNs = 0, capturedLen = bytes.length, interfaceId = 0 } = {}): Outcome {
    const stack = this.#dissector.dissect(bytes, 0, capturedLen, bytes.length, LINK_ETHERNET);
    if (stack.fragmentIndex < 0) throw new Error(`no fragment: ${names(stack)}`);
    return this.reassembly.add(stack, ++this.#frames, timeNs, interfaceId);
  }

  all(frames: readonly Uint8Array[]): Outcome[] {
    return frames.map((bytes) => this.add(bytes));
  }

  get whole(): Uint8Array {
    const { bytes, frameAt, frameEnd } = this.reassembly.whole;
    return Uint8Array.from(bytes.subarray(frameAt, frameEnd));
  }
}

const { Waits, Whole, Refused, Ignored } = Outcome;
const range = (count: number, step = 7): Uint8Array =>
  Uint8Array.from({ length: count }, (_, at) => (at * step) & 0xff);
/** UDP to VXLAN's port, with an inner ping of this many bytes: what an IP datagram carries. */
const tunnelled = (len: number): Uint8Array =>
  frame(
    udp({ destinationPort: 4789, checksum: 0 }),
    vxlan({ vni: 5000 }),
    ethernet(),
    ipv4(),
    icmpv4(),
    payload(range(len)),
  );
const LAYERS = ['eth', 'ip', 'udp', 'vxlan', 'eth', 'ip', 'icmp'];

describe('a datagram in fragments', () => {
  it('is the frame that it would have been, in whatever order its fragments come', () => {
    const whole = frame(ethernet(), ipv4({ protocol: 17, identification: 77 }), payload(tunnelled(1000)));
    const given = { ipv4: {} };
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }).chain((eights) => {
          const frames = inFragments(tunnelled(1000), eights * 8, given);
          return fc.shuffledSubarray(frames, { minLength: frames.length });
        }),
        (frames) => {
          const tap = new Tap();
          if (frames.length === 1) return;
          const outcomes = tap.all(frames);
          expect(outcomes.pop()).toBe(Whole);
          expect(outcomes.every((outcome) => outcome === Waits)).toBe(true);
          expect(tap.whole).toEqual(whole);
          expect(names(tap.reassembly.whole)).toEqual(LAYERS);
          expect(tap.reassembly.whole.stopCode).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  });

  it('keeps options and tags, and a right header checksum', () => {
    const around = [ethernet(), vlan({ identifier: 9 })];
    const given: Fragmented = { around, ipv4: { options: [1, 1, 1, 1] } };
    const tap = new Tap();
    tap.all(inFragments(tunnelled(600), 320, given));
    const { whole } = tap.reassembly;
    const at = whole.layerAt(2);
    expect(names(whole)).toEqual(['eth', 'vlan', ...LAYERS.slice(1)]);
    expect(internetSum(whole.bytes.subarray(at, at + 24))).toBe(0xffff);
  });

  it('is put together over IPv6, less the fragment headers, also behind other extension headers', () => {
    const bytes = tunnelled(900);
    const tap = new Tap();
    expect(tap.all(inFragments(bytes, 400, {}, ipv6Fragment))).toEqual([Waits, Waits, Whole]);
    expect(tap.whole).toEqual(frame(ethernet(), ipv6({ nextHeader: 17 }), payload(bytes)));

    const behind = (from: number, to: number): Uint8Array =>
      ipv6Fragment(bytes, from, to, {
        around: [ethernet(), ipv6({ payloadLength: 8 + 40 + 8 + to - from }), options(LayerKind.HopByHop)],
      });
    // A header chain of its own is no IPv6 in IPv6: only its shape counts here.
    expect(tap.all([behind(0, 800), behind(800, bytes.length)])).toEqual([Waits, Whole]);
  });

  it('is an inner one as well, with the lengths around it as of the whole', () => {
    const bytes = frame(icmpv4(), payload(range(1200)));
    const around = [
      ethernet(),
      ipv4({ identification: 5 }),
      udp({ destinationPort: 4789, checksum: 0 }),
      vxlan({ vni: 1 }),
      ethernet(),
    ];
    const tap = new Tap();
    expect(tap.all(inFragments(bytes, 1000, { around, protocol: 1 }))).toEqual([Waits, Whole]);
    expect(tap.whole).toEqual(frame(...around, ipv4({ protocol: 1, identification: 77 }), payload(bytes)));
    expect(names(tap.reassembly.whole)).toEqual(LAYERS);
  });

  it('says which frames it came in, which one was first, and how long it was', () => {
    const tap = new Tap();
    const frames = inFragments(tunnelled(1000), 400);
    tap.all([frames[2], frames[0], frames[0], frames[1]] as Uint8Array[]);
    expect(tap.reassembly.datagram).toMatchObject({
      frames: [1, 2, 4],
      firstFrame: 2,
      firstWireLen: 434,
      longestPacketLen: 420,
      wireLen: frames.reduce((sum, { length }) => sum + length, 0),
    });
  });

  it('ends where the snaplen cut a fragment, but is as long as it was', () => {
    const [first, last] = inFragments(tunnelled(1000), 800) as [Uint8Array, Uint8Array];
    const tap = new Tap();
    expect(tap.add(first, { capturedLen: 160 })).toBe(Waits);
    expect(tap.add(last, { capturedLen: 160 })).toBe(Whole);
    const { whole } = tap.reassembly;
    expect(whole.frameEnd - whole.frameAt).toBe(160);
    expect(whole.wireLen).toBe(34 + tunnelled(1000).length);
    expect(names(whole)).toEqual(LAYERS);
    expect(whole.stop()).toMatchObject({ code: 'truncated' });
  });
});

describe('what does not belong together', () => {
  const bytes = tunnelled(600);
  const [first, last] = inFragments(bytes, 400) as [Uint8Array, Uint8Array];
  const other = (given: Fragmented): Uint8Array => ipv4Fragment(bytes, 400, bytes.length, given);

  it.each([
    ['identification', { identification: 78 }],
    ['protocol', { protocol: 1 }],
    ['source', { ipv4: { source: 0x0a000009 } }],
    ['destination', { ipv4: { destination: 0x0a000009 } }],
    ['VLAN', { around: [ethernet(), vlan({ identifier: 7 })] }],
    ['VNI', { around: [ethernet(), ipv4(), udp({ destinationPort: 4789 }), vxlan({ vni: 7 }), ethernet()] }],
  ])('%s', (_, given: Fragmented) => {
    const tap = new Tap();
    tap.add(first);
    expect(tap.add(other(given))).toBe(Waits);
    expect(tap.add(last)).toBe(Whole);
  });

  it('another interface', () => {
    const tap = new Tap();
    tap.add(first);
    expect(tap.add(last, { interfaceId: 1 })).toBe(Waits);
    expect(tap.add(last)).toBe(Whole);
  });

  it('a datagram lacks its last fragment, or its first', () => {
    const three = inFragments(bytes, 240);
    expect(new Tap().all(three.slice(0, -1))).not.toContain(Whole);
    expect(new Tap().all(three.slice(1))).not.toContain(Whole);
  });
});

describe('fragments that contradict each other', () => {
  const bytes = range(64);
  const changed = range(64, 5);
  const pieces = (...places: readonly (readonly [number, number, Uint8Array?])[]): Outcome[] =>
    new Tap().all(places.map(([from, to, of = bytes]) => ipv4Fragment(of, from, to)));

  it('are refused with all of their datagram', () => {
    expect(pieces([0, 32], [24, 48], [32, 64])).toEqual([Waits, Refused, Ignored]);
  });

  it.each([
    [
      'one inside another',
      [
        [0, 32],
        [8, 16],
      ],
    ],
    [
      'one around another',
      [
        [8, 16],
        [0, 32],
      ],
    ],
    [
      'the end of one over the start of another',
      [
        [32, 64],
        [16, 40],
      ],
    ],
    [
      'the same place with other bytes',
      [
        [0, 32],
        [0, 32, changed],
      ],
    ],
    [
      'two ends',
      [
        [56, 64],
        [32, 48, bytes.subarray(0, 48)],
      ],
    ],
    [
      'an end before what was seen',
      [
        [40, 56],
        [8, 16, bytes.subarray(0, 16)],
      ],
    ],
    [
      'more behind the end',
      [
        [16, 32, bytes.subarray(0, 32)],
        [32, 40],
      ],
    ],
  ] as const)('%s', (_, places) => {
    expect(pieces(...(places as readonly (readonly [number, number, Uint8Array?])[]))).toEqual([Waits, Refused]);
  });

  it('are none where one is a copy', () => {
    expect(pieces([0, 32], [0, 32], [32, 64], [32, 64])).toEqual([Waits, Waits, Whole, Waits]);
  });

  it('are none where one is longer than a multiple of 8: what is beyond has no place', () => {
    expect(pieces([0, 20], [16, 64])).toEqual([Waits, Whole]);
  });

  it('reach past the longest datagram', () => {
    const long = new Uint8Array(70_000);
    expect(new Tap().all([ipv4Fragment(long, 0, 1000), ipv4Fragment(long, 65_520, 65_536)])).toEqual([Waits, Refused]);
  });
});

describe('bounds', () => {
  const [first, last] = inFragments(range(64), 32) as [Uint8Array, Uint8Array];
  const small = ipv4Fragment(range(40), 0, 32);
  const large = ipv4Fragment(range(64_008), 0, 64_000);
  const inside = ipv4Fragment(range(64_008), 8, 16);
  /** The same fragment of another datagram. */
  const of = (bytes: Uint8Array, identification: number): Uint8Array => {
    bytes[18] = identification >> 8;
    bytes[19] = identification & 0xff;
    return bytes;
  };

  it('in time', () => {
    const tap = new Tap();
    tap.add(first, { timeNs: 5 });
    expect(tap.add(last, { timeNs: 5 + TIMEOUT_NS })).toBe(Whole);
    tap.add(first, { timeNs: 5 });
    expect(tap.add(last, { timeNs: 6 + TIMEOUT_NS })).toBe(Waits);
  });

  it('in datagrams', () => {
    const wait = (others: number): Outcome => {
      const tap = new Tap();
      tap.add(first);
      for (let id = 1000; id < 1000 + others; id++) tap.add(of(small, id));
      return tap.add(last);
    };
    expect(wait(MAX_DATAGRAMS - 1)).toBe(Whole);
    expect(wait(MAX_DATAGRAMS)).toBe(Waits);
  });

  it('in bytes', () => {
    const others = Math.ceil(MAX_HELD_LEN / 64_128);
    const tap = new Tap();
    const wait = (count: number, from: number): Outcome => {
      tap.add(first);
      for (let id = from; id < from + count; id++) tap.add(of(large, id));
      return tap.add(last);
    };
    expect(wait(others - 1, 1000)).toBe(Whole);
    expect(wait(others + 1, 2000)).toBe(Waits);
  });

  it('lets no bytes of what was refused count', () => {
    const tap = new Tap();
    tap.add(first);
    for (let id = 1000; id < 1900; id++) {
      tap.add(of(large, id));
      expect(tap.add(of(inside, id))).toBe(Refused);
    }
    expect(tap.add(last)).toBe(Whole);
  });
});

it('never throws, whatever the fragments, and makes nothing longer than it may be', () => {
  const around = [ethernet(), ipv4(), udp({ destinationPort: 4789 }), vxlan({ vni: 1 }), ethernet()];
  const data = tunnelled(300);
  const kinds = [
    inFragments(data, 120),
    inFragments(data, 120, {}, ipv6Fragment),
    inFragments(data, 120, { around, protocol: 1 }),
  ];
  const change = fc.record({ frame: fc.nat(), at: fc.nat(), value: fc.nat(255) });
  let wholes = 0;
  fc.assert(
    fc.property(fc.constantFrom(...kinds), fc.array(change, { maxLength: 3 }), fc.nat(), (fragments, changes, cut) => {
      const frames = fragments.map((bytes) => Uint8Array.from(bytes));
      for (const { frame, at, value } of changes) {
        const bytes = frames[frame % frames.length] as Uint8Array;
        bytes[at % bytes.length] = value;
      }
      const dissector = new Dissector();
      const reassembly = new Reassembly();
      for (const [index, bytes] of frames.entries()) {
        const capturedLen = cut % 5 === index ? (cut >> 3) % bytes.length : bytes.length;
        const stack = dissector.dissect(bytes, 0, capturedLen, bytes.length, LINK_ETHERNET);
        if (stack.fragmentIndex < 0 || reassembly.add(stack, index + 1, 0, 0) !== Whole) continue;
        const { frameAt, frameEnd, wireLen, bytes: whole } = reassembly.whole;
        wholes++;
        expect(frameEnd - frameAt).toBeLessThanOrEqual(wireLen);
        expect(wireLen).toBeLessThanOrEqual(65_535 + bytes.length);
        checkInvariants(Uint8Array.from(whole.subarray(frameAt, frameEnd)), 0, wireLen, LINK_ETHERNET);
      }
    }),
    { numRuns: 1000 },
  );
  expect(wholes).toBeGreaterThan(100);
});
