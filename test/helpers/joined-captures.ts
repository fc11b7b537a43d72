/**
 * Several classic captures as one, for programs that take longer to start than to read: the same frames, in as few files
 * as there are kinds of file header.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FILE_HEADER_LEN = 24;
const MAX_SNAPLEN = 262_144;

/** A file, and the frames of which captures it has, in order. */
export interface JoinedCapture {
  readonly path: string;
  readonly parts: readonly { readonly path: string; readonly frames: number }[];
}

/**
 * Joins captures.
 *
 * @param paths little-endian captures; those without a frame add nothing @param folder where to write
 * @returns a file for each magic and link type; within it the capture that begins first comes first: tshark counts no
 * frame from before the first one
 */
export function joinCaptures(paths: readonly string[], folder: string): JoinedCapture[] {
  const groups = new Map<string, { path: string; bytes: Buffer; frames: number }[]>();
  for (const path of paths) {
    const bytes = readFileSync(path);
    const kind = `${bytes.readUInt32LE(0).toString(16)}-${bytes.readUInt32LE(20)}`;
    const frames = countFrames(bytes);
    if (frames > 0) groups.set(kind, [...(groups.get(kind) ?? []), { path, bytes, frames }]);
  }
  return [...groups].map(([kind, captures]) => {
    captures.sort((a, b) => timeOf(a.bytes) - timeOf(b.bytes));
    const header = Buffer.from((captures[0] as { readonly bytes: Buffer }).bytes.subarray(0, FILE_HEADER_LEN));
    header.writeUInt32LE(MAX_SNAPLEN, 16);
    const path = join(folder, `${kind}.pcap`);
    writeFileSync(path, Buffer.concat([header, ...captures.map(({ bytes }) => bytes.subarray(FILE_HEADER_LEN))]));
    return { path, parts: captures };
  });
}

/** `capture.pcap frame 3`: where a frame of a joined capture comes from. @param frame from 1 */
export function originOf({ parts }: JoinedCapture, frame: number): string {
  let before = 0;
  for (const { path, frames } of parts) {
    if (frame <= before + frames) return `${path} frame ${frame - before}`;
    before += frames;
  }
  return `frame ${frame}`;
}

function countFrames(bytes: Buffer): number {
  let frames = 0;
  for (let at = FILE_HEADER_LEN; at < bytes.length; at += 16 + bytes.readUInt32LE(at + 8)) frames++;
  return frames;
}

function timeOf(bytes: Buffer): number {
  return bytes.readUInt32LE(FILE_HEADER_LEN) + bytes.readUInt32LE(FILE_HEADER_LEN + 4) / 1e9;
}
