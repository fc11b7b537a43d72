import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { bytesOf, type FrameIn, MICRO, MODIFIED, NANO, type Order, pcap } from '../../helpers/capture-writer.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const ORDERS: readonly Order[] = ['little', 'big'];
const HEADER_LEN = 24;
const RECORD_LEN = 16;

/** Who walks what is little-endian and not modified: both ways it comes out the same. */
const WALKERS: [string, unknown][] = [
  ['WebAssembly', Reflect.get(globalThis, 'WebAssembly')],
  ['JavaScript', undefined],
];

describe.each(WALKERS)('%s walks', (_name, walker) => {
  beforeEach(() => {
    vi.stubGlobal('WebAssembly', walker);
  });
  afterEach(() => {
    vi.unstubAllGlobals();
  });

  describe.each(ORDERS)('%s endian', (order) => {
    test('microseconds', async () => {
      const frames = [
        { bytes: bytesOf(60), seconds: 1_700_000_000, fraction: 123_456, wireLen: 1500 },
        { bytes: bytesOf(1, 1), seconds: 0xffff_ffff, fraction: 999_999 },
        { bytes: bytesOf(0), seconds: 0, fraction: 0, wireLen: 0xffff_ffff },
      ];
      const out = await scratch.read(pcap(frames, { order, linkType: 113, snaplen: 96 }));
      expect(out.frames).toEqual([
        {
          bytes: bytesOf(60).toString('hex'),
          wireLen: 1500,
          seconds: 1_700_000_000,
          nanoseconds: 123_456_000,
          linkType: 113,
          interfaceId: 0,
        },
        {
          bytes: bytesOf(1, 1).toString('hex'),
          wireLen: 1,
          seconds: 0xffff_ffff,
          nanoseconds: 999_999_000,
          linkType: 113,
          interfaceId: 0,
        },
        { bytes: '', wireLen: 0xffff_ffff, seconds: 0, nanoseconds: 0, linkType: 113, interfaceId: 0 },
      ]);
      expect(out).toMatchObject({ format: 'pcap', compression: 'none', timeDigits: 6 });
      expect(out.interfaces).toEqual([{ linkType: 113, snaplen: 96, name: null }]);
      expect(out.end).toEqual({ ended: 'complete', at: HEADER_LEN + 3 * RECORD_LEN + 61, reason: '' });
    });

    test('nanoseconds', async () => {
      const frame = { bytes: bytesOf(10), seconds: 5, fraction: 999_999_999 };
      const out = await scratch.read(pcap([frame], { order, magic: NANO }));
      expect(out.frames[0]).toMatchObject({ seconds: 5, nanoseconds: 999_999_999 });
      expect(out.timeDigits).toBe(9);
    });

    test('modified: record headers of 24 bytes', async () => {
      const frames = [{ bytes: bytesOf(40), seconds: 9, fraction: 8 }, { bytes: bytesOf(41, 2) }];
      const out = await scratch.read(pcap(frames, { order, magic: MODIFIED }));
      expect(out.frames.map((frame) => frame.bytes)).toEqual(frames.map((frame) => frame.bytes.toString('hex')));
      expect(out.frames[0]).toMatchObject({ seconds: 9, nanoseconds: 8000 });
      expect(out.end?.ended).toBe('complete');
    });

    test('a fraction of more than a second is carried', async () => {
      const frames = [1_000_000, 2_147_483_648, 4_292_819_813].map((fraction) => ({
        bytes: bytesOf(4),
        seconds: 7,
        fraction,
      }));
      const micro = await scratch.read(pcap(frames, { order }));
      expect(micro.frames.map((frame) => [frame.seconds, frame.nanoseconds])).toEqual([
        [8, 0],
        [2154, 483_648_000],
        [4299, 819_813_000],
      ]);
      const nano = await scratch.read(pcap(frames, { order, magic: NANO }));
      expect(nano.frames.map((frame) => [frame.seconds, frame.nanoseconds])).toEqual([
        [7, 1_000_000],
        [9, 147_483_648],
        [11, 292_819_813],
      ]);
    });
  });

  test('the upper half of the link type field is not the link type', async () => {
    expect((await scratch.read(pcap([{ bytes: bytesOf(4) }], { linkType: 0x1400_0001 }))).interfaces[0]?.linkType).toBe(
      1,
    );
  });

  test('a whole header without frames is complete', async () => {
    expect((await scratch.read(pcap([]))).end).toEqual({ ended: 'complete', at: 24, reason: '' });
  });

  test('a length on the wire below the captured one stays as the file says', async () => {
    expect((await scratch.read(pcap([{ bytes: bytesOf(20), wireLen: 3 }]))).frames[0]?.wireLen).toBe(3);
  });

  describe('lengths', () => {
    test('above the snaplen, up to 262,144, is read', async () => {
      const frames = [{ bytes: bytesOf(262_144) }, { bytes: bytesOf(3, 1) }];
      const out = await scratch.read(pcap(frames, { snaplen: 64 }));
      expect(out.frames.map((frame) => frame.bytes.length / 2)).toEqual([262_144, 3]);
      expect(out.frames[0]?.bytes).toBe(frames[0]?.bytes.toString('hex'));
    });

    test('above 262,144, up to the snaplen, is read', async () => {
      const bytes = bytesOf(1_000_000);
      const out = await scratch.read(pcap([{ bytes }], { snaplen: 1_000_000 }));
      expect(out.frames[0]?.bytes).toBe(bytes.toString('hex'));
    });

    test.each([0xffff_ffff, 262_145])('%d is corrupt at once, in the first record', async (capturedLen) => {
      const out = await scratch.read(pcap([{ bytes: bytesOf(100), capturedLen }]));
      expect(out.frames).toEqual([]);
      expect(out.end).toMatchObject({ ended: 'corrupt', at: 24 });
      expect(out.end?.reason).toBe(`record claims a frame of ${capturedLen} bytes, the limit is 262144`);
    });

    test('absurd in a later record: what is before it is read', async () => {
      const frames: FrameIn[] = [{ bytes: bytesOf(100) }, { bytes: bytesOf(50), capturedLen: 0x8000_0000 }];
      const out = await scratch.read(pcap(frames));
      expect(out.frames.length).toBe(1);
      expect(out.end).toMatchObject({ ended: 'corrupt', at: 24 + 16 + 100 });
    });

    test('a snaplen is believed up to 64 MiB', async () => {
      const out = await scratch.read(pcap([{ bytes: bytesOf(8), capturedLen: 67_108_865 }], { snaplen: 0xffff_ffff }));
      expect(out.end?.ended).toBe('corrupt');
      const within = await scratch.read(
        pcap([{ bytes: bytesOf(8), capturedLen: 67_108_864 }], { snaplen: 0xffff_ffff }),
      );
      expect(within.end).toEqual({ ended: 'cut', at: 24, reason: 'record needs 67108880 bytes, 24 are left' });
    });
  });

  test('cut at every byte: every whole frame, then where and why', async () => {
    const frames = [{ bytes: bytesOf(30) }, { bytes: bytesOf(20, 1) }];
    const file = pcap(frames);
    for (let len = HEADER_LEN; len <= file.length; len++) {
      const out = await scratch.read(file.subarray(0, len));
      const whole = [24, 70, 106].filter((at) => at <= len);
      const at = whole.at(-1) as number;
      expect(out.frames.length).toBe(whole.length - 1);
      if (at === len) expect(out.end).toEqual({ ended: 'complete', at, reason: '' });
      else if (len - at < 16) expect(out.end).toEqual(cut(at, `record header needs 16 bytes, ${len - at} are left`));
      else expect(out.end).toEqual(cut(at, `record needs ${at === 24 ? 46 : 36} bytes, ${len - at} are left`));
    }
  });

  function cut(at: number, reason: string): unknown {
    return { ended: 'cut', at, reason };
  }

  test('frames of any size, over the edges of buffer and batch, come back as they were written', async () => {
    const size = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 1600 }) },
      { weight: 1, arbitrary: fc.integer({ min: 60_000, max: 262_144 }) },
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(size, fc.nat(0xffff_ffff), fc.nat(999_999)), { maxLength: 60 }),
        fc.constantFrom(...ORDERS),
        fc.constantFrom(MICRO, NANO, MODIFIED),
        async (list, order, magic) => {
          const frames = list.map(([len, seconds, fraction], i) => ({ bytes: bytesOf(len, i), seconds, fraction }));
          const out = await scratch.read(pcap(frames, { order, magic }));
          const each = magic === NANO ? 1 : 1000;
          expect(out.end?.ended).toBe('complete');
          expect(out.frames.map((frame) => [frame.bytes, frame.seconds, frame.nanoseconds])).toEqual(
            frames.map((frame) => [frame.bytes.toString('hex'), frame.seconds, frame.fraction * each]),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test('more small frames than a batch holds', async () => {
    const frames = Array.from({ length: 10_000 }, (_, i) => ({ bytes: bytesOf(i % 7, i), seconds: i }));
    const out = await scratch.read(pcap(frames));
    expect(out.frames.map((frame) => [frame.bytes, frame.seconds])).toEqual(
      frames.map((frame) => [frame.bytes.toString('hex'), frame.seconds]),
    );
  });
});
