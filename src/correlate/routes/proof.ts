/**
 * Proof: whether a tap shows that frames should have come to an endpoint of it. It does while it was capturing without a
 * lapse, and where it is known to be behind the place that saw them.
 */
import type { Presence } from '../taps/presence.js';
import type { Absent } from './absentees.js';

/** What a proof is made of. */
export interface ProofParts {
  /** When the tap was capturing. */
  readonly presence: Presence;
  /** Frames that it may have seen, or its capture missed, nevertheless. */
  readonly missed: ReadonlySet<Absent>;
  /** Where they should have come to. */
  readonly endpoint: number;
  /** Whether that is known to be behind the place that saw them. */
  readonly isOrdered: boolean;
  /** How long the way there takes: a frame at the end may have been on it yet when the capture ended. */
  readonly takesNs: number;
}

/** What a tap shows of frames that were seen at a place before it. */
export class Proof {
  readonly #parts: ProofParts;

  constructor(parts: ProofParts) {
    this.#parts = parts;
  }

  /** Whether a frame that left the place at a time should have come. */
  covers(timeNs: number): boolean {
    const { presence, isOrdered, takesNs } = this.#parts;
    return isOrdered && presence.covers(timeNs) && presence.covers(timeNs + takesNs);
  }

  /** How many more than those that are listed it may have seen without telling which they are. */
  unreadBeyond(listed: number): number {
    return Math.max(0, this.#parts.presence.unread - listed);
  }

  /** Whether this frame should have: the capture may have a filter that leaves out ARP. */
  holds(frame: Absent): boolean {
    const { presence, missed, endpoint } = this.#parts;
    if (missed.has(frame) || !this.covers(frame.timeNs)) return false;
    const isOverlay = (endpoint & 1) === 0;
    return !frame.isArp || !isOverlay || presence.takesArp;
  }
}
