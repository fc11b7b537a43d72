/**
 * A golden sequence, compiled: steps with their conditions, and the nodes that say in which order they may come.
 */
import type { Frame } from '../dissect/frame.js';
import type { Field } from '../fields/field.js';
import type { FieldTest } from '../fields/field-test.js';

/** What a name is bound to: a number, or text for IPv6 and text fields. */
export type Bound = number | string | null;

/** One condition of a match: a test, a value that was seen, or a name that binds at first sight. */
export interface Condition {
  readonly field: Field;
  /** As the file has it. */
  readonly expected: string;
  readonly test: FieldTest | null;
  /** The words of the one value that it asks for, where it is one. */
  readonly value: readonly number[] | null;
  /** Index of the source that has seen the value; -1 without. */
  readonly source: number;
  /** Index of the name; -1 without. */
  readonly name: number;
}

/** Where values are seen: fields of the frames that pass a test. */
export interface Source {
  readonly fields: readonly Field[];
  readonly test: FieldTest;
}

/** One frame that is expected. */
export interface Step {
  /** From 1, in file order. */
  readonly index: number;
  readonly name: string;
  readonly because: string | null;
  readonly optional: boolean;
  /** The longest time since the frame before it; infinite without one. */
  readonly withinNs: number;
  /** Tests, values that were seen, then names: what costs less, and says no more often, comes first. */
  readonly conditions: readonly Condition[];
}

/** Frames that are told by a match alone. */
export interface Pattern {
  readonly text: string;
  readonly because: string | null;
  readonly test: (frame: Frame) => boolean;
}

/** Where a thread may stand. */
export type Node =
  | { readonly op: 'step'; readonly step: number }
  | { readonly op: 'enter'; readonly loop: number }
  | { readonly op: 'again'; readonly loop: number }
  | { readonly op: 'unordered'; readonly steps: readonly number[] };

/** A repeat. */
export interface Loop {
  readonly min: number;
  readonly max: number;
  /** The node behind its `enter`. */
  readonly start: number;
  /** The node behind its `again`. */
  readonly exit: number;
  /** Names that are bound anew in every round: all their uses lie within it. */
  readonly names: readonly number[];
}

/** What one tap is to see. */
export interface TapGolden {
  /** Which tap or role it means; null for any. */
  readonly tap: string | null;
  readonly steps: readonly Step[];
  readonly nodes: readonly Node[];
  readonly loops: readonly Loop[];
  readonly ignore: readonly Pattern[];
  readonly absent: readonly Pattern[];
  readonly sources: readonly Source[];
}

/** A golden sequence. */
export interface Golden {
  readonly name: string;
  readonly description: string | null;
  /** Names that bind, `$` left out; all taps share them. */
  readonly names: readonly string[];
  readonly taps: readonly TapGolden[];
  /** Whether every overlay frame must have its encapsulation. */
  readonly pairsComplete: boolean;
}
