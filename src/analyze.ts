/**
 * The pipeline: captures → dissect → inventory, pairing → an `Analysis`. It prints nothing.
 */
import { existsSync } from 'node:fs';
import type { Analysis, CaptureSummary } from './analysis.js';
import { nameOf } from './capture/file/bytes-in.js';
import { openCapture } from './capture/file/open.js';
import { manifestSpan } from './capture/manifest.js';
import { mergeSources } from './capture/merge.js';
import { mergeRuns } from './capture/merge-runs.js';
import type { FrameBatch } from './capture/source.js';
import { nameTaps, type OpenTap, type Tap } from './capture/tap.js';
import type { CorrelatedTap, Correlator } from './correlate/correlator.js';
import { VxdumpError } from './errors.js';
import type { Evidence } from './evidence/evidence.js';
import type { Facts, TapFacts } from './findings/facts.js';
import { judge } from './findings/judge.js';
import { Recogniser } from './golden/recognise.js';
import { Inventory } from './inventory/inventory.js';
import type { KeyTable } from './inventory/key-table.js';
import type { TapTally } from './inventory/tap-tally.js';
import {
  firstLook,
  notePairing,
  noteUncompared,
  type PairingOptions,
  type PairingReport,
  type RunningPairing,
  startPairing,
  tapKnowledge,
} from './pair-taps.js';
import { PairedTaps } from './paired-taps.js';
import { TapPass } from './tap-pass.js';
import { linkTypeName } from './wire/link-type.js';

/** What an analysis may be told. */
export interface AnalyzeOptions extends PairingOptions {
  /** Roles of captures, by their text in `captures`: what their names and frames say does not count. */
  readonly roles?: ReadonlyMap<string, 'overlay' | 'underlay' | 'mixed'>;
  /** Addresses of VTEPs that frames to a group are to reach, besides those that were seen. */
  readonly vteps?: readonly string[];
  /** Ids of findings that are not to be told. */
  readonly ignore?: ReadonlySet<string>;
  /** Called now and then. @param bytesRead of all captures so far @param size of them all; null where one cannot tell */
  readonly onProgress?: (bytesRead: number, size: number | null) => void;
  /** Called once, when all captures were read and the report is to be made. */
  readonly onRead?: () => void;
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
  const named = nameTaps(captures, existsSync).map((tap, index) => {
    const role = options.roles?.get(captures[index] as string);
    return role === undefined ? tap : { ...tap, namedRole: role };
  });
  for (const name of options.clockOffsetsNs?.keys() ?? []) {
    if (!named.some((tap) => tap.name === name)) {
      throw new VxdumpError(
        'E_USAGE',
        `--clock-offset ${name}: no tap has that name; there are ${named.map((tap) => tap.name).join(', ')}`,
      );
    }
  }
  const taps = await openAll(named, options.signal);
  try {
    const looked = await firstLook(taps, options);
    const pairing = startPairing(looked, options);
    const inventory = new Inventory();
    const passes = taps.map((_, tap) => {
      const paired = pairing === null ? null : (looked.taps[tap] as CorrelatedTap);
      return new TapPass(inventory, looked.baseSeconds, paired, options);
    });
    const recogniser = new Recogniser(
      taps.map(({ name }) => name),
      passes.map(({ dissector }) => dissector.stack),
    );
    await readTaps(taps, passes, recogniser, pairing, looked.baseSeconds, options);
    options.onRead?.();
    for (const { evidence } of passes) evidence.finish();
    note(inventory, options);
    const tallies = passes.map(({ tally }) => tally);
    const evidences = passes.map(({ evidence }) => evidence);
    const innerMacs = inventory.innerMacs();
    const endpoints = inventory.endpoints();
    if (pairing !== null) notePairing(pairing.correlator, taps, tallies, options);
    const found = pairing?.report(endpoints, tapKnowledge(pairing.correlator, tallies, options)) ?? null;
    const held = {
      captures: taps.map((tap, index) => summary(tap, tallies[index] as TapTally, innerMacs)),
      vteps: inventory.vteps(),
      tunnels: inventory.tunnels(),
      endpoints,
    };
    if (pairing === null) noteUncompared(held.captures, options);
    return {
      schema: 'vxdump.analysis/1',
      ...held,
      correlation: found === null || pairing?.correlator.pairs.length === 0 ? null : correlationOf(found, options),
      bum: found?.bum ?? [],
      sequence: recogniser.finish(),
      findings: judge(factsOf(taps, evidences, inventory, held, pairing, found, options), options.ignore),
    };
  } finally {
    for (const tap of taps) await tap.source.close();
  }
}

type Held = Pick<Analysis, 'captures' | 'vteps' | 'tunnels' | 'endpoints'>;

/** What rules judge by. */
function factsOf(
  taps: readonly OpenTap[],
  evidences: readonly Evidence[],
  inventory: Inventory,
  held: Held,
  pairing: RunningPairing | null,
  found: PairingReport | null,
  options: AnalyzeOptions,
): Facts {
  const correlator = pairing?.correlator;
  const clocks = correlator?.clocks;
  return {
    ...held,
    taps: taps.map(({ name, host, path, source }, index): TapFacts => {
      const { role, frames, vxlanFrames, ended, stops } = held.captures[index] as CaptureSummary;
      const snaplens = source.interfaces.map(({ snaplen }) => snaplen);
      const evidence = evidences[index] as Evidence;
      return {
        name,
        host,
        role,
        frames,
        vxlanFrames,
        snaplens,
        ended,
        isTimed: (source.span ?? manifestSpan(path)) !== null,
        endReason: source.end?.reason ?? '',
        drops: source.drops,
        unread: correlator?.unread(index) ?? 0,
        clockOffsetNs: clocks?.offsetsNs[index] ?? 0,
        clockDriftPpb: clocks?.driftPpb(0, index) ?? 0,
        stops,
        evidence,
      };
    }),
    pairings: found?.rows ?? [],
    hops: found?.hops ?? [],
    bum: found?.bum ?? [],
    ownUnderlay: found?.ownUnderlay ?? new Map(),
    localVteps: found?.localVteps ?? new Map(),
    givenVteps: options.vteps ?? [],
    ways: inventory.ways(),
  };
}

function correlationOf({ rows, hops, pairs, paths }: PairingReport, options: AnalyzeOptions): Analysis['correlation'] {
  return { taps: rows, hops, ...(options.pairs ? { pairs, paths } : {}) };
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

/** Reads all taps side by side. */
async function readTaps(
  taps: readonly OpenTap[],
  passes: readonly TapPass[],
  recogniser: Recogniser,
  pairing: RunningPairing | null,
  baseSeconds: number,
  options: AnalyzeOptions,
): Promise<void> {
  const afterBatch = async (): Promise<void> => {
    options.onProgress?.(...progress(taps));
    await pairing?.tell();
  };
  const correlator = pairing?.correlator ?? null;
  if (correlator === null) {
    for (const [tap, { source }] of taps.entries()) {
      const pass = passes[tap] as TapPass;
      for await (const batch of source) {
        for (let index = 0; index < batch.count; index++) {
          // The recogniser reads what was dissected.
          if (!recogniser.fits(tap)) index += pass.takePlain(batch, index, batch.count);
          if (index === batch.count) break;
          pass.take(batch, index);
          if (recogniser.fits(tap)) recogniser.add(tap, batch, index);
        }
        await afterBatch();
      }
    }
  } else {
    const sources = taps.map(({ source }) => source);
    const paired = new PairedTaps(passes, recogniser, correlator, baseSeconds);
    const take = (tap: number, batch: FrameBatch, index: number, timeNs: number): void =>
      paired.take(tap, batch, index, timeNs);
    const correct = (tap: number, timeNs: number): number => correlator.clocks.corrected(tap, timeNs);
    const endBatch = (tap: number): Promise<void> => {
      paired.endBatch(tap);
      return afterBatch();
    };
    await (paired.runs === null
      ? mergeSources(sources, correct, baseSeconds, take, endBatch)
      : mergeRuns(sources, correct, baseSeconds, take, paired.runs, endBatch));
  }
  options.signal?.throwIfAborted();
  if (correlator !== null) sayWhenTapsRan(taps, correlator, baseSeconds);
  correlator?.finish();
  await pairing?.tell();
  for (const [index, { path, source }] of taps.entries()) {
    if (source.end === null || source.end.ended === 'complete') continue;
    const { ended, at, reason } = source.end;
    options.onNote?.(
      `${nameOf(path)}: ${ended} at byte ${at}: ${reason}; ${(passes[index] as TapPass).tally.frames} whole frames before it`,
    );
  }
}

/** Tells pairing when each tap was capturing: by its file, else by the manifest of the lab that it is from. */
function sayWhenTapsRan(taps: readonly OpenTap[], correlator: Correlator, baseSeconds: number): void {
  const baseNs = BigInt(baseSeconds) * 1_000_000_000n;
  for (const [tap, { path, source }] of taps.entries()) {
    const span = source.span ?? manifestSpan(path);
    if (span === null) continue;
    const [fromNs, untilNs] = [Number(span.fromNs - baseNs), Number(span.untilNs - baseNs)];
    correlator.ran(tap, correlator.clocks.corrected(tap, fromNs), correlator.clocks.corrected(tap, untilNs));
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

function note(inventory: Inventory, options: AnalyzeOptions): void {
  if (inventory.refused > 0) {
    options.onNote?.(
      `too many senders and addresses to tell apart: the report lacks some of ${inventory.refused} frames`,
    );
  }
}

function summary(tap: OpenTap, tally: TapTally, innerMacs: KeyTable): CaptureSummary {
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
