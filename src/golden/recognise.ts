/**
 * Which shipped golden a capture matches, for analyses: given up at the first frame that none of them explains.
 */
import type { Frame } from '../dissect/frame.js';
import type { TimedColumns } from '../dissect/frame-cursor.js';
import type { LayerStack } from '../wire/stack.js';
import { GoldenCheck } from './check.js';
import { compileGolden } from './compile.js';
import type { Golden, TapGolden } from './golden.js';
import { SHIPPED } from './shipped.js';
import { type SequenceVerdict, sequenceVerdict } from './verdict.js';

/** A longer capture is not named: to go on would cost more than it tells. */
const MAX_FRAMES = 10_000;

/** What the checks read of the frame at hand. */
interface Present extends Frame {
  number: number;
  capturedLen: number;
  wireLen: number;
  seconds: number;
  nanoseconds: number;
  stack: LayerStack;
}

interface Candidate {
  readonly golden: Golden;
  readonly check: GoldenCheck;
}

/** Holds every tap's frames against every golden that ships. */
export class Recogniser {
  readonly #taps: readonly string[];
  readonly #present: Present[];
  readonly #candidates: Candidate[][];

  /** @param taps their names @param stacks where each tap's frames are dissected */
  constructor(taps: readonly string[], stacks: readonly LayerStack[]) {
    const goldens = SHIPPED.map(({ document }) => compileGolden(document));
    this.#taps = taps;
    this.#present = stacks.map((stack, index) => ({
      number: 0,
      tap: taps[index] as string,
      interfaceId: -1,
      interfaceName: null,
      capturedLen: 0,
      wireLen: 0,
      seconds: Number.NaN,
      nanoseconds: 0,
      stack,
    }));
    this.#candidates = taps.map(() =>
      goldens.map((golden) => ({
        golden,
        check: new GoldenCheck(golden, golden.taps[0] as TapGolden, { explain: false }),
      })),
    );
  }

  /** Whether a tap still fits: once it does not, its frames need not be given. **Cost** no allocation. */
  fits(tap: number): boolean {
    return (this.#candidates[tap] as Candidate[]).length > 0;
  }

  /** Takes a tap's next frame, dissected in that tap's stack. **Cost** nothing once the tap fits no golden. */
  add(tap: number, batch: TimedColumns, index: number): void {
    const candidates = this.#candidates[tap] as Candidate[];
    if (candidates.length === 0) return;
    const present = this.#present[tap] as Present;
    present.number++;
    present.capturedLen = batch.capturedLen[index] as number;
    present.wireLen = batch.wireLen[index] as number;
    present.seconds = batch.seconds[index] as number;
    present.nanoseconds = batch.nanoseconds[index] as number;
    if (present.number > MAX_FRAMES) {
      this.#candidates[tap] = [];
      return;
    }
    let failed = false;
    for (const { check } of candidates) {
      check.add(present);
      failed ||= check.failed;
    }
    if (failed) this.#candidates[tap] = candidates.filter(({ check }) => !check.failed);
  }

  /** The golden that a whole capture matches: of an underlay before an overlay, as goldens are listed; null without one. */
  finish(): SequenceVerdict | null {
    const verdicts = this.#candidates.flatMap((candidates, tap) =>
      candidates.map(({ golden, check }) => ({
        golden,
        verdict: { ...check.finish(), tap: this.#taps[tap] as string },
      })),
    );
    for (const { name } of SHIPPED) {
      const found = verdicts.find(({ golden, verdict }) => golden.name === name && verdict.passed);
      if (found !== undefined) return sequenceVerdict(name, found.verdict);
    }
    return null;
  }
}
