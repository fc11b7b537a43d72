/**
 * The only thing in the lab that acts. Tests have one that records.
 */
import type { StartStep } from './step.js';

/** A process that was started and is ready. */
export interface Running {
  readonly pid: number;
  /** Ends it, and waits until it has. @returns what it wrote to stderr @throws VxdumpError E_LAB_COMMAND where it failed */
  stop(): Promise<string>;
  /** Waits until it has handled all that reached it. */
  settle(): Promise<void>;
}

/** What a command may be told. */
export interface RunOptions {
  readonly timeoutMs: number;
  /** Ends it early. */
  readonly signal?: AbortSignal;
  /** Exit codes that are no failure; 0 where left out. */
  readonly answers?: readonly number[];
}

/** Runs commands and keeps processes. */
export interface Runtime {
  /** Runs a command to its end. @returns its stdout @throws VxdumpError E_LAB_COMMAND */
  run(argv: readonly string[], options: RunOptions): Promise<string>;
  /** Starts a process, and waits until its stderr has what makes it ready. @throws VxdumpError E_LAB_COMMAND */
  start(step: Pick<StartStep, 'argv' | 'signal' | 'ready'>, options: RunOptions): Promise<Running>;
}
