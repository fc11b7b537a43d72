/**
 * A golden sequence as its file says it, after the schema has looked at it: schema `vxdump.golden/1`.
 */

/** Field → value, `$name`, range, prefix or a list of them; or a value that was seen. */
export type MatchDocument = Readonly<Record<string, ValueDocument | readonly ValueDocument[] | SeenDocument>>;
export type ValueDocument = string | number;

/** A value that a field had in an earlier frame that matches `in`, ignored or not; any value while there was none. */
export interface SeenDocument {
  readonly seen: string | readonly string[];
  readonly in: MatchDocument;
}

/** One frame that is expected. */
export interface FrameDocument {
  readonly name: string;
  readonly match: MatchDocument;
  /** Why it is expected. */
  readonly because?: string;
  readonly optional?: boolean;
  /** The longest time since the frame before it: `100ms`. */
  readonly within?: string;
}

/** Steps that come several times. */
export interface RepeatDocument {
  readonly repeat: { readonly min?: number; readonly max?: number };
  readonly steps: readonly StepDocument[];
}

/** Frames that come in any order. */
export interface UnorderedDocument {
  readonly unordered: readonly FrameDocument[];
}

export type StepDocument = FrameDocument | RepeatDocument | UnorderedDocument;

/** Frames that a capture may hold besides: a protocol's name, or a match. */
export type IgnoreDocument = string | { readonly match: MatchDocument; readonly because?: string };

/** What one tap is to see. */
export interface TapDocument {
  readonly tap?: string;
  readonly ignore?: readonly IgnoreDocument[];
  readonly steps: readonly StepDocument[];
  readonly absent?: readonly { readonly match: MatchDocument; readonly because?: string }[];
}

/** The whole file: one tap's sequence, or `taps` with several. */
export interface GoldenDocument extends Partial<TapDocument> {
  readonly schema: 'vxdump.golden/1';
  readonly name: string;
  readonly description?: string;
  readonly pairs?: 'complete';
  readonly taps?: readonly TapDocument[];
}
