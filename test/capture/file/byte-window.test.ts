import { expect, test } from 'vitest';
import { ByteWindow, WINDOW_LEN } from '../../../src/capture/file/byte-window.js';
import type { ByteSource } from '../../../src/capture/file/bytes-in.js';
import { bytesOf } from '../../helpers/capture-writer.js';

/** A source that gives `len` bytes in all, at most `step` at once. */
class Given implements ByteSource {
  bytesRead = 0;
  readonly size = null;
  readonly fault = null;
  readonly #bytes: Buffer;
  readonly #step: number;

  constructor(bytes: Buffer, step: number) {
    this.#bytes = bytes;
    this.#step = step;
  }

  read(target: Uint8Array, at: number): number {
    const count = Math.min(this.#step, target.length - at, this.#bytes.length - this.bytesRead);
    target.set(this.#bytes.subarray(this.bytesRead, this.bytesRead + count), at);
    this.bytesRead += count;
    return count;
  }

  async close(): Promise<void> {}
}

test('memory follows the bytes that are there, not the ones that are claimed', async () => {
  const window = new ByteWindow();
  const bytes = bytesOf(WINDOW_LEN * 2 + 1);
  expect(await window.require(new Given(bytes, 100_000), 1_000_000_000)).toBe(false);
  expect(window.left).toBe(bytes.length);
  expect(window.bytes.length).toBe(WINDOW_LEN * 4);
  expect(window.view.byteLength).toBe(WINDOW_LEN * 4);
  expect(Buffer.from(window.bytes.subarray(0, window.end)).equals(bytes)).toBe(true);
});

test('it grows no further than what is needed', async () => {
  const window = new ByteWindow();
  const needed = WINDOW_LEN + 10;
  expect(await window.require(new Given(bytesOf(WINDOW_LEN * 2), 100_000), needed)).toBe(true);
  expect(window.bytes.length).toBe(needed);
});

test('what is left moves to the front, and its place in the file is kept', async () => {
  const window = new ByteWindow();
  const source = new Given(bytesOf(3000), 1000);
  await window.fill(source, 1);
  window.start = 990;
  expect(window.position).toBe(990);
  await window.fill(source, 1);
  expect([window.start, window.end, window.offset, window.position]).toEqual([0, 1010, 990, 990]);
  expect(Buffer.from(window.bytes.subarray(0, 1010)).equals(bytesOf(3000).subarray(990, 2000))).toBe(true);
});

test('it waits only for a source that has to', async () => {
  const given = new Given(bytesOf(10), 10);
  const late: ByteSource = {
    bytesRead: 0,
    size: null,
    fault: null,
    read: async (target, at) => given.read(target, at),
    close: () => given.close(),
  };
  expect(new ByteWindow().fill(new Given(bytesOf(10), 10), 1)).toBe(true);
  const window = new ByteWindow();
  const filled = window.fill(late, 1);
  expect(window.end).toBe(0);
  expect([await filled, window.end]).toEqual([true, 10]);
  expect(await window.fill(late, 1)).toBe(false);
});
