/**
 * Frames from tcpdump or dumpcap, which capture for this process: it needs no privilege of its own. They write a capture
 * to a pipe, and the readers of files read it.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { VxdumpError } from '../../errors.js';
import { StreamBytes } from '../file/bytes-in.js';
import { openCaptureBytes } from '../file/open.js';
import type { CaptureInterface, FileSource, FrameBatch } from '../source.js';
import { withTags } from './kernel-filter.js';
import { ANY, type LiveCounters, type LiveOptions, type LiveSource } from './live-source.js';

type Program = 'tcpdump' | 'dumpcap';
type Child = ChildProcessByStdio<null, Readable, Readable>;

/** Of what a child says, this much is kept. */
const MAX_SAID_LEN = 4096;
/** How long an answer to a signal is waited for, ms. */
const ANSWER_MS = 200;
const MAX_CABLE_LEN = 9_234;
/** tcpdump's own default loses frames at rates that are common in a lab. */
const TCPDUMP_BUFFER_KIB = 32_768;
/** How long each lets the kernel gather frames, and a little more. */
const LATENCY_MS: Readonly<Record<Program, number>> = { tcpdump: 1_100, dumpcap: 500 };

/**
 * Starts a program that captures on one interface.
 *
 * @throws E_LIVE where it is not installed, or does not capture; E_FILTER
 */
export async function openChild(program: Program, name: string, options: LiveOptions): Promise<LiveSource> {
  if (program === 'dumpcap' && options.direction !== 'inout') {
    throw new VxdumpError('E_LIVE', 'dumpcap knows no direction: leave -Q out, or name another --source');
  }
  // A group of its own: Ctrl-C is for us to pass on, so that no frame is lost between the two.
  const child: Child = spawn(program, program === 'tcpdump' ? tcpdumpArgs(name, options) : dumpcapArgs(name, options), {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-MAX_SAID_LEN);
  });
  const ended = once(child, 'close');
  ended.catch(() => {});
  try {
    await once(child, 'spawn');
  } catch (cause) {
    throw new VxdumpError('E_LIVE', `${program} is not installed`, cause);
  }
  try {
    const source = await openCaptureBytes(name, new StreamBytes(name, child.stdout), {});
    return new ChildSource(program, name, child, source, options.snaplen, ended, () => said);
  } catch (cause) {
    child.kill('SIGKILL');
    await ended;
    throw new VxdumpError('E_LIVE', `${name}: ${program}: ${lastWords(program, said)}`, cause);
  }
}

function tcpdumpArgs(name: string, options: LiveOptions): string[] {
  const { snaplen, bufferKib, direction, promiscuous, filter } = options;
  return [
    ...['-i', name, '-w', '-', '-U', '-n', '--time-stamp-precision=nano'],
    ...['-s', String(snaplen), '-B', String(bufferKib ?? TCPDUMP_BUFFER_KIB), '-Q', direction],
    ...(promiscuous ? [] : ['-p']),
    ...(filter === '' ? [] : ['--', name === ANY ? filter : withTags(filter)]),
  ];
}

function dumpcapArgs(name: string, options: LiveOptions): string[] {
  const { snaplen, bufferKib, promiscuous, filter } = options;
  return [
    ...['-q', '-i', name, '-w', '-', '-s', String(snaplen)],
    ...(bufferKib === null ? [] : ['-B', String(Math.ceil(bufferKib / 1024))]),
    ...(promiscuous ? [] : ['-p']),
    ...(filter === '' ? [] : ['-f', name === ANY ? filter : withTags(filter)]),
  ];
}

/** The line in which a program said why it ended. */
function lastWords(program: Program, said: string): string {
  const lines = said.split('\n').map((line) => line.trim());
  const own = lines.filter(
    (line) =>
      line !== '' && !/^(tcpdump: \d+ packet|listening on|Capturing on|File:|\d+ packets? |Packets )/.test(line),
  );
  return (own.at(-1) ?? 'ended without a word').replace(new RegExp(`^${program}: `), '');
}

class ChildSource implements LiveSource {
  readonly kind: Program;
  readonly path: string;
  readonly snaplen: number;
  readonly #child: Child;
  readonly #source: FileSource;
  readonly #ended: Promise<unknown>;
  readonly #said: () => string;
  #oversized: number;
  #stopped: boolean;

  constructor(
    program: Program,
    name: string,
    child: Child,
    source: FileSource,
    snaplen: number,
    ended: Promise<unknown>,
    said: () => string,
  ) {
    this.kind = program;
    this.path = name;
    this.snaplen = snaplen;
    this.#child = child;
    this.#source = source;
    this.#ended = ended;
    this.#said = said;
    this.#oversized = 0;
    this.#stopped = false;
  }

  get timeDigits(): 6 | 9 {
    return 9;
  }

  get latencyMs(): number {
    return LATENCY_MS[this.kind];
  }

  get interfaces(): readonly CaptureInterface[] {
    return this.#source.interfaces.map((one) => ({ ...one, name: one.name ?? this.path }));
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<FrameBatch, void, undefined> {
    try {
      for await (const batch of this.#source) {
        for (let row = 0; row < batch.count; row++) {
          if ((batch.wireLen[row] as number) > MAX_CABLE_LEN) this.#oversized++;
        }
        yield batch;
      }
      await this.#ended;
      if (this.#stopped) return;
      throw new VxdumpError('E_LIVE', `${this.path}: ${this.kind} ended: ${lastWords(this.kind, this.#said())}`);
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
      oversized: this.#oversized,
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
