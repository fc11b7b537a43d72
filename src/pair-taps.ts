/**
 * How an analysis pairs: a first look at each file, the pairing as it runs, and what it could not see.
 */
import { statSync } from 'node:fs';
import { openCapture } from './capture/file/open.js';
import type { OpenTap } from './capture/tap.js';
import { type CorrelatedTap, Correlator, type CorrelatorOptions, DEFAULT_WINDOW_NS } from './correlate/correlator.js';
import type { BumRow } from './correlate/report/bum.js';
import type { CorrelationRow, HopRow, PairRecord, PathRecord } from './correlate/report/correlation.js';
import { CorrelationReport } from './correlate/report/correlation-report.js';
import type { TapKnowledge } from './correlate/report/missed.js';
import { FIRST_LOOK_FRAMES, FirstLook } from './correlate/taps/first-look.js';
import { Tunnels } from './correlate/taps/tunnels.js';
import { Dissector, type DissectorOptions } from './dissect/dissector.js';
import type { Endpoint } from './inventory/endpoints.js';
import { addInnerMacs } from './inventory/inner-macs.js';
import { KeyTable } from './inventory/key-table.js';
import { type Role, TapTally } from './inventory/tap-tally.js';
import type { LayerStack } from './wire/stack.js';

/** The most MACs of inner frames that a first look tells apart. */
const MAX_INNER_MACS = 65_536;

/** What pairing may be told. */
export interface PairingOptions extends DissectorOptions {
  /** Ends the analysis early: it rejects with the signal's reason. */
  readonly signal?: AbortSignal;
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
  /** The same with the ways of frames, where there are more than two taps, or one that sees frames several times. */
  readonly onPaths?: (paths: readonly PathRecord[]) => void | Promise<void>;
  /** Called with a sentence for people on what the report cannot say. */
  readonly onNote?: (note: string) => void;
}

/** What a first look tells: the roles that taps play in pairing, and what to count times from. */
export interface Looked {
  readonly taps: readonly CorrelatedTap[];
  readonly tunnels: Tunnels;
  readonly look: FirstLook;
  readonly baseSeconds: number;
}

/** A first look at files. */
export interface LookedAtFiles extends Looked {
  /** By tap: whether nothing shows its role, no name, no tunnel, and no bare frame of a MAC that a tunnel carries. */
  readonly unsure: readonly boolean[];
}

/** Looks at the first frames of every file: what can be read only once has none. */
export async function firstLook(taps: readonly OpenTap[], options: PairingOptions): Promise<LookedAtFiles> {
  const tunnels = new Tunnels();
  const look = new FirstLook(taps.length, tunnels);
  const innerMacs = new KeyTable(MAX_INNER_MACS);
  const tallies = taps.map(() => new TapTally());
  let baseSeconds = Number.NaN;
  const lookAt: TakeFirst = (tap, stack, seconds, nanoseconds) => {
    if (!Number.isNaN(seconds)) look.add(tap, (seconds - baseSeconds) * 1e9 + nanoseconds, stack);
  };
  await forFirstFrames(taps, options, (tap, stack, seconds, nanoseconds) => {
    (tallies[tap] as TapTally).add(stack, seconds, nanoseconds);
    addInnerMacs(innerMacs, stack);
    if (Number.isNaN(baseSeconds)) baseSeconds = seconds;
    if (taps.length > 1) lookAt(tap, stack, seconds, nanoseconds);
  });
  const correlated = taps.map((tap, index) => {
    // What cannot be looked at may be anything; alone, it is not held to be its own counterpart.
    const unseen = taps.length > 1 ? 'mixed' : 'empty';
    const role = tap.namedRole ?? (isFile(tap.path) ? (tallies[index] as TapTally).role(innerMacs) : unseen);
    return {
      name: tap.name,
      host: tap.host,
      overlay: role === 'overlay' || role === 'mixed',
      underlay: role === 'underlay' || role === 'mixed',
      clockOffsetNs: options.clockOffsetsNs?.get(tap.name) ?? null,
    };
  });
  // One alone is seldom paired with itself.
  if (taps.length === 1 && canPair(correlated)) await forFirstFrames(taps, options, lookAt);
  const unsure = taps.map(({ namedRole }, index) => {
    const tally = tallies[index] as TapTally;
    return namedRole === null && tally.vxlanFrames === 0 && !tally.sentInside(innerMacs);
  });
  return { taps: correlated, tunnels, look, baseSeconds: Number.isNaN(baseSeconds) ? 0 : baseSeconds, unsure };
}

/** Whether there is a tap of each role, or one underlay tap behind another. */
function canPair(taps: readonly CorrelatedTap[]): boolean {
  const underlays = taps.filter(({ underlay }) => underlay).length;
  return underlays > 1 || (underlays > 0 && taps.some(({ overlay }) => overlay));
}

type TakeFirst = (tap: number, stack: LayerStack, seconds: number, nanoseconds: number) => void;

/** Dissects the first frames of every file. */
async function forFirstFrames(taps: readonly OpenTap[], options: PairingOptions, take: TakeFirst): Promise<void> {
  for (const [index, { path }] of taps.entries()) {
    if (!isFile(path)) continue;
    const dissector = new Dissector(options);
    let frames = 0;
    for await (const batch of await openCapture(path, options.signal ? { signal: options.signal } : {})) {
      const count = Math.min(batch.count, FIRST_LOOK_FRAMES - frames);
      for (let i = 0; i < count; i++) {
        take(index, dissector.dissectFrame(batch, i), batch.seconds[i] as number, batch.nanoseconds[i] as number);
      }
      frames += count;
      if (frames >= FIRST_LOOK_FRAMES) break;
    }
  }
}

function isFile(path: string): boolean {
  return path !== '-' && statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** What pairing found. */
export interface PairingReport {
  readonly rows: CorrelationRow[];
  readonly hops: HopRow[];
  readonly bum: BumRow[];
  /** The underlay tap that is each overlay tap's own, by name. */
  readonly ownUnderlay: ReadonlyMap<string, string>;
  /** By underlay tap, VTEPs that pairing shows to be on its host. */
  readonly localVteps: ReadonlyMap<string, ReadonlySet<string>>;
  readonly pairs: PairRecord[];
  readonly paths: PathRecord[];
}

/** Pairing as it runs, and what comes of it. */
export interface RunningPairing {
  readonly correlator: Correlator;
  /** Tells pairs and paths that became final to who asked for them. */
  tell(): Promise<void>;
  report(endpoints: readonly Endpoint[], known: TapKnowledge): PairingReport;
}

/** Starts to pair. @returns null without a tap of each role, or two of the underlay */
export function startPairing({ taps, tunnels, look }: Looked, options: PairingOptions): RunningPairing | null {
  if (!canPair(taps)) return null;
  const pairs: PairRecord[] = [];
  const paths: PathRecord[] = [];
  let fresh: PairRecord[] = [];
  let freshPaths: PathRecord[] = [];
  const everyPair = options.pairs === true || options.onPairs !== undefined;
  const onPath: CorrelatorOptions['onPath'] = (tunnel, path, sightings) => {
    const record = report.pathRecord(tunnel, path, sightings);
    if (options.pairs) paths.push(record);
    if (options.onPaths) freshPaths.push(record);
  };
  const correlator = new Correlator(taps, tunnels, look, {
    ...(options.windowNs === undefined ? {} : { windowNs: options.windowNs }),
    ...(options.vnis === undefined ? {} : { vnis: new Set(options.vnis) }),
    everyPair,
    onPair: (pair) => {
      report.add(pair);
      if (!everyPair) return;
      const record = report.record(pair);
      if (options.pairs) pairs.push(record);
      if (options.onPairs) fresh.push(record);
    },
    // Between two taps a pair is the whole way.
    ...(everyPair && taps.length !== 2 ? { onPath } : {}),
  });
  const report = new CorrelationReport(taps, correlator);
  return {
    correlator,
    tell: async () => {
      const [toldPairs, toldPaths] = [fresh, freshPaths];
      fresh = [];
      freshPaths = [];
      if (toldPairs.length > 0) await options.onPairs?.(toldPairs);
      if (toldPaths.length > 0) await options.onPaths?.(toldPaths);
    },
    report: (endpoints, known) => ({ ...report.finish(endpoints, known), pairs, paths }),
  };
}

/** What the tallies of the taps know that pairing does not: who sent bare frames, and whether two taps are of one run. */
export function tapKnowledge(
  { clocks }: Correlator,
  tallies: readonly TapTally[],
  options: PairingOptions,
): TapKnowledge {
  const slackNs = BigInt(Math.round(options.windowNs ?? DEFAULT_WINDOW_NS));
  const timesOf = (tap: number): { first: bigint; last: bigint } | null => {
    const { firstTimeNs, lastTimeNs } = tallies[tap] as TapTally;
    const aheadNs = BigInt(Math.round(clocks.offsetsNs[tap] as number));
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
export function notePairing(
  correlator: Correlator,
  taps: readonly OpenTap[],
  tallies: readonly TapTally[],
  options: PairingOptions,
): void {
  for (const [index, { name }] of taps.entries()) {
    const short = correlator.unread(index);
    if (short > 0) options.onNote?.(`${name}: too little was captured of ${short} frames to pair them`);
  }
  if (correlator.tunnels.refused > 0) {
    options.onNote?.(`too many tunnels to tell apart: ${correlator.tunnels.refused} frames were not paired`);
  }
  if (correlator.pairs.length === 0) return;
  const rows = correlator.pairs.flatMap((pair) => [...pair.rows.values()]);
  if (rows.some(({ matched }) => matched > 0)) return;
  const { sameRun } = tapKnowledge(correlator, tallies, options);
  const apart = correlator.pairs.every(({ overlay, underlay }) => !sameRun(overlay, underlay));
  const why = apart
    ? 'their times do not overlap: they may not be of one run'
    : 'no frame of one is inside a tunnel of another';
  options.onNote?.(`nothing paired between these captures: ${why}`);
}

/** Says where captures hold bare frames alone, that these were not compared. */
export function noteUncompared(
  captures: readonly { readonly tap: string; readonly role: Role }[],
  options: PairingOptions,
): void {
  const bare = captures.filter(({ role }) => role === 'overlay').map(({ tap }) => tap);
  if (bare.length < 2) return;
  options.onNote?.(
    `nothing was compared between ${bare.join(', ')}: none holds VXLAN; if one is of the underlay, say so with --underlay`,
  );
}
