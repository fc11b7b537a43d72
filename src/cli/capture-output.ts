/**
 * The writer that a command's options ask for. Imported when it runs.
 */
import type { CaptureFormat } from '../capture/source.js';
import { CaptureWriter } from '../capture/write/capture-writer.js';
import type { RotationOptions } from '../capture/write/rotation.js';
import type { Io } from './io.js';
import type { OutputFlags } from './output-options.js';
import { UsageError } from './usage-error.js';

/** tcpdump's unit of -C. */
const MEGABYTE = 1_000_000;

/** What `-C -G -W` ask for. @throws E_USAGE */
export function rotationOf(flags: OutputFlags, command: string): RotationOptions | null {
  const { w, C, G, W } = flags;
  if (C === undefined && G === undefined) {
    if (W !== undefined) throw new UsageError(`${command}: -W counts the files of -C or -G: give one of them`);
    return null;
  }
  if (w === undefined || w === '-') throw new UsageError(`${command}: -C and -G need -w FILE`);
  return { maxBytes: C === undefined ? null : C * MEGABYTE, everySeconds: G ?? null, maxFiles: W ?? null };
}

/** Opens what is written to; `-` is standard output. @throws E_USAGE, E_WRITE */
export function openWriter(
  path: string,
  options: {
    readonly format: CaptureFormat;
    readonly timeDigits: 6 | 9;
    readonly rotation: RotationOptions | null;
  },
  io: Io,
): CaptureWriter {
  if (path !== '-') return new CaptureWriter(path, options);
  if (io.stdout.isTTY) throw new UsageError('a capture is no text for a terminal: name a file, or pipe it on');
  const sink = { write: (bytes: Uint8Array) => io.stdout.write(bytes), close: () => {} };
  return new CaptureWriter(path, { ...options, sink });
}
