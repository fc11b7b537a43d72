import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, createWriteStream, mkdirSync, readdirSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, describe, expect, test } from 'vitest';
import { openCapture } from '../../../src/capture/file/open.js';
import { VxdumpError } from '../../../src/errors.js';
import { bytesOf, interfaceBlock, pcap, sectionHeader, u32 } from '../../helpers/capture-writer.js';
import { NOBODY, ReadableCopy } from '../../helpers/nobody.js';
import { drain, readPath, Scratch, thrown } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const frames = Array.from({ length: 50 }, (_, i) => ({ bytes: bytesOf(60 + i, i), seconds: i }));
const file = pcap(frames);
/** A capture of some megabytes, whose bytes do not compress away. */
const large = pcap(Array.from({ length: 4000 }, (_, i) => ({ bytes: noise(1000, i) })));

function noise(len: number, seed: number): Buffer {
  const bytes = Buffer.alloc(len);
  let state = seed + 1;
  for (let i = 0; i < len; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    bytes[i] = state >>> 24;
  }
  return bytes;
}

/** File descriptors of this process on paths that hold `part`. */
function openFiles(part: string): string[] {
  return readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      const path = readlinkSync(join('/proc/self/fd', fd));
      return path.includes(part) ? [path] : [];
    } catch {
      return [];
    }
  });
}

/** Reads a path in a process of its own. */
const SCRIPT = `
  const { openCapture } = await import(process.env.MODULE);
  try {
    const source = await openCapture(process.env.INPUT);
    let count = 0;
    for await (const batch of source) count += batch.count;
    console.log(JSON.stringify({ count, end: source.end, bytesRead: source.bytesRead, path: source.path }));
  } catch (error) {
    console.log(JSON.stringify({ code: error.code, message: error.message }));
  }`;
const NODE = '"$NODE" --input-type=module -e "$SCRIPT"';
let copy: ReadableCopy | undefined;
afterAll(() => copy?.remove());

/** Runs a shell line in which `NODE` reads `input`. @param uid whom to run it as */
function inChild(shell: string, input: string, uid?: number): Record<string, unknown> {
  copy ??= new ReadableCopy();
  chmodSync(scratch.path, 0o755);
  const env = {
    ...process.env,
    MODULE: join(copy.path, 'dist', 'index.js'),
    SCRIPT,
    NODE: process.execPath,
    INPUT: input,
    FILE: scratch.write(file, 'stdin.pcap'),
  };
  const who = uid === undefined ? {} : { uid };
  return JSON.parse(execFileSync('sh', ['-c', shell], { env, encoding: 'utf8', timeout: 20_000, cwd: '/', ...who }));
}

function fromStdin(shell: string): Record<string, unknown> {
  return inChild(shell, '-');
}

describe('what cannot be opened', () => {
  async function expectThrown(path: string, code: string, message: RegExp): Promise<void> {
    const error = await thrown(openCapture(path));
    expect(error).toBeInstanceOf(VxdumpError);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(path);
    expect(error.message).not.toContain('\n');
    expect(openFiles(scratch.path)).toEqual([]);
  }

  test('a file that is not there', () => expectThrown(join(scratch.path, 'none'), 'E_OPEN', /no such file/));

  test('a directory', async () => {
    const path = join(scratch.path, 'folder');
    mkdirSync(path);
    await expectThrown(path, 'E_OPEN', /is a directory/);
  });

  test('a file that may not be read', () => {
    const path = scratch.write(file, 'secret.pcap');
    chmodSync(path, 0);
    // Root reads every file: it asks as nobody.
    const uid = process.getuid?.() === 0 ? NOBODY : undefined;
    expect(inChild(NODE, path, uid)).toEqual({
      code: 'E_OPEN',
      message: `${path}: no permission to read it; change its mode, or run as its owner`,
    });
  }, 60_000);

  test('an empty file', () => expectThrown(scratch.write(Buffer.alloc(0)), 'E_EMPTY', /at byte 0: .*empty/));

  test('gzip of nothing', () => expectThrown(scratch.write(gzipSync('')), 'E_EMPTY', /empty/));

  test('text', () =>
    expectThrown(scratch.write(Buffer.from('this is text')), 'E_NOT_A_CAPTURE', /74 68 69 73 20 69 73/));

  test('a byte that begins nothing', () =>
    expectThrown(scratch.write(Buffer.from('t')), 'E_NOT_A_CAPTURE', /with 74;/));

  test('gzip in gzip', () =>
    expectThrown(scratch.write(gzipSync(gzipSync(file))), 'E_NOT_A_CAPTURE', /starts with 1f 8b/));

  test('a pcap header cut at every byte', async () => {
    for (let len = 1; len < 24; len++) {
      await expectThrown(
        scratch.write(file.subarray(0, len)),
        'E_CUT_HEADER',
        new RegExp(`at byte ${len}:.* 24 bytes`),
      );
    }
  });

  test('a section header cut at every byte', async () => {
    const header = sectionHeader('big');
    for (let len = 1; len < header.length; len++) {
      await expectThrown(scratch.write(header.subarray(0, len)), 'E_CUT_HEADER', new RegExp(`at byte ${len}:`));
    }
  });

  test('a pcap header cut inside gzip', async () => {
    const zipped = gzipSync(file.subarray(0, 23));
    await expectThrown(scratch.write(zipped), 'E_CUT_HEADER', /at byte 23/);
    await expectThrown(scratch.write(gzipSync(file).subarray(0, 12)), 'E_CUT_HEADER', /gzip data ends too early/);
  });

  test('a pcap of another version', () =>
    expectThrown(scratch.write(pcap([], { major: 1 })), 'E_BAD_HEADER', /at byte 4: pcap version is 1, expected 2/));

  test('a pcapng of another version, with another byte order, with an absurd length', async () => {
    const header = sectionHeader('little', Buffer.alloc(0), 9);
    await expectThrown(scratch.write(header), 'E_BAD_HEADER', /version 9\.0/);
    const unordered = Buffer.concat([header.subarray(0, 8), Buffer.from('01020304'), header.subarray(12)]);
    await expectThrown(scratch.write(unordered), 'E_BAD_HEADER', /byte-order magic/);
    const absurd = Buffer.concat([header.subarray(0, 4), u32(0xffff_fffc, 'little'), header.subarray(8)]);
    await expectThrown(scratch.write(absurd), 'E_BAD_HEADER', /4294967292 bytes, the limit is 1048576/);
  });

  test('gzip whose first bytes are corrupt', () =>
    expectThrown(scratch.write(Buffer.from('1f8b08000000000000ffffffffffffffffff', 'hex')), 'E_BAD_HEADER', /corrupt/));
});

describe('gzip', () => {
  const zipped = gzipSync(file);

  test('reads as the plain file does', async () => {
    const plain = await scratch.read(file);
    const out = await scratch.read(zipped);
    expect(out.frames).toEqual(plain.frames);
    expect(out.end).toEqual(plain.end);
    expect(out.compression).toBe('gzip');
    expect(out.source.bytesRead).toBe(zipped.length);
    expect(out.source.size).toBe(zipped.length);
  });

  test('of pcapng', async () => {
    const out = await scratch.read(gzipSync(Buffer.concat([sectionHeader('big'), interfaceBlock('big')])));
    expect(out).toMatchObject({ format: 'pcapng', compression: 'gzip', end: { ended: 'complete' } });
  });

  test('in several members', async () => {
    const parts = [file.subarray(0, 10), file.subarray(10, 700), file.subarray(700)].map((part) => gzipSync(part));
    const out = await scratch.read(Buffer.concat(parts));
    expect(out.frames.length).toBe(frames.length);
    expect(out.end?.ended).toBe('complete');
  });

  test('with zeros behind it, as tapes have them', async () => {
    const out = await scratch.read(Buffer.concat([zipped, Buffer.alloc(4096)]));
    expect(out.frames.length).toBe(frames.length);
    expect(out.end?.ended).toBe('complete');
  });

  test('cut at every byte: every whole frame that it still holds, then cut', async () => {
    // Stored blocks: what a cut leaves is known without a decoder.
    const small = file.subarray(0, 800);
    const stored = gzipSync(small, { level: 0 });
    const dataAt = 10 + 5;
    for (let len = dataAt; len < stored.length; len++) {
      const there = Math.min(len - dataAt, small.length);
      const path = scratch.write(stored.subarray(0, len), 'cut.gz');
      if (there < 24) {
        expect((await thrown(openCapture(path))).code).toBe('E_CUT_HEADER');
        continue;
      }
      const out = await readPath(path);
      expect(out.end?.ended).toBe('cut');
      expect(out.end?.reason).toContain('the gzip data ends too early');
      expect(out.frames.length).toBe(wholeFrames(there));
    }
  });

  test('compressed and cut: as many frames as gzip itself gets out', async () => {
    const compressed = gzipSync(large);
    for (const part of [0.1, 0.5, 0.9, 0.99]) {
      const path = scratch.write(compressed.subarray(0, Math.floor(compressed.length * part)), 'cut.gz');
      const there = spawnSync('gzip', ['-dc'], {
        input: compressed.subarray(0, Math.floor(compressed.length * part)),
        maxBuffer: 1e8,
      });
      const out = await readPath(path);
      expect(out.end?.ended).toBe('cut');
      expect(out.frames.length).toBe(Math.floor((there.stdout.length - 24) / 1016));
    }
  });

  test('with a wrong checksum: every frame, then corrupt', async () => {
    const wrong = Buffer.from(zipped);
    wrong[wrong.length - 6] = (wrong[wrong.length - 6] as number) ^ 1;
    const out = await scratch.read(wrong);
    expect(out.frames.length).toBe(frames.length);
    expect(out.end).toMatchObject({ ended: 'corrupt', at: file.length });
    expect(out.end?.reason).toMatch(/gzip data is corrupt: incorrect data check/);
  });

  test('a slow reader loses nothing that was decoded before the fault', async () => {
    const count = 4000;
    const wrong = gzipSync(pcap(Array.from({ length: count }, () => ({ bytes: new Uint8Array(1000) }))));
    wrong[wrong.length - 6] = (wrong[wrong.length - 6] as number) ^ 1;
    const source = await openCapture(scratch.write(wrong));
    let read = 0;
    for await (const batch of source) {
      read += batch.count;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    expect(read).toBe(count);
    expect(source.end?.ended).toBe('corrupt');
  });

  test('corrupt in the middle: what is before it, less 64 KiB at most', async () => {
    const wrong = gzipSync(large, { level: 0 });
    // The header of a stored block in the middle: a length that its complement denies.
    let at = 10;
    while (at < wrong.length / 2) at += 5 + wrong.readUInt16LE(at + 1);
    wrong[at + 1] = (wrong[at + 1] as number) ^ 0xff;
    const out = await scratch.read(wrong);
    expect(out.end?.ended).toBe('corrupt');
    expect(out.frames.length).toBeGreaterThan((at - 65_536 - 3000) / 1016);
    expect(out.frames.length).toBeLessThanOrEqual(at / 1016);
  });
});

function wholeFrames(there: number): number {
  let at = 24;
  let count = 0;
  for (const frame of frames) {
    at += 16 + frame.bytes.length;
    if (at > there) break;
    count++;
  }
  return count;
}

const hasZstd = spawnSync('zstd', ['--version']).status === 0;
if (!hasZstd && process.env['CI'] === 'true') throw new Error('these tests need the program zstd');

describe.skipIf(!hasZstd)('zstd', () => {
  const zipped = hasZstd ? execFileSync('zstd', ['-qc'], { input: file }) : Buffer.alloc(0);

  test('reads as the plain file does', async () => {
    const plain = await scratch.read(file);
    const out = await scratch.read(zipped);
    expect(out.frames).toEqual(plain.frames);
    expect(out.end).toEqual(plain.end);
    expect(out.compression).toBe('zstd');
    expect(out.source.bytesRead).toBe(zipped.length);
  });

  test('larger than every buffer', async () => {
    const out = await scratch.read(execFileSync('zstd', ['-qc'], { input: large, maxBuffer: 1e8 }));
    expect(out.frames.length).toBe(4000);
    expect(out.end).toEqual({ ended: 'complete', at: large.length, reason: '' });
  });

  test('cut at bytes all over it: never complete, never an error of ours', async () => {
    for (let len = 1; len < zipped.length; len += 7) {
      const path = scratch.write(zipped.subarray(0, len), 'cut.zst');
      const result = await readPath(path).catch((error: unknown) => error);
      if (result instanceof VxdumpError) expect(result.code).toBe('E_CUT_HEADER');
      else expect((result as Awaited<ReturnType<typeof readPath>>).end?.ended).toBe('cut');
    }
  });

  test('large and cut: the frames before, then cut', async () => {
    const whole = execFileSync('zstd', ['-qc'], { input: large, maxBuffer: 1e8 });
    const out = await scratch.read(whole.subarray(0, Math.floor(whole.length / 2)));
    expect(out.end?.ended).toBe('cut');
    expect(out.end?.reason).toContain('the zstd data ends too early');
    expect(out.frames.length).toBeGreaterThan(1000);
    expect(out.frames.length).toBeLessThan(2100);
  });

  test('with a wrong checksum: corrupt', async () => {
    const whole = execFileSync('zstd', ['-qc', '--check'], { input: large, maxBuffer: 1e8 });
    whole[whole.length - 1] = (whole[whole.length - 1] as number) ^ 1;
    expect((await scratch.read(whole)).end?.ended).toBe('corrupt');
  });

  test('its child is ended while it waits for more', async () => {
    const path = join(scratch.path, 'silent-zstd');
    execFileSync('mkfifo', [path]);
    const some = execFileSync('zstd', ['-qc'], { input: large, maxBuffer: 1e8 }).subarray(0, 2_000_000);
    const shell = 'exec 3>"$0"; cat "$1" >&3; sleep 20';
    const child = spawn('sh', ['-c', shell, path, scratch.write(some)], { detached: true });
    try {
      const source = await openCapture(path);
      setTimeout(() => void source.close(), 300);
      let count = 0;
      for await (const batch of source) count += batch.count;
      expect(count).toBeGreaterThan(0);
      expect(source.end).toBeNull();
    } finally {
      process.kill(-(child.pid as number), 'SIGKILL');
    }
  });

  test('its child is gone after break, close and the end', async () => {
    const path = scratch.write(execFileSync('zstd', ['-qc'], { input: large, maxBuffer: 1e8 }), 'large.zst');
    for await (const batch of await openCapture(path)) {
      expect(batch.count).toBeGreaterThan(0);
      break;
    }
    await (await openCapture(path)).close();
    await readPath(path);
    const children = execFileSync('ps', ['-o', 'comm=', '--ppid', String(process.pid)], { encoding: 'utf8' });
    expect(children).not.toContain('zstd');
    expect(openFiles(scratch.path)).toEqual([]);
  });

  test('where there is no zstd: one clear error', async () => {
    const path = scratch.write(zipped, 'no-zstd.zst');
    const before = process.env['PATH'];
    process.env['PATH'] = scratch.path;
    try {
      const result = await readPath(path).catch((error: unknown) => error);
      // This Node may take it off by itself.
      if (result instanceof Error) expect(result).toMatchObject({ code: 'E_NO_DECOMPRESSOR' });
      else expect((result as Awaited<ReturnType<typeof readPath>>).frames.length).toBe(frames.length);
    } finally {
      process.env['PATH'] = before;
    }
    expect(openFiles(scratch.path)).toEqual([]);
  });
});

describe('sources that are no files', () => {
  test('standard input: a pipe, a file, a directory, nothing', () => {
    const whole = {
      count: 50,
      end: { ended: 'complete', at: file.length, reason: '' },
      bytesRead: file.length,
      path: '-',
    };
    expect(fromStdin(`cat "$FILE" | ${NODE}`)).toEqual(whole);
    expect(fromStdin(`(head -c 1000 "$FILE"; sleep 0.2; tail -c +1001 "$FILE") | ${NODE}`)).toEqual(whole);
    expect(fromStdin(`${NODE} < "$FILE"`)).toEqual(whole);
    expect(fromStdin(`head -c 1000 "$FILE" | ${NODE}`)).toMatchObject({ end: { ended: 'cut' } });
    expect(fromStdin(`${NODE} < /`)).toMatchObject({ code: 'E_OPEN', message: /^standard input: is a directory/ });
    expect(fromStdin(`${NODE} < /dev/null`)).toMatchObject({ code: 'E_EMPTY' });
    expect(fromStdin(`printf hello | ${NODE}`)).toMatchObject({ code: 'E_NOT_A_CAPTURE' });
    expect(fromStdin(`gzip -c "$FILE" | ${NODE}`)).toMatchObject({ count: 50, end: { ended: 'complete' } });
  }, 60_000);

  test('a FIFO', async () => {
    const path = join(scratch.path, 'fifo');
    execFileSync('mkfifo', [path]);
    const writer = createWriteStream(path);
    writer.end(file);
    const source = await openCapture(path);
    expect(source.size).toBeNull();
    const out = await drain(source);
    expect(out.frames.length).toBe(50);
    expect(out.end?.ended).toBe('complete');
    expect(source.bytesRead).toBe(file.length);
  });

  test('a FIFO that nobody writes to yet', async () => {
    const path = join(scratch.path, 'late');
    execFileSync('mkfifo', [path]);
    setTimeout(() => createWriteStream(path).end(file), 100);
    expect((await readPath(path)).frames.length).toBe(50);
  });

  test('opening a FIFO that nobody writes to is called off by an abort', async () => {
    const path = join(scratch.path, 'never');
    execFileSync('mkfifo', [path]);
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Error('enough')), 50);
    expect((await thrown(openCapture(path, { signal: controller.signal }))).message).toBe('enough');
  });

  test('a FIFO that says nothing more is let go of by close and by abort', async () => {
    for (const way of ['close', 'abort'] as const) {
      const path = join(scratch.path, `silent-${way}`);
      execFileSync('mkfifo', [path]);
      const child = spawn('sh', ['-c', 'exec 3>"$0"; cat "$1" >&3; sleep 20', path, scratch.write(file)], {
        detached: true,
      });
      try {
        const controller = new AbortController();
        const source = await openCapture(path, { signal: controller.signal });
        let count = 0;
        for await (const batch of source) {
          count += batch.count;
          if (count < 50) continue;
          setTimeout(() => (way === 'close' ? void source.close() : controller.abort()), 20);
        }
        expect(count).toBe(50);
        expect(source.end).toBeNull();
      } finally {
        process.kill(-(child.pid as number), 'SIGKILL');
      }
    }
  });
});

describe('a source', () => {
  test('closes itself at the end, on break, on a throw, and twice without harm', async () => {
    const path = scratch.write(large, 'large.pcap');
    const source = await openCapture(path);
    expect(openFiles('large.pcap').length).toBe(1);
    for await (const _ of source) break;
    expect(openFiles('large.pcap')).toEqual([]);
    expect(source.end).toBeNull();
    await source.close();
    const other = await openCapture(path);
    await expect(
      (async () => {
        for await (const _ of other) throw new Error('mine');
      })(),
    ).rejects.toThrow('mine');
    expect(openFiles('large.pcap')).toEqual([]);
    await readPath(path);
    expect(openFiles('large.pcap')).toEqual([]);
  });

  test('is iterated once', async () => {
    const source = await openCapture(scratch.write(file));
    await drain(source);
    await expect(drain(source)).rejects.toThrow(/iterated once/);
  });

  test('tells how far it is', async () => {
    const source = await openCapture(scratch.write(large));
    expect(source.size).toBe(large.length);
    let before = 0;
    for await (const _ of source) {
      expect(source.bytesRead).toBeGreaterThanOrEqual(before);
      before = source.bytesRead;
    }
    expect(before).toBe(large.length);
  });

  test('stops at an abort, between batches', async () => {
    const controller = new AbortController();
    const source = await openCapture(scratch.write(large), { signal: controller.signal });
    let batches = 0;
    for await (const _ of source) {
      batches++;
      controller.abort();
    }
    expect(batches).toBe(1);
    expect(source.end).toBeNull();
  });

  test('is not opened after an abort', async () => {
    const error = await thrown(openCapture(scratch.write(file), { signal: AbortSignal.abort(new Error('enough')) }));
    expect(error.message).toBe('enough');
  });

  test('gives the event loop its turns while it reads', async () => {
    // 64 reads of 256 KiB are 16 MiB.
    const frame = { bytes: bytesOf(200_000) };
    const source = await openCapture(scratch.write(pcap(Array.from({ length: 200 }, () => frame))));
    let turns = 0;
    const timer = setInterval(() => turns++, 0);
    for await (const _ of source);
    clearInterval(timer);
    expect(turns).toBeGreaterThan(0);
  });
});

test('memory does not grow with the file, nor with what a record claims', async () => {
  const chunk = large.subarray(24);
  const path = join(scratch.path, 'hundred.pcap');
  writeFileSync(path, Buffer.concat([large.subarray(0, 24), ...Array.from({ length: 25 }, () => chunk)]));
  await readPath(scratch.write(file));
  const source = await openCapture(path);
  const before = process.memoryUsage.rss();
  let count = 0;
  let widest = 0;
  for await (const batch of source) {
    count += batch.count;
    widest = Math.max(widest, batch.bytes.length);
  }
  expect(count).toBe(100_000);
  expect(widest).toBe(262_144);
  expect(process.memoryUsage.rss() - before).toBeLessThan(30e6);
  const claims = await scratch.read(pcap([{ bytes: bytesOf(1000), capturedLen: 60_000_000 }], { snaplen: 60_000_000 }));
  expect(claims.end).toMatchObject({ ended: 'cut', reason: 'record needs 60000016 bytes, 1016 are left' });
  expect(process.memoryUsage.rss() - before).toBeLessThan(30e6);
});
