/**
 * An analysis that grows: what frames have shown so far, as live interfaces give them, and their pairing as it goes.
 */
import type { Analysis } from './analysis.js';
import { DEFAULT_WINDOW_NS } from './correlate/correlator.js';
import type { PairRecord, PathRecord } from './correlate/report/correlation.js';
import { FirstLook } from './correlate/taps/first-look.js';
import { Tunnels } from './correlate/taps/tunnels.js';
import type { DissectorOptions } from './dissect/dissector.js';
import type { Frame } from './dissect/frame.js';
import { Fragments } from './evidence/fragments.js';
import { Inventory } from './inventory/inventory.js';
import { type Role, TapTally } from './inventory/tap-tally.js';
import { type PairingOptions, type RunningPairing, startPairing, tapKnowledge } from './pair-taps.js';

/** An interface that is analysed. */
export interface LiveTap {
  readonly name: string;
  /** What it was told to see; null where its frames will tell. */
  readonly role: 'overlay' | 'underlay' | 'mixed' | null;
}

/** What a live analysis may be told. */
export interface LiveAnalysisOptions extends DissectorOptions {
  /** How long frames may be behind their time, ms: pairing waits for them. */
  readonly latencyMs: number;
  /** Called with pairs that became final. */
  readonly onPairs?: (pairs: readonly PairRecord[]) => void;
  /** The same with the ways of frames, where there are more than two interfaces. */
  readonly onPaths?: (paths: readonly PathRecord[]) => void;
}

/** What one interface has shown. */
export interface LiveTapSummary {
  readonly tap: string;
  readonly role: Role;
  readonly frames: number;
  readonly vxlanFrames: number;
  /** Bytes on the wire. */
  readonly bytes: number;
}

/** What was found so far. */
export interface LiveSnapshot extends Pick<Analysis, 'vteps' | 'tunnels' | 'endpoints' | 'correlation' | 'bum'> {
  readonly taps: readonly LiveTapSummary[];
}

/** Takes in frames in the order of their times, and says at any time what they come to. */
export class LiveAnalysis {
  readonly #taps: readonly LiveTap[];
  readonly #tallies: readonly TapTally[];
  readonly #inventory: Inventory;
  readonly #fragments: readonly Fragments[];
  readonly #pairing: RunningPairing | null;
  readonly #pairingOptions: PairingOptions;
  readonly #latencyMs: number;
  /** What times are counted from: near enough, they are exact to the nanosecond (104 days). NaN before the first frame. */
  #baseSeconds = Number.NaN;

  /** @param taps two or more are paired, if they can be */
  constructor(taps: readonly LiveTap[], options: LiveAnalysisOptions) {
    const { latencyMs, onPairs, onPaths } = options;
    this.#taps = taps;
    this.#tallies = taps.map(() => new TapTally());
    this.#inventory = new Inventory();
    this.#fragments = taps.map(() => new Fragments(this.#inventory, options));
    this.#latencyMs = latencyMs;
    this.#pairingOptions = {
      windowNs: DEFAULT_WINDOW_NS,
      ...(onPairs === undefined ? {} : { onPairs }),
      ...(onPaths === undefined ? {} : { onPaths }),
    };
    this.#pairing = taps.length > 1 ? startPairing(nothingLooked(taps), this.#pairingOptions) : null;
  }

  /** Takes in a frame that was dissected. @param tap its interface's place @param stack as it was captured. **Cost** amortised no allocation. */
  add(tap: number, frame: Frame, stack = frame.stack): void {
    const { number, seconds, nanoseconds, interfaceId } = frame;
    const tally = this.#tallies[tap] as TapTally;
    const fragments = this.#fragments[tap] as Fragments;
    if (Number.isNaN(this.#baseSeconds)) this.#baseSeconds = seconds;
    const timeNs = this.#timeNs(seconds, nanoseconds);
    const isFragment = stack.fragmentIndex >= 0;
    const taken = isFragment ? fragments.take(stack, number, timeNs, interfaceId) : stack;
    if (isFragment) tally.addFragment(stack, seconds, nanoseconds, taken);
    else tally.add(stack, seconds, nanoseconds);
    if (taken === null) return;
    const row = taken.tunnelIndex < 0 ? -1 : this.#inventory.add(taken);
    if (isFragment) fragments.sentBy(row, taken);
    this.#pairing?.correlator.add(tap, isFragment ? fragments.frame : number, timeNs, taken, 0, row);
  }

  /** Lets time pass without frames, and tells what has become final. @param nowMs since 1970 */
  async tell(nowMs: number): Promise<void> {
    if (!Number.isNaN(this.#baseSeconds)) {
      this.#pairing?.correlator.passTime((nowMs - this.#latencyMs - this.#baseSeconds * 1000) * 1e6);
    }
    await this.#pairing?.tell();
  }

  /** Ends the pairing: what still waits is settled, and told. */
  async finish(): Promise<void> {
    this.#pairing?.correlator.finish();
    await this.#pairing?.tell();
  }

  /** What was found so far; frames that may yet be paired are not in the pairing. **Cost** allocates. */
  snapshot(): LiveSnapshot {
    const inventory = this.#inventory;
    const innerMacs = inventory.innerMacs();
    const roles = this.#taps.map(({ role }, tap) => role ?? (this.#tallies[tap] as TapTally).role(innerMacs));
    const endpoints = inventory.endpoints();
    return {
      taps: this.#taps.map(({ name }, index) => {
        const { frames, vxlanFrames, bytes } = this.#tallies[index] as TapTally;
        return { tap: name, role: roles[index] as Role, frames, vxlanFrames, bytes };
      }),
      vteps: inventory.vteps(),
      tunnels: inventory.tunnels(),
      endpoints,
      ...this.#paired(endpoints, roles),
    };
  }

  #timeNs(seconds: number, nanoseconds: number): number {
    return (seconds - this.#baseSeconds) * 1e9 + nanoseconds;
  }

  /** Every interface was taken for anything: only now it is known which of them could be paired. */
  #paired(endpoints: LiveSnapshot['endpoints'], roles: readonly Role[]): Pick<LiveSnapshot, 'correlation' | 'bum'> {
    if (this.#pairing === null) return { correlation: null, bum: [] };
    const known = tapKnowledge(this.#pairing.correlator, this.#tallies, this.#pairingOptions);
    const { rows, hops, bum } = this.#pairing.report(endpoints, known);
    const roleOf = new Map(this.#taps.map(({ name }, tap) => [name, roles[tap]]));
    const sees = (tap: string, what: Role): boolean => roleOf.get(tap) === what || roleOf.get(tap) === 'mixed';
    const possible = rows.filter(({ overlay, underlay }) => sees(overlay, 'overlay') && sees(underlay, 'underlay'));
    // Where some of a tap's frames were in one VNI, a VNI that has none of them is another tap's.
    const paired = new Set(possible.filter(({ matched }) => matched > 0).map(({ overlay }) => overlay));
    const taps = possible.filter(({ overlay, matched }) => matched > 0 || !paired.has(overlay));
    const isDecided = taps.some(({ matched, overlayOnly, underlayOnly }) => matched + overlayOnly + underlayOnly > 0);
    return {
      correlation: isDecided ? { taps, hops } : null,
      bum: bum.filter(({ overlay }) => sees(overlay, 'overlay')),
    };
  }
}

/** Interfaces cannot be looked at before: what none was told may be anything. All of them have one clock. */
function nothingLooked(taps: readonly LiveTap[]): Parameters<typeof startPairing>[0] {
  const tunnels = new Tunnels();
  return {
    taps: taps.map(({ name, role }) => ({
      name,
      host: null,
      overlay: role !== 'underlay',
      underlay: role !== 'overlay',
      clockOffsetNs: 0,
    })),
    tunnels,
    look: new FirstLook(taps.length, tunnels),
    baseSeconds: 0,
  };
}
