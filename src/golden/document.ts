/**
 * A golden sequence as its file says it, after the schema has looked at it: schema `vxdump.golden/1`.
 */

/** Field → value, `$name`, range, prefix or a list of them. */
export type MatchDocument = Readonly<Record<string, ValueDocument | readonly ValueDocument[]>>;
export type ValueDocument = string | number;

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
