/**
 * The taps of an analysis that pairs: each frame is dissected and taken in, but for plain ones, which are read where they
 * lie, and paired some at a time where that can be.
 */
import type { Runs } from './capture/merge-runs.js';
import type { FrameBatch } from './capture/source.js';
import type { Correlator } from './correlate/correlator.js';
import { PlainIdentities } from './correlate/identity/plain-identities.js';
import { STRIDE } from './correlate/identity/plain-record.js';
import type { PlainPairs } from './correlate/placement/plain-pairs.js';
import type { Recogniser } from './golden/recognise.js';
import type { TapPass } from './tap-pass.js';

/** One of the taps. */
interface PairedTap {
  readonly pass: TapPass;
  readonly identities: PlainIdentities;
  /** The number of the first frame of those that were read last; 0 of none. */
  firstRead: number;
  /** Which of those is the next. */
  position: number;
}

/** Takes in frames of several taps in the order of their times. */
export class PairedTaps {
  /** Takes plain frames some at a time; null where that cannot be. */
  readonly runs: Runs | null;
  readonly #taps: readonly PairedTap[];
  readonly #recogniser: Recogniser;
  readonly #correlator: Correlator;
  readonly #plainPairs: PlainPairs | null;
  readonly #baseSeconds: number;

  constructor(passes: readonly TapPass[], recogniser: Recogniser, correlator: Correlator, baseSeconds: number) {
    this.#taps = passes.map((pass) => ({ pass, identities: new PlainIdentities(), firstRead: 0, position: 0 }));
    this.#recogniser = recogniser;
    this.#correlator = correlator;
    this.#baseSeconds = baseSeconds;
    this.#plainPairs = correlator.plainPairs();
    this.runs = this.#plainPairs === null ? null : this.#runsOf(this.#plainPairs);
  }

  /** Takes in one frame. @param timeNs corrected. **Cost** amortised no allocation. */
  take(tap: number, batch: FrameBatch, index: number, timeNs: number): void {
    const { pass, identities } = this.#taps[tap] as PairedTap;
    const correlator = this.#correlator;
    if (this.#isPlain(tap, batch, index)) {
      correlator.addPlain(tap, timeNs, identities.records, (index - pass.plainFrom) * STRIDE);
      return;
    }
    const stack = pass.take(batch, index);
    if (this.#recogniser.fits(tap)) this.#recogniser.add(tap, batch, index);
    if (stack === null) return;
    correlator.add(tap, pass.frame, timeNs, stack, batch.interfaceId[index] as number, pass.sender);
  }

  /** Says that all frames of a tap's batch were taken. */
  endBatch(tap: number): void {
    (this.#taps[tap] as PairedTap).pass.endBatch();
    // It may have been the last batch: what was taken by itself waits no more.
    this.#plainPairs?.stand(tap, 0, 0, 0);
  }

  /** Whether a frame is plain; then it is counted, and what pairing asks of it is read. */
  #isPlain(tap: number, batch: FrameBatch, index: number): boolean {
    // The recogniser reads what was dissected.
    if (this.#recogniser.fits(tap)) return false;
    const own = this.#taps[tap] as PairedTap;
    if (!own.pass.isPlain(batch, index)) return false;
    if (own.pass.plainFrame !== own.firstRead) this.#read(tap, batch);
    return true;
  }

  #read(tap: number, { bytes }: FrameBatch): void {
    const own = this.#taps[tap] as PairedTap;
    const { plainFrom, plainEnd, plainFrame } = own.pass;
    const count = plainEnd - plainFrom;
    own.firstRead = plainFrame;
    own.identities.read(bytes, plainFrom, count, plainFrame, this.#baseSeconds);
    this.#plainPairs?.wait(tap, own.identities.records, count);
  }

  #runsOf(pairs: PlainPairs): Runs {
    const taps = this.#taps;
    return {
      ahead: (tap, batch, index, greatestNs) => {
        const own = taps[tap] as PairedTap;
        const isPlain = this.#isPlain(tap, batch, index);
        own.position = isPlain ? index - own.pass.plainFrom : 0;
        const end = isPlain ? own.pass.plainEnd - own.pass.plainFrom : 0;
        pairs.stand(tap, own.position, end, greatestNs);
        return end - own.position;
      },
      run: (limitNs) => pairs.run(limitNs),
      taken: (tap) => pairs.position(tap) - (taps[tap] as PairedTap).position,
      greatestNs: (tap) => pairs.greatestNs(tap),
    };
  }
}
