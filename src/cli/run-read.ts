/**
 * The work of `vxdump read`. Imported when it runs: the command tree is to be quick.
 */
import { existsSync, statSync } from 'node:fs';
import { followCapture } from '../capture/file/follow.js';
import { openCapture } from '../capture/file/open.js';
import type { FileSource } from '../capture/source.js';
import { nameTaps } from '../capture/tap.js';
import { formatOfName } from '../capture/write/capture-writer.js';
import { refuseSameFile } from '../capture/write/output-file.js';
import type { RotationOptions } from '../capture/write/rotation.js';
import { FrameCursor } from '../dissect/frame-cursor.js';
import { compileFilter, type FrameTest } from '../fields/filter.js';
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
  const filter = (flags.r === undefined ? rest.slice(1) : rest).join(' ');
  if (path === undefined) throw new UsageError('read: name a capture, or - for standard input');
  // What is wrong with the command line is said before any file is opened.
  chooseReport(flags, repeats, 6);
  if (flags.w !== undefined && flags.count)
    throw new UsageError('read: -w writes frames, --count counts them: leave one out');
  const rotation = rotationOf(flags, 'read');
  const accepts = filter === '' ? null : compileFilter(filter);
  const limit = flags.c ?? Number.POSITIVE_INFINITY;
  const follows = flags.follow === true && path !== '-' && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
  const source = await (follows ? followCapture : openCapture)(path, { signal: io.signal });
  const tap = nameTaps([path], existsSync)[0]?.name ?? path;
  const cursor = new FrameCursor(tap, { vxlanPorts: flags.vxlanPort, reassemble: flags.reassemble === true });
  let frames: number;
  if (flags.w !== undefined) {
    frames = await writeFrames(source, cursor, accepts, flags.w, rotation, limit, io);
  } else if (flags.count) {
    const { read, passed } = await countFrames(source, cursor, accepts, limit);
    frames = read;
    await io.stdout.write(`${passed} packet${passed === 1 ? '' : 's'}\n`);
  } else {
    const begin = async (): Promise<FrameReport> => {
      if (flags.format === 'text') await announce(source, io);
      return chooseReport(flags, repeats, source.timeDigits);
    };
    frames = (await printFrames(source, cursor, accepts, begin, limit, io)).read;
  }
  return captureExit(source, frames, flags.allowTruncated === true, io);
}

/** Copies frames that pass into another capture. @returns how many were read */
async function writeFrames(
  source: FileSource,
  cursor: FrameCursor,
  accepts: FrameTest | null,
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
        frames++;
        if (accepts !== null) {
          cursor.move(batch, index, source.interfaces);
          if (!accepts(cursor)) continue;
        }
        if (!writer.put(batch, index, source.interfaces)) return frames;
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
async function announce(source: FileSource, io: Io): Promise<void> {
  const [first] = source.interfaces;
  const what =
    first === undefined
      ? source.format
      : `link-type ${linkTypeName(first.linkType)} (${linkTypeDescription(first.linkType)}), snapshot length ${first.snaplen}`;
  await io.stderr.write(`reading from file ${printable(source.path)}, ${what}\n`);
}
