/**
 * The work of `vxdump decap`. Imported when it runs: the command tree is to be quick.
 */
import { nameOf } from '../capture/file/bytes-in.js';
import { openCapture } from '../capture/file/open.js';
import { type CaptureInterface, FrameBatch } from '../capture/source.js';
import { CaptureWriter, formatOfName } from '../capture/write/capture-writer.js';
import { refuseSameFile } from '../capture/write/output-file.js';
import { FrameCursor } from '../dissect/frame-cursor.js';
import { carriesEthernet, innerAt, innerWireLen, isFragment, tunnelWithVni, vniAt } from '../dissect/inner.js';
import { compileFilter } from '../fields/filter.js';
import { printable } from '../fields/text.js';
import { LINK_ETHERNET } from '../wire/link-type.js';
import type { LayerStack } from '../wire/stack.js';
import { captureExit } from './capture-exit.js';
import { openWriter } from './capture-output.js';
import type { Io } from './io.js';
import { UsageError } from './usage-error.js';

/** The most VNIs of one run: each has a file, or an interface in one. */
const MAX_VNIS = 500;

/** Options, by the names that commander gives them. */
export interface DecapFlags {
  readonly o: string;
  readonly vni?: number;
  readonly split?: true;
  readonly c?: number;
  readonly vxlanPort: number[];
  readonly allowTruncated?: true;
}

/** Writes the inner frames of a capture. @returns the exit code @throws VxdumpError, OutputError */
export async function runDecap(path: string, filter: string, flags: DecapFlags, io: Io): Promise<number> {
  if (flags.split && flags.o === '-')
    throw new UsageError('decap: --split makes several files: name them with -o FILE');
  if (flags.split && flags.o.endsWith('/'))
    throw new UsageError(`decap: ${flags.o}: is a directory; name a file in it`);
  const accepts = filter === '' ? null : compileFilter(filter);
  const limit = flags.c ?? Number.POSITIVE_INFINITY;
  const source = await openCapture(path, { signal: io.signal });
  let frames = 0;
  const decap = new Decap(path, flags, source.timeDigits, io);
  try {
    const cursor = new FrameCursor('', { vxlanPorts: flags.vxlanPort });
    for await (const batch of source) {
      for (let index = 0; index < batch.count && decap.written < limit; index++) {
        frames++;
        cursor.move(batch, index, source.interfaces);
        if (accepts === null || accepts(cursor)) decap.take(cursor.stack, batch, index);
      }
      await decap.flush();
      if (decap.written >= limit) break;
    }
  } finally {
    await decap.close();
    await source.close();
  }
  for (const note of decap.notes()) await io.stderr.write(`vxdump: ${printable(`${nameOf(path)}: ${note}`)}\n`);
  return captureExit(source, frames, flags.allowTruncated === true, io);
}

/** Where inner frames go: to one file, or to one for each VNI. */
class Decap {
  /** Inner frames written so far. */
  written: number;
  readonly #flags: DecapFlags;
  readonly #digits: 6 | 9;
  readonly #one: CaptureWriter | null;
  /** With `--split`: by VNI. */
  readonly #writers: Map<number, { readonly writer: CaptureWriter; readonly interfaces: CaptureInterface[] }>;
  /** Interfaces of the one file, and the place of each VNI among them. */
  readonly #interfaces: CaptureInterface[];
  readonly #interfaceOfVni: Map<number, number>;
  readonly #path: string;
  /** The frame that is written. */
  readonly #inner: FrameBatch;
  #notEthernet = 0;
  #fragments = 0;

  constructor(path: string, flags: DecapFlags, digits: 6 | 9, io: Io) {
    this.written = 0;
    this.#path = path;
    this.#flags = flags;
    this.#digits = digits;
    this.#writers = new Map();
    this.#interfaces = [];
    this.#interfaceOfVni = new Map();
    this.#inner = new FrameBatch(1);
    this.#inner.count = 1;
    refuseSameFile(flags.o, [path]);
    this.#one = flags.split
      ? null
      : openWriter(flags.o, { format: formatOfName(flags.o), timeDigits: digits, rotation: null }, io);
  }

  /** Writes what the tunnel of a frame carries, if it has the tunnel that was asked for. */
  take(stack: LayerStack, batch: FrameBatch, index: number): void {
    const tunnel = tunnelWithVni(stack, this.#flags.vni ?? -1);
    if (tunnel < 0) return;
    if (!carriesEthernet(stack, tunnel)) {
      this.#notEthernet++;
      return;
    }
    if (isFragment(stack, tunnel)) this.#fragments++;
    const vni = vniAt(stack, tunnel);
    const at = innerAt(stack, tunnel);
    const split = this.#one === null ? this.#splitOf(vni) : null;
    const writer = split?.writer ?? (this.#one as CaptureWriter);
    const inner = this.#inner;
    inner.bytes = stack.bytes;
    inner.at[0] = at;
    inner.capturedLen[0] = stack.layerEnd(tunnel) - at;
    inner.wireLen[0] = innerWireLen(stack, tunnel);
    inner.seconds[0] = batch.seconds[index] as number;
    inner.nanoseconds[0] = batch.nanoseconds[index] as number;
    inner.interfaceId[0] = split === null ? this.#interfaceOf(vni) : 0;
    writer.put(inner, 0, split?.interfaces ?? this.#interfaces);
    this.written++;
  }

  async flush(): Promise<void> {
    await this.#one?.flush();
    for (const { writer } of this.#writers.values()) await writer.flush();
  }

  async close(): Promise<void> {
    await this.#one?.close(this.#interfaces);
    for (const { writer, interfaces } of this.#writers.values()) await writer.close(interfaces);
  }

  /** What a user has to know of frames that are not there, or not whole. */
  notes(): string[] {
    const notes: string[] = [];
    if (this.#notEthernet > 0) notes.push(`${this.#notEthernet} tunnelled packets are no Ethernet frames: left out`);
    if (this.#fragments > 0) {
      notes.push(`${this.#fragments} inner frames go on in another fragment of the outer packet: written as cut`);
    }
    if (this.written > 0) return notes;
    const which = this.#flags.vni === undefined ? 'no tunnel' : `no tunnel with VNI ${this.#flags.vni}`;
    return [...notes, `${which} with a frame in it; --vxlan-port names other UDP ports`];
  }

  #interfaceOf(vni: number): number {
    const known = this.#interfaceOfVni.get(vni);
    if (known !== undefined) return known;
    this.#bound(this.#interfaces.length);
    this.#interfaceOfVni.set(vni, this.#interfaces.length);
    return this.#interfaces.push(interfaceOfVni(vni)) - 1;
  }

  #splitOf(vni: number): { readonly writer: CaptureWriter; readonly interfaces: CaptureInterface[] } {
    const known = this.#writers.get(vni);
    if (known !== undefined) return known;
    this.#bound(this.#writers.size);
    const path = splitName(this.#flags.o, vni);
    refuseSameFile(path, [this.#path]);
    const writer = new CaptureWriter(path, {
      format: formatOfName(this.#flags.o),
      timeDigits: this.#digits,
      rotation: null,
    });
    const split = { writer, interfaces: [interfaceOfVni(vni)] };
    this.#writers.set(vni, split);
    return split;
  }

  #bound(vnis: number): void {
    if (vnis >= MAX_VNIS) throw new UsageError(`decap: more than ${MAX_VNIS} VNIs: choose one with --vni`);
  }
}

function interfaceOfVni(vni: number): CaptureInterface {
  return { linkType: LINK_ETHERNET, snaplen: 0, name: `vni ${vni}` };
}

/** `inner.pcap` and 5000 give `inner-5000.pcap`. */
function splitName(path: string, vni: number): string {
  const [, stem, extension] = /^(.*?)(\.[^./]*)?$/s.exec(path) as unknown as [string, string, string | undefined];
  return `${stem}-${vni}${extension ?? ''}`;
}
