import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { MAX_INTERFACES } from '../../../src/capture/file/pcapng.js';
import {
  block,
  bytesOf,
  enhanced,
  interfaceBlock,
  type Order,
  obsolete,
  option,
  sectionHeader,
  simple,
  statistics,
  timeOption,
  u32,
  u64,
} from '../../helpers/capture-writer.js';
import { type CaptureOut, Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const ORDERS: readonly Order[] = ['little', 'big'];
const IF_NAME = 2;
const IF_TSRESOL = 9;
const IF_TSOFFSET = 14;
const COMMENT = 1;

function read(...blocks: Uint8Array[]): Promise<CaptureOut> {
  return scratch.read(Buffer.concat(blocks));
}

describe.each(ORDERS)('%s endian', (order) => {
  test('enhanced, obsolete and simple packet blocks', async () => {
    const comment = option(COMMENT, Buffer.from('five!'), order);
    const out = await read(
      sectionHeader(order, option(4, Buffer.from('maker'), order)),
      interfaceBlock(order, 1, 0, [option(IF_NAME, Buffer.from('eth0'), order)]),
      interfaceBlock(order, 113, 96),
      enhanced(1, 1_700_000_000_123_456n, { bytes: bytesOf(61), wireLen: 1500 }, order, comment),
      obsolete(1, 2n ** 32n * 1000n, { bytes: bytesOf(7, 1), wireLen: 9 }, order),
      simple(bytesOf(50, 2), 50, order),
    );
    expect(out.frames).toEqual([
      {
        bytes: bytesOf(61).toString('hex'),
        wireLen: 1500,
        seconds: 1_700_000_000,
        nanoseconds: 123_456_000,
        linkType: 113,
        interfaceId: 1,
      },
      {
        bytes: bytesOf(7, 1).toString('hex'),
        wireLen: 9,
        seconds: 4_294_967,
        nanoseconds: 296_000_000,
        linkType: 113,
        interfaceId: 1,
      },
      {
        bytes: bytesOf(50, 2).toString('hex'),
        wireLen: 50,
        seconds: Number.NaN,
        nanoseconds: 0,
        linkType: 1,
        interfaceId: 0,
      },
    ]);
    expect(out).toMatchObject({ format: 'pcapng', timeDigits: 6 });
    expect(out.interfaces).toEqual([
      { linkType: 1, snaplen: 0, name: 'eth0' },
      { linkType: 113, snaplen: 96, name: null },
    ]);
    expect(out.end?.ended).toBe('complete');
  });

  test('statistics say when interfaces were being captured; what is wrong in them is passed over', async () => {
    const head = [
      sectionHeader(order),
      interfaceBlock(order),
      interfaceBlock(order, 1, 0, [option(IF_TSRESOL, Buffer.from([9]), order)]),
    ];
    const frame = enhanced(0, 1n, { bytes: bytesOf(20) }, order);
    const from = (units: bigint) => timeOption(2, units, order);
    const until = (units: bigint) => timeOption(3, units, order);
    const spanOf = async (...blocks: Uint8Array[]) => {
      const out = await read(...head, frame, ...blocks, frame);
      expect(out.frames).toHaveLength(2);
      expect(out.end?.ended).toBe('complete');
      return out.source.span;
    };
    expect(await spanOf()).toBeNull();
    const micro = statistics(0, [from(5n), until(9n)], order);
    expect(await spanOf(micro)).toEqual({ fromNs: 5000n, untilNs: 9000n });
    // Of several interfaces, while all of them were.
    const nano = statistics(1, [from(6001n), until(9001n)], order);
    expect(await spanOf(micro, nano)).toEqual({ fromNs: 6001n, untilNs: 9000n });
    expect(await spanOf(statistics(0, [until(9n)], order))).toEqual({ fromNs: 9000n, untilNs: 9000n });
    expect(await spanOf(statistics(0, [from(9n), until(5n)], order))).toBeNull();
    expect(await spanOf(statistics(7, [from(5n), until(9n)], order))).toBeNull();
    expect(await spanOf(statistics(0, [option(3, bytesOf(4), order)], order))).toBeNull();
    expect(await spanOf(statistics(0, [option(4, bytesOf(4), order, 4000), until(9n)], order))).toBeNull();
  });

  test('a simple block holds no more than the snaplen', async () => {
    const out = await read(sectionHeader(order), interfaceBlock(order, 1, 32), simple(bytesOf(32), 1500, order));
    expect(out.frames[0]).toMatchObject({ bytes: bytesOf(32).toString('hex'), wireLen: 1500 });
  });

  test('names, statistics, custom and unknown blocks are skipped, even longer than the buffer', async () => {
    const skipped = [4, 5, 0xbad, 0x4000_0bad, 0x0bad_cafe, 10].map((type) => block(type, bytesOf(40), order));
    const large = block(0x0bad_cafe, bytesOf(1_000_000), order);
    const frame = enhanced(0, 1n, { bytes: bytesOf(20) }, order);
    const out = await read(
      sectionHeader(order),
      ...skipped,
      interfaceBlock(order),
      frame,
      large,
      frame,
      block(77, bytesOf(0), order),
    );
    expect(out.frames.length).toBe(2);
    expect(out.end?.ended).toBe('complete');
  });
});

test('sections: each its own byte order and interfaces, in one list', async () => {
  const out = await read(
    sectionHeader('little'),
    interfaceBlock('little', 1, 0, [option(IF_NAME, Buffer.from('a'), 'little')]),
    interfaceBlock('little', 101),
    enhanced(1, 1n, { bytes: bytesOf(4) }, 'little'),
    sectionHeader('big'),
    interfaceBlock('big', 276, 0, [option(IF_TSRESOL, Buffer.from([3]), 'big')]),
    enhanced(0, 1n, { bytes: bytesOf(5) }, 'big'),
    sectionHeader('little'),
    interfaceBlock('little', 12),
    simple(bytesOf(6), 6, 'little'),
  );
  expect(out.frames.map((frame) => [frame.interfaceId, frame.linkType, frame.nanoseconds])).toEqual([
    [1, 101, 1000],
    [2, 276, 1_000_000],
    [3, 12, 0],
  ]);
  expect(out.interfaces.map((one) => one.linkType)).toEqual([1, 101, 276, 12]);
});

describe('times', () => {
  const RESOLUTIONS = [
    0, 1, 3, 6, 7, 9, 10, 12, 15, 19, 127, 0x80, 0x81, 0x89, 0x8a, 0x94, 0x9d, 0x9e, 0xa0, 0xa1, 0xbf, 0xff,
  ];

  async function timeOf(units: bigint, resolution: number, offset: bigint): Promise<[number, number]> {
    const options = [
      option(IF_TSRESOL, Buffer.from([resolution]), 'little'),
      option(IF_TSOFFSET, u64(offset, 'little'), 'little'),
    ];
    const frame = enhanced(0, units, { bytes: bytesOf(4) }, 'little');
    const out = await read(sectionHeader('little'), interfaceBlock('little', 1, 0, options), frame);
    return [out.frames[0]?.seconds ?? -1, out.frames[0]?.nanoseconds ?? -1];
  }

  /** The same by bigints alone. */
  function exactly(units: bigint, resolution: number, offset: bigint): [number, number] {
    const perSecond = (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);
    return [Number(units / perSecond + offset), Number(((units % perSecond) * 1_000_000_000n) / perSecond)];
  }

  test.each([
    [1_700_000_000_123n, 3, 0n, 1_700_000_000, 123_000_000],
    [1_700_000_000_123_456_789n, 9, 0n, 1_700_000_000, 123_456_789],
    [1_700_000_000_123_456_789_9n, 10, 0n, 1_700_000_000, 123_456_789],
    [1_700_000_000_999_999n, 12, 0n, 1700, 999],
    [3n, 0x81, 0n, 1, 500_000_000],
    [(1_700_000_000n << 20n) + 1n, 0x94, 0n, 1_700_000_000, 953],
    [5n, 0, -7n, -2, 0],
    [1_500_000n, 6, 1_700_000_000n, 1_700_000_001, 500_000_000],
    [2n ** 64n - 1n, 9, 0n, 18_446_744_073, 709_551_615],
    [2n ** 64n - 1n, 6, 0n, 18_446_744_073_709, 551_615_000],
  ])('%d units at if_tsresol %d and if_tsoffset %d', async (units, resolution, offset, seconds, nanoseconds) => {
    expect(await timeOf(units, resolution, offset)).toEqual([seconds, nanoseconds]);
  });

  test('agree with bigints at every resolution', async () => {
    const near = fc
      .tuple(fc.bigInt(0n, 2n ** 33n), fc.integer({ min: -2, max: 2 }))
      .map(([second, by]) => ({ second, by: BigInt(by) }));
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...RESOLUTIONS),
        fc.oneof(fc.bigInt(0n, 2n ** 64n - 1n), near),
        fc.bigInt(-(2n ** 33n), 2n ** 33n),
        async (resolution, value, offset) => {
          // Half of them stand right beside a whole second, where a rounded quotient would show.
          const perSecond = (resolution & 0x80 ? 2n : 10n) ** BigInt(resolution & 0x7f);
          const units = BigInt.asUintN(64, typeof value === 'bigint' ? value : value.second * perSecond + value.by);
          fc.pre(units / perSecond < 2n ** 52n);
          expect(await timeOf(units, resolution, offset)).toEqual(exactly(units, resolution, offset));
        },
      ),
      { numRuns: 400 },
    );
  });

  test('nine digits where an interface before the first frame is finer than a microsecond', async () => {
    const fine = interfaceBlock('little', 1, 0, [option(IF_TSRESOL, Buffer.from([9]), 'little')]);
    const coarse = interfaceBlock('little');
    const frame = enhanced(0, 1n, { bytes: bytesOf(4) }, 'little');
    const head = sectionHeader('little');
    expect((await read(head, coarse, fine, frame)).timeDigits).toBe(9);
    expect((await read(head, coarse, frame, fine)).timeDigits).toBe(6);
    const binary = interfaceBlock('little', 1, 0, [option(IF_TSRESOL, Buffer.from([0x93]), 'little')]);
    expect((await read(head, binary, frame)).timeDigits).toBe(6);
  });
});

describe('what contradicts itself is corrupt, and what is before it is read', () => {
  const order = 'little';
  const head = [sectionHeader(order), interfaceBlock(order, 1, 128), enhanced(0, 1n, { bytes: bytesOf(4) }, order)];
  const at = Buffer.concat(head).length;
  const bytes = bytesOf(40);
  const bodyOf = (value: number): Buffer => Buffer.concat([u32(0, order), u32(value, order), bytes]);

  test.each([
    ['a length below 12', block(99, bytes, order, 8), 'block: block of 8 bytes, the least is 12'],
    ['a length of 0', block(99, bytes, order, 0), 'block: block of 0 bytes, the least is 12'],
    ['a length that is no multiple of 4', block(99, bytes, order, 51), 'block: block of 51 bytes, not a multiple of 4'],
    ['another length at the end', block(99, bytes, order, 52, 48), 'block: block of 52 bytes says 48 at its end'],
    [
      'another length at the end of a frame',
      block(6, Buffer.concat([Buffer.alloc(20), bytes]), order, 72, 76),
      'frame: block of 72 bytes says 76 at its end',
    ],
    [
      'an enhanced block without room for its fields',
      block(6, bodyOf(0), order, 28),
      'frame: block of 28 bytes, the least is 32',
    ],
    [
      'a simple block without room for its fields',
      block(3, Buffer.alloc(0), order),
      'frame: block of 12 bytes, the least is 16',
    ],
    [
      'an interface that is not there',
      enhanced(1, 0n, { bytes }, order),
      'frame: names interface 1, its section has 1',
    ],
    [
      'an interface that is not there, in an obsolete block',
      obsolete(65_535, 0n, { bytes }, order),
      'frame: names interface 65535, its section has 1',
    ],
    [
      'a frame longer than its block',
      enhanced(0, 0n, { bytes, capturedLen: 41 }, order),
      'frame: 41 bytes in a block that has room for 40',
    ],
    [
      'an absurd frame',
      enhanced(0, 0n, { bytes, capturedLen: 0xffff_ffff }, order),
      'frame: block claims a frame of 4294967295 bytes, the limit is 262144',
    ],
    [
      'an absurd block of a frame',
      block(6, bytes, order, 0xffff_fffc),
      'frame: block of 4294967292 bytes, the limit is 68157440',
    ],
    [
      'a simple frame longer than its block',
      simple(bytes, 100, order),
      'frame: 100 bytes in a block that has room for 40',
    ],
    [
      'an absurd interface block',
      block(1, bytes, order, 1_048_580),
      'interface: block of 1048580 bytes, the limit is 1048576',
    ],
    [
      'an option longer than its block',
      interfaceBlock(order, 1, 0, [option(IF_NAME, Buffer.from('eth0'), order, 5)]),
      'interface: option 2 of 5 bytes, 4 are left in the block',
    ],
    [
      'a section header without its byte order',
      block(0x0a0d0d0a, bytes, order),
      'section header: byte-order magic is 001f3e5d, expected 1a2b3c4d',
    ],
    [
      'a section of another version',
      sectionHeader(order, Buffer.alloc(0), 2),
      'section header: version 2.0, expected 1.0',
    ],
  ])('%s', async (_, wrong, reason) => {
    const out = await read(...head, wrong, enhanced(0, 1n, { bytes: bytesOf(4) }, order));
    expect(out.frames.length).toBe(1);
    expect(out.end).toEqual({ ended: 'corrupt', at, reason });
  });

  test('a frame before any interface', async () => {
    const out = await read(sectionHeader(order), simple(bytes, 40, order));
    expect(out.end).toMatchObject({ ended: 'corrupt', reason: 'frame: names interface 0, its section has 0' });
  });

  test('an interface of the section before', async () => {
    const out = await read(...head, sectionHeader(order), enhanced(0, 1n, { bytes: bytesOf(4) }, order));
    expect(out.end).toMatchObject({ ended: 'corrupt', reason: 'frame: names interface 0, its section has 0' });
  });

  test('more interfaces than the limit', async () => {
    const one = interfaceBlock(order);
    const out = await read(sectionHeader(order), ...Array.from({ length: MAX_INTERFACES + 1 }, () => one));
    expect(out.interfaces.length).toBe(MAX_INTERFACES);
    expect(out.end).toMatchObject({ ended: 'corrupt', reason: 'interface: more than 65536 in one file' });
  });
});

test('cut at every byte: every whole frame, and no end but cut inside a block', async () => {
  const order = 'big';
  const blocks = [
    sectionHeader(order),
    interfaceBlock(order, 1, 0, [option(IF_NAME, Buffer.from('eth0'), order)]),
    enhanced(0, 1n, { bytes: bytesOf(9) }, order),
    block(4, bytesOf(33), order),
    simple(bytesOf(5), 5, order),
    sectionHeader('little'),
    interfaceBlock('little'),
    obsolete(0, 1n, { bytes: bytesOf(6) }, 'little'),
  ];
  const ends = blocks.map((_, i) => Buffer.concat(blocks.slice(0, i + 1)).length);
  const framesAt = [0, 0, 1, 1, 2, 2, 2, 3];
  const file = Buffer.concat(blocks);
  for (let len = ends[0] as number; len <= file.length; len++) {
    const out = await read(file.subarray(0, len));
    const whole = ends.filter((end) => end <= len).length - 1;
    const at = ends[whole] as number;
    expect(out.frames.length).toBe(framesAt[whole]);
    if (at === len) {
      expect(out.end).toEqual({ ended: 'complete', at, reason: '' });
      continue;
    }
    expect(out.end).toMatchObject({ ended: 'cut', at });
    const needed = len - at < 8 ? 8 : (blocks[whole + 1] as Buffer).length;
    expect(out.end?.reason).toContain(` ${len - at} are left`);
    if (len - at >= 12) expect(out.end?.reason).toBe(`block needs ${needed} bytes, ${len - at} are left`);
  }
});

test('frames of any size, over the edges of the buffer, come back as they were written', async () => {
  const size = fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: 0, max: 1600 }) },
    { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 262_144 }) },
  );
  const kind = fc.constantFrom('enhanced', 'obsolete', 'skipped');
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(size, kind), { maxLength: 50 }),
      fc.constantFrom(...ORDERS),
      async (list, order) => {
        const blocks = list.map(([len, what], i) => {
          const bytes = bytesOf(len, i);
          if (what === 'skipped') return block(0x0bad_cafe, bytes, order);
          return (what === 'enhanced' ? enhanced : obsolete)(0, BigInt(i), { bytes }, order);
        });
        const out = await read(sectionHeader(order), interfaceBlock(order), ...blocks);
        expect(out.end?.ended).toBe('complete');
        expect(out.frames.map((frame) => [frame.bytes, frame.nanoseconds])).toEqual(
          list.flatMap(([len, what], i) => (what === 'skipped' ? [] : [[bytesOf(len, i).toString('hex'), i * 1000]])),
        );
      },
    ),
    { numRuns: 40 },
  );
});
