/**
 * Frames from a child: tcpdump or dumpcap, which capture for this process, so that it needs no privilege of its own; or a
 * process of ours that has `cap`. It writes a capture to a pipe, and the readers of files read it.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { VxdumpError } from '../../errors.js';
import { StreamBytes } from '../file/bytes-in.js';
import { openCaptureBytes } from '../file/open.js';
import type { CaptureInterface, FileSource, FrameBatch } from '../source.js';
import { groupOf } from './become.js';
import { withTags } from './kernel-filter.js';
import { ANY, type LiveCounters, type LiveOptions, type LiveSource, MAX_CABLE_LEN } from './live-source.js';

/** Sources that are programs. */
export type ChildKind = 'tcpdump' | 'dumpcap' | 'cap';
type Child = ChildProcessByStdio<null, Readable, Readable>;

/** How one of them is used. */
interface Recipe {
  /** Its longest latency, as a rule: how long it lets the kernel gather frames, and a little more. */
  readonly latencyMs: number;
  /** What it cannot do, in words; null where it can all that is asked. */
  readonly refusal: (options: LiveOptions) => string | null;
  /** What a user should know of its frames; empty where they are whole. */
  readonly caveat: string;
  readonly argv: (name: string, options: LiveOptions) => readonly string[];
}

/** Of what a child says, this much is kept. */
const MAX_SAID_LEN = 4096;
/** How long an answer to a signal is waited for, ms. */
const ANSWER_MS = 200;
/** Own defaults lose frames at rates that are common in a lab. */
const BUFFER_KIB = 32_768;
/** Of that 65,535 bytes are set aside for each frame, however short: it holds 4,000 of them. */
const CAP_BUFFER_KIB = 262_144;

const RECIPES: Readonly<Record<ChildKind, Recipe>> = {
  tcpdump: {
    latencyMs: 1_100,
    refusal: () => null,
    caveat: '',
    argv: (name, { snaplen, bufferKib, direction, promiscuous, filter, user }) => [
      ...['tcpdump', '-i', name, '-w', '-', '-U', '-n', '--time-stamp-precision=nano'],
      ...['-s', String(snaplen), '-B', String(bufferKib ?? BUFFER_KIB), '-Q', direction],
      ...(promiscuous ? [] : ['-p']),
      ...(user === null ? [] : ['-Z', user]),
      ...(filter === '' ? [] : ['--', kernelExpression(name, filter)]),
    ],
  },
  dumpcap: {
    latencyMs: 500,
    refusal: ({ direction }) => (direction === 'inout' ? null : 'knows no direction: leave -Q out'),
    caveat: '',
    argv: (name, { snaplen, bufferKib, promiscuous, filter, user }) => [
      ...(user === null ? [] : asUser(user)),
      ...['dumpcap', '-q', '-i', name, '-w', '-', '-s', String(snaplen)],
      ...(bufferKib === null ? [] : ['-B', String(Math.ceil(bufferKib / 1024))]),
      ...(promiscuous ? [] : ['-p']),
      ...(filter === '' ? [] : ['-f', kernelExpression(name, filter)]),
    ],
  },
  cap: {
    latencyMs: 50,
    refusal: ({ direction, promiscuous }) => {
      if (direction !== 'inout') return 'knows no direction: leave -Q out';
      return promiscuous ? null : 'is always promiscuous: leave -p out';
    },
    caveat: "gives no times, lengths or drops: a frame's time is when it got here, its length what got here of it",
    argv: (name, { snaplen, bufferKib, filter, user, capCommand }) => [
      ...capCommand,
      ...[name, String((bufferKib ?? CAP_BUFFER_KIB) * 1024), String(snaplen)],
      ...[filter === '' ? '' : kernelExpression(name, filter), user ?? ''],
    ],
  },
};

/** Starts a program as a user, with the capabilities that capturing takes: dumpcap has no -Z. */
function asUser(user: string): string[] {
  const capabilities = '+net_raw,+net_admin';
  return [
    ...['setpriv', `--reuid=${user}`, `--regid=${groupOf(user)}`, '--init-groups'],
    ...[`--inh-caps=${capabilities}`, `--ambient-caps=${capabilities}`],
  ];
}

function kernelExpression(name: string, filter: string): string {
  return name === ANY ? filter : withTags(filter);
}

/**
 * Starts a program that captures on one interface.
 *
 * @throws E_LIVE where it is not installed, or does not capture
 */
export async function openChild(kind: ChildKind, name: string, options: LiveOptions): Promise<LiveSource> {
  const recipe = RECIPES[kind];
  const refusal = recipe.refusal(options);
  if (refusal !== null) throw new VxdumpError('E_LIVE', `${kind} ${refusal}, or name another --source`);
  const [program, ...args] = recipe.argv(name, options);
  // A group of its own: Ctrl-C is for us to pass on, so that no frame is lost between the two.
  const child: Child = spawn(program as string, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_SAID_LEN);
  });
  // A signal that may not be sent is no reason to end: what it was for will.
  child.on('error', () => {});
  const ended = once(child, 'close');
  ended.catch(() => {});
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new VxdumpError('E_LIVE', `${kind} is not installed`, cause);
  }
  try {
    const source = await openCaptureBytes(name, new StreamBytes(name, child.stdout), {});
    if (recipe.caveat !== '') options.onNote(`${name}: source ${kind} ${recipe.caveat}`);
    return new ChildSource(kind, name, child, source, options.snaplen, ended, () => said);
  } catch (cause) {
    child.kill('SIGKILL');
    await ended;
    throw new VxdumpError('E_LIVE', `${name}: ${kind}: ${lastWords(kind, child, said)}`, cause);
  }
}

/** The line in which a program said why it ended. */
function lastWords(kind: ChildKind, { signalCode }: Child, said: string): string {
  if (kind === 'cap' && signalCode === 'SIGABRT') return 'its process was aborted: the interface went down, or away';
  const lines = said.split('\n').map((line) => line.trim());
  const own = lines.filter((line) => line !== '' && !NO_REASON.test(line));
  return (own.at(-1) ?? 'ended without a word').replace(new RegExp(`^${kind}: `), '');
}

/** What programs say besides. */
const NO_REASON =
  /^(tcpdump: \d+ packet|listening on|Capturing on|File:|\d+ packets? |Packets |Warning: .* may not actually work)/;

class ChildSource implements LiveSource {
  readonly kind: ChildKind;
  readonly path: string;
  readonly snaplen: number;
  readonly #child: Child;
  readonly #source: FileSource;
  readonly #ended: Promise<unknown>;
  readonly #said: () => string;
  #gso = 0;
  #stopped: boolean;

  constructor(
    kind: ChildKind,
    name: string,
    child: Child,
    source: FileSource,
    snaplen: number,
    ended: Promise<unknown>,
    said: () => string,
  ) {
    this.kind = kind;
    this.path = name;
    this.snaplen = snaplen;
    this.#child = child;
    this.#source = source;
    this.#ended = ended;
    this.#said = said;
    this.#stopped = false;
  }

  get timeDigits(): 6 | 9 {
    return 9;
  }

  get latencyMs(): number {
    return RECIPES[this.kind].latencyMs;
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.#source.interfaces.map((one) => ({ ...one, name: one.name ?? this.path }));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FrameBatch, void, undefined> {
    try {
      for await (const batch of this.#source) {
        for (let row = 0; row < batch.count; row++) {
          const isLong = (batch.wireLen[row] as number) > MAX_CABLE_LEN;
          batch.gso[row] = isLong ? 1 : 0;
          if (isLong) this.#gso++;
        }
        yield batch;
      }
      await this.#ended;
      if (this.#stopped) return;
      throw new VxdumpError(
        'E_LIVE',
        `${this.path}: ${this.kind} ended: ${lastWords(this.kind, this.#child, this.#said())}`,
      );
    } finally {
      await this.close();
    }
  }

  async counters(): Promise<LiveCounters> {
    // tcpdump tells when it is asked; dumpcap only at the end.
    if (this.kind === 'tcpdump' && this.#child.exitCode === null && !this.#stopped) {
      const before = this.#said().length;
      this.#child.kill('SIGUSR1');
      for (let waited = 0; waited < ANSWER_MS && this.#said().length === before; waited += 5) await setTimeout(5);
    }
    const said = this.#said();
    const told = /(\d+) packets? received by filter,?\s+(\d+) packets? dropped by kernel/g;
    const tcpdump = [...said.matchAll(told)].at(-1) ?? null;
    const dumpcap = /received\/dropped on interface .*?: (\d+)\/(\d+)/.exec(said);
    const [, received, dropped] = tcpdump ?? dumpcap ?? [];
    return {
      received: received === undefined ? null : Number(received) + (dumpcap === null ? 0 : Number(dropped)),
      dropped: dropped === undefined ? null : Number(dropped),
      gso: this.#gso,
    };
  }

  stop(): void {
    this.#stopped = true;
    this.#child.kill('SIGINT');
  }

  async close(): Promise<void> {
    this.#child.kill(this.#stopped ? 'SIGINT' : 'SIGKILL');
    await this.#source.close();
    await this.#ended;
  }
}
