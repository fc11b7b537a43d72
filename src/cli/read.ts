/**
 * `vxdump read`: a line, a tree or a record for every frame of a capture.
 */
import { Command, Option } from 'commander';
import type { FrameSource } from '../capture/source.js';
import type { FrameReport } from '../report/frame-report.js';
import type { HexStyle } from '../report/hex.js';
import type { TimeStyle } from '../report/time-column.js';
import { Exit } from './exit.js';
import type { Io } from './io.js';
import { allowTruncatedOption, vxlanPortOption, wholeNumber } from './options.js';
import { UsageError } from './usage-error.js';

interface ReadFlags {
  readonly read?: string;
  readonly format: 'text' | 'ndjson' | 'json' | 'csv' | 'fields';
  /** The link-header switch; with `--format fields` the chosen fields. */
  readonly e?: true | string[];
  readonly tree?: true;
  readonly limit?: number;
  readonly count?: true;
  readonly time?: string;
  readonly vxlanPort: number[];
  readonly allowTruncated?: true;
}

/** Letters that count how often they stand on the line, as tcpdump's do. */
type Repeats = Record<'t' | 'v' | 'x' | 'X', number>;

const TIMES: Readonly<Record<string, TimeStyle>> = {
  clock: 'clock',
  none: 'none',
  epoch: 'epoch',
  delta: 'delta',
  date: 'date',
  'since-first': 'since-first',
  a: 'clock',
  ad: 'date',
  d: 'delta',
  e: 'epoch',
  r: 'since-first',
};
const TIMES_BY_T: readonly TimeStyle[] = ['clock', 'none', 'epoch', 'delta', 'date', 'since-first'];
/** Text that is gathered before it is written. */
const CHUNK_CHARS = 65_536;

const EXAMPLES = `
Examples:
  vxdump read underlay.pcap                                 a line per frame, tunnels first
  vxdump read -e -tttt underlay.pcap -c 10                  with MACs and dates, ten frames
  vxdump read -V underlay.pcap                              every field of every layer
  vxdump read --format ndjson underlay.pcap | jq .layers    a JSON record per frame
  vxdump read --format fields -e inner.ip.src -e vxlan.vni underlay.pcap
  vxdump -r underlay.pcap                                   the same as read, as in tcpdump
`;

/** The command. @param finish takes the exit code @param words the command line, which decides what -e means */
export function readCommand(io: Io, finish: (exit: number) => void, words: readonly string[]): Command {
  const repeats: Repeats = { t: 0, v: 0, x: 0, X: 0 };
  const command = new Command('read')
    .description('print the frames of a capture: lines, trees, hexadecimal or records')
    .argument('[words...]', 'the capture (- is standard input), unless -r names it; filters come later')
    .option('-r, --read <file>', 'the capture, as in tcpdump')
    .addOption(
      new Option('--format <format>', 'how to print a frame')
        .choices(['text', 'ndjson', 'json', 'csv', 'fields'])
        .default('text'),
    )
    .addOption(linkHeaderOrFields(words))
    .option('-V, --tree', 'print every field of every layer')
    .option('-c, --limit <n>', 'stop after n frames', wholeNumber(1, Number.MAX_SAFE_INTEGER))
    .option('--count', 'print only how many frames there are')
    .option('-x', 'add bytes in hexadecimal; -xx with the link header')
    .option('-X', 'add bytes in hexadecimal and ASCII; -XX with the link header')
    .option('-v', 'say more; -vv says most')
    .option('-t', 'no time; -tt epoch, -ttt delta, -tttt date, -ttttt since the first frame')
    .addOption(new Option('--time <style>', 'how to print the time').choices(Object.keys(TIMES)))
    .option('-n', 'accepted: addresses and ports are always numbers')
    .option('-l', 'accepted: output never waits for a full buffer')
    .addOption(vxlanPortOption())
    .addOption(allowTruncatedOption())
    .addHelpText('after', EXAMPLES)
    .action(async (rest: string[], flags: ReadFlags) => finish(await runRead(rest, flags, repeats, io)));
  for (const letter of ['t', 'v', 'x', 'X'] as const) {
    command.on(`option:${letter}`, () => {
      repeats[letter]++;
    });
  }
  return command;
}

/** `-e` is tcpdump's link-header switch, and tshark's choice of a field where `--format fields` stands on the line. */
function linkHeaderOrFields(words: readonly string[]): Option {
  const fields = words.some(
    (word, index) => word === '--format=fields' || (word === 'fields' && words[index - 1] === '--format'),
  );
  if (!fields) return new Option('-e', 'print the link header; with --format fields: -e FIELD chooses a field');
  return new Option('-e <field>', 'a field to print; once for each').argParser((name, names: string[] = []) => [
    ...names,
    name,
  ]);
}

async function runRead(rest: readonly string[], flags: ReadFlags, repeats: Repeats, io: Io): Promise<number> {
  const path = flags.read ?? rest[0];
  const filter = flags.read === undefined ? rest.slice(1) : rest;
  if (path === undefined) throw new UsageError('read: name a capture, or - for standard input');
  if (filter.length > 0) throw new UsageError(`read: filters are not there yet: ${filter.join(' ')}`);
  // What is wrong with the command line is said before any file is opened.
  await chooseReport(flags, repeats, 6);
  const [{ openCapture }, { nameTaps }, { existsSync }] = await Promise.all([
    import('../capture/file/open.js'),
    import('../capture/tap.js'),
    import('node:fs'),
  ]);
  const tap = nameTaps([path], existsSync)[0]?.name ?? path;
  const source = await openCapture(path, { signal: io.signal });
  const report = await chooseReport(flags, repeats, source.timeDigits);
  const frames = flags.count ? await countFrames(source, flags) : await printFrames(source, tap, report, flags, io);
  if (flags.count) await io.stdout.write(`${frames} packet${frames === 1 ? '' : 's'}\n`);
  const end = source.end;
  if (end === null || end.ended === 'complete') return Exit.Done;
  await io.stderr.write(
    `vxdump: ${path}: ${end.ended} at byte ${end.at}: ${end.reason}; ${frames} whole frames before it\n`,
  );
  return flags.allowTruncated ? Exit.Done : Exit.CutCapture;
}

async function countFrames(source: FrameSource, flags: ReadFlags): Promise<number> {
  const limit = flags.limit ?? Number.POSITIVE_INFINITY;
  let frames = 0;
  for await (const batch of source) {
    frames += batch.count;
    if (frames >= limit) return limit;
  }
  return frames;
}

async function printFrames(
  source: FrameSource,
  tap: string,
  report: FrameReport,
  flags: ReadFlags,
  io: Io,
): Promise<number> {
  const { FrameCursor } = await import('../dissect/frame.js');
  const cursor = new FrameCursor(tap, { vxlanPorts: flags.vxlanPort });
  const limit = flags.limit ?? Number.POSITIVE_INFINITY;
  let announced = flags.format !== 'text';
  let text = report.head;
  for await (const batch of source) {
    if (!announced) await announce(source, io);
    announced = true;
    for (let index = 0; index < batch.count && cursor.number < limit; index++) {
      cursor.move(batch, index, source.interfaces);
      text += report.frame(cursor);
      if (text.length >= CHUNK_CHARS) {
        await io.stdout.write(text);
        text = '';
      }
    }
    await io.stdout.write(text);
    text = '';
    if (cursor.number >= limit) break;
  }
  if (!announced) await announce(source, io);
  await io.stdout.write(text + report.tail);
  return cursor.number;
}

/** tcpdump's first line, on stderr. */
async function announce(source: FrameSource, io: Io): Promise<void> {
  const { linkTypeDescription, linkTypeName } = await import('../wire/link-type.js');
  const [first] = source.interfaces;
  const what =
    first === undefined
      ? 'no interface'
      : `link-type ${linkTypeName(first.linkType)} (${linkTypeDescription(first.linkType)}), snapshot length ${first.snaplen}`;
  await io.stderr.write(`reading from file ${source.path}, ${what}\n`);
}

async function chooseReport(flags: ReadFlags, repeats: Repeats, digits: 6 | 9): Promise<FrameReport> {
  const hex = hexStyle(repeats);
  if (flags.format !== 'text') {
    if (flags.tree || hex !== null)
      throw new UsageError(`read: -V, -x and -X print text, not --format ${flags.format}`);
    return recordReport(flags);
  }
  const report = flags.tree
    ? (await import('../report/tree.js')).treeReport()
    : (await import('../report/text-line.js')).textReport({
        linkHeader: flags.e === true,
        verbose: repeats.v,
        time: timeStyle(flags, repeats),
        digits,
      });
  return hex === null ? report : (await import('../report/hex.js')).withHex(report, hex);
}

async function recordReport(flags: ReadFlags): Promise<FrameReport> {
  switch (flags.format) {
    case 'ndjson':
      return (await import('../report/ndjson.js')).ndjsonReport();
    case 'json':
      return (await import('../report/ndjson.js')).jsonReport();
    case 'csv':
      return (await import('../report/csv.js')).csvReport();
    default:
      if (!Array.isArray(flags.e)) throw new UsageError('read: --format fields needs at least one -e FIELD');
      return (await import('../report/fields.js')).fieldsReport(flags.e);
  }
}

function hexStyle({ x, X }: Repeats): HexStyle | null {
  if (X > 0) return X > 1 ? 'XX' : 'X';
  if (x > 0) return x > 1 ? 'xx' : 'x';
  return null;
}

function timeStyle(flags: ReadFlags, { t }: Repeats): TimeStyle {
  if (flags.time !== undefined) return TIMES[flags.time] as TimeStyle;
  return TIMES_BY_T[Math.min(t, TIMES_BY_T.length - 1)] as TimeStyle;
}
