/**
 * The shape of an analysis, schema `vxdump.analysis/1`: what `analyze` returns and `--format json` prints.
 */
import type { CaptureFormat, SourceEnd } from './capture/source.js';
import type { BumRow } from './correlate/report/bum.js';
import type { CorrelationRow, HopRow, PairRecord, PathRecord } from './correlate/report/correlation.js';
import type { Finding } from './findings/finding.js';
import type { SequenceVerdict } from './golden/verdict.js';
import type { Endpoint } from './inventory/endpoints.js';
import type { Role } from './inventory/tap-tally.js';
import type { Tunnel } from './inventory/tunnels.js';
import type { Vtep } from './inventory/vteps.js';

/** One capture. */
export interface CaptureSummary {
  readonly tap: string;
  readonly path: string;
  readonly role: Role;
  readonly format: CaptureFormat;
  /** Absent where the file is not compressed. */
  readonly compression?: 'gzip' | 'zstd';
  readonly linkTypes: readonly string[];
  readonly frames: number;
  readonly vxlanFrames: number;
  /** Bytes on the wire. */
  readonly bytes: number;
  /** Least time, ns since 1970 in decimal; null without frames, or where none has a time. */
  readonly firstTimeNs: string | null;
  /** Greatest time. */
  readonly lastTimeNs: string | null;
  readonly ended: SourceEnd['ended'];
  /** Frames by stop code. */
  readonly stops: Readonly<Record<string, number>>;
}

/** A report over one or many captures. */
export interface Analysis {
  readonly schema: 'vxdump.analysis/1';
  readonly captures: readonly CaptureSummary[];
  readonly vteps: readonly Vtep[];
  readonly tunnels: readonly Tunnel[];
  readonly endpoints: readonly Endpoint[];
  /** Null with fewer than two roles, though findings go by what passed from one underlay tap to another. */
  readonly correlation: {
    /** By overlay tap, underlay tap, VNI. */
    readonly taps: readonly CorrelationRow[];
    /** By tunnel, in the order of the way through it. */
    readonly hops: readonly HopRow[];
    /** In the order in which they became final; only where asked for. */
    readonly pairs?: readonly PairRecord[];
    /** The same of the ways of frames, where there are more than two taps, or one that sees frames several times. */
    readonly paths?: readonly PathRecord[];
  } | null;
  /** By overlay tap, VNI, frame. */
  readonly bum: readonly BumRow[];
  /** The golden that ships which a capture matches; null without one. */
  readonly sequence: SequenceVerdict | null;
  /** Worst first. */
  readonly findings: readonly Finding[];
}
