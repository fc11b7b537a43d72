/**
 * What came of holding a capture against a golden sequence: the `sequence` of an analysis and what reporters print.
 */
import type { FrameView } from '../dissect/frame-view.js';
import type { Bound, Golden, Step } from './golden.js';

/** How a step and a frame stand to each other. */
export type Outcome = 'matched' | 'ignored' | 'field' | 'missing' | 'extra' | 'order';

/** A condition that does not hold. */
export interface FieldDifference {
  readonly field: string;
  /** A number, an address, a prefix or range as the golden has it. */
  readonly expected: number | string;
  /** Null where the frame has no such field. */
  readonly actual: number | string | null;
  /** What bound the expected value, where a name did. */
  readonly name?: string;
}

/** A line of the alignment. */
export interface Row {
  readonly outcome: Outcome;
  readonly step: Step | null;
  /** The frame's number; null for a missing step. */
  readonly frame: number | null;
  /** The frame itself, where it was kept. */
  readonly view: FrameView | null;
  readonly fields: readonly FieldDifference[];
  /** More for people: which `ignore` or `absent` it was. */
  readonly note: string | null;
  /** What names are bound to there; null for one that is free up to the end. */
  readonly bound: readonly Bound[];
}

/** A frame that was expected. */
export interface ExpectedFrame {
  readonly view: FrameView;
  /** Values in it that nobody knows, as text, and what to say in their place: `$vm2_mac`, `10.0.0.0/8`. */
  readonly words: ReadonlyMap<string, string>;
}

/** What was expected at a divergence. */
export interface Expected {
  /** The row of the step that asks for it. */
  readonly row: Row;
  /** A frame such as it asks for; null where no frame of the capture comes near. */
  readonly frame: ExpectedFrame | null;
}

/** What one tap's capture came to. */
export interface TapVerdict {
  readonly tap: string;
  readonly passed: boolean;
  readonly frames: number;
  readonly matched: number;
  readonly ignored: number;
  /** Ignored frames by what ignores them. */
  readonly ignoredBy: ReadonlyMap<string, number>;
  /** The alignment, in order; of a long one the first rows, and those at the divergence. */
  readonly rows: readonly Row[];
  /** The first row that is neither matched nor ignored. */
  readonly divergence: Row | null;
  /** The frame that came where the divergence is, the first that does not fit; null at the capture's end. */
  readonly actual: Row | null;
  /** What was expected there; null at the sequence's end. */
  readonly expected: Expected | null;
  /** Frames behind the part that was aligned. */
  readonly unaligned: number;
}

/** One capture held against one golden. */
export interface GoldenResult {
  readonly golden: Golden;
  readonly path: string;
  /** How the capture ended, for people; null where it is whole. */
  readonly cut: string | null;
  readonly verdict: TapVerdict;
  /** What fails besides the sequence: pairs that are not complete. */
  readonly problems: readonly string[];
}

/** Whether a result is good. */
export function passed({ verdict, problems }: GoldenResult): boolean {
  return verdict.passed && problems.length === 0;
}

/** `sequence` of `vxdump.analysis/1`, and of `--reporter json`. */
export interface SequenceVerdict {
  readonly golden: string;
  readonly tap: string;
  readonly verdict: 'pass' | 'fail';
  readonly matched: number;
  readonly ignored: number;
  readonly steps: readonly {
    readonly index: number;
    readonly name: string;
    readonly outcome: Outcome;
    readonly frame: number | null;
  }[];
  readonly divergence: {
    readonly kind: 'field' | 'missing' | 'extra' | 'order';
    readonly step: { readonly index: number; readonly name: string } | null;
    readonly actual: { readonly tap: string; readonly frame: number } | null;
    readonly fields: readonly FieldDifference[];
  } | null;
}

/** A verdict as its JSON says it. **Cost** an object a row. */
export function sequenceVerdict(golden: string, verdict: TapVerdict): SequenceVerdict {
  const { divergence, actual, tap } = verdict;
  return {
    golden,
    tap,
    verdict: verdict.passed ? 'pass' : 'fail',
    matched: verdict.matched,
    ignored: verdict.ignored,
    steps: verdict.rows.flatMap(({ step, outcome, frame }) =>
      step === null || outcome === 'extra' ? [] : [{ index: step.index, name: step.name, outcome, frame }],
    ),
    divergence:
      divergence === null
        ? null
        : {
            kind: divergence.outcome as 'field' | 'missing' | 'extra' | 'order',
            step: divergence.step === null ? null : { index: divergence.step.index, name: divergence.step.name },
            actual: actual === null || actual.frame === null ? null : { tap, frame: actual.frame },
            fields: divergence.fields,
          },
  };
}
