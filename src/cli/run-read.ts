/**
 * The work of `vxdump read`. Imported when it runs: the command tree is to be quick.
 */
import { existsSync } from 'node:fs';
import { openCapture } from '../capture/file/open.js';
import type { FrameSource } from '../capture/source.js';
import { nameTaps } from '../capture/tap.js';
import { formatOfName } from '../capture/write/capture-writer.js';
import { refuseSameFile } from '../capture/write/output-file.js';
import type { RotationOptions } from '../capture/write/rotation.js';
import { FrameCursor } from '../dissect/frame.js';
import { printable } from '../fields/text.js';
import type { FrameReport } from '../report/frame-report.js';
import { linkTypeDescription, linkTypeName } from '../wire/link-type.js';
import { captureExit } from './capture-exit.js';
import { openWriter, rotationOf } from './capture-output.js';
import type { Io } from './io.js';
import { countFrames, printFrames } from './print-frames.js';
import type { ReadFlags, Repeats } from './read-flags.js';
import { chooseReport } from './read-report.js';
import { UsageError } from './usage-error.js';

/**
 * Prints the frames of a capture.
 *
 * @param rest words behind the options: the capture, unless `-r` names it, then a filter
 * @returns the exit code
 * @throws VxdumpError, OutputError
 */
export async function runRead(rest: readonly string[], flags: ReadFlags, repeats: Repeats, io: Io): Promise<number> {
  const path = flags.r ?? rest[0];
  const filter = flags.r === undefined ? rest.slice(1) : rest;
  if (path === undefined) throw new UsageError('read: name a capture, or - for standard input');
  if (filter.length > 0) throw new UsageError(`read: filters are not there yet: ${filter.join(' ')}`);
  // What is wrong with the command line is said before any file is opened.
  chooseReport(flags, repeats, 6);
  const rotation = rotationOf(flags, 'read');
  const limit = flags.c ?? Number.POSITIVE_INFINITY;
  const source = await openCapture(path, { signal: io.signal });
  let frames: number;
  if (flags.w !== undefined) {
    frames = await writeFrames(source, flags.w, rotation, limit, io);
  } else if (flags.count) {
    frames = await countFrames(source, limit);
    await io.stdout.write(`${frames} packet${frames === 1 ? '' : 's'}\n`);
  } else {
    const tap = nameTaps([path], existsSync)[0]?.name ?? path;
    const begin = async (): Promise<FrameReport> => {
      if (flags.format === 'text') await announce(source, io);
      return chooseReport(flags, repeats, source.timeDigits);
    };
    const cursor = new FrameCursor(tap, { vxlanPorts: flags.vxlanPort });
    frames = await printFrames(source, cursor, begin, limit, io);
  }
  return captureExit(source, frames, flags.allowTruncated === true, io);
}

/** Copies frames into another capture. @returns how many were read */
async function writeFrames(
  source: FrameSource,
  path: string,
  rotation: RotationOptions | null,
  limit: number,
  io: Io,
): Promise<number> {
  refuseSameFile(path, [source.path]);
  const writer = openWriter(path, { format: formatOfName(path), timeDigits: source.timeDigits, rotation }, io);
  let announced = false;
  let frames = 0;
  try {
    for await (const batch of source) {
      if (!announced) await announce(source, io);
      announced = true;
      for (let index = 0; index < batch.count && writer.frames < limit; index++) {
        if (!writer.put(batch, index, source.interfaces)) return frames;
        frames++;
      }
      await writer.flush();
      if (writer.frames >= limit) break;
    }
    if (!announced) await announce(source, io);
  } finally {
    await writer.close(source.interfaces);
    await source.close();
  }
  return frames;
}

/** tcpdump's first line, on stderr. */
async function announce(source: FrameSource, io: Io): Promise<void> {
  const [first] = source.interfaces;
  const what =
    first === undefined
      ? source.format
      : `link-type ${linkTypeName(first.linkType)} (${linkTypeDescription(first.linkType)}), snapshot length ${first.snaplen}`;
  await io.stderr.write(`reading from file ${printable(source.path)}, ${what}\n`);
}
