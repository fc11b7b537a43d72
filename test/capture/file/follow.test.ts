/** Files that grow, rotate and are cut while they are followed. */
import { execFile } from 'node:child_process';
import { appendFileSync, existsSync, renameSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { followCapture } from '../../../src/capture/file/follow.js';
import { bytesOf, enhanced, interfaceBlock, pcap, sectionHeader } from '../../helpers/capture-writer.js';
import { Scratch } from '../../helpers/read-capture.js';
import { hasTool } from '../../helpers/tool.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const classic = (...lens: number[]): Buffer => pcap(lens.map((len) => ({ bytes: bytesOf(len) })));
const records = (...lens: number[]): Buffer => classic(...lens).subarray(24);

/** Follows a file; each step is taken once as many frames have come as it names. */
async function follow(path: string, steps: readonly (readonly [number, () => void])[], last: number) {
  const abort = new AbortController();
  const source = await followCapture(path, { signal: abort.signal });
  const lens: number[] = [];
  const ids: number[] = [];
  const left = [...steps];
  const advance = (): void => {
    while (left[0] !== undefined && lens.length >= left[0][0]) left.shift()?.[1]();
    if (lens.length >= last) abort.abort();
  };
  advance();
  for await (const batch of source) {
    for (let index = 0; index < batch.count; index++) {
      lens.push(batch.capturedLen[index] as number);
      ids.push(batch.interfaceId[index] as number);
    }
    advance();
  }
  return { lens, ids, source };
}

describe('followCapture', () => {
  it('waits for more, byte by byte', async () => {
    const path = scratch.write(classic(20), 'grows.pcap');
    const next = records(21);
    const { lens } = await follow(
      path,
      [
        [1, () => appendFileSync(path, next.subarray(0, 30))],
        [1, () => setTimeout(() => appendFileSync(path, Buffer.concat([next.subarray(30), records(22, 23)])), 50)],
      ],
      4,
    );
    expect(lens).toEqual([20, 21, 22, 23]);
  });

  it('waits for the header of an empty file', async () => {
    const path = scratch.write(Buffer.alloc(0), 'empty.pcap');
    setTimeout(() => writeFileSync(path, classic(30)), 50);
    expect((await follow(path, [], 1)).lens).toEqual([30]);
  });

  it('goes on with the file that takes the name, in any format, behind all of the old one', async () => {
    const path = scratch.write(classic(20), 'rotates.pcap');
    const section = Buffer.concat([sectionHeader('little'), interfaceBlock('little'), interfaceBlock('little')]);
    const { lens, ids, source } = await follow(
      path,
      [
        [
          1,
          () => {
            renameSync(path, `${path}.1`);
            appendFileSync(`${path}.1`, records(21));
            const fresh = join(scratch.path, 'fresh');
            writeFileSync(fresh, Buffer.concat([section, enhanced(1, 0n, { bytes: bytesOf(40) }, 'little')]));
            renameSync(fresh, path);
          },
        ],
        [3, () => appendFileSync(path, enhanced(0, 0n, { bytes: bytesOf(41) }, 'little'))],
      ],
      4,
    );
    expect(lens).toEqual([20, 21, 40, 41]);
    expect(ids).toEqual([0, 0, 2, 1]);
    expect(source.interfaces).toHaveLength(3);
  });

  it('begins again where the file was cut and written anew', async () => {
    const path = scratch.write(classic(20, 21, 22), 'cut.pcap');
    const { lens } = await follow(
      path,
      [
        [
          3,
          () => {
            truncateSync(path, 0);
            writeFileSync(path, classic(50));
          },
        ],
      ],
      4,
    );
    expect(lens).toEqual([20, 21, 22, 50]);
  });

  const at = (seconds: number, ...lens: number[]): Buffer =>
    pcap(lens.map((len, index) => ({ bytes: bytesOf(len), seconds: seconds + index })));

  it('goes on with the next file of a rotation, by number or by time, and over again with the first', async () => {
    const [zero, one, named, later] = ['ring.pcap0', 'ring.pcap1', 'at-101500.pcap', 'at-101510.pcap'].map((name) =>
      scratch.write(Buffer.alloc(0), name),
    ) as [string, string, string, string];
    writeFileSync(one, at(10, 90));
    writeFileSync(zero, at(100, 20));
    const ring = await follow(
      zero,
      [
        [1, () => appendFileSync(zero, at(101, 21).subarray(24))],
        [2, () => writeFileSync(one, at(102, 30, 31))],
        [4, () => writeFileSync(zero, at(110, 40))],
      ],
      5,
    );
    expect(ring.lens).toEqual([20, 21, 30, 31, 40]);
    writeFileSync(named, at(200, 20));
    const times = await follow(named, [[1, () => writeFileSync(later, at(210, 50))]], 2);
    expect(times.lens).toEqual([20, 50]);
  });

  it('takes no other capture for the next one', async () => {
    const path = scratch.write(at(100, 20), 'eth0.pcap');
    scratch.write(at(101, 70), 'eth1.pcap');
    scratch.write(at(101, 71), 'eth0.pcapng');
    scratch.write(Buffer.from('no capture'), 'eth0.pcap7');
    scratch.write(at(50, 72), 'eth0.pcap1');
    const late = (): void => void setTimeout(() => appendFileSync(path, at(102, 21).subarray(24)), 1_200);
    expect((await follow(path, [[1, late]], 2)).lens).toEqual([20, 21]);
  });

  it('follows tcpdump from file to file', { timeout: 20_000 }, async () => {
    if (!hasTool('tcpdump')) return;
    const all = scratch.write(pcap(Array.from({ length: 4_000 }, (_, i) => ({ bytes: bytesOf(1_000), seconds: i }))));
    const path = join(scratch.path, 'rotated.pcap');
    const args = ['-r', all, '-w', path, '-C', '1', '-W', '10', '-Z', 'root'];
    const writing = new Promise((resolve) => execFile('tcpdump', args, resolve));
    while (!existsSync(`${path}0`) || statSync(`${path}0`).size === 0) await wait(5);
    const { lens } = await follow(`${path}0`, [], 4_000);
    await writing;
    expect(lens).toEqual(Array.from({ length: 4_000 }, () => 1_000));
    expect(existsSync(`${path}3`)).toBe(true);
  });

  it('ends at once when it is told to, and where a record contradicts itself', async () => {
    const path = scratch.write(classic(20), 'ends.pcap');
    expect((await follow(path, [], 1)).lens).toEqual([20]);
    const bad = scratch.write(Buffer.concat([classic(20), Buffer.alloc(16, 0xff)]), 'bad.pcap');
    const { source } = await follow(bad, [], 99);
    expect(source.end?.ended).toBe('corrupt');
  });
});
