/**
 * What a finding is, and what a rule is that makes them.
 */
import type { FrameReference } from '../correlate/report/correlation.js';
import type { Facts } from './facts.js';

/** How bad it is: `error` breaks traffic, `warning` may, `info` is worth knowing. */
export type Severity = 'error' | 'warning' | 'info';

/** Worst first. */
export const SEVERITIES: readonly Severity[] = ['error', 'warning', 'info'];

/** One thing that is wrong, or worth knowing. */
export interface Finding {
  readonly id: string;
  readonly severity: Severity;
  /** One sentence with its numbers; what is not proven is called likely. */
  readonly message: string;
  /** The frames that show it, at most 100. */
  readonly evidence: readonly FrameReference[];
  /** What to do. */
  readonly fix: string;
}

/** What a rule claims: a finding, and what it is about, by which consequences are folded into causes. */
export interface Claim extends Omit<Finding, 'id'> {
  readonly about: {
    /** Null where it is about no VNI in particular. */
    readonly vni: number | null;
    /** Addresses of the VTEPs that it is about; none where it is about no VTEP in particular. */
    readonly vteps: readonly string[];
  };
}

/** A kind of finding: one file each, listed in `registry.ts`. */
export interface Rule {
  /** Unique; docs/findings.md has a section of this name. */
  readonly id: string;
  /** What it means, in half a sentence: the title that SARIF viewers show. */
  readonly title: string;
  /** Rules whose findings explain this one, where they are about the same VNI and VTEPs: then it is not told besides. */
  readonly consequenceOf?: readonly string[];
  /** What the facts prove. **Cost** runs once, when all frames were read. */
  judge(facts: Facts): Claim[];
}
