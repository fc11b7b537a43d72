/**
 * What a plan is made of: data that can be printed, counted and undone.
 */

/** A command that runs to its end. */
export interface CommandStep {
  readonly do: 'command';
  readonly title: string;
  readonly argv: readonly string[];
  /** Undoes it; registered before it runs. */
  readonly undo?: readonly string[];
  /** Whether it may have done a part of its work where it fails, so that it is to be undone then as well. */
  readonly piecemeal?: true;
  /** How long it may take, where that is longer than a command's usual time. */
  readonly seconds?: number;
  /** Exit codes that are as good as 0, or what must come in its place. */
  readonly answers?: readonly number[];
}

/** A command that is asked again until its output matches all of `has`. */
export interface WaitStep {
  readonly do: 'wait';
  readonly title: string;
  readonly argv: readonly string[];
  /** Regular expressions, `^` and `$` at lines. */
  readonly has: readonly string[];
}

/** A process that stays: a capture, or the relay. It is ready when its stderr says so, and ends by its handle. */
export interface StartStep {
  readonly do: 'start';
  readonly title: string;
  readonly name: string;
  readonly argv: readonly string[];
  /** What sends it a signal, whose name is put behind; null where the process is vxdump's own child. */
  readonly signal: readonly string[] | null;
  readonly ready: string;
}

export type Step = CommandStep | WaitStep | StartStep;

/** Steps for one purpose. Lanes do not need each other and run side by side; steps within a lane run in order. */
export interface Phase {
  readonly title: string;
  readonly lanes: readonly (readonly Step[])[];
}

/** All that a run does between doctor and down. */
export interface Plan {
  readonly lab: string;
  /** Builds the network. */
  readonly up: readonly Phase[];
  readonly captures: Phase;
  /** Resolves what must be resolved before the first tunnel packet. */
  readonly prime: Phase;
  readonly traffic: Phase;
}

/** A command line as a shell would take it, for people to read. */
export function commandLine(argv: readonly string[]): string {
  return argv.map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ');
}
