/**
 * What is written is read back, by us and by tcpdump, tshark and capinfos, unchanged to the nanosecond.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { type CaptureInterface, FrameBatch } from '../../../src/capture/source.js';
import { CaptureWriter, formatOfName } from '../../../src/capture/write/capture-writer.js';
import type { InterfaceStatistics } from '../../../src/capture/write/frame-encoder.js';
import type { RotationOptions } from '../../../src/capture/write/rotation.js';
import { bytesOf } from '../../helpers/capture-writer.js';
import { type FrameOut, readPath, Scratch, thrown } from '../../helpers/read-capture.js';
import { hasTool, outputOf } from '../../helpers/tool.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const ETHERNET: CaptureInterface = { linkType: 1, snaplen: 262_144, name: 'eth0' };
const COOKED: CaptureInterface = { linkType: 276, snaplen: 0, name: null };

interface FrameIn {
  readonly bytes: Uint8Array;
  readonly wireLen?: number;
  readonly seconds?: number;
  readonly nanoseconds?: number;
  readonly interfaceId?: number;
}

/** A batch of one frame, somewhere in its bytes. */
function batchOf(frame: FrameIn, interfaces: readonly CaptureInterface[]): FrameBatch {
  const batch = new FrameBatch(1);
  const interfaceId = frame.interfaceId ?? 0;
  batch.bytes = Buffer.concat([bytesOf(7), frame.bytes, bytesOf(9)]);
  batch.count = 1;
  batch.at[0] = 7;
  batch.capturedLen[0] = frame.bytes.length;
  batch.wireLen[0] = frame.wireLen ?? frame.bytes.length;
  batch.seconds[0] = frame.seconds ?? 1_700_000_000;
  batch.nanoseconds[0] = frame.nanoseconds ?? 123_456_789;
  batch.interfaceId[0] = interfaceId;
  batch.linkType[0] = interfaces[interfaceId]?.linkType ?? 1;
  return batch;
}

async function write(
  name: string,
  frames: readonly FrameIn[],
  interfaces: readonly CaptureInterface[] = [ETHERNET],
  rotation: RotationOptions | null = null,
  ran: InterfaceStatistics['ran'] = null,
): Promise<{ path: string; taken: boolean[] }> {
  const path = join(scratch.path, name);
  const writer = new CaptureWriter(path, { format: formatOfName(name), timeDigits: 9, rotation });
  const taken: boolean[] = [];
  for (const frame of frames) taken.push(writer.put(batchOf(frame, interfaces), 0, interfaces));
  await writer.close(interfaces, [{ interfaceId: 0, received: 10, dropped: 3, ran }]);
  return { path, taken };
}

function expected(frame: FrameIn, interfaces: readonly CaptureInterface[]): FrameOut {
  return {
    bytes: Buffer.from(frame.bytes).toString('hex'),
    wireLen: frame.wireLen ?? frame.bytes.length,
    seconds: frame.seconds ?? 1_700_000_000,
    nanoseconds: frame.nanoseconds ?? 123_456_789,
    linkType: interfaces[frame.interfaceId ?? 0]?.linkType ?? 1,
    interfaceId: frame.interfaceId ?? 0,
  };
}

const anyFrame = fc.record({
  bytes: fc.uint8Array({ maxLength: 600 }),
  seconds: fc.integer({ min: 0, max: 0xffff_ffff }),
  nanoseconds: fc.integer({ min: 0, max: 999_999_999 }),
  interfaceId: fc.integer({ min: 0, max: 1 }),
});

describe('a capture writer', () => {
  it('writes pcapng that reads back as it was, whatever the frames', async () => {
    const interfaces = [ETHERNET, COOKED];
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { maxLength: 20 }), async (frames) => {
        const { path } = await write('any.pcapng', frames, interfaces);
        const read = await readPath(path);
        expect(read.frames).toEqual(frames.map((frame) => expected(frame, interfaces)));
        expect(read).toMatchObject({ format: 'pcapng', timeDigits: 9, interfaces, end: { ended: 'complete' } });
      }),
      { numRuns: 30 },
    );
  });

  it('writes classic pcap in nanoseconds that reads back as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyFrame, { maxLength: 20 }), async (given) => {
        const frames = given.map((frame) => ({ ...frame, interfaceId: 0 }));
        const { path } = await write('any.pcap', frames);
        const read = await readPath(path);
        expect(read.frames).toEqual(frames.map((frame) => expected(frame, [ETHERNET])));
        expect(read).toMatchObject({ format: 'pcap', timeDigits: 9, end: { ended: 'complete' } });
      }),
      { numRuns: 30 },
    );
  });

  it('keeps frames that were cut, that have no time, and times beyond 2106', async () => {
    const frames = [
      { bytes: bytesOf(60), wireLen: 1500 },
      { bytes: bytesOf(61), seconds: Number.NaN, nanoseconds: 0 },
      { bytes: bytesOf(62), seconds: 18_446_744_073, nanoseconds: 1 },
    ];
    const { path } = await write('odd.pcapng', frames);
    expect((await readPath(path)).frames).toEqual(frames.map((frame) => expected(frame, [ETHERNET])));
  });

  it('makes a file without a frame that is a capture', async () => {
    for (const name of ['none.pcapng', 'none.pcap']) {
      const { path } = await write(name, []);
      expect(await readPath(path)).toMatchObject({
        frames: [],
        end: { ended: 'complete' },
        interfaces: [{ linkType: 1 }],
      });
    }
  });

  it('describes an interface that appears later, before its first frame', async () => {
    const interfaces = [ETHERNET];
    const path = join(scratch.path, 'later.pcapng');
    const writer = new CaptureWriter(path, { format: 'pcapng', timeDigits: 9, rotation: null });
    writer.put(batchOf({ bytes: bytesOf(20) }, interfaces), 0, interfaces);
    interfaces.push(COOKED);
    writer.put(batchOf({ bytes: bytesOf(40), interfaceId: 1 }, interfaces), 0, interfaces);
    await writer.close(interfaces);
    expect((await readPath(path)).frames.map(({ linkType }) => linkType)).toEqual([1, 276]);
  });

  it('refuses a second link type in classic pcap', async () => {
    const frames = [{ bytes: bytesOf(20) }, { bytes: bytesOf(20), interfaceId: 1 }];
    const error = await thrown(write('two.pcap', frames, [ETHERNET, COOKED]));
    expect(error.code).toBe('E_WRITE');
    expect(error.message).toContain('1 and 276');
  });

  it('says what is wrong with a path, and that a disk is full', async () => {
    expect((await thrown(write('no/such/directory.pcap', []))).code).toBe('E_WRITE');
    const writer = new CaptureWriter('/dev/full', { format: 'pcapng', timeDigits: 9, rotation: null });
    writer.put(batchOf({ bytes: bytesOf(20) }, [ETHERNET]), 0, [ETHERNET]);
    expect(await thrown(writer.flush())).toMatchObject({ code: 'E_WRITE', message: expect.stringContaining('full') });
  });

  it('is complete up to the last flush, whenever it ends', async () => {
    const path = join(scratch.path, 'killed.pcapng');
    const writer = new CaptureWriter(path, { format: 'pcapng', timeDigits: 9, rotation: null });
    for (let count = 1; count <= 3; count++) {
      writer.put(batchOf({ bytes: bytesOf(60, count) }, [ETHERNET]), 0, [ETHERNET]);
      await writer.flush();
      expect(await readPath(path)).toMatchObject({ frames: { length: count }, end: { ended: 'complete' } });
    }
    await writer.close([ETHERNET]);
  });
});

describe('when a capture ran', () => {
  const SECOND = 1_700_000_000n * 1_000_000_000n;
  const frames = [{ bytes: bytesOf(60) }, { bytes: bytesOf(60, 1), seconds: 1_700_000_005, nanoseconds: 7 }];
  const spanOf = async (
    ran: InterfaceStatistics['ran'],
    given: readonly FrameIn[] = frames,
    name = 'ran.pcapng',
  ): Promise<unknown> => {
    const { path } = await write(name, given, [ETHERNET], null, ran);
    const { end, source } = await readPath(path);
    expect(end?.ended).toBe('complete');
    return source.span;
  };

  it('is in its statistics, to the nanosecond, beside its drops', async () => {
    const ran = { fromNs: SECOND - 1n, untilNs: SECOND + 9_876_543_210n };
    expect(await spanOf(ran)).toEqual(ran);
    expect((await readPath(join(scratch.path, 'ran.pcapng'))).source.drops).toBe(3);
    expect(await spanOf(ran, [])).toEqual(ran);
    expect(await spanOf(ran, frames, 'ran.pcap')).toBeNull();
    expect(await spanOf(null)).toBeNull();
  });

  it('is until its last frame where it was not told to stop', async () => {
    const open = { fromNs: SECOND, untilNs: null };
    expect(await spanOf(open)).toEqual({ fromNs: SECOND, untilNs: SECOND + 5_000_000_007n });
    expect(await spanOf(open, [])).toBeNull();
    expect(await spanOf({ fromNs: SECOND + 6_000_000_000n, untilNs: null })).toBeNull();
  });

  it('is that of the last file alone where one file follows another', async () => {
    const many = Array.from({ length: 10 }, (_, at) => ({ bytes: bytesOf(250_000, at), seconds: 100 + at }));
    const rotation = { maxBytes: 1_000_000, everySeconds: null, maxFiles: null };
    const nanoseconds = 123_456_789n;
    await write('ran-on.pcapng', many, [ETHERNET], rotation, { fromNs: 0n, untilNs: 120_000_000_000n });
    const spans = await Promise.all(
      ['', '1', '2'].map(async (number) => (await readPath(join(scratch.path, `ran-on.pcapng${number}`))).source.span),
    );
    expect(spans).toEqual([null, null, { fromNs: 108_000_000_000n + nanoseconds, untilNs: 120_000_000_000n }]);
  });
});

describe.runIf(hasTool('tshark'))('other programs', () => {
  const frames = [
    { bytes: bytesOf(60), seconds: 1_700_000_000, nanoseconds: 1 },
    { bytes: bytesOf(61), wireLen: 90, seconds: 1_700_000_001, nanoseconds: 999_999_999 },
    { bytes: bytesOf(62), seconds: 4_294_967_295, nanoseconds: 0 },
  ];
  it.each(['own.pcapng', 'own.pcap'])('read %s to the nanosecond', async (name) => {
    const { path } = await write(name, frames);
    const fields = ['frame.time_epoch', 'frame.cap_len', 'frame.len'].flatMap((field) => ['-e', field]);
    expect(outputOf('tshark', ['-n', '-r', path, '-T', 'fields', ...fields])).toBe(
      '1700000000.000000001\t60\t60\n1700000001.999999999\t61\t90\n4294967295.000000000\t62\t62\n',
    );
  });

  it('know its interfaces and its drops', async () => {
    const ran = { fromNs: 1_699_999_999_000_000_000n, untilNs: 4_294_967_296_000_000_000n };
    const { path } = await write('stats.pcapng', frames, [ETHERNET], null, ran);
    expect(outputOf('tshark', ['-n', '-r', path]).trimEnd().split('\n')).toHaveLength(3);
    const report = outputOf('capinfos', [path]);
    expect(report).toContain('Name = eth0');
    expect(report).toContain('Number of stat entries = 1');
    expect(report).toMatch(/Number of packets: +3/);
  });
});

describe('rotation', () => {
  const long = Array.from({ length: 10 }, (_, index) => ({ bytes: bytesOf(250_000, index), seconds: 100 + index }));
  const files = (stem: string): string[] =>
    readdirSync(scratch.path)
      .filter((name) => name.startsWith(stem))
      .sort();
  const sizes = async (names: readonly string[]): Promise<number[]> =>
    Promise.all(names.map(async (name) => (await readPath(join(scratch.path, name))).frames.length));

  it('-C goes on in numbered files, each a capture', async () => {
    await write('size', long, [ETHERNET], { maxBytes: 1_000_000, everySeconds: null, maxFiles: null });
    expect(files('size')).toEqual(['size', 'size1', 'size2']);
    expect(await sizes(files('size'))).toEqual([4, 4, 2]);
  });

  it('-C -W writes over the oldest, numbered from 0', async () => {
    await write('ring', long, [ETHERNET], { maxBytes: 1_000_000, everySeconds: null, maxFiles: 2 });
    expect(files('ring')).toEqual(['ring0', 'ring1']);
    expect(await sizes(files('ring'))).toEqual([2, 4]);
    await write('wide', [], [ETHERNET], { maxBytes: 1_000_000, everySeconds: null, maxFiles: 11 });
    expect(files('wide')).toEqual(['wide00']);
  });

  it("-G goes by the frames' times and puts them in the names; -W ends it", async () => {
    const options = { maxBytes: null, everySeconds: 4, maxFiles: null };
    await write('time-%s-%Y', long, [ETHERNET], options);
    expect(files('time-')).toEqual(['time-100-1970', 'time-104-1970', 'time-108-1970']);
    expect(await sizes(files('time-'))).toEqual([4, 4, 2]);
    const { taken } = await write('two-%s', long, [ETHERNET], { ...options, maxFiles: 2 });
    expect(files('two-')).toEqual(['two-100', 'two-104']);
    expect(taken.filter((put) => put)).toHaveLength(8);
  });

  it.runIf(hasTool('tcpdump'))('names files as tcpdump does', async () => {
    const { path } = await write('all.pcap', long);
    outputOf('tcpdump', ['-Z', 'root', '-r', path, '-w', join(scratch.path, 'theirs'), '-C', '1', '-W', '2']);
    await write('ours', long, [ETHERNET], { maxBytes: 1_000_000, everySeconds: null, maxFiles: 2 });
    expect(files('ours').map((name) => name.replace('ours', ''))).toEqual(
      files('theirs').map((name) => name.replace('theirs', '')),
    );
    expect(await sizes(files('ours'))).toEqual(await sizes(files('theirs')));
    expect(existsSync(path) && readFileSync(path).length).toBeGreaterThan(2_000_000);
  });
});
