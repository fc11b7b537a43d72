import { afterAll, expect, it } from 'vitest';
import { analyze } from '../../../src/analyze.js';
import { only } from '../../helpers/analyze-taps.js';
import {
  block,
  enhanced,
  interfaceBlock,
  obsolete,
  option,
  sectionHeader,
  u32,
  u64,
} from '../../helpers/capture-writer.js';
import { arp, ethernet, frame } from '../../helpers/frame-builder.js';
import { Scratch } from '../../helpers/read-capture.js';

const scratch = new Scratch();
afterAll(() => scratch.remove());

const bytes = frame(ethernet(), arp());
const counter = (code: number, count: number): Buffer => option(code, u64(BigInt(count), 'little'), 'little');
const statistics = (id: number, ...options: Buffer[]): Buffer =>
  block(5, Buffer.concat([u32(id, 'little'), Buffer.alloc(8), ...options]), 'little');
const frameWith = (id: number, ...options: Buffer[]): Buffer =>
  enhanced(id, 1n, { bytes }, 'little', Buffer.concat(options));
const findings = async (...blocks: Buffer[]): Promise<ReturnType<typeof only>> => {
  const file = Buffer.concat([sectionHeader('little'), interfaceBlock('little'), interfaceBlock('little'), ...blocks]);
  return only(await analyze([scratch.write(file, 'eth0.pcapng')]), 'capture-drops');
};
const dropped = (count: number): object => ({ message: expect.stringContaining(`dropped ${count} frame`) });

it('is told of what statistics say that the interface and the system dropped', async () => {
  expect(await findings(frameWith(0), statistics(0, counter(4, 100), counter(5, 3), counter(7, 4)))).toMatchObject([
    {
      severity: 'warning',
      message:
        'The capture of eth0 says that it dropped 7 frames besides the 1 that it has: what is missing at eth0 may have been there.',
    },
  ]);
});

it('is told of one frame', async () => {
  expect(await findings(frameWith(0), statistics(0, counter(5, 1)))).toMatchObject([dropped(1)]);
});

it('adds up interfaces, takes the last statistics of each, and counts no drop twice', async () => {
  expect(
    await findings(
      frameWith(0, counter(4, 2)),
      statistics(0, counter(5, 2)),
      frameWith(1, counter(4, 1)),
      frameWith(0, counter(4, 3)),
      statistics(0, counter(5, 4)),
    ),
  ).toMatchObject([dropped(6)]);
});

it('reads the obsolete packet block too', async () => {
  expect(await findings(obsolete(0, 1n, { bytes }, 'little'))).toMatchObject([dropped(3)]);
});

it('is not told where nothing was dropped, nor where the file does not know', async () => {
  const unknown = obsolete(0, 1n, { bytes }, 'little');
  unknown.writeUInt16LE(0xffff, 10);
  expect(await findings(frameWith(0, counter(4, 0)), statistics(0, counter(5, 0)))).toEqual([]);
  expect(await findings(frameWith(0), statistics(0, counter(4, 100), counter(6, 9)))).toEqual([]);
  expect(await findings(unknown)).toEqual([]);
});

it('reads no further where options are wrong, and the frames behind all the same', async () => {
  const past = option(5, u64(9n, 'little'), 'little', 4000);
  const short = option(7, u32(9, 'little'), 'little');
  const intoNext = option(5, u32(9, 'little'), 'little', 8);
  const wrong = [past, short, intoNext].map((each) => statistics(0, each));
  const after = statistics(0, counter(7, 2));
  expect(await findings(...wrong, statistics(9, counter(5, 1)), after)).toMatchObject([dropped(2)]);
});
