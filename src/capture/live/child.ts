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
/** How often it is asked whether all has come. */
const ASK_MS = 20;
/** How long a child may take to end once it is told to, ms. */
const END_MS = 1_000;
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
  // A group of its own: Ctrl-C is for us to pass on, so that no frame is lost between the two. Not in our folder: dumpcap
  // takes a pipe there for the interface of that name, and fails where it may not look.
  const child: Child = spawn(program as string, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    cwd: '/',
  });
  const said = new Said();
  child.stderr.setEncoding('utf8').on('data', (text: string) => said.add(text));
  // A signal that may not be sent is no reason to end: what it was for will.
  child.on('error', () => {});
  const ended = once(child, 'close');
  ended.catch(() => {});
  endWithProcess(child);
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new VxdumpError('E_LIVE', `${kind} is not installed`, cause);
  }
  try {
    const source = await openCaptureBytes(name, new StreamBytes(name, child.stdout), {});
    if (recipe.caveat !== '') options.onNote(`${name}: source ${kind} ${recipe.caveat}`);
    return new ChildSource(kind, name, child, source, options.snaplen, ended, said);
  } catch (cause) {
    child.kill('SIGKILL');
    await ended;
    throw new VxdumpError('E_LIVE', `${name}: ${kind}: ${lastWords(kind, child, said.text)}`, cause);
  }
}

/** Children that run. */
const RUNNING = new Set<Child>();

/** A child without frames to write would not notice that this process is gone. */
function endWithProcess(child: Child): void {
  if (RUNNING.size === 0) process.on('exit', killRunning);
  RUNNING.add(child);
  child.once('exit', () => {
    RUNNING.delete(child);
    if (RUNNING.size === 0) process.off('exit', killRunning);
  });
}

function killRunning(): void {
  for (const child of RUNNING) child.kill('SIGKILL');
}

/** The line in which a program said why it ended: the one that bears its name, with what follows in parentheses. */
function lastWords(kind: ChildKind, { signalCode }: Child, said: string): string {
  if (kind === 'cap' && signalCode === 'SIGABRT') return 'its process was aborted: the interface went down, or away';
  const lines = said.split('\n').map((line) => line.trim());
  const own = lines.filter((line) => line !== '' && !NO_REASON.test(line));
  const named = own.findLastIndex((line) => line.startsWith(`${kind}: `));
  if (named < 0) return own.at(-1) ?? 'ended without a word';
  const reason = (own[named] as string).slice(kind.length + 2);
  const why = own[named + 1];
  return why?.startsWith('(') ? `${reason} ${why}` : reason;
}

/** What programs say besides. */
const NO_REASON =
  /^(tcpdump: \d+ packet|listening on|Capturing on|File:|\d+ packets? |Packets |Warning: .* may not actually work)/;

/** Counts as tcpdump says them, asked or at its end. */
const TCPDUMP_COUNTS = /(\d+) packets? received by filter,?\s+(\d+) packets? dropped by kernel/g;
/** Its answer to SIGUSR1. */
const TCPDUMP_ANSWER = /(\d+) packets? captured, (\d+) packets? received by filter, (\d+) packets? dropped by kernel/;

/** What a child says: the end of it, and how long it was. */
class Said {
  text: string;
  /** Characters since the start. */
  len: number;

  constructor() {
    this.text = '';
    this.len = 0;
  }

  add(text: string): void {
    this.text = (this.text + text).slice(-MAX_SAID_LEN);
    this.len += text.length;
  }

  /** What came behind so many characters, as far as it is kept. */
  since(len: number): string {
    return this.len === len ? '' : this.text.slice(len - this.len);
  }
}

class ChildSource implements LiveSource {
  readonly kind: ChildKind;
  readonly path: string;
  readonly snaplen: number;
  readonly #child: Child;
  readonly #source: FileSource;
  readonly #ended: Promise<unknown>;
  readonly #said: Said;
  #gso = 0;
  #stopped: boolean;
  #closing: Promise<void> | null;

  constructor(
    kind: ChildKind,
    name: string,
    child: Child,
    source: FileSource,
    snaplen: number,
    ended: Promise<unknown>,
    said: Said,
  ) {
    this.kind = kind;
    this.path = name;
    this.snaplen = snaplen;
    this.#child = child;
    this.#source = source;
    this.#ended = ended;
    this.#said = said;
    this.#stopped = false;
    this.#closing = null;
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
    const batches = this.#source[Symbol.asyncIterator]();
    let isOver = false;
    try {
      for (;;) {
        const { done, value: batch } = await batches.next();
        if (done) break;
        for (let row = 0; row < batch.count; row++) {
          const isLong = (batch.wireLen[row] as number) > MAX_CABLE_LEN;
          batch.gso[row] = isLong ? 1 : 0;
          if (isLong) this.#gso++;
        }
        yield batch;
      }
      isOver = true;
      await this.#ended;
      if (this.#stopped) return;
      throw new VxdumpError(
        'E_LIVE',
        `${this.path}: ${this.kind} ended: ${lastWords(this.kind, this.#child, this.#said.text)}`,
      );
    } finally {
      const closed = this.close();
      // A child whose pipe is full does not come to its last words.
      while (!isOver) isOver = (await batches.next()).done === true;
      await closed;
    }
  }

  async counters(): Promise<LiveCounters> {
    // tcpdump tells when it is asked; dumpcap only at the end.
    if (this.kind === 'tcpdump' && !this.#stopped) await this.#ask();
    const said = this.#said.text;
    const told = [...said.matchAll(TCPDUMP_COUNTS)].at(-1) ?? null;
    const dumpcap = /received\/dropped on interface .*?: (\d+)\/(\d+)/.exec(said);
    const [, received, dropped] = told ?? dumpcap ?? [];
    // What it said before it was killed is not the last word.
    if (received === undefined || this.#child.signalCode !== null) {
      return { received: null, dropped: null, gso: this.#gso };
    }
    return {
      received: Number(received) + (dumpcap === null ? 0 : Number(dropped)),
      dropped: Number(dropped),
      gso: this.#gso,
    };
  }

  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    // On SIGINT they end without what the kernel still gathers for them.
    void this.#settle().then(() => this.#child.kill('SIGINT'));
  }

  close(): Promise<void> {
    this.#stopped = true;
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode === null && signalCode === null) {
      const exits = once(this.#child, 'exit');
      this.#child.kill('SIGINT');
      const waiting = new AbortController();
      await Promise.race([exits, setTimeout(END_MS, undefined, { signal: waiting.signal }).catch(() => {})]);
      waiting.abort();
      this.#child.kill('SIGKILL');
    }
    await this.#source.close();
    await this.#ended;
  }

  /** Waits until all that was captured until now has been written. */
  async #settle(): Promise<void> {
    const { latencyMs } = this;
    if (this.kind !== 'tcpdump') {
      await setTimeout(latencyMs);
      return;
    }
    const untilMs = Date.now() + latencyMs;
    let wanted: number | null = null;
    while (Date.now() < untilMs) {
      const counts = await this.#ask();
      if (counts === null) return;
      wanted ??= counts.received - counts.dropped;
      if (counts.captured >= wanted) return;
      await setTimeout(ASK_MS);
    }
  }

  /** Asks tcpdump what it counted. @returns null where it does not answer */
  async #ask(): Promise<{ captured: number; received: number; dropped: number } | null> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return null;
    const from = this.#said.len;
    this.#child.kill('SIGUSR1');
    for (let waited = 0; waited < ANSWER_MS; waited += 5) {
      await setTimeout(5);
      const counts = TCPDUMP_ANSWER.exec(this.#said.since(from));
      if (counts === null) continue;
      return { captured: Number(counts[1]), received: Number(counts[2]), dropped: Number(counts[3]) };
    }
    return null;
  }
}
