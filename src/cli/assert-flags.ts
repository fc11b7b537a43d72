/**
 * Options of `vxdump assert`, by the names that commander gives them.
 */
export const REPORTERS = ['pretty', 'json', 'junit', 'tap', 'github'] as const;

/** A reporter and the file that it writes; null is stdout. */
export interface Reporter {
  readonly name: (typeof REPORTERS)[number];
  readonly path: string | null;
}

export interface AssertFlags {
  readonly golden: string;
  readonly reporter: Reporter[];
  readonly vxlanPort: number[];
  readonly allowTruncated?: true;
  readonly color: string;
}
