/**
 * Plain frames where frames are paired: an underlay tap's, and those of the overlay tap beside it, which are in no tunnel.
 * What WebAssembly counts and reads must come out as if every frame had been dissected and seen.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Analysis } from '../../src/analysis.js';
import { analyze } from '../../src/analyze.js';
import { Evidence } from '../../src/evidence/evidence.js';
import { PlainFrames } from '../../src/evidence/plain-frames.js';
import { enhanced, type FrameIn, interfaceBlock, NANO, pcap, sectionHeader } from '../helpers/capture-writer.js';
import { frame, icmpv4, internetSum, ipv4, payload, udp, vlan, vxlan } from '../helpers/frame-builder.js';
import {
  anyFrames,
  data,
  kinds,
  numberAnew,
  patched,
  patches,
  shapes,
  tcpInner,
  tunnelled,
} from '../helpers/plain-frames.js';
import { Scratch } from '../helpers/read-capture.js';

/** Where the inner frame of one in a tunnel starts. */
const INNER = 50;

const RUNS = Number(process.env['RUNS'] ?? 60);

const scratch = new Scratch();
beforeEach(numberAnew);
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});
afterAll(() => scratch.remove());

interface All {
  readonly analysis: Analysis;
  readonly told: readonly unknown[];
}

/** Analyses both taps. @returns what came out, with what only some findings tell, and how many frames were plain */
async function gather(
  under: readonly FrameIn[] | Buffer,
  over: readonly FrameIn[],
): Promise<{ all: All; plain: number }> {
  const write = (name: string, frames: readonly FrameIn[] | Buffer, lateNs: number): string => {
    const path = join(scratch.path, `${name}.pcap`);
    if (Buffer.isBuffer(frames)) {
      writeFileSync(path, frames);
      return `${name}=${path}`;
    }
    const timed = frames.map((one, index) => ({ seconds: 1_700_000_000, fraction: index * 1000, ...one }));
    const later = timed.map((one) => ({ ...one, fraction: one.fraction + lateNs }));
    writeFileSync(path, pcap(later, { magic: NANO }));
    return `${name}=${path}`;
  };
  const run = vi.spyOn(PlainFrames.prototype, 'run');
  const told: unknown[] = [];
  const finish = vi.spyOn(Evidence.prototype, 'finish').mockImplementation(function (this: Evidence) {
    told.push(this.senders.list(), this.senders.receivers(), this.repeats.second, this.stepsBack.frames);
    told.push([...this.icmpErrors.errors.values()], [...this.checksums.groups()]);
    for (let number = 1; number <= 100; number++)
      told.push([this.answers.has(number), this.frameSizes.packetLen(number)]);
  });
  const analysis = await analyze([write('vm1_overlay', over, 0), write('vm1_underlay', under, 500)]);
  const plain = run.mock.results.reduce((sum, { value }) => sum + (value as number), 0);
  run.mockRestore();
  finish.mockRestore();
  return { all: { analysis, told }, plain };
}

/** That frames come out the same both ways. @returns how many are plain */
async function same(
  under: readonly FrameIn[] | Buffer,
  over: readonly FrameIn[] = Buffer.isBuffer(under) ? [] : inner(under),
): Promise<number> {
  const quick = await gather(under, over);
  vi.stubGlobal('WebAssembly', undefined);
  const whole = await gather(under, over);
  vi.unstubAllGlobals();
  expect(whole.plain).toBe(0);
  expect(quick.all).toEqual(whole.all);
  return quick.plain;
}

/** What the overlay tap saw of frames in tunnels. */
function inner(under: readonly FrameIn[]): FrameIn[] {
  return under.map(({ bytes, wireLen = bytes.length, ...rest }) => ({
    ...rest,
    bytes: bytes.subarray(INNER),
    wireLen: wireLen - INNER,
  }));
}

const bytesOf = (frames: readonly Uint8Array[]): FrameIn[] => frames.map((bytes) => ({ bytes }));

/** Frames of which each has an inner packet of its own: without a tunnel, too, they are not the same then. */
function numbered(frames: readonly FrameIn[]): FrameIn[] {
  return frames.map((one, index) => {
    const bytes = Uint8Array.from(one.bytes);
    const view = new DataView(bytes.buffer);
    const ip = INNER + 14 + (bytes[INNER + 12] === 0x81 ? 4 : 0);
    if (bytes.length < ip + 20 || view.getUint16(ip - 2) !== 0x0800 || bytes[ip] !== 0x45) return one;
    const isRight = internetSum(bytes.subarray(ip, ip + 20)) === 0xffff;
    view.setUint16(ip + 4, index + 1);
    view.setUint16(ip + 10, 0);
    if (isRight) view.setUint16(ip + 10, ~internetSum(bytes.subarray(ip, ip + 20)) & 0xffff);
    return { ...one, bytes };
  });
}

/** So that the recogniser of golden sequences lets go: what it looks at is dissected. */
const first = (): Uint8Array => tunnelled({ inner: [ipv4({ source: 50 }), ...tcpInner.slice(1)] });

describe('plain', () => {
  test.each(kinds)('%s, in a tunnel and bare', async (_name, parts) => {
    const frames = [first(), ...Array.from({ length: 6 }, () => tunnelled({ inner: parts }))];
    // The first of a flow, and the first of a MAC, are looked at.
    expect(await same(numbered(bytesOf(frames)))).toBe(5 + 5);
  });

  test('behind a tag', async () => {
    // Bare ones have their number elsewhere: what is looked at first of a repeat is all the same.
    const tags = [vlan({ identifier: 5 })];
    const frames = [first(), ...Array.from({ length: 6 }, () => tunnelled({ tags, inner: tcpInner }))];
    expect(await same(numbered(bytesOf(frames)))).toBe(5);
  });

  test('echoes that are answered, and lost', async () => {
    const echo = (type: 0 | 8, rest: number): Uint8Array => {
      const [source, destination] = type === 8 ? [1, 2] : [2, 1];
      return tunnelled({
        inner: [ipv4({ source, destination, identification: rest + 1 }), icmpv4({ type, rest }), data],
      });
    };
    const numbers = Array.from({ length: 12 }, (_, number) => number);
    const under = bytesOf([first(), ...numbers.flatMap((number) => [echo(8, number), echo(0, number)])]);
    const over = inner(under).filter((_, index) => index % 5 !== 0);
    expect(await same(under, over)).toBeGreaterThan(20);
  });
});

describe('not plain', () => {
  test.each(patches)('%s', async (_name, parts, bytes) => {
    const plain = (): Uint8Array => tunnelled({ inner: parts });
    const frames = [first(), plain(), plain(), plain(), patched(parts, bytes), plain(), plain()];
    await same(bytesOf(frames));
    await same(numbered(bytesOf(frames)));
  });

  test.each(shapes)('%s', async (_name, shape) => {
    const frames = [
      first(),
      tunnelled(),
      tunnelled(),
      tunnelled(),
      ...[1, 2, 3].map(() => tunnelled(shape())),
      tunnelled(),
    ];
    await same(bytesOf(frames));
    await same(numbered(bytesOf(frames)));
  });

  test('bare UDP to a port of a tunnel that ends before its header, and what has the shape of VXLAN', async () => {
    const odd = [
      tunnelled({ inner: [ipv4(), udp({ destinationPort: 4789 }), payload(Array(40).fill(9))] }),
      tunnelled({ inner: [ipv4(), udp({ destinationPort: 9999 }), vxlan({ vni: 9 }), payload(Array(40).fill(9))] }),
    ];
    await same(bytesOf([first(), tunnelled(), tunnelled(), ...odd, ...odd, tunnelled()]));
  });

  test('what another interface of the underlay saw, and all behind it', async () => {
    const frames = numbered(bytesOf([first(), ...Array.from({ length: 30 }, () => tunnelled())]));
    const over = inner(frames).map((one, index) => ({ ...one, fraction: index * 1000 }));
    const blocks = frames.flatMap(({ bytes }, index) => {
      const at = BigInt(1_700_000_000_000_000 + index);
      const one = enhanced(0, at, { bytes }, 'little');
      return index < 10 ? [one] : [one, enhanced(1, at, { bytes }, 'little')];
    });
    const head = [sectionHeader('little'), interfaceBlock('little', 1), interfaceBlock('little', 1)];
    expect(await same(Buffer.concat([...head, ...blocks]), over)).toBeGreaterThan(20);
  });

  test('the first bare frame of a MAC, behind a plain one: that it has sent is known', async () => {
    const other = (): Uint8Array => {
      const bytes = tunnelled();
      bytes.set([2], INNER + 6);
      return bytes;
    };
    const under = numbered(bytesOf([first(), tunnelled(), tunnelled(), tunnelled(), other(), other()]));
    await same(under, inner(under).slice(0, -1));
  });

  test('what the underlay has besides tunnels', async () => {
    const besides = (identification: number): Uint8Array =>
      frame(...[payload([2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 9, 8, 0])], ipv4({ identification }), ...tcpInner.slice(1));
    const frames = Array.from({ length: 8 }, (_, index) => [besides(900 + index), tunnelled()]).flat();
    const under = numbered(bytesOf([first(), ...frames]));
    expect(await same(under, inner(under.filter((_, index) => index % 2 === 0)))).toBeGreaterThan(20);
  });
});

test('any frames come out the same, plain or not', { timeout: 60_000 + RUNS * 1000 }, async () => {
  let plain = 0;
  await fc.assert(
    fc.asyncProperty(anyFrames, fc.array(fc.boolean(), { minLength: 7, maxLength: 7 }), async (frames, seen) => {
      const under = numbered(frames);
      const over = inner(under).filter(({ bytes }, index) => bytes.length > 0 && (seen[index % 7] || index < 4));
      plain += await same(under, over);
    }),
    { numRuns: RUNS },
  );
  expect(plain).toBeGreaterThan(RUNS * 2);
});
