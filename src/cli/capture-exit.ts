/**
 * How a command ends that has read a capture.
 */
import { nameOf } from '../capture/file/bytes-in.js';
import type { FileSource } from '../capture/source.js';
import { printable } from '../fields/text.js';
import { Exit } from './exit.js';
import type { Io } from './io.js';

/** The exit code of a capture that was read, once what was wrong with its end is said. @param frames whole ones before it */
export async function captureExit(
  source: FileSource,
  frames: number,
  allowTruncated: boolean,
  io: Io,
): Promise<number> {
  const end = source.end;
  if (end === null || end.ended === 'complete') return Exit.Done;
  await io.stderr.write(
    `vxdump: ${printable(nameOf(source.path))}: ${end.ended} at byte ${end.at}: ${end.reason}; ${frames} whole frames before it\n`,
  );
  return allowTruncated ? Exit.Done : Exit.CutCapture;
}
