/**
 * Runs plans: each step registers its undo before it acts, and whatever happens, what was done is undone in reverse.
 */
import { VxdumpError } from '../errors.js';
import type { Running, Runtime } from './runtime.js';
import type { Phase, Step } from './step.js';

const COMMAND_MS = 30_000;
const READY_MS = 15_000;
const POLL_MS = 20;
const UNDO_MS = 20_000;

/** A step that ran, for the manifest. */
export interface Done {
  readonly phase: string;
  readonly title: string;
  readonly argv: readonly string[];
  readonly milliseconds: number;
}

/** What a runner may be told. */
export interface RunnerOptions {
  readonly runtime: Runtime;
  readonly signal?: AbortSignal;
  /** Told the commands that would undo all that has begun, the last one first, before each step that adds one. */
  readonly onUndo?: (undo: readonly (readonly string[])[]) => void;
  /** Told when a phase begins, and with its time when it has ended. */
  readonly onPhase?: (title: string, milliseconds: number | null) => void;
}

interface Undo {
  readonly argv: readonly string[] | null;
  readonly running: Running | null;
}

/** Runs phases, and undoes them. */
export class Runner {
  readonly done: Done[];
  readonly running: Map<string, Running>;
  readonly #options: RunnerOptions;
  #undo: Undo[];
  #failed: boolean;

  constructor(options: RunnerOptions) {
    this.done = [];
    this.running = new Map();
    this.#options = options;
    this.#undo = [];
    this.#failed = false;
  }

  /** Runs a phase: its lanes side by side. After one fails no other begins a step. @throws VxdumpError the first failure */
  async phase({ title, lanes }: Phase): Promise<void> {
    if (lanes.length === 0) return;
    const startedMs = performance.now();
    this.#options.onPhase?.(title, null);
    const outcomes = await Promise.allSettled(lanes.map((lane) => this.#lane(title, lane)));
    const failure = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
    this.#options.onPhase?.(title, performance.now() - startedMs);
  }

  /** Ends captures, each with all that reached it. @returns name → what it wrote to stderr */
  async stopCaptures(names: readonly string[]): Promise<Map<string, string>> {
    const startedMs = performance.now();
    this.#options.onPhase?.('collect', null);
    const captures = names.flatMap((name) => {
      const process = this.running.get(name);
      return process === undefined ? [] : ([[name, process]] as const);
    });
    await Promise.all(captures.map(([, process]) => process.settle()));
    this.#undo = this.#undo.filter(({ running }) => !captures.some(([, process]) => process === running));
    const said = new Map(
      await Promise.all(captures.map(async ([name, process]) => [name, await process.stop()] as const)),
    );
    this.#options.onPhase?.('collect', performance.now() - startedMs);
    return said;
  }

  /** Undoes all, the last first; goes on where an undo fails. @returns what failed, a line each */
  async undo(): Promise<string[]> {
    const failures: string[] = [];
    for (let undo = this.#undo.pop(); undo !== undefined; undo = this.#undo.pop()) {
      try {
        if (undo.running !== null) await undo.running.stop();
        else if (undo.argv !== null) await this.#options.runtime.run(undo.argv, { timeoutMs: UNDO_MS });
      } catch (error) {
        failures.push((error as Error).message);
      }
    }
    return failures;
  }

  /** Leaves all as it is: the lab stays. @returns the commands that undo it, the last one first */
  undoCommands(): readonly (readonly string[])[] {
    return this.#undo.flatMap(({ argv }) => (argv === null ? [] : [argv])).reverse();
  }

  async #lane(phase: string, lane: readonly Step[]): Promise<void> {
    for (const step of lane) {
      if (this.#failed) return;
      if (this.#options.signal?.aborted) throw new VxdumpError('E_LAB_INTERRUPTED', 'interrupted');
      const startedMs = performance.now();
      try {
        await this.#step(step);
      } catch (error) {
        this.#failed = true;
        throw error;
      }
      const milliseconds = performance.now() - startedMs;
      this.done.push({ phase, title: step.title, argv: step.argv, milliseconds });
    }
  }

  async #step(step: Step): Promise<void> {
    const { runtime } = this.#options;
    const signal = this.#options.signal === undefined ? {} : { signal: this.#options.signal };
    if (step.do === 'wait') return this.#wait(step);
    if (step.do === 'start') {
      const running = await runtime.start(step, { timeoutMs: READY_MS, ...signal });
      this.running.set(step.name, running);
      this.#undo.push({ argv: null, running });
      return;
    }
    const answers = step.answers === undefined ? {} : { answers: step.answers };
    const timeoutMs = step.seconds === undefined ? COMMAND_MS : step.seconds * 1000;
    if (step.undo === undefined) {
      await runtime.run(step.argv, { timeoutMs, ...signal, ...answers });
      return;
    }
    const undo: Undo = { argv: step.undo, running: null };
    this.#undo.push(undo);
    try {
      this.#options.onUndo?.(this.undoCommands());
      // Not to be interrupted: whether it has acted would be unknown.
      await runtime.run(step.argv, { timeoutMs, ...answers });
    } catch (error) {
      // What failed by itself has done nothing, and what it ran into may be another's.
      if (!step.piecemeal && !(error as { timedOut?: boolean }).timedOut)
        this.#undo = this.#undo.filter((each) => each !== undo);
      throw error;
    }
  }

  async #wait({ title, argv, has }: Extract<Step, { do: 'wait' }>): Promise<void> {
    const { runtime, signal } = this.#options;
    const patterns = has.map((source) => new RegExp(source, 'm'));
    const deadlineMs = performance.now() + READY_MS;
    for (;;) {
      const text = await runtime.run(argv, {
        timeoutMs: COMMAND_MS,
        answers: [0, 1],
        ...(signal === undefined ? {} : { signal }),
      });
      if (patterns.every((pattern) => pattern.test(text))) return;
      if (this.#failed) return;
      if (signal?.aborted) throw new VxdumpError('E_LAB_INTERRUPTED', 'interrupted');
      if (performance.now() > deadlineMs) {
        throw new VxdumpError('E_LAB_COMMAND', `${title}: not so after ${READY_MS / 1000} s`);
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }
}
