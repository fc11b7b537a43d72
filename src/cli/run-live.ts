/**
 * The work of `vxdump live`. Imported when it runs: the command tree is to be quick.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { become, groupOf } from '../capture/live/become.js';
import { ANY, type LiveSource, type SourceKind } from '../capture/live/live-source.js';
import { openLive } from '../capture/live/open-live.js';
import { loadPacketSystem } from '../capture/live/packet-system.js';
import { SideBySide } from '../capture/live/side-by-side.js';
import { VxdumpError } from '../errors.js';
import { compileFilter, type FrameTest } from '../fields/filter.js';
import { FilterError } from '../fields/filter-syntax.js';
import { printable } from '../fields/text.js';
import { LiveAnalysis, type LiveTap } from '../live-analysis.js';
import { pairLine, pathLine } from '../report/pair-line.js';
import { linkTypeDescription, linkTypeName } from '../wire/link-type.js';
import { captureLive } from './capture-live.js';
import { openWriter, rotationOf } from './capture-output.js';
import { wantsColor } from './color.js';
import { Exit } from './exit.js';
import type { Io } from './io.js';
import { LivePrinter } from './live-printer.js';
import type { PrintFlags, Repeats } from './read-flags.js';
import { chooseReport } from './read-report.js';
import { UsageError } from './usage-error.js';

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
  readonly overlay: string[];
  readonly underlay: string[];
  /** Seconds between snapshots. */
  readonly stats?: number;
}

/** Captures until it is told to stop. @returns the exit code @throws VxdumpError, OutputError */
export async function runLive(words: readonly string[], flags: LiveFlags, repeats: Repeats, io: Io): Promise<number> {
  // A terminal that is closed ends a capture as Ctrl-C does: what is written is to be whole.
  const hangup = new AbortController();
  const onHangup = (): void => hangup.abort();
  process.on('SIGHUP', onHangup);
  // A second signal ends it at once, and its children: what only dies of a signal leaves them.
  const leave = (): void => io.quit(Exit.Interrupted);
  const onAbort = (): void => {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, leave);
  };
  io.signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await run(words, flags, repeats, { ...io, signal: AbortSignal.any([io.signal, hangup.signal]) });
  } finally {
    process.off('SIGHUP', onHangup);
    io.signal.removeEventListener('abort', onAbort);
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, leave);
  }
}

async function run(words: readonly string[], flags: LiveFlags, repeats: Repeats, io: Io): Promise<number> {
  if (flags.D) {
    await io.stdout.write([...interfaceNames(), ANY].map((name) => `${name}\n`).join(''));
    return Exit.Done;
  }
  const { names, filter } = splitWords(words, flags);
  const accepts = filter === '' ? null : compileWords(filter, flags);
  const report = chooseReport(flags, repeats, 9, {
    interfaceColumn: names.length > 1,
    ...(names.includes(ANY) ? { linkName: await linkNames() } : {}),
  });
  const stats = flags.stats ?? null;
  const printsFrames = flags.w === undefined && stats === null;
  if (stats !== null) refuseWithStats(flags, repeats);
  const rotation = rotationOf(flags, 'live');
  if (flags.Z !== undefined) asUser(flags.Z, groupOf);
  const say = (text: string): void => void io.stderr.write(`vxdump: ${printable(text)}\n`).catch(() => {});
  const live = await openAll(names, flags, capCommand(io), say);
  // From here on it is the user's own business that counts: files are opened with that user's rights.
  try {
    if (flags.Z !== undefined) asUser(flags.Z, become);
    const writer =
      flags.w === undefined ? null : openWriter(flags.w, { format: 'pcapng', timeDigits: 9, rotation }, io);
    writer?.begin(live.interfaces, Date.now() / 1000);
    await writer?.flush();
    for (const source of live.sources) await io.stderr.write(`${listening(source)}\n`);
    const printer = new LivePrinter(printsFrames ? report : null, io.stdout);
    const pairs = names.length > 1 && flags.w === undefined;
    return await captureLive({
      live,
      accepts,
      limit: flags.c ?? Number.POSITIVE_INFINITY,
      vxlanPorts: flags.vxlanPort,
      reassemble: flags.reassemble === true,
      writer,
      unbuffered: flags.U === true || flags.w === '-',
      printer,
      printsFrames,
      analysis: pairs || stats !== null ? analysisOf(names, flags, live, printer) : null,
      statsSeconds: stats,
      color: wantsColor('auto', io.stdout, io.env),
      io,
      say,
    });
  } finally {
    await live.close();
  }
}

function analysisOf(names: readonly string[], flags: LiveFlags, live: SideBySide, printer: LivePrinter): LiveAnalysis {
  const roleOf = (name: string): LiveTap['role'] => {
    if (flags.overlay.includes(name)) return flags.underlay.includes(name) ? 'mixed' : 'overlay';
    return flags.underlay.includes(name) ? 'underlay' : null;
  };
  return new LiveAnalysis(
    names.map((name) => ({ name, role: roleOf(name) })),
    {
      latencyMs: live.latencyMs,
      vxlanPorts: flags.vxlanPort,
      ...(flags.format === 'ndjson'
        ? {
            onPairs: (found) => printer.records(found.map(pairLine)),
            onPaths: (found) => printer.records(found.map(pathLine)),
          }
        : {}),
    },
  );
}

/** @throws E_USAGE for what prints frames beside tables */
function refuseWithStats({ format, V, w }: LiveFlags, { x, X }: Repeats): void {
  if (w === '-') throw new UsageError('live: --stats and -w - both want standard output: name a file');
  if (format !== 'text' || V || x > 0 || X > 0) {
    throw new UsageError('live: --stats prints tables instead of frames; leave out -V, -x, -X and --format');
  }
}

/** Opens all interfaces, or none. */
async function openAll(
  names: readonly string[],
  flags: LiveFlags,
  capCommand: readonly string[],
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
          user: flags.Z ?? null,
          capCommand,
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

/** The npm libpcap binding has a process of its own; VXDUMP_CAP names its folder where it is installed elsewhere. */
function capCommand({ env }: Io): string[] {
  // Where `../capture/` leads to from a chunk as from its source.
  const script = fileURLToPath(new URL('../capture/live/cap-child.js', import.meta.url));
  return [process.execPath, script, env['VXDUMP_CAP'] || 'cap'];
}

/** Which words are interfaces, and which a filter: the first always is one, unless options name some, and those behind it that exist. */
function splitWords(words: readonly string[], flags: LiveFlags): { names: string[]; filter: string } {
  const named = [...new Set([...flags.i, ...flags.overlay, ...flags.underlay])];
  const known = [...interfaceNames(), ANY];
  let count = 0;
  const first = named.length > 0 ? -1 : 0;
  if (flags.i.length === 0) {
    while (count < words.length && (count === first || known.includes(words[count] as string))) count++;
  }
  const names = [...new Set([...words.slice(0, count), ...named])];
  if (names.length === 0) throw new UsageError('live: name an interface; vxdump live -D lists them');
  return { names, filter: words.slice(count).join(' ') };
}

/** What a filter of tcpdump's says, and none of ours. */
const LIBPCAP_WORD = /(?:^|[\s(!])(?:host|net|port|portrange|proto|less|greater|broadcast|multicast)\s/;

/** @throws FilterError; where its first word may have been meant as an interface, it says so */
function compileWords(filter: string, { i }: LiveFlags): FrameTest {
  try {
    return compileFilter(filter);
  } catch (error) {
    if (!(error instanceof FilterError)) throw error;
    if (LIBPCAP_WORD.test(filter)) {
      throw new FilterError(`${error.reason}; a libpcap filter goes behind -f`, filter, error.at);
    }
    const [word] = /^[\w@-]+(?![\w.#@-])/.exec(filter) ?? [];
    if (word === undefined || !isUnknownField(word) || i.length > 0) throw error;
    throw new FilterError(`${word} is no interface (vxdump live -D lists them), and no field`, filter, 0);
  }
}

function isUnknownField(word: string): boolean {
  try {
    compileFilter(word);
    return false;
  } catch {
    return true;
  }
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

/** @throws E_USAGE where there is no such user, or this one may not become it */
function asUser(user: string, action: (user: string) => unknown): void {
  try {
    action(user);
  } catch (cause) {
    throw new VxdumpError('E_USAGE', `live: -Z ${user}: ${(cause as Error).message}`, cause);
  }
}
