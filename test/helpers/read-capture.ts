/** Reads a whole capture into plain values, for tests to compare. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCapture } from '../../src/capture/file/open.js';
import type { CaptureInterface, FileSource, SourceEnd } from '../../src/capture/source.js';

export interface FrameOut {
  readonly bytes: string;
  readonly wireLen: number;
  readonly seconds: number;
  readonly nanoseconds: number;
  readonly linkType: number;
  readonly interfaceId: number;
}

export interface CaptureOut {
  readonly frames: readonly FrameOut[];
  readonly end: SourceEnd | null;
  readonly format: string;
  readonly compression: string;
  readonly timeDigits: number;
  readonly interfaces: readonly CaptureInterface[];
  readonly source: FileSource;
}

/** Reads a source to its end. */
export async function drain(source: FileSource): Promise<CaptureOut> {
  const frames: FrameOut[] = [];
  for await (const batch of source) {
    for (let i = 0; i < batch.count; i++) {
      const at = batch.at[i] as number;
      const end = at + (batch.capturedLen[i] as number);
      if (at < 0 || end > batch.bytes.length) throw new Error(`frame ${i} is not within the batch's bytes`);
      frames.push({
        bytes: Buffer.from(batch.bytes.subarray(at, end)).toString('hex'),
        wireLen: batch.wireLen[i] as number,
        seconds: batch.seconds[i] as number,
        nanoseconds: batch.nanoseconds[i] as number,
        linkType: batch.linkType[i] as number,
        interfaceId: batch.interfaceId[i] as number,
      });
    }
  }
  const { end, format, compression, timeDigits, interfaces } = source;
  return { frames, end, format, compression, timeDigits, interfaces, source };
}

/** Opens a path and reads it to its end. */
export async function readPath(path: string): Promise<CaptureOut> {
  return drain(await openCapture(path));
}

/** A directory for one test file's captures. */
export class Scratch {
  readonly path: string;
  #count: number;

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'vxdump-test-'));
    this.#count = 0;
  }

  /** Writes a file; the name is a new one where none is given. */
  write(bytes: Uint8Array, name = `${this.#count++}.capture`): string {
    const path = join(this.path, name);
    writeFileSync(path, bytes);
    return path;
  }

  /** Writes the bytes and reads them back as a capture. */
  async read(bytes: Uint8Array): Promise<CaptureOut> {
    return readPath(this.write(bytes, 'again.capture'));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/** The code and message of what a promise throws; fails where it does not. */
export async function thrown(promise: Promise<unknown>): Promise<{ code: unknown; message: string }> {
  try {
    await promise;
  } catch (error) {
    return error as { code: unknown; message: string };
  }
  throw new Error('nothing was thrown');
}
