import { describe, expect, it } from 'vitest';
import { type Output, OutputError } from '../../src/cli/io.js';
import { LivePrinter } from '../../src/cli/live-printer.js';
import { dissect } from '../../src/dissect/frame-view.js';
import type { FrameReport } from '../../src/report/frame-report.js';

const FRAME = dissect(new Uint8Array(60));
const LINE = `${'x'.repeat(1_023)}\n`;
/** Lines that fit into what may wait. */
const CAPACITY = 16_384;

/** A report that counts what it is asked to format. */
function countingReport(): FrameReport & { formatted: number } {
  const report = {
    head: '',
    formatted: 0,
    frame: (_: unknown, out: { text(text: string): void }) => {
      report.formatted++;
      out.text(LINE);
    },
    tail: '',
  };
  return report;
}

/** A reader that takes as many pieces as it is let. */
class Reader implements Output {
  readonly isTTY = false;
  readonly columns = 80;
  lines = 0;
  takes = 0;
  #waiting: (() => void) | null = null;

  async write(data: string | Uint8Array): Promise<void> {
    if (this.takes === 0) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    this.takes--;
    this.lines += data.length / LINE.length;
  }

  wake(): void {
    this.takes = Number.POSITIVE_INFINITY;
    this.#waiting?.();
  }
}

describe('a live printer', () => {
  it('formats no more than may wait, and counts the rest', async () => {
    const report = countingReport();
    const reader = new Reader();
    const printer = new LivePrinter(report, reader);
    const frames = 3 * CAPACITY;
    for (let count = 0; count < frames; count++) {
      printer.frame(FRAME);
      if (count % 100 === 0) printer.push();
    }
    expect(report.formatted).toBeGreaterThanOrEqual(CAPACITY);
    expect(report.formatted).toBeLessThan(CAPACITY + 128);
    expect(report.formatted + printer.unprinted).toBe(frames);
    reader.wake();
    await printer.finish(new AbortController().signal);
    expect(reader.lines).toBe(report.formatted);
    expect(printer.gaveUp).toBe(false);
  });

  it('gives up a reader that takes nothing once the user wants to end, and counts what it did not take', async () => {
    const reader = new Reader();
    const printer = new LivePrinter(countingReport(), reader);
    reader.takes = 2;
    for (let count = 0; count < 1_000; count++) printer.frame(FRAME);
    printer.push();
    const user = new AbortController();
    const finished = printer.finish(user.signal);
    user.abort();
    await finished;
    expect(printer.gaveUp).toBe(true);
    expect(reader.lines).toBeGreaterThan(0);
    expect(reader.lines + printer.unprinted).toBe(1_000);
  });

  it('prints on where the reader wakes up', async () => {
    const report = countingReport();
    const reader = new Reader();
    const printer = new LivePrinter(report, reader);
    for (let count = 0; count < 2 * CAPACITY; count++) printer.frame(FRAME);
    printer.push();
    const left = printer.unprinted;
    reader.wake();
    await new Promise(setImmediate);
    printer.frame(FRAME);
    expect(printer.unprinted).toBe(left);
    await printer.finish(AbortSignal.abort());
    expect(reader.lines).toBe(report.formatted);
  });

  it('fails where the reader is gone', async () => {
    const gone = new OutputError(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }));
    const printer = new LivePrinter(countingReport(), { isTTY: false, columns: 80, write: () => Promise.reject(gone) });
    printer.frame(FRAME);
    printer.push();
    await new Promise(setImmediate);
    expect(() => printer.frame(FRAME)).toThrow(gone);
    await expect(printer.finish(AbortSignal.abort())).rejects.toBe(gone);
  });
});
