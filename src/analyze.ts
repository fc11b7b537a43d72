/**
 * The pipeline: captures → dissect → inventory → an `Analysis`. It prints nothing.
 */
import { existsSync } from 'node:fs';
import type { Analysis, CaptureSummary } from './analysis.js';
import { nameOf } from './capture/file/bytes-in.js';
import { openCapture } from './capture/file/open.js';
import type { FrameBatch, FrameSource } from './capture/source.js';
import { nameTaps, type Tap } from './capture/tap.js';
import { Dissector, type DissectorOptions } from './dissect/dissector.js';
import { vxlanHint } from './dissect/hint.js';
import { VxdumpError } from './errors.js';
import { Inventory } from './inventory/inventory.js';
import { TapTally } from './inventory/tap-tally.js';
import { linkTypeName } from './wire/link-type.js';
import { LayerKind } from './wire/stack.js';
import { StopCode } from './wire/stop.js';
import { destinationPort } from './wire/udp.js';

/** What an analysis may be told. */
export interface AnalyzeOptions extends DissectorOptions {
  /** Ends the analysis early: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Called now and then. @param bytesRead of all captures so far @param size of them all; null where one cannot tell */
  readonly onProgress?: (bytesRead: number, size: number | null) => void;
  /** Called with a sentence for people on what the report cannot say. */
  readonly onNote?: (note: string) => void;
}

interface OpenTap extends Tap {
  readonly source: FrameSource;
}

/**
 * Reads captures and reports what they hold.
 *
 * @param captures `[[HOST:]TAP=]PATH` each; `-` is standard input. All are opened before any is read
 * @returns the report; a capture that is cut or corrupt is reported as such, up to where it ended
 * @throws VxdumpError E_USAGE, E_OPEN, E_EMPTY, E_NOT_A_CAPTURE, E_CUT_HEADER, E_BAD_HEADER, E_NO_DECOMPRESSOR
 *
 * **Cost** one pass; memory is bounded by the limits of the tables, not by the captures.
 */
export async function analyze(captures: readonly string[], options: AnalyzeOptions = {}): Promise<Analysis> {
  const taps = await openAll(nameTaps(captures, existsSync), options.signal);
  try {
    const inventory = new Inventory();
    const hints = new Map<number, number>();
    const read: [OpenTap, TapTally][] = [];
    for (const tap of taps) read.push([tap, await readTap(tap, taps, inventory, hints, options)]);
    note(inventory, hints, options);
    const innerMacs = inventory.innerMacs();
    return {
      schema: 'vxdump.analysis/1',
      captures: read.map(([tap, tally]) => summary(tap, tally, innerMacs)),
      vteps: inventory.vteps(),
      tunnels: inventory.tunnels(),
      endpoints: inventory.endpoints(),
      correlation: null,
      bum: [],
      sequence: null,
      findings: [],
    };
  } finally {
    for (const tap of taps) await tap.source.close();
  }
}

async function openAll(taps: readonly Tap[], signal: AbortSignal | undefined): Promise<OpenTap[]> {
  if (taps.filter(({ path }) => path === '-').length > 1) {
    throw new VxdumpError('E_USAGE', 'standard input can be read once only: name one capture -');
  }
  const open: OpenTap[] = [];
  try {
    for (const tap of taps) open.push({ ...tap, source: await openCapture(tap.path, signal ? { signal } : {}) });
  } catch (error) {
    for (const tap of open) await tap.source.close();
    throw error;
  }
  return open;
}

async function readTap(
  tap: OpenTap,
  taps: readonly OpenTap[],
  inventory: Inventory,
  hints: Map<number, number>,
  options: AnalyzeOptions,
): Promise<TapTally> {
  const dissector = new Dissector(options);
  const tally = new TapTally();
  for await (const batch of tap.source) {
    addBatch(batch, dissector, tally, inventory, hints);
    options.onProgress?.(...progress(taps));
  }
  options.signal?.throwIfAborted();
  const end = tap.source.end;
  if (end !== null && end.ended !== 'complete') {
    options.onNote?.(
      `${nameOf(tap.path)}: ${end.ended} at byte ${end.at}: ${end.reason}; ${tally.frames} whole frames before it`,
    );
  }
  return tally;
}

function addBatch(
  batch: FrameBatch,
  dissector: Dissector,
  tally: TapTally,
  inventory: Inventory,
  hints: Map<number, number>,
): void {
  const { bytes, seconds, nanoseconds, count } = batch;
  for (let i = 0; i < count; i++) {
    const stack = dissector.dissectFrame(batch, i);
    tally.add(stack, seconds[i] as number, nanoseconds[i] as number);
    if (stack.tunnelIndex >= 0) {
      inventory.add(stack);
    } else if (stack.stopCode === StopCode.Unsupported && stack.stopLayer === LayerKind.Udp && vxlanHint(stack) >= 0) {
      const port = destinationPort(bytes, stack.layerAt(stack.depth - 1));
      hints.set(port, (hints.get(port) ?? 0) + 1);
    }
  }
}

function progress(taps: readonly OpenTap[]): [number, number | null] {
  let bytesRead = 0;
  let size: number | null = 0;
  for (const { source } of taps) {
    bytesRead += source.bytesRead;
    size = size === null || source.size === null ? null : size + source.size;
  }
  return [bytesRead, size];
}

function note(inventory: Inventory, hints: ReadonlyMap<number, number>, options: AnalyzeOptions): void {
  for (const [port, frames] of [...hints].sort(([a], [b]) => a - b)) {
    options.onNote?.(`${frames} frames to UDP port ${port} look like VXLAN; --vxlan-port ${port} reads them as such`);
  }
  if (inventory.refused > 0) {
    options.onNote?.(
      `too many senders and addresses to tell apart: the report lacks some of ${inventory.refused} frames`,
    );
  }
}

function summary(tap: OpenTap, tally: TapTally, innerMacs: ReadonlySet<number>): CaptureSummary {
  const { source } = tap;
  return {
    tap: tap.name,
    path: tap.path,
    role: tap.namedRole ?? tally.role(innerMacs),
    format: source.format,
    ...(source.compression === 'none' ? {} : { compression: source.compression }),
    linkTypes: [...new Set(source.interfaces.map(({ linkType }) => linkTypeName(linkType)))],
    frames: tally.frames,
    vxlanFrames: tally.vxlanFrames,
    bytes: tally.bytes,
    firstTimeNs: tally.firstTimeNs?.toString() ?? null,
    lastTimeNs: tally.lastTimeNs?.toString() ?? null,
    ended: source.end?.ended ?? 'complete',
    stops: tally.stops(),
  };
}
