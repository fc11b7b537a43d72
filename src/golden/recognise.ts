/**
 * Which shipped golden a capture matches, for analyses: given up at the first frame that none of them explains.
 */
import type { Frame } from '../dissect/frame.js';
import { GoldenCheck } from './check.js';
import { compileGolden } from './compile.js';
import { SHIPPED } from './shipped.js';
import { type SequenceVerdict, sequenceVerdict } from './verdict.js';

/** One tap's recogniser. */
export class Recogniser {
  #checks: { readonly name: string; readonly check: GoldenCheck }[];

  constructor() {
    this.#checks = SHIPPED.flatMap(({ name, document }) => {
      const golden = compileGolden(document);
      const [tap] = golden.taps;
      return tap === undefined ? [] : [{ name, check: new GoldenCheck(golden, tap, { explain: false }) }];
    });
  }

  /** Whether any golden still fits: without, frames need not be given. */
  get running(): boolean {
    return this.#checks.length > 0;
  }

  /** Takes the capture's next frame. */
  add(frame: Frame): void {
    for (const { check } of this.#checks) check.add(frame);
    if (this.#checks.some(({ check }) => check.failed))
      this.#checks = this.#checks.filter(({ check }) => !check.failed);
  }

  /** The first golden that the whole capture matches; null where none does. */
  finish(tap: string): SequenceVerdict | null {
    for (const { name, check } of this.#checks) {
      const verdict = check.finish();
      if (verdict.passed) return sequenceVerdict(name, { ...verdict, tap });
    }
    return null;
  }
}
