import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { assemblyMemory } from '../../src/assembly/memory.js';
import { checkOf } from '../../src/checksum/check.js';
import { fold } from '../../src/checksum/sum.js';
import {
  ChecksumVerdict,
  checksumOffset,
  checksumVerdict,
  expectedChecksum,
} from '../../src/dissect/checksum-verdict.js';
import { areCommonAndRight } from '../../src/dissect/common-checksums.js';
import { MAX_PLAIN_LEN } from '../../src/dissect/common-layout.js';
import { declaredEnd } from '../../src/dissect/extent.js';
import { LAYER_NAMES, LayerKind, type LayerStack } from '../../src/wire/stack.js';
import {
  echo,
  ethernet,
  fragment,
  frame,
  geneve,
  icmpv4,
  icmpv6,
  internetSum,
  ipv4,
  ipv6,
  options,
  type Part,
  payload,
  routing,
  tcp,
  udp,
  vlan,
  vxlan,
} from '../helpers/frame-builder.js';
import { dissect, type Frame } from '../helpers/layers.js';

const NAMES = Object.fromEntries(Object.entries(ChecksumVerdict).map(([name, value]) => [value, name]));

/** The verdicts of a frame's layers, as `udp Right`, outermost first. */
function verdicts(bytes: Uint8Array, given: Frame = {}): string[] {
  return verdictsOf(dissect(bytes, given));
}

function verdictsOf(stack: LayerStack): string[] {
  const end = stack.quotedIndex < 0 ? stack.depth : stack.quotedIndex;
  return Array.from({ length: end }, (_, index) => index)
    .filter((index) => checksumVerdict(stack, index) !== ChecksumVerdict.NotChecked)
    .map((index) => `${LAYER_NAMES[stack.kind(index)]} ${NAMES[checksumVerdict(stack, index)]}`);
}

const quick = assemblyMemory(4096);
const quickCheck = checkOf(quick);

/** Whether all of a frame's checksums are right at once, which both ways to check must agree on. */
function areAllRight(stack: LayerStack): boolean {
  quick.set(stack.bytes);
  const are = areCommonAndRight(stack, quickCheck);
  expect(areCommonAndRight(stack, checkOf(stack.bytes))).toBe(are);
  return are;
}

/** What a layer's checksum is, of the last layer of a kind. */
function verdictOf(bytes: Uint8Array, kind: LayerKind, given: Frame = {}): string {
  const stack = dissect(bytes, given);
  return NAMES[checksumVerdict(stack, lastOf(stack, kind))] as string;
}

function lastOf(stack: LayerStack, kind: LayerKind): number {
  return stack.kinds.subarray(0, stack.depth).lastIndexOf(kind);
}

/** The same frame with 16 bits changed. */
function patched(bytes: Uint8Array, at: number, value: number): Uint8Array {
  return Uint8Array.from(bytes)
    .fill(value >> 8, at, at + 1)
    .fill(value & 0xff, at + 1, at + 2);
}

/** The same frame with the checksum of the layer at `index` set. */
function withChecksum(bytes: Uint8Array, index: number, value: number): Uint8Array {
  const stack = dissect(bytes);
  return patched(bytes, stack.layerAt(index) + checksumOffset(stack.kind(index)), value);
}

/** The folded sum of the pseudo-header of the layer at `index`, which lies right behind IPv4 or IPv6, from the bytes alone. */
function pseudoSum(bytes: Uint8Array, index: number, protocol: number): number {
  const stack = dissect(bytes);
  const ip = stack.layerAt(index - 1);
  const addresses = stack.kind(index - 1) === LayerKind.Ipv4 ? [12, 20] : [8, 40];
  const length = declaredEnd(stack, index) - stack.layerAt(index);
  return internetSum(bytes.subarray(ip + (addresses[0] as number), ip + (addresses[1] as number)), protocol + length);
}

const data = fc.uint8Array({ minLength: 1, maxLength: 60 });
const PROTOCOL: Partial<Record<LayerKind, number>> = {
  [LayerKind.Udp]: 17,
  [LayerKind.Tcp]: 6,
  [LayerKind.Icmpv4]: 1,
  [LayerKind.Icmpv6]: 58,
};
const segment = fc.constantFrom<[Part, Part]>(
  [ipv4(), udp()],
  [ipv4({ options: [1, 1, 1, 0] }), tcp({ options: [1, 1, 1, 0] })],
  [ipv4(), icmpv4({ rest: echo(1, 2) })],
  [ipv6(), udp()],
  [ipv6(), tcp()],
  [ipv6(), icmpv6()],
);
const around = fc.constantFrom<Part[]>(
  [ethernet()],
  [ethernet(), vlan()],
  [ethernet(), ipv4(), udp(), vxlan(), ethernet()],
  [ethernet(), ipv6(), udp(), vxlan(), ethernet()],
  [ethernet(), ipv4(), udp(), vxlan(), ethernet(), vlan()],
  [ethernet(), ipv4(), udp({ checksum: 0 }), vxlan(), ethernet()],
  [ethernet(), ipv4(), udp(), vxlan(), ethernet(), ipv6(), udp(), geneve(), ethernet()],
);
const built = fc
  .record({ around, segment, data })
  .map(({ around, segment, data }) => frame(...around, ...segment, payload(data)));

describe('a frame that was built right', () => {
  test('is right in every layer', () => {
    fc.assert(
      fc.property(built, fc.nat(8), (bytes, at) => {
        for (const verdict of verdicts(bytes, { at })) expect(verdict).toMatch(/ (Right|Absent)$/);
      }),
    );
  });

  test('and all at once where it is common', () => {
    const common = (...parts: Part[]): boolean => areAllRight(dissect(frame(...parts)));
    const tunnel = [ethernet(), ipv4(), udp({ checksum: 0 }), vxlan(), ethernet()];
    for (const last of [tcp(), udp(), icmpv4()]) {
      expect(common(...tunnel, ipv4(), last, payload([1, 2, 3]))).toBe(true);
      expect(common(...tunnel, vlan(), ipv4(), last, payload([1, 2, 3]))).toBe(true);
      expect(common(ethernet(), ipv4(), last, payload([1, 2, 3]))).toBe(true);
    }
    expect(common(ethernet(), ipv4(), udp(), vxlan(), ethernet(), ipv4(), tcp())).toBe(false);
    expect(common(...tunnel, ipv6(), tcp())).toBe(false);
    expect(common(ethernet(), ipv4(), tcp(), payload(Array(MAX_PLAIN_LEN).fill(1)))).toBe(false);
    // Right as far as they go, which is not far enough.
    expect(common(ethernet(), ipv4({ totalLength: 500 }), tcp())).toBe(false);
    expect(common(ethernet(), ipv4({ moreFragments: 1 }), udp(), payload([1]))).toBe(false);
    const first = [ethernet(), ipv4({ moreFragments: 1 }), udp({ length: 900, checksum: 0 }), vxlan(), ethernet()];
    expect(common(...first, ipv4({ totalLength: 850 }), tcp())).toBe(false);
  });

  test('is wrong in a layer in which a bit has flipped', () => {
    fc.assert(
      fc.property(built, fc.nat(), fc.nat(7), (bytes, place, bit) => {
        // The last layer's payload: nothing but its checksum, and those of the UDP around it, cover that.
        const stack = dissect(bytes);
        const last = stack.depth - 1;
        const from = stack.layerAt(last) + (stack.kind(last) === LayerKind.Tcp ? 20 : 8);
        const at = from + (place % (stack.layerEnd(last) - from));
        const flipped = Uint8Array.from(bytes);
        flipped[at] = (flipped[at] as number) ^ (1 << bit);
        expect(areAllRight(dissect(flipped))).toBe(false);
        const found = verdictsOf(dissect(flipped));
        expect(found.at(-1)).toMatch(/ Wrong$/);
        expect(found.filter((verdict) => verdict.startsWith('ip ')).every((verdict) => verdict === 'ip Right')).toBe(
          true,
        );
        const outer = found.slice(0, -1).filter((verdict) => verdict.startsWith('udp '));
        expect(outer.every((verdict) => /Wrong|Absent$/.test(verdict))).toBe(true);
        const again = dissect(flipped);
        expect(dissectAndMend(flipped, again.depth - 1)).toMatch(/ Right$/);
      }),
    );
  });

  test('is wrong in its IPv4 header where that changed', () => {
    const bytes = frame(ethernet(), ipv4(), udp(), vxlan(), ethernet(), ipv4(), tcp());
    const ttl = Uint8Array.from(bytes);
    ttl[14 + 8] = 63;
    expect(verdicts(ttl)).toEqual(['ip Wrong', 'udp Right', 'ip Right', 'tcp Right']);
    const stack = dissect(ttl);
    expect(expectedChecksum(stack, 1)).toBe(dissect(bytes).view.getUint16(stack.layerAt(1) + 10) + 0x100);
  });
});

/** The last verdict of a frame once the checksum of the layer at `index` is what it should be. */
function dissectAndMend(bytes: Uint8Array, index: number): string {
  return verdicts(withChecksum(bytes, index, expectedChecksum(dissect(bytes), index))).at(-1) as string;
}

describe('the common frames', () => {
  test('are right at once only where each of their checksums is', () => {
    const mutated = fc.record({ bytes: built, at: fc.nat(), value: fc.nat(255) }).map(({ bytes, at, value }) => {
      const changed = Uint8Array.from(bytes);
      changed[at % changed.length] = value;
      return changed;
    });
    fc.assert(
      fc.property(fc.oneof(built, mutated), fc.option(fc.integer({ min: 34, max: 200 })), (bytes, cut) => {
        const capturedLen = Math.min(bytes.length, cut ?? bytes.length);
        const stack = dissect(bytes, { capturedLen, wireLen: bytes.length });
        if (!areAllRight(stack)) return;
        for (const verdict of verdictsOf(stack)) expect(verdict).toMatch(/ (Right|Absent)$/);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('UDP', () => {
  test('0 is none over IPv4, and something else over IPv6', () => {
    const inner = [vxlan(), ethernet(), ipv4(), icmpv4()];
    expect(verdicts(frame(ethernet(), ipv4(), udp({ checksum: 0 }), ...inner))[1]).toBe('udp Absent');
    expect(verdicts(frame(ethernet(), ipv6(), udp({ checksum: 0 }), ...inner))[0]).toBe('udp AbsentOverIpv6');
  });

  test('a sum of zero is sent as 0xffff, which is right; so is 0 in TCP', () => {
    // A payload that brings the sum to 0xffff: the complement of what the rest sums to.
    const parts = (words: number[]): Part[] => [ethernet(), ipv4(), udp(), payload(words)];
    const stack = dissect(frame(...parts([0, 0])));
    const sum = stack.view.getUint16(stack.layerAt(2) + 6);
    const bytes = frame(...parts([sum >> 8, sum & 0xff]));
    expect(dissect(bytes).view.getUint16(stack.layerAt(2) + 6)).toBe(0xffff);
    expect(verdicts(bytes)[1]).toBe('udp Right');
    expect(expectedChecksum(dissect(patched(bytes, 40, 0x1234)), 2)).toBe(0xffff);

    const plain = dissect(frame(ethernet(), ipv4(), tcp({ urgentPointer: 0 })));
    const field = plain.view.getUint16(plain.layerAt(2) + 16);
    const zero = frame(ethernet(), ipv4(), tcp({ urgentPointer: field }));
    expect(dissect(zero).view.getUint16(plain.layerAt(2) + 16)).toBe(0);
    expect(verdicts(zero)[1]).toBe('tcp Right');
    expect(verdictOf(withChecksum(zero, 2, 0xffff), LayerKind.Tcp)).toBe('Right');
  });

  test('0xffff that nobody computed is wrong (projectcalico/calico#3145)', () => {
    const bytes = frame(ethernet(), ipv4(), udp({ checksum: 0xffff }), vxlan(), ethernet(), ipv4(), tcp());
    expect(verdicts(bytes)).toEqual(['ip Right', 'udp Wrong', 'ip Right', 'tcp Right']);
    const right = frame(ethernet(), ipv4(), udp(), vxlan(), ethernet(), ipv4(), tcp());
    expect(expectedChecksum(dissect(bytes), 2)).toBe(dissect(right).view.getUint16(14 + 20 + 6));
  });

  test('a length that cannot be leaves nothing to sum', () => {
    const bytes = frame(ethernet(), ipv4(), udp({ length: 7, checksum: 0x1234 }), payload([1, 2, 3]));
    expect(verdictOf(bytes, LayerKind.Udp)).toBe('Incomplete');
  });
});

describe('left to the NIC', () => {
  test('the folded sum of the pseudo-header', () => {
    fc.assert(
      fc.property(built, (bytes) => {
        const stack = dissect(bytes);
        const kind = stack.kind(stack.depth - 1);
        if (kind === LayerKind.Icmpv4) return;
        const partial = pseudoSum(bytes, stack.depth - 1, PROTOCOL[kind] as number);
        expect(verdicts(withChecksum(bytes, stack.depth - 1, partial)).at(-1)).toMatch(/ Partial$/);
      }),
    );
  });

  test('is right where that happens to be so', () => {
    const parts = (words: number[]): Part[] => [ethernet(), ipv4(), udp(), payload(words)];
    const plain = frame(...parts([0, 0]));
    const partial = pseudoSum(plain, 2, 17);
    const sum = dissect(plain).view.getUint16(40);
    // The checksum falls by what the payload grows by.
    const word = fold(sum + (~partial & 0xffff));
    const bytes = frame(...parts([word >> 8, word & 0xff]));
    expect(dissect(bytes).view.getUint16(40)).toBe(partial);
    expect(verdicts(bytes)[1]).toBe('udp Right');
  });

  test('and 0 in an IPv4 header, not in ICMP', () => {
    const bytes = frame(ethernet(), ipv4({ checksum: 0 }), icmpv4({ checksum: 0 }), payload([1, 2]));
    expect(verdicts(bytes)).toEqual(['ip Partial', 'icmp Wrong']);
  });
});

describe('local checksum offload', () => {
  /** As `udp_set_csum` of Linux: the outer checksum over the frame once its inner one is filled in; the inner one partial. */
  function offloaded(outer: Part[], inner: Part[]): Uint8Array {
    const whole = frame(...outer, ...inner);
    const last = dissect(whole).depth - 1;
    const kind = dissect(whole).kind(last);
    return withChecksum(whole, last, pseudoSum(whole, last, PROTOCOL[kind] as number));
  }

  test('is told from the headers alone, over IPv4 and IPv6, with a cut payload too', () => {
    const outers = [
      [ethernet(), ipv4(), udp(), vxlan(), ethernet()],
      [ethernet(), ipv6(), udp(), vxlan(), ethernet(), vlan()],
      [ethernet(), ipv4(), udp(), geneve(), ethernet()],
    ];
    const inners = [
      [ipv4(), tcp(), payload(Array(101).fill(0xa7))],
      [ipv6(), udp(), payload(Array(100).fill(0x31))],
      [ipv6(), icmpv6(), payload(Array(100).fill(0x31))],
    ];
    for (const outer of outers) {
      for (const inner of inners) {
        const bytes = offloaded(outer, inner);
        const expected = verdicts(bytes);
        expect(expected.filter((verdict) => verdict.startsWith('udp'))[0]).toBe('udp LocalOffload');
        expect(expected.at(-1)).toMatch(/ Partial$/);
        expect(verdicts(bytes, { capturedLen: bytes.length - 90, wireLen: bytes.length })).toEqual(expected);
      }
    }
  });

  test('nested tunnels: both sum up to the innermost', () => {
    const outer = [ethernet(), ipv4(), udp(), vxlan(), ethernet(), ipv4(), udp(), vxlan(), ethernet()];
    const bytes = offloaded(outer, [ipv4(), tcp(), payload([1, 2, 3])]);
    expect(verdicts(bytes).filter((verdict) => verdict.startsWith('udp'))).toEqual([
      'udp LocalOffload',
      'udp LocalOffload',
    ]);
  });

  test('is none where the inner field is not what a NIC is to start from', () => {
    const outer = [ethernet(), ipv4(), udp(), vxlan(), ethernet()];
    const bytes = offloaded(outer, [ipv4(), tcp(), payload([1, 2, 3, 4])]);
    expect(verdicts(bytes)[1]).toBe('udp LocalOffload');
    // The sum of the headers with the complement of the inner field stays what it was.
    const stack = dissect(bytes);
    const [outerAt, innerAt] = [stack.layerAt(2) + 6, stack.layerAt(6) + 16];
    const moved = patched(bytes, innerAt, stack.view.getUint16(innerAt) + 1);
    const sum = internetSum(Uint8Array.of(0, 1), dissect(bytes).view.getUint16(outerAt));
    expect(verdicts(patched(moved, outerAt, sum))).toEqual(['ip Right', 'udp Wrong', 'ip Right', 'tcp Wrong']);
  });

  test('is none where a bit of the headers has flipped, or the inner checksum is right', () => {
    const outer = [ethernet(), ipv4(), udp({ sourcePort: 50_000 }), vxlan(), ethernet()];
    const bytes = offloaded(outer, [ipv4(), tcp(), payload([1, 2, 3, 4])]);
    const flipped = patched(bytes, 34, 50_001);
    expect(verdicts(flipped)).toEqual(['ip Right', 'udp Wrong', 'ip Right', 'tcp Partial']);
    const filledIn = frame(...outer, ipv4(), tcp(), payload([1, 2, 3, 4]));
    expect(verdicts(withChecksum(filledIn, 2, 0xbeef))[1]).toBe('udp Wrong');
  });
});

describe('what cannot be decided', () => {
  const inner = [vxlan(), ethernet(), ipv4(), tcp(), payload(Array(100).fill(7))];

  test('a frame that the capture cut', () => {
    const bytes = frame(ethernet(), ipv4(), udp(), ...inner);
    const wireLen = bytes.length;
    expect(verdicts(bytes, { capturedLen: 160, wireLen })).toEqual([
      'ip Right',
      'udp Incomplete',
      'ip Right',
      'tcp Incomplete',
    ]);
    const partial = withChecksum(bytes, 2, pseudoSum(bytes, 2, 17));
    expect(verdicts(partial, { capturedLen: 160, wireLen })[1]).toBe('udp Partial');
  });

  test('a length that lies', () => {
    expect(verdictOf(frame(ethernet(), ipv4(), udp({ length: 500 }), payload([1])), LayerKind.Udp)).toBe('Incomplete');
    expect(verdictOf(frame(ethernet(), ipv4({ totalLength: 500 }), tcp()), LayerKind.Tcp)).toBe('Incomplete');
  });

  test('a fragment: its own datagram, and those in it', () => {
    const first = frame(
      ethernet(),
      ipv4({ moreFragments: 1 }),
      udp({ length: 900 }),
      ...inner.slice(0, 2),
      ipv4({ totalLength: 850 }),
      tcp(),
    );
    expect(verdicts(first)).toEqual(['ip Right', 'udp Fragment', 'ip Right', 'tcp Fragment']);
    const whole = frame(ethernet(), ipv4({ moreFragments: 1 }), tcp(), payload([1, 2]));
    expect(verdicts(whole)).toEqual(['ip Right', 'tcp Fragment']);
    const six = frame(ethernet(), ipv6(), fragment({ moreFragments: 1 }), tcp());
    expect(verdicts(six)).toEqual(['tcp Fragment']);
    const atomic = frame(ethernet(), ipv6(), fragment(), tcp());
    expect(verdicts(atomic)).toEqual(['tcp Right']);
    const later = frame(ethernet(), ipv4({ fragmentOffset: 10, protocol: 17 }), payload(Array(40).fill(1)));
    expect(verdicts(later)).toEqual(['ip Right']);
  });

  test('a frame that may be several', () => {
    const long = (len: number): Uint8Array =>
      frame(ethernet(), ipv4(), tcp({ checksum: 0x1234 }), payload(Array(len - 54).fill(1)));
    expect(verdictOf(long(MAX_PLAIN_LEN), LayerKind.Tcp)).toBe('Wrong');
    expect(verdictOf(long(MAX_PLAIN_LEN + 1), LayerKind.Tcp)).toBe('SuperFrame');
    const right = frame(ethernet(), ipv4(), tcp(), payload(Array(4000).fill(1)));
    expect(verdictOf(right, LayerKind.Tcp)).toBe('Right');
    expect(verdictOf(withChecksum(right, 2, pseudoSum(right, 2, 6)), LayerKind.Tcp)).toBe('Partial');
    const header = patched(right, 14 + 4, 0x7777);
    expect(verdictOf(header, LayerKind.Ipv4)).toBe('SuperFrame');
    const unset = patched(frame(ethernet(), ipv4({ totalLength: 0 }), tcp()), 14 + 4, 0x7777);
    expect(verdictOf(unset, LayerKind.Ipv4)).toBe('SuperFrame');
  });

  test('a length that was left at 0', () => {
    const left = frame(ethernet(), ipv4({ totalLength: 0 }), tcp({ checksum: 0x1234 }), payload([1, 2]));
    expect(verdicts(left)).toEqual(['ip Right', 'tcp SuperFrame']);
    const six = frame(ethernet(), ipv6({ payloadLength: 0 }), tcp({ checksum: 0x1234 }), payload([1, 2]));
    expect(verdicts(six)).toEqual(['tcp SuperFrame']);
  });

  test('BIG TCP: lengths of 0 stand for what was on the wire', () => {
    const whole = frame(
      ethernet(),
      ipv4({ totalLength: 0 }),
      udp({ length: 0, checksum: 0x1111 }),
      vxlan(),
      ethernet(),
      ipv6({ payloadLength: 0 }),
      tcp({ checksum: 0x2222 }),
      payload(new Uint8Array(70_000)),
    );
    const given = { capturedLen: 300, wireLen: whole.length };
    expect(verdicts(whole, given)).toEqual(['ip Right', 'udp Incomplete', 'tcp Incomplete']);
    const inner = withChecksum(whole, 6, pseudoSum(whole, 6, 6));
    const both = withChecksum(inner, 2, pseudoSum(inner, 2, 17));
    expect(verdicts(both, given)).toEqual(['ip Right', 'udp Partial', 'tcp Partial']);
  });
});

describe('IPv6 on its way', () => {
  const A = Array(16).fill(0xaa);
  const B = Array(16).fill(0xbb);
  /** UDP to `final`, in a datagram that is for `next` as yet. */
  const routed = (next: number[], final: number[], header: Part): Uint8Array => {
    const sum = dissect(frame(ethernet(), ipv6({ destination: final }), udp(), payload([1, 2, 3]))).view.getUint16(60);
    return frame(ethernet(), ipv6({ destination: next }), header, udp({ checksum: sum }), payload([1, 2, 3]));
  };
  const header = (routingType: number, segmentsLeft: number, ...segments: number[][]): Part =>
    routing({ routingType, segmentsLeft, data: [0, 0, 0, 0, ...segments.flat()] });

  test('the last segment is the destination while segments are left', () => {
    expect(verdicts(routed(A, B, header(0, 1, A, B)))).toEqual(['udp Right']);
    expect(verdicts(routed(A, B, header(2, 1, B)))).toEqual(['udp Right']);
    expect(verdicts(routed(A, B, header(4, 1, B, A)))).toEqual(['udp Right']);
    expect(verdicts(routed(B, B, header(4, 0, B, A)))).toEqual(['udp Right']);
    expect(verdicts(routed(A, B, header(4, 0, B, A)))).toEqual(['udp Wrong']);
  });

  test('a header whose last segment is not known, or options that may name a home address, leave it open', () => {
    expect(verdicts(routed(A, B, header(3, 1, B)))).toEqual(['udp Rerouted']);
    expect(verdicts(routed(A, B, options(LayerKind.DestinationOptions)))).toEqual(['udp Rerouted']);
    expect(verdicts(routed(B, B, options(LayerKind.DestinationOptions)))).toEqual(['udp Right']);
    expect(verdicts(routed(A, B, options(LayerKind.HopByHop)))).toEqual(['udp Wrong']);
  });
});

test('padding behind the datagram is not summed', () => {
  const bytes = frame(ethernet(), ipv4(), udp(), payload([1, 2, 3]));
  const padded = Uint8Array.from([...bytes, ...Array(60 - bytes.length).fill(0xee)]);
  expect(verdicts(padded)).toEqual(['ip Right', 'udp Right']);
  const trailing = frame(ethernet(), ipv4(), udp({ length: 11 }), payload([1, 2, 3, 4, 5]));
  const sum = dissect(bytes).view.getUint16(40);
  expect(verdicts(withChecksum(trailing, 2, sum))).toEqual(['ip Right', 'udp Right']);
});

test('what an ICMP error quotes is left out; the error is not', () => {
  const quoted = [ipv4({ totalLength: 1500 }), udp({ length: 1480, checksum: 0x1234 }), payload([1])];
  expect(verdicts(frame(ethernet(), ipv4(), icmpv4({ type: 3, code: 3 }), ...quoted))).toEqual([
    'ip Right',
    'icmp Right',
  ]);
});
