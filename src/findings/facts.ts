/**
 * What rules judge by: all that the one pass found.
 */
import type { BumRow } from '../correlate/report/bum.js';
import type { CorrelationRow, HopRow } from '../correlate/report/correlation.js';
import type { Evidence } from '../evidence/evidence.js';
import type { Endpoint } from '../inventory/endpoints.js';
import type { Role } from '../inventory/tap-tally.js';
import type { Tunnel } from '../inventory/tunnels.js';
import type { Vtep } from '../inventory/vteps.js';
import type { Ways } from '../inventory/ways.js';

/** One tap. */
export interface TapFacts {
  readonly name: string;
  /** The host that its name gives; null where it gives none. */
  readonly host: string | null;
  readonly role: Role;
  readonly frames: number;
  readonly vxlanFrames: number;
  /** Bytes kept of a frame, by interface; 0 where there is no limit. */
  readonly snaplens: readonly number[];
  readonly ended: 'complete' | 'cut' | 'corrupt';
  /** Whether the file, or a manifest beside it, says when it was being captured: then what is absent was not there. */
  readonly isTimed: boolean;
  /** Why it ended, for people; empty where it is complete. */
  readonly endReason: string;
  /** Frames that the capture says were dropped; null where it does not tell. */
  readonly drops: number | null;
  /** Frames of which too little was captured to tell which they are: any that it seems to lack may be among them. */
  readonly unread: number;
  /** What its clock is ahead of the first tap's at the start, and was corrected by, ns; by how much that grows, in parts per billion. */
  readonly clockOffsetNs: number;
  readonly clockDriftPpb: number;
  /** Frames by stop code. */
  readonly stops: Readonly<Record<string, number>>;
  readonly evidence: Evidence;
}

/** All that was found. */
export interface Facts {
  /** In the order of the command line. */
  readonly taps: readonly TapFacts[];
  readonly vteps: readonly Vtep[];
  readonly tunnels: readonly Tunnel[];
  readonly endpoints: readonly Endpoint[];
  /** By overlay tap, underlay tap, VNI; empty where nothing was paired. */
  readonly pairings: readonly CorrelationRow[];
  readonly hops: readonly HopRow[];
  readonly bum: readonly BumRow[];
  /** The underlay tap that is an overlay tap's own, by name. */
  readonly ownUnderlay: ReadonlyMap<string, string>;
  /** By underlay tap, VTEPs that pairing shows to be on its host. */
  readonly localVteps: ReadonlyMap<string, ReadonlySet<string>>;
  /** VTEPs that the user says there are; none where nothing was said. */
  readonly givenVteps: readonly string[];
  /** Who sent which way, by the rows that evidence keeps. */
  readonly ways: Ways;
}
