/**
 * A process of its own for `cap`, the npm libpcap binding, which is imported here alone: an interface that goes away
 * aborts the process. It captures, and writes classic pcap to standard output.
 *
 * usage: node cap-child.js MODULE INTERFACE BUFFER_BYTES SNAPLEN FILTER USER
 *
 * `cap` hands over bytes and nothing else: a frame's time is when it got here, and its length on the wire what of it did.
 */
import { writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { FrameBatch } from '../source.js';
import { ByteBuffer } from '../write/byte-buffer.js';
import { PcapEncoder } from '../write/pcap-encoder.js';
import { become } from './become.js';

/** What is used of `cap`. */
interface Capture {
  open(device: string, filter: string, bufferLen: number, buffer: Uint8Array): string;
  on(event: 'packet', callback: (len: number) => void): void;
}

const STDOUT = 1;
/** It keeps no more of a frame. */
const MAX_FRAME_LEN = 65_535;
/** Bytes gathered before they are written: a burst in one go. */
const CHUNK_LEN = 65_536;
/** Its words for link types. */
const LINK_TYPES: ReadonlyMap<string, number> = new Map([
  ['NULL', 0],
  ['ETHERNET', 1],
  ['RAW', 101],
  ['LINKTYPE_LINUX_SLL', 113],
]);

run(process.argv.slice(2));

function run(words: readonly string[]): void {
  const [module = 'cap', device = '', bufferLen = '', snaplen = '', filter = '', user = ''] = words;
  const buffer = Buffer.alloc(MAX_FRAME_LEN);
  let capture: Capture;
  let link: string;
  try {
    const { Cap } = createRequire(import.meta.url)(module) as { Cap: new () => Capture };
    capture = new Cap();
    link = capture.open(device, filter, Number(bufferLen), buffer);
    if (user !== '') become(user);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const isMissing = code === 'MODULE_NOT_FOUND';
    fail(isMissing ? 'not installed: npm install cap, or name its folder in VXDUMP_CAP' : message);
  }
  const linkType = LINK_TYPES.get(link);
  if (linkType === undefined) fail(`cannot read frames of ${device}: ${link}`);
  const interfaces = [{ linkType, snaplen: Number(snaplen), name: device }];
  const encoder = new PcapEncoder('-', 9);
  const out = new ByteBuffer();
  const batch = new FrameBatch(1);
  batch.bytes = buffer;
  const flush = (): void => {
    writeAll(out.filled());
    out.length = 0;
  };
  encoder.begin(out, interfaces);
  flush();
  capture.on('packet', (len) => {
    const nowMs = performance.timeOrigin + performance.now();
    batch.capturedLen[0] = Math.min(len, Number(snaplen));
    batch.wireLen[0] = len;
    batch.seconds[0] = Math.floor(nowMs / 1000);
    batch.nanoseconds[0] = Math.floor((nowMs % 1000) * 1e6);
    if (out.length === 0) setImmediate(flush);
    encoder.frame(out, batch, 0, interfaces);
    if (out.length >= CHUNK_LEN) flush();
  });
  process.on('SIGINT', () => {
    flush();
    process.exit(0);
  });
}

/** Writes to standard output, and waits for its reader; without one it ends. */
function writeAll(bytes: Uint8Array): void {
  try {
    for (let at = 0; at < bytes.length; ) at += writeSync(STDOUT, bytes, at);
  } catch (error) {
    fail(`cannot write: ${(error as Error).message}`);
  }
}

function fail(reason: string): never {
  process.stderr.write(`cap: ${reason}\n`);
  // Its own closing aborts after an opening that failed.
  process.exit(1);
}
