/** Plain frames: what WebAssembly counts must come out as if every frame had been dissected and seen. */
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Analysis } from '../../src/analysis.js';
import { analyze } from '../../src/analyze.js';
import { WINDOW_LEN } from '../../src/capture/file/byte-window.js';
import { Evidence } from '../../src/evidence/evidence.js';
import { PlainFrames } from '../../src/evidence/plain-frames.js';
import { MAX_FLOWS, PORTS_FACTOR, SOURCE_FACTOR } from '../../src/evidence/plain-layout.js';
import { MAX_PROBES } from '../../src/inventory/open-addressing.js';
import { enhanced, type FrameIn, interfaceBlock, NANO, pcap, sectionHeader } from '../helpers/capture-writer.js';
import {
  arp,
  ethernet,
  frame,
  icmpv4,
  internetSum,
  ipv4,
  payload,
  tcp,
  udp,
  vlan,
  vxlan,
} from '../helpers/frame-builder.js';
import { wordFor } from '../helpers/meeting.js';
import {
  anyFrames,
  data,
  echoInner,
  kinds,
  numberAnew,
  patched,
  patches,
  shapes,
  tcpInner,
  tunnelled,
  udpInner,
} from '../helpers/plain-frames.js';

/** Bytes of a record's header, and of the file's. */
const RECORD_LEN = 16;
const FILE_HEADER_LEN = 24;

const path = join(tmpdir(), `plain-frames-${process.pid}.pcap`);

interface All {
  readonly analysis: Analysis;
  readonly told: readonly unknown[];
}

/** Analyzes frames, a microsecond apart where they do not say. @returns what came out, with what only some findings tell, and how many were plain */
async function gather(frames: readonly FrameIn[] | Buffer): Promise<{ all: All; plain: number }> {
  const timed = (all: readonly FrameIn[]): FrameIn[] =>
    all.map((one, index) => ({ seconds: 1_700_000_000, fraction: index * 1000, ...one }));
  writeFileSync(path, Buffer.isBuffer(frames) ? frames : pcap(timed(frames), { magic: NANO }));
  const run = vi.spyOn(PlainFrames.prototype, 'run');
  const told: unknown[] = [];
  const finish = vi.spyOn(Evidence.prototype, 'finish').mockImplementation(function (this: Evidence) {
    finish.mockRestore();
    this.finish();
    const { senders, repeats, stepsBack, icmpErrors } = this;
    told.push(senders.list(), senders.receivers(), repeats.second, stepsBack.frames, [...icmpErrors.errors.values()]);
  });
  const analysis = await analyze([path]);
  const plain = run.mock.results.reduce((sum, { value }) => sum + (value as number), 0);
  run.mockRestore();
  return { all: { analysis, told }, plain };
}

async function whole(frames: readonly FrameIn[] | Buffer): Promise<All> {
  vi.stubGlobal('WebAssembly', undefined);
  try {
    const { all, plain } = await gather(frames);
    expect(plain).toBe(0);
    return all;
  } finally {
    vi.unstubAllGlobals();
  }
}

/** That frames come out the same both ways. @param plain how many are plain */
async function expectPlain(frames: readonly Uint8Array[], plain: number): Promise<void> {
  // While frames may be a golden sequence, all are dissected: TCP is none.
  const first = tunnelled({ inner: [ipv4({ source: 50 }), tcp(), data] });
  const all = [first, ...frames].map((bytes) => ({ bytes }));
  const quick = await gather(all);
  expect(quick.all).toEqual(await whole(all));
  expect(quick.plain).toBe(plain);
}

beforeEach(() => {
  numberAnew();
});
afterEach(() => {
  vi.restoreAllMocks();
});
afterAll(() => rmSync(path, { force: true }));

describe('plain', () => {
  test.each(kinds)('%s, behind the first of its flow', async (_name, inner) => {
    await expectPlain([tunnelled({ inner }), tunnelled({ inner }), tunnelled({ inner })], 2);
  });

  test.each(kinds)('%s, behind a tag', async (_name, inner) => {
    for (const tag of [vlan({ identifier: 5 }), vlan({ identifier: 5, service: true })]) {
      await expectPlain([tunnelled({ inner, tags: [tag] }), tunnelled({ inner, tags: [tag] })], 1);
    }
  });

  test('with bytes behind the packet', async () => {
    const padded = (): Uint8Array => Uint8Array.from([...tunnelled(), 0, 0, 0]);
    await expectPlain([padded(), padded()], 1);
  });

  test('at the very end of memory, however short', async () => {
    const filler = (len: number): Uint8Array => new Uint8Array(len).fill(0xff);
    for (const [, inner] of kinds) {
      for (const rest of [1, 5, 9, 13, 20]) {
        for (const tags of [[], [vlan({ identifier: 5 })]]) {
          const short = (): Uint8Array =>
            tunnelled({ tags, inner: [...inner.slice(0, 2), payload(Array(rest).fill(7))] });
          const frames = [tunnelled(), short(), filler(0), short()];
          const others = frames.reduce((sum, { length }) => sum + length, RECORD_LEN * 4 + FILE_HEADER_LEN);
          frames[2] = filler(WINDOW_LEN - others);
          const all = frames.map((bytes) => ({ bytes }));
          expect((await gather(all)).all).toEqual(await whole(all));
        }
      }
    }
  });

  test('as many flows as there are, and again when all were let go', async () => {
    const plainOne = tunnelled();
    const of = (flow: number, number: number): Uint8Array => {
      const bytes = Uint8Array.from(plainOne);
      const view = new DataView(bytes.buffer);
      // The port and the VNI are in no checksum, the ID is in its header's.
      view.setUint16(34, flow & 0xffff);
      view.setUint16(18, number & 0xffff);
      view.setUint16(24, 0);
      view.setUint16(24, ~internetSum(bytes.subarray(14, 34)) & 0xffff);
      return bytes;
    };
    const each = Array.from({ length: MAX_FLOWS + 3000 }, (_, flow) => flow);
    // The last 3,000 are open when all were seen, the first have to be opened again.
    const flows = [...each, ...each.slice(MAX_FLOWS), ...each.slice(0, 1000), ...each.slice(0, 1000)];
    const frames = flows.map((flow, number) => ({ bytes: of(flow, number) }));
    const { all, plain } = await gather(frames);
    expect(all).toEqual(await whole(frames));
    expect(plain).toBe(4000);
  });

  test('of flows that were chosen to meet, those that found a place', async () => {
    const reversed = (word: number): number => Buffer.from(Int32Array.of(word).buffer).readUInt32BE();
    const of = (flow: number): Uint8Array => {
      // Words as they lie in memory: the inner sender's address, and both ports.
      const source = Math.imul(flow + 1, 0x0101_0100) | 10;
      const ports = reversed(wordFor(PORTS_FACTOR, Math.imul(source, SOURCE_FACTOR)));
      const [sourcePort, destinationPort] = [ports >>> 16, ports & 0xffff];
      return tunnelled({ inner: [ipv4({ source: reversed(source) }), tcp({ sourcePort, destinationPort }), data] });
    };
    const flows = Array.from({ length: 300 }, (_, flow) => flow);
    const frames = [...flows, ...flows].map((flow) => ({ bytes: of(flow) }));
    const { all, plain } = await gather(frames);
    expect(all).toEqual(await whole(frames));
    expect(plain).toBe(MAX_PROBES);
  });

  test('where a longer record made the window larger', async () => {
    const long = new Uint8Array(WINDOW_LEN).fill(0xff);
    await expectPlain([tunnelled(), tunnelled(), long, tunnelled(), tunnelled()], 3);
  });
});

describe('not plain', () => {
  test.each(patches)('%s', async (_name, inner, bytes) => {
    await expectPlain([tunnelled({ inner }), tunnelled({ inner }), patched(inner, bytes)], 1);
  });

  test('unlike what is patched, and summed anew', async () => {
    for (const inner of [tcpInner, udpInner, echoInner]) {
      await expectPlain([tunnelled({ inner }), patched(inner, [[15, 0x10]])], 1);
    }
  });

  test.each(shapes)('%s', async (_name, shape) => {
    await expectPlain([tunnelled(), tunnelled(), tunnelled(shape()), tunnelled(shape()), tunnelled(shape())], 1);
  });

  test('frames of an interface that is no Ethernet', async () => {
    const bytes = [tunnelled(), tunnelled(), tunnelled(), tunnelled(), tunnelled()];
    const blocks = bytes.map((one, index) => enhanced(index % 2, BigInt(1e15 + index), { bytes: one }, 'little'));
    const head = [sectionHeader('little'), interfaceBlock('little', 1), interfaceBlock('little', 113)];
    const quick = await gather(Buffer.concat([...head, ...blocks]));
    expect(quick.all).toEqual(await whole(Buffer.concat([...head, ...blocks])));
    expect(quick.plain).toBe(2);
  });

  test('one that steps back behind a plain one', async () => {
    const frames = [5000, 7000, 9000, 8000].map((fraction) => ({ bytes: tunnelled(), fraction }));
    const { all, plain } = await gather(frames);
    expect(all).toEqual(await whole(frames));
    expect(plain).toBe(2);
  });

  test('one that was there up to four frames before, and what comes behind that', async () => {
    for (const others of [0, 1, 2, 3, 4]) {
      const twice = tunnelled();
      const between = Array.from({ length: others }, () => tunnelled());
      const frames = [tunnelled(), twice, ...between, twice, tunnelled(), tunnelled(), tunnelled(), tunnelled()];
      await expectPlain(frames, frames.length - (others < 4 ? 2 : 1));
    }
  });

  test('one that is there twice where another one was: it is a second copy of its own', async () => {
    const [one, other] = [tunnelled(), tunnelled()];
    await expectPlain([tunnelled(), one, one, tunnelled(), tunnelled(), tunnelled(), other, other], 5);
  });

  test('an error: what it quotes is found among plain ones', async () => {
    const quoted = tunnelled();
    const error = frame(
      ethernet(),
      ipv4({ source: 2, destination: 1 }),
      icmpv4({ type: 3, code: 3 }),
      payload(quoted.subarray(14, 62)),
    );
    await expectPlain([tunnelled(), tunnelled(), quoted, tunnelled(), error], 3);
  });

  test('a frame that is there twice, one that was cut, and one before its time', async () => {
    const twice = tunnelled();
    await expectPlain([tunnelled(), twice, twice], 1);
    const [one, two] = [tunnelled(), tunnelled()];
    for (const odd of [
      { wireLen: two.length + 4 },
      { fraction: 0 },
      { bytes: two.subarray(0, 100), wireLen: two.length },
    ]) {
      const frames = [
        { bytes: one, fraction: 5000 },
        { bytes: tunnelled(), fraction: 6000 },
        { bytes: two, fraction: 7000, ...odd },
      ];
      const { all, plain } = await gather(frames);
      expect(all).toEqual(await whole(frames));
      expect(plain).toBe(1);
    }
  });

  test('UDP to a port that carries a tunnel which ends before its header, and one like it that has all of it', async () => {
    const port = { destinationPort: 4789 };
    const cut = (): Uint8Array => tunnelled({ inner: [ipv4(), udp(port), payload([9])] });
    const all = (): Uint8Array => tunnelled({ inner: [ipv4(), udp(port), vxlan({ vni: 9 }), ethernet(), arp()] });
    await expectPlain([cut(), cut(), all(), cut(), all()], 0);
  });
});

test('any frames come out the same, plain or not', async () => {
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(anyFrames, async (frames) => {
      const quick = await gather(frames);
      plain += quick.plain;
      expect(quick.all).toEqual(await whole(frames));
    }),
    { numRuns: Number(process.env['RUNS'] ?? 150) },
  );
  expect(plain).toBeGreaterThan(100);
}, 60_000);
