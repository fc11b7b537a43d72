/**
 * The work of `vxdump live`. Imported when it runs: the command tree is to be quick.
 */
import { readFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { ANY, type LiveCounters, type LiveSource, type SourceKind } from '../capture/live/live-source.js';
import { openLive } from '../capture/live/open-live.js';
import { loadPacketSystem } from '../capture/live/packet-system.js';
import { SideBySide } from '../capture/live/side-by-side.js';
import type { CaptureWriter } from '../capture/write/capture-writer.js';
import { FrameCursor } from '../dissect/frame.js';
import { VxdumpError } from '../errors.js';
import { compileFilter, type FrameTest } from '../fields/filter.js';
import { printable } from '../fields/text.js';
import { linkTypeDescription, linkTypeName } from '../wire/link-type.js';
import { openWriter, rotationOf } from './capture-output.js';
import { Exit } from './exit.js';
import type { Io } from './io.js';
import { LivePrinter, PATIENCE_MS } from './live-printer.js';
import type { PrintFlags, Repeats } from './read-flags.js';
import { chooseReport } from './read-report.js';
import { UsageError } from './usage-error.js';

/** What is written to a file is on the disk within this time. */
const FLUSH_MS = 1_000;
/** Bytes gathered for a file before that. */
const FLUSH_FRAMES = 4_096;

/** Options, by the names that commander gives them. */
export interface LiveFlags extends PrintFlags {
  readonly i: string[];
  readonly D?: true;
  readonly source: SourceKind | 'auto';
  readonly f?: string;
  readonly s: number;
  readonly B?: number;
  readonly Q: 'in' | 'out' | 'inout';
  readonly p?: true;
  readonly Z?: string;
  readonly U?: true;
}

/** Captures until it is told to stop. @returns the exit code @throws VxdumpError, OutputError */
export async function runLive(words: readonly string[], flags: LiveFlags, repeats: Repeats, io: Io): Promise<number> {
  if (flags.D) {
    await io.stdout.write([...interfaceNames(), ANY].map((name) => `${name}\n`).join(''));
    return Exit.Done;
  }
  const { names, filter } = splitWords(words, flags.i);
  const accepts = filter === '' ? null : compileFilter(filter);
  const report = chooseReport(flags, repeats, 9, {
    interfaceColumn: names.length > 1,
    ...(names.includes(ANY) ? { linkName: await linkNames() } : {}),
  });
  const rotation = rotationOf(flags, 'live');
  const say = (text: string): void => void io.stderr.write(`vxdump: ${printable(text)}\n`).catch(() => {});
  const live = await openAll(names, flags, say);
  // From here on it is the user's own business that counts: files are opened with that user's rights.
  try {
    if (flags.Z !== undefined) dropTo(flags.Z);
    const writer =
      flags.w === undefined ? null : openWriter(flags.w, { format: 'pcapng', timeDigits: 9, rotation }, io);
    writer?.begin(live.interfaces, Date.now() / 1000);
    await writer?.flush();
    for (const source of live.sources) await io.stderr.write(`${listening(source)}\n`);
    return await capture(live, accepts, writer, new LivePrinter(report, io.stdout), flags, io, say);
  } finally {
    await live.close();
  }
}

async function capture(
  live: SideBySide,
  accepts: FrameTest | null,
  writer: CaptureWriter | null,
  printer: LivePrinter,
  flags: LiveFlags,
  io: Io,
  say: (text: string) => void,
): Promise<number> {
  const cursor = new FrameCursor(live.sources.map(({ path }) => path).join('+'), { vxlanPorts: flags.vxlanPort });
  const limit = flags.c ?? Number.POSITIVE_INFINITY;
  const { interfaces } = live;
  let passed = 0;
  let failure: unknown = null;
  const stop = (): void => live.stop();
  const report = async (): Promise<void> => {
    await io.stderr.write(counts(cursor.number, passed, accepts !== null, printer, await live.counters()));
  };
  const onSignal = (): void => void report().catch(() => {});
  const flush = (): void => void writer?.flush().catch((error: unknown) => fail(error));
  const fail = (error: unknown): void => {
    failure ??= error;
    stop();
  };
  // Standard output takes its time, and is waited for below; a file is written at once.
  const timer = writer === null || flags.w === '-' ? null : setInterval(flush, FLUSH_MS);
  io.signal.addEventListener('abort', stop);
  process.on('SIGUSR1', onSignal);
  if (io.signal.aborted) stop();
  try {
    for await (const batch of live.batches()) {
      for (let index = 0; index < batch.count && passed < limit; index++) {
        cursor.move(batch, index, interfaces);
        if (accepts !== null && !accepts(cursor)) continue;
        passed++;
        if (writer === null) printer.frame(cursor);
        else if (!writer.put(batch, index, interfaces)) passed = limit;
      }
      if (writer === null) printer.push();
      else if (flags.U || flags.w === '-' || writer.frames % FLUSH_FRAMES < batch.count) await writer.flush();
      if (passed >= limit || failure !== null) break;
    }
  } catch (error) {
    failure ??= error;
  } finally {
    if (timer !== null) clearInterval(timer);
    io.signal.removeEventListener('abort', stop);
    process.off('SIGUSR1', onSignal);
  }
  await live.close();
  const counters = await live.counters();
  const statistics = counters.map(({ received, dropped }, interfaceId) => ({ interfaceId, received, dropped }));
  try {
    if (writer === null) await printer.finish(io.signal);
    else await writer.close(interfaces, statistics);
  } catch (error) {
    failure ??= error;
  }
  // Behind the terminal's ^C.
  const lead = io.signal.aborted && io.stderr.isTTY ? '\n' : '';
  const said = io.stderr.write(lead + counts(cursor.number, passed, accepts !== null, printer, counters));
  // Standard error may go to the same reader.
  await Promise.race([said.catch(() => {}), ...(printer.gaveUp ? [setTimeout(PATIENCE_MS)] : [])]);
  let exit: number = Exit.Done;
  if (failure instanceof VxdumpError && failure.code === 'E_LIVE') {
    say(failure.message);
    exit = Exit.Usage;
  } else if (failure !== null) {
    throw failure;
  }
  if (printer.gaveUp) io.quit(exit);
  return exit;
}

/** Opens all interfaces, or none. */
async function openAll(
  names: readonly string[],
  flags: LiveFlags,
  onNote: (note: string) => void,
): Promise<SideBySide> {
  const sources: LiveSource[] = [];
  try {
    for (const name of names) {
      sources.push(
        await openLive(name, flags.source, {
          snaplen: flags.s,
          bufferKib: flags.B ?? null,
          direction: flags.Q,
          promiscuous: flags.p !== true,
          filter: flags.f ?? '',
          onNote,
        }),
      );
    }
  } catch (error) {
    await new SideBySide(sources).close();
    throw error;
  }
  return new SideBySide(sources);
}

/** Which words are interfaces, and which a filter: the first always is one, and those behind it that exist. */
function splitWords(words: readonly string[], named: readonly string[]): { names: string[]; filter: string } {
  if (named.length > 0) return { names: [...named], filter: words.join(' ') };
  const known = [...interfaceNames(), ANY];
  let count = 0;
  while (count < words.length && (count === 0 || known.includes(words[count] as string))) count++;
  if (count === 0) throw new UsageError('live: name an interface; vxdump live -D lists them');
  return { names: words.slice(0, count), filter: words.slice(count).join(' ') };
}

/** The interfaces of this network namespace. */
function interfaceNames(): string[] {
  try {
    const lines = readFileSync('/proc/net/dev', 'utf8').split('\n').slice(2);
    return lines.flatMap((line) => /^\s*([^:\s]+):/.exec(line)?.[1] ?? []);
  } catch {
    return [];
  }
}

/** Names of interfaces by index, asked of the system once each: a frame may outlive its interface. */
async function linkNames(): Promise<(index: number) => string> {
  // Not of /sys: it may be another network namespace's.
  const system = await loadPacketSystem().catch(() => null);
  const known = new Map<number, string>();
  return (index) => {
    let name = known.get(index);
    if (name === undefined) {
      name = printable(interfaceNames().find((one) => system?.interfaceIndex(one) === index) ?? `if${index}`);
      known.set(index, name);
    }
    return name;
  };
}

/** tcpdump's line, which scripts wait for, and how it is done. */
function listening({ path, interfaces, snaplen, kind }: LiveSource): string {
  const linkType = interfaces[0]?.linkType ?? 1;
  const link = `link-type ${linkTypeName(linkType)} (${linkTypeDescription(linkType)})`;
  return `listening on ${printable(path)}, ${link}, snapshot length ${snaplen} bytes, source ${kind}`;
}

/** tcpdump's three lines, and what there is to say besides. */
function counts(
  read: number,
  passed: number,
  filtered: boolean,
  { unprinted }: LivePrinter,
  counters: readonly LiveCounters[],
): string {
  const packets = (count: number): string => `${count} packet${count === 1 ? '' : 's'}`;
  const sum = (key: 'received' | 'dropped' | 'oversized'): number | null => {
    const values = counters.map((one) => one[key]);
    return values.includes(null) ? null : values.reduce<number>((total, value) => total + (value ?? 0), 0);
  };
  const received = sum('received');
  const dropped = sum('dropped');
  const oversized = sum('oversized') ?? 0;
  return [
    `${packets(read)} captured`,
    ...(filtered ? [`${packets(passed)} passed the filter`] : []),
    ...(received === null ? [] : [`${packets(received)} received by filter`]),
    ...(dropped === null ? [] : [`${packets(dropped)} dropped by kernel`]),
    ...(unprinted === 0 ? [] : [`${packets(unprinted)} not printed: the output was too slow`]),
    ...(oversized === 0 ? [] : [`${packets(oversized)} longer than on a cable: segmentation offload`]),
    '',
  ].join('\n');
}

/** Gives root's rights up. @throws E_USAGE where there is no such user, or this one may not */
function dropTo(user: string): void {
  try {
    // Node has it, its types do not.
    (process as { initgroups?: (user: string, group: number) => void }).initgroups?.(user, groupOf(user));
    process.setgid?.(groupOf(user));
    process.setuid?.(user);
  } catch (cause) {
    throw new VxdumpError('E_USAGE', `live: -Z ${user}: ${(cause as Error).message}`, cause);
  }
}

function groupOf(user: string): number {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((row) => row.startsWith(`${user}:`));
  if (line === undefined) throw new Error('no such user');
  return Number(line.split(':')[3]);
}
