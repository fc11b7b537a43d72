/**
 * The loop of `live`: frames from interfaces, to whoever wants them, until it is told to stop.
 */
import { setTimeout } from 'node:timers/promises';
import type { LiveCounters } from '../capture/live/live-source.js';
import type { SideBySide } from '../capture/live/side-by-side.js';
import type { CaptureInterface, FrameBatch } from '../capture/source.js';
import type { CaptureWriter } from '../capture/write/capture-writer.js';
import { FrameCursor } from '../dissect/frame-cursor.js';
import { VxdumpError } from '../errors.js';
import type { FrameTest } from '../fields/filter.js';
import type { LiveAnalysis } from '../live-analysis.js';
import { correlationText } from '../report/correlation-text.js';
import { liveText } from '../report/live-text.js';
import { Exit } from './exit.js';
import type { Io } from './io.js';
import { countsText, sumOf } from './live-counts.js';
import { type LivePrinter, PATIENCE_MS } from './live-printer.js';

/** What is written to a file is on the disk within this time, and drops are told. */
const SECOND_MS = 1_000;
/** Bytes gathered for a file before that. */
const FLUSH_FRAMES = 4_096;
/** How often pairs that became final are looked for. */
const TELL_MS = 200;
/** Takes the cursor home and clears the screen: a snapshot takes the place of the one before. */
const CLEAR_SCREEN = '\x1b[H\x1b[2J';

/** What is done with frames. */
export interface LiveJob {
  readonly live: SideBySide;
  readonly accepts: FrameTest | null;
  /** Frames that pass, at most. */
  readonly limit: number;
  readonly vxlanPorts: readonly number[];
  /** Whether the last fragment of a datagram is to show all of it. */
  readonly reassemble: boolean;
  readonly writer: CaptureWriter | null;
  /** Whether a file gets each frame at once. */
  readonly unbuffered: boolean;
  readonly printer: LivePrinter;
  readonly printsFrames: boolean;
  /** What counts and pairs frames; null where nobody asked. */
  readonly analysis: LiveAnalysis | null;
  /** Seconds between snapshots; null without. */
  readonly statsSeconds: number | null;
  readonly color: boolean;
  readonly io: Io;
  /** Says a line on stderr. */
  readonly say: (text: string) => void;
}

/** Captures. @returns the exit code @throws VxdumpError, OutputError */
export async function captureLive(job: LiveJob): Promise<number> {
  const capture = new LiveCapture(job);
  const { live, io } = job;
  const stop = (): void => {
    capture.noteStop();
    live.stop();
  };
  const onSignal = (): void => capture.sayCounts();
  io.signal.addEventListener('abort', stop);
  process.on('SIGUSR1', onSignal);
  if (io.signal.aborted) stop();
  try {
    await capture.run();
  } finally {
    io.signal.removeEventListener('abort', stop);
    process.off('SIGUSR1', onSignal);
  }
  return capture.end();
}

class LiveCapture {
  readonly #job: LiveJob;
  /** One for each interface: it counts its frames, and knows the bytes that it saw last. */
  readonly #cursors: readonly FrameCursor[];
  readonly #dissects: boolean;
  #read = 0;
  #passed = 0;
  #failure: unknown;
  /** Frames that were written when the file was flushed last. */
  #flushed = 0;
  /** Drops that were told. */
  #toldDrops = 0;
  /** Whether tables were printed. */
  #hasTables: boolean;
  /** When all interfaces are being captured, ms since 1970: this one may have begun before the last was opened. */
  readonly #fromMs = Date.now() + 1;
  /** When it was told to stop; null where it was not. */
  #untilMs: number | null;
  /** Whether frames may have been captured that were not taken. */
  #endsEarly: boolean;

  constructor(job: LiveJob) {
    this.#job = job;
    const { vxlanPorts, reassemble } = job;
    this.#cursors = job.live.sources.map(({ path }) => new FrameCursor(path, { vxlanPorts, reassemble }));
    this.#dissects = job.accepts !== null || job.printsFrames || job.analysis !== null;
    this.#failure = null;
    this.#hasTables = false;
    this.#untilMs = null;
    this.#endsEarly = false;
  }

  /** Reads until it is over; what went wrong is kept for the end. */
  async run(): Promise<void> {
    const { live, analysis, statsSeconds } = this.#job;
    const { interfaces } = live;
    const timers = [setInterval(() => this.#everySecond(), SECOND_MS)];
    if (analysis !== null) timers.push(setInterval(() => this.#tell(), TELL_MS));
    if (statsSeconds !== null) timers.push(setInterval(() => this.#snapshot(), statsSeconds * 1000));
    try {
      await live.read(
        (source, batch, index) => this.#take(source, batch, index, interfaces),
        () => this.#afterBatch(),
      );
    } catch (error) {
      this.#fail(error);
    } finally {
      for (const timer of timers) clearInterval(timer);
    }
  }

  /** Notes that it is told to stop: what was captured until now is still to come. */
  noteStop(): void {
    this.#untilMs ??= Date.now();
  }

  /** Says how many frames there are by now. */
  sayCounts(): void {
    const { live, io } = this.#job;
    void live
      .counters()
      .then((counters) => io.stderr.write(this.#countsText(counters)))
      .catch(() => {});
  }

  /** Ends the capture, and says what came of it. @returns the exit code @throws what went wrong, save with an interface */
  async end(): Promise<number> {
    const { live, writer, printer, analysis, io, say } = this.#job;
    await live.close();
    const counters = await live.counters();
    try {
      await analysis?.finish();
      if (this.#job.statsSeconds !== null) printer.records([this.#tables(counters, true)]);
      const untilNs = this.#untilMs === null || this.#endsEarly ? null : nsOf(this.#untilMs);
      const ran = { fromNs: nsOf(this.#fromMs), untilNs };
      const statistics = counters.map(({ received, dropped }, interfaceId) => ({
        interfaceId,
        received,
        dropped,
        ran,
      }));
      await writer?.close(live.interfaces, statistics);
      await printer.finish(io.signal);
    } catch (error) {
      this.#fail(error);
    }
    // Behind the terminal's ^C.
    const lead = io.signal.aborted && io.stderr.isTTY ? '\n' : '';
    const said = io.stderr.write(lead + this.#pairingText() + this.#countsText(counters));
    // Standard error may go to the same reader.
    await Promise.race([said.catch(() => {}), ...(printer.gaveUp ? [setTimeout(PATIENCE_MS)] : [])]);
    let exit: number = Exit.Done;
    if (this.#failure instanceof VxdumpError && this.#failure.code === 'E_LIVE') {
      say(this.#failure.message);
      exit = Exit.Usage;
    } else if (this.#failure !== null) {
      throw this.#failure;
    }
    if (printer.gaveUp) io.quit(exit);
    return exit;
  }

  #take(source: number, batch: FrameBatch, index: number, interfaces: readonly CaptureInterface[]): boolean {
    const { accepts, limit, writer, printer, printsFrames, analysis } = this.#job;
    const cursor = this.#cursors[source] as FrameCursor;
    this.#read++;
    if (this.#dissects) {
      cursor.move(batch, index, interfaces);
      if (accepts !== null && !accepts(cursor)) return true;
      analysis?.add(source, cursor, cursor.captured);
      if (printsFrames) printer.frame(cursor);
    }
    const isOver = writer !== null && !writer.put(batch, index, interfaces);
    if (!isOver && ++this.#passed < limit && this.#failure === null) return true;
    // What was captured behind this frame is not taken.
    this.#endsEarly = true;
    return false;
  }

  async #afterBatch(): Promise<void> {
    const { writer, unbuffered, printer } = this.#job;
    printer.push();
    if (writer === null || !(unbuffered || writer.frames - this.#flushed >= FLUSH_FRAMES)) return;
    this.#flushed = writer.frames;
    await writer.flush();
  }

  #everySecond(): void {
    const { writer, unbuffered } = this.#job;
    // Standard output takes its time, and is waited for after each batch; a file is written at once.
    if (!unbuffered) void writer?.flush().catch((error: unknown) => this.#fail(error));
    void this.#tellDrops().catch(() => {});
  }

  /** Says that the kernel drops frames: when it begins to, and whenever they have doubled. */
  async #tellDrops(): Promise<void> {
    const { live, say } = this.#job;
    const dropped = sumOf(await live.counters(), 'dropped') ?? 0;
    if (dropped < Math.max(1, this.#toldDrops * 2)) return;
    this.#toldDrops = dropped;
    say(`${dropped} packets dropped by kernel so far; a larger -B, a filter -f or a smaller -s may help`);
  }

  /** Hands on the pairs that became final. */
  #tell(): void {
    const { analysis, printer } = this.#job;
    void analysis
      ?.tell(Date.now())
      .then(() => printer.push())
      .catch((error: unknown) => this.#fail(error));
  }

  /** Prints the tables, unless the reader still has to take earlier ones. */
  #snapshot(): void {
    const { live, printer } = this.#job;
    if (printer.isBusy) return;
    void live
      .counters()
      .then((counters) => {
        printer.records([this.#tables(counters, false)]);
        printer.push();
      })
      .catch((error: unknown) => this.#fail(error));
  }

  /**
   * A snapshot: on a terminal it takes the place of the one before, elsewhere it follows it.
   *
   * @param whole whether it may be longer than the terminal
   */
  #tables(counters: readonly LiveCounters[], whole: boolean): string {
    const { analysis, color, io } = this.#job;
    if (analysis === null) return '';
    const { taps, ...traffic } = analysis.snapshot();
    const rows = taps.map((tap, source) => ({ ...tap, dropped: counters[source]?.dropped ?? null }));
    const text = liveText(rows, traffic, color);
    if (io.stdout.isTTY) return CLEAR_SCREEN + (whole ? text : firstLines(text, (io.stdout.rows ?? 0) - 1));
    const gap = this.#hasTables ? '\n' : '';
    this.#hasTables = true;
    return gap + text;
  }

  /** What paired, for who was shown frames. */
  #pairingText(): string {
    const { analysis, statsSeconds } = this.#job;
    if (analysis === null || statsSeconds !== null) return '';
    const text = correlationText(analysis.snapshot(), false);
    return text === '' ? '' : `${text}\n`;
  }

  #countsText(counters: readonly LiveCounters[]): string {
    const { accepts, printer } = this.#job;
    const { unprinted, unprintedRecords } = printer;
    const passed = accepts === null ? null : this.#passed;
    return countsText({ read: this.#read, passed, unprinted, unprintedRecords }, counters);
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#endsEarly = true;
    this.#job.live.stop();
  }
}

function nsOf(ms: number): bigint {
  return BigInt(ms) * 1_000_000n;
}

/** As much of a text as fits on a screen. @param rows 0 or less where that is not known */
function firstLines(text: string, rows: number): string {
  const lines = text.split('\n');
  if (rows < 2 || lines.length - 1 <= rows) return text;
  return `${lines.slice(0, rows - 1).join('\n')}\n… ${lines.length - rows} lines more; all of them at the end\n`;
}
