/**
 * What live sources have in common. A live source gives frames until it is stopped; what goes wrong on the way is
 * thrown by the iteration, behind every frame that was captured before.
 */
import type { FrameSource } from '../source.js';

/** The ways to capture. */
export type SourceKind = 'ring' | 'tcpdump' | 'dumpcap' | 'cap';

/** How to capture. */
export interface LiveOptions {
  /** Bytes kept of a frame. */
  readonly snaplen: number;
  /** Memory that the kernel may fill while nobody reads, in KiB; null: the source's own default. */
  readonly bufferKib: number | null;
  readonly direction: 'in' | 'out' | 'inout';
  /** Whether frames for other stations are wanted, too. */
  readonly promiscuous: boolean;
  /** A libpcap filter that the kernel runs; empty: every frame. */
  readonly filter: string;
  /** Whom a child is to run on as once it captures, so that this process, which is that user then, may end it; null: as it is. */
  readonly user: string | null;
  /** What starts the process that has the source `cap`: a program and its first words. It runs in `/`. */
  readonly capCommand: readonly string[];
  /** Called with what a user should know: an interface that went down, a thing that the source cannot tell. */
  readonly onNote: (note: string) => void;
}

/** What was counted since the start. */
export interface LiveCounters {
  /** Frames that passed the kernel's filter, dropped ones among them; null where the source does not tell. */
  readonly received: number | null;
  /** Frames that the kernel had no room for; null where the source does not tell. */
  readonly dropped: number | null;
  /** Frames that are large segments, or longer than any cable carries. */
  readonly gso: number;
}

/** Frames of one interface, as they come. */
export interface LiveSource extends FrameSource {
  readonly kind: SourceKind;
  /** Bytes kept of a frame. */
  readonly snaplen: number;
  /** How long a frame is on its way to here at the most, as a rule, ms. */
  readonly latencyMs: number;
  /** What was counted so far; the last word once the iteration has ended. */
  counters(): Promise<LiveCounters>;
  /** Ends the capture: the iteration gives what was captured until now and is over. */
  stop(): void;
}

/** Longer than a jumbo frame on any cable: it is cut behind the point of capture, or was put together before it. */
export const MAX_CABLE_LEN = 9_234;

/** The name of all interfaces together, as tcpdump has it. */
export const ANY = 'any';
