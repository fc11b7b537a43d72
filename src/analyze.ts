/**
 * The pipeline: captures → dissect → inventory, pairing → an `Analysis`. It prints nothing.
 */
import { existsSync, statSync } from 'node:fs';
import type { Analysis, CaptureSummary } from './analysis.js';
import { nameOf } from './capture/file/bytes-in.js';
import { openCapture } from './capture/file/open.js';
import { mergeSources } from './capture/merge.js';
import type { FrameBatch, FrameSource } from './capture/source.js';
import { nameTaps, type Tap } from './capture/tap.js';
import {
  type BumRow,
  CorrelationReport,
  type CorrelationRow,
  type PairRecord,
  type TapKnowledge,
} from './correlate/correlation.js';
import { type CorrelatedTap, Correlator, DEFAULT_WINDOW_NS } from './correlate/correlator.js';
import { FIRST_LOOK_FRAMES, FirstLook } from './correlate/first-look.js';
import { Tunnels } from './correlate/tunnels.js';
import { Dissector, type DissectorOptions } from './dissect/dissector.js';
import { vxlanHint } from './dissect/hint.js';
import { VxdumpError } from './errors.js';
import type { Endpoint } from './inventory/endpoints.js';
import { Inventory } from './inventory/inventory.js';
import { TapTally } from './inventory/tap-tally.js';
import { linkTypeName } from './wire/link-type.js';
import { LayerKind, type LayerStack } from './wire/stack.js';
import { StopCode } from './wire/stop.js';
import { destinationPort } from './wire/udp.js';

/** What an analysis may be told. */
export interface AnalyzeOptions extends DissectorOptions {
  /** Ends the analysis early: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
  /** Roles of captures, by their text in `captures`: what their names and frames say does not count. */
  readonly roles?: ReadonlyMap<string, 'overlay' | 'underlay'>;
  /** VNIs of the overlay taps; learnt unless given. 0..2^24-1 each. */
  readonly vnis?: readonly number[];
  /** How long a frame waits for its twin, ns; 1 s unless given. */
  readonly windowNs?: number;
  /** What the clocks of taps are ahead, by tap name, ns; estimated unless given. */
  readonly clockOffsetsNs?: ReadonlyMap<string, number>;
  /** Whether the analysis lists every pair. */
  readonly pairs?: boolean;
  /** Called with pairs as they become final, some at a time; reading waits for it. */
  readonly onPairs?: (pairs: readonly PairRecord[]) => void | Promise<void>;
  /** Called now and then. @param bytesRead of all captures so far @param size of them all; null where one cannot tell */
  readonly onProgress?: (bytesRead: number, size: number | null) => void;
  /** Called with a sentence for people on what the report cannot say. */
  readonly onNote?: (note: string) => void;
}

interface OpenTap extends Tap {
  readonly source: FrameSource;
}

/** What a first look tells: the roles that taps play in pairing, and what to count times from. */
interface Looked {
  readonly taps: readonly CorrelatedTap[];
  readonly tunnels: Tunnels;
  readonly look: FirstLook;
  readonly baseSeconds: number;
}

/**
 * Reads captures side by side, reports what they hold, and pairs what they saw.
 *
 * @param captures `[[HOST:]TAP=]PATH` each; `-` is standard input. All are opened before any is read
 * @returns the report; a capture that is cut or corrupt is reported as such, up to where it ended
 * @throws VxdumpError E_USAGE, E_OPEN, E_EMPTY, E_NOT_A_CAPTURE, E_CUT_HEADER, E_BAD_HEADER, E_NO_DECOMPRESSOR
 *
 * **Cost** one pass, and a short first look where there are several captures; memory is bounded by the limits of the
 * tables and of the window, not by the captures.
 */
export async function analyze(captures: readonly string[], options: AnalyzeOptions = {}): Promise<Analysis> {
  const taps = await openAll(
    nameTaps(captures, existsSync).map((tap, index) => {
      const role = options.roles?.get(captures[index] as string);
      return role === undefined ? tap : { ...tap, namedRole: role };
    }),
    options.signal,
  );
  try {
    const looked = taps.length > 1 ? await firstLook(taps, options) : null;
    const pairing = looked === null ? null : startPairing(looked, options);
    const inventory = new Inventory();
    const hints = new Map<number, number>();
    const tallies = await readTaps(taps, inventory, hints, pairing, looked?.baseSeconds ?? 0, options);
    note(inventory, hints, options);
    const innerMacs = inventory.innerMacs();
    const endpoints = inventory.endpoints();
    if (pairing !== null) notePairing(pairing.correlator, taps, tallies, options);
    const found = pairing?.report(endpoints, tapKnowledge(pairing.correlator, tallies, options)) ?? null;
    return {
      schema: 'vxdump.analysis/1',
      captures: taps.map((tap, index) => summary(tap, tallies[index] as TapTally, innerMacs)),
      vteps: inventory.vteps(),
      tunnels: inventory.tunnels(),
      endpoints,
      correlation: found === null ? null : { taps: found.rows, ...(options.pairs ? { pairs: found.pairs } : {}) },
      bum: found?.bum ?? [],
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

/** Looks at the first frames of every file: what can be read only once has none. */
async function firstLook(taps: readonly OpenTap[], options: AnalyzeOptions): Promise<Looked> {
  const tunnels = new Tunnels();
  const look = new FirstLook(taps.length, tunnels);
  const inventory = new Inventory();
  const tallies: TapTally[] = [];
  let baseSeconds = Number.NaN;
  for (const [index, tap] of taps.entries()) {
    const tally = new TapTally();
    tallies.push(tally);
    if (!isFile(tap.path)) continue;
    const dissector = new Dissector(options);
    const source = await openCapture(tap.path, options.signal ? { signal: options.signal } : {});
    for await (const batch of source) {
      const count = Math.min(batch.count, FIRST_LOOK_FRAMES - tally.frames);
      for (let i = 0; i < count; i++) {
        const [seconds, nanoseconds] = [batch.seconds[i] as number, batch.nanoseconds[i] as number];
        const stack = dissector.dissectFrame(batch, i);
        tally.add(stack, seconds, nanoseconds);
        inventory.add(stack);
        if (Number.isNaN(seconds)) continue;
        if (Number.isNaN(baseSeconds)) baseSeconds = seconds;
        look.add(index, (seconds - baseSeconds) * 1e9 + nanoseconds, stack);
      }
      if (tally.frames >= FIRST_LOOK_FRAMES) break;
    }
  }
  const innerMacs = inventory.innerMacs();
  const correlated = taps.map((tap, index) => {
    const role = tap.namedRole ?? (isFile(tap.path) ? (tallies[index] as TapTally).role(innerMacs) : 'mixed');
    return {
      name: tap.name,
      host: tap.host,
      overlay: role === 'overlay' || role === 'mixed',
      underlay: role === 'underlay' || role === 'mixed',
      clockOffsetNs: options.clockOffsetsNs?.get(tap.name) ?? null,
    };
  });
  return { taps: correlated, tunnels, look, baseSeconds: Number.isNaN(baseSeconds) ? 0 : baseSeconds };
}

function isFile(path: string): boolean {
  return path !== '-' && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** Pairing as it runs, and what comes of it. */
interface RunningPairing {
  readonly correlator: Correlator;
  /** Tells pairs that became final to who asked for them. */
  tell(): Promise<void>;
  report(
    endpoints: readonly Endpoint[],
    known: TapKnowledge,
  ): { rows: CorrelationRow[]; bum: BumRow[]; pairs: PairRecord[] };
}

/** @returns null with fewer than two roles */
function startPairing({ taps, tunnels, look }: Looked, options: AnalyzeOptions): RunningPairing | null {
  if (!taps.some(({ overlay }) => overlay) || !taps.some(({ underlay }) => underlay)) return null;
  const pairs: PairRecord[] = [];
  const report = new CorrelationReport(taps);
  let fresh: PairRecord[] = [];
  const everyPair = options.pairs === true || options.onPairs !== undefined;
  const correlator = new Correlator(taps, tunnels, look, {
    ...(options.windowNs === undefined ? {} : { windowNs: options.windowNs }),
    ...(options.vnis === undefined ? {} : { vnis: new Set(options.vnis) }),
    everyPair,
    onPair: (overlay, underlay, pair) => {
      report.add(overlay, underlay, pair);
      if (!everyPair) return;
      const record = report.record(overlay, underlay, pair);
      if (options.pairs) pairs.push(record);
      if (options.onPairs) fresh.push(record);
    },
  });
  report.of(correlator);
  return {
    correlator,
    tell: async () => {
      const told = fresh;
      fresh = [];
      if (told.length > 0) await options.onPairs?.(told);
    },
    report: (endpoints, known) => ({ ...report.finish(endpoints, known), pairs }),
  };
}

/** Reads all taps side by side. */
async function readTaps(
  taps: readonly OpenTap[],
  inventory: Inventory,
  hints: Map<number, number>,
  pairing: RunningPairing | null,
  baseSeconds: number,
  options: AnalyzeOptions,
): Promise<TapTally[]> {
  // One each: a dissector keeps a view of the bytes that it last saw.
  const dissectors = taps.map(() => new Dissector(options));
  const tallies = taps.map(() => new TapTally());
  const take = (tap: number, batch: FrameBatch, index: number): LayerStack =>
    takeFrame(batch, index, dissectors[tap] as Dissector, tallies[tap] as TapTally, inventory, hints);
  const afterBatch = async (): Promise<void> => {
    options.onProgress?.(...progress(taps));
    await pairing?.tell();
  };
  const correlator = pairing?.correlator ?? null;
  if (correlator === null) {
    for (const [tap, { source }] of taps.entries()) {
      for await (const batch of source) {
        for (let index = 0; index < batch.count; index++) take(tap, batch, index);
        await afterBatch();
      }
    }
  } else {
    const sources = taps.map(({ source }) => source);
    const takeTimed = (tap: number, batch: FrameBatch, index: number, timeNs: number): void => {
      const stack = take(tap, batch, index);
      correlator.add(tap, (tallies[tap] as TapTally).frames, timeNs, stack);
    };
    await mergeSources(sources, correlator.clockOffsetsNs, baseSeconds, takeTimed, afterBatch);
  }
  options.signal?.throwIfAborted();
  correlator?.finish();
  await pairing?.tell();
  for (const [index, { path, source }] of taps.entries()) {
    if (source.end === null || source.end.ended === 'complete') continue;
    const { ended, at, reason } = source.end;
    options.onNote?.(
      `${nameOf(path)}: ${ended} at byte ${at}: ${reason}; ${(tallies[index] as TapTally).frames} whole frames before it`,
    );
  }
  return tallies;
}

/** Dissects one frame and counts it. **Cost** amortised no allocation. */
function takeFrame(
  batch: FrameBatch,
  index: number,
  dissector: Dissector,
  tally: TapTally,
  inventory: Inventory,
  hints: Map<number, number>,
): LayerStack {
  const stack = dissector.dissectFrame(batch, index);
  tally.add(stack, batch.seconds[index] as number, batch.nanoseconds[index] as number);
  if (stack.tunnelIndex >= 0) inventory.add(stack);
  else if (stack.stopCode === StopCode.Unsupported && stack.stopLayer === LayerKind.Udp) addHint(stack, hints);
  return stack;
}

/** Notes the port of a UDP payload that has the shape of VXLAN. */
function addHint(stack: LayerStack, hints: Map<number, number>): void {
  if (vxlanHint(stack) < 0) return;
  const port = destinationPort(stack.bytes, stack.layerAt(stack.depth - 1));
  hints.set(port, (hints.get(port) ?? 0) + 1);
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

function tapKnowledge(
  { clockOffsetsNs }: Correlator,
  tallies: readonly TapTally[],
  options: AnalyzeOptions,
): TapKnowledge {
  const slackNs = BigInt(Math.round(options.windowNs ?? DEFAULT_WINDOW_NS));
  const timesOf = (tap: number): { first: bigint; last: bigint } | null => {
    const { firstTimeNs, lastTimeNs } = tallies[tap] as TapTally;
    const aheadNs = BigInt(Math.round(clockOffsetsNs[tap] as number));
    if (firstTimeNs === null || lastTimeNs === null) return null;
    return { first: firstTimeNs - aheadNs - slackNs, last: lastTimeNs - aheadNs };
  };
  return {
    sent: (tap, mac) => (tallies[tap] as TapTally).sentBare(mac),
    sameRun: (overlay, underlay) => {
      const [a, b] = [timesOf(overlay), timesOf(underlay)];
      // An empty capture has no times: that it was taken at the same time is all there is to go by.
      return a === null || b === null || (a.first <= b.last && b.first <= a.last);
    },
  };
}

/** Says what pairing could not see, and why nothing paired where nothing did. */
function notePairing(
  correlator: Correlator,
  taps: readonly OpenTap[],
  tallies: readonly TapTally[],
  options: AnalyzeOptions,
): void {
  for (const [index, { name }] of taps.entries()) {
    const short = correlator.tooShort(index);
    if (short > 0) options.onNote?.(`${name}: too little was captured of ${short} frames to pair them`);
  }
  if (correlator.tunnels.refused > 0) {
    options.onNote?.(`too many tunnels to tell apart: ${correlator.tunnels.refused} frames were not paired`);
  }
  const rows = correlator.pairings.flatMap(({ pairing }) => [...pairing.rows.values()]);
  if (rows.some(({ matched }) => matched > 0)) return;
  const { sameRun } = tapKnowledge(correlator, tallies, options);
  const apart = correlator.pairings.every(({ overlay, underlay }) => !sameRun(overlay, underlay));
  const why = apart
    ? 'their times do not overlap: they may not be of one run'
    : 'no frame of one is inside a tunnel of another';
  options.onNote?.(`nothing paired between these captures: ${why}`);
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
