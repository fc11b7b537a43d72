/**
 * The runtime of this machine: child processes, in sessions of their own so that Ctrl-C reaches vxdump alone.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { VxdumpError } from '../errors.js';
import type { Running, Runtime } from './runtime.js';
import { commandLine } from './step.js';

const STOP_MS = 5_000;
const PIPES_MS = 2_000;
const OUTPUT_LIMIT = 1024 * 1024;
const ENVIRONMENT = { ...process.env, LC_ALL: 'C', LANG: 'C' };

/** How a process ended: data, before it is judged. */
interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A command of the lab that failed: all of it, for who wants more than the line. */
export class CommandError extends VxdumpError {
  readonly argv: readonly string[];
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly timedOut: boolean;
  readonly stdout: string;
  readonly stderr: string;

  constructor(argv: readonly string[], outcome: Outcome, how: string, timedOut: boolean, cause?: unknown) {
    const lines = (outcome.stderr.trim() || outcome.stdout.trim()).split('\n');
    const said = lines.findLast((line) => /\berror\b/i.test(line)) ?? lines.at(-1) ?? '';
    super('E_LAB_COMMAND', `${commandLine(argv)}: ${how}${said === '' ? '' : `: ${said}`}`, cause);
    this.name = 'CommandError';
    this.argv = argv;
    this.exitCode = outcome.code;
    this.signal = outcome.signal;
    this.timedOut = timedOut;
    this.stdout = outcome.stdout;
    this.stderr = outcome.stderr;
  }
}

class Child {
  readonly process: ChildProcess;
  readonly ended: Promise<Outcome>;
  stderr: string;

  constructor(argv: readonly string[]) {
    const [command, ...words] = argv as [string, ...string[]];
    this.process = spawn(command, words, { detached: true, env: ENVIRONMENT, stdio: ['ignore', 'pipe', 'pipe'] });
    this.stderr = '';
    let stdout = '';
    this.process.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout = (stdout + text).slice(-OUTPUT_LIMIT);
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.stderr = (this.stderr + text).slice(-OUTPUT_LIMIT);
    });
    this.ended = new Promise((resolve, reject) => {
      this.process.once('error', (error) => {
        const outcome = { code: null, signal: null, stdout: '', stderr: '' };
        reject(new CommandError(argv, outcome, `cannot be run (${error.message})`, false, error));
      });
      // All that it wrote, unless a child of its own keeps the pipes.
      this.process.once('exit', (code, signal) => {
        const done = (): void => resolve({ code, signal, stdout, stderr: this.stderr });
        const late = setTimeout(done, PIPES_MS);
        this.process.once('close', () => {
          clearTimeout(late);
          done();
        });
      });
    });
    this.ended.catch(() => {});
  }

  /** A signal to it and to what it started. */
  kill(signal: NodeJS.Signals): void {
    const { pid } = this.process;
    if (pid === undefined || this.process.exitCode !== null || this.process.signalCode !== null) return;
    try {
      process.kill(-pid, signal);
    } catch {
      // It ended by itself meanwhile.
    }
  }
}

/** Runs commands on this machine. */
export const machine: Runtime = {
  async run(argv, { timeoutMs, signal, answers = [0] }) {
    const child = new Child(argv);
    const { outcome, late, aborted } = await within(child, child.ended, timeoutMs, signal);
    if (aborted) throw new VxdumpError('E_LAB_INTERRUPTED', 'interrupted');
    if (late) throw new CommandError(argv, outcome, `no end after ${timeoutMs / 1000} s`, true);
    if (!answers.includes(outcome.code ?? -1)) throw new CommandError(argv, outcome, ending(outcome), false);
    return outcome.stdout;
  },
  async start({ argv, signal: reach, ready }, { timeoutMs, signal }) {
    const child = new Child(argv);
    const isReady = new Promise<null>((resolve) => {
      const look = (): void => {
        if (child.stderr.includes(ready)) resolve(null);
      };
      child.process.stderr?.on('data', look);
    });
    const first = await within(child, Promise.race([isReady, child.ended]), timeoutMs, signal);
    if (first.aborted) throw new VxdumpError('E_LAB_INTERRUPTED', 'interrupted');
    if (first.late) throw new CommandError(argv, first.outcome, `not ready after ${timeoutMs / 1000} s`, true);
    if (first.outcome !== null) throw new CommandError(argv, first.outcome, ending(first.outcome), false);
    return running(argv, reach, child);
  },
};

/** Waits for `done`, and ends the child where that takes too long or the signal comes. */
async function within<Done>(
  child: Child,
  done: Promise<Done>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<
  { outcome: Done | Outcome; late: false; aborted: false } | { outcome: Outcome; late: boolean; aborted: boolean }
>;
async function within(
  child: Child,
  done: Promise<unknown>,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<{ outcome: unknown; late: boolean; aborted: boolean }> {
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), timeoutMs);
  });
  const aborted = new Promise<'aborted'>((resolve) => {
    onAbort = () => resolve('aborted');
    if (signal?.aborted) onAbort();
    else signal?.addEventListener('abort', onAbort, { once: true });
  });
  try {
    const first = await Promise.race([done, late, aborted]);
    if (first !== 'late' && first !== 'aborted') return { outcome: first, late: false, aborted: false };
    child.kill('SIGKILL');
    return { outcome: await child.ended, late: first === 'late', aborted: first === 'aborted' };
  } finally {
    clearTimeout(timer);
    if (onAbort !== undefined) signal?.removeEventListener('abort', onAbort);
  }
}

function running(argv: readonly string[], reach: readonly string[] | null, child: Child): Running {
  const send = async (signal: 'USR1' | 'INT'): Promise<void> => {
    if (reach === null) child.kill(`SIG${signal}`);
    else await machine.run([...reach, signal], { timeoutMs: STOP_MS });
  };
  return {
    pid: child.process.pid as number,
    async settle() {
      // tcpdump answers SIGUSR1 with its counts: it has handled all once they agree.
      const deadline = Date.now() + STOP_MS;
      while (Date.now() < deadline && child.process.exitCode === null) {
        const from = child.stderr.length;
        await send('USR1');
        const counts = await answer(child, from);
        if (counts === null || counts[0] === counts[1]) return;
      }
    },
    async stop() {
      await send('INT');
      const { outcome, late } = await within(child, child.ended, STOP_MS, undefined);
      if (late) throw new CommandError(argv, outcome, `did not end within ${STOP_MS / 1000} s of SIGINT`, true);
      if (outcome.code !== 0) throw new CommandError(argv, outcome, ending(outcome), false);
      return outcome.stderr;
    },
  };
}

/** The counts `captured, received` that follow in stderr; null where none come. */
async function answer(child: Child, from: number): Promise<[number, number] | null> {
  for (let tries = 0; tries < 100; tries++) {
    const found = /(\d+) packets? captured, (\d+) packets? received/.exec(child.stderr.slice(from));
    if (found !== null) return [Number(found[1]), Number(found[2])];
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return null;
}

function ending({ code, signal }: Outcome): string {
  return signal === null ? `exit ${code}` : `ended by ${signal}`;
}
