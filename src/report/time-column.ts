/**
 * The time at the start of a line, in tcpdump's six styles, in the zone of the machine (TZ), to the capture's precision.
 */
import type { Frame } from '../dissect/frame.js';
import { MAX_DATE_SECONDS } from './frame-time.js';
import type { TextSink } from './text-sink.js';

/** `clock` is tcpdump's own; `none` its -t, `epoch` -tt, `delta` -ttt, `date` -tttt, `since-first` -ttttt. */
export type TimeStyle = 'clock' | 'none' | 'epoch' | 'delta' | 'date' | 'since-first';

/** Writes the time column of frame after frame; deltas look back, so one column serves one run. */
export class TimeColumn {
  readonly #style: TimeStyle;
  /** How many of nine digits are shown. */
  readonly #digits: 6 | 9;
  #baseSeconds = Number.NaN;
  #baseNanoseconds = 0;
  #cachedSeconds = Number.NaN;
  #cachedText: string;
  /** Whether the cached second is a number, not a date. */
  #isNumber = false;

  /** @param style how; @param digits decimals of a second that the capture has */
  constructor(style: TimeStyle, digits: 6 | 9) {
    this.#style = style;
    this.#digits = digits;
    this.#cachedText = '';
  }

  /** Writes the column and the blank behind it; nothing for a frame without time. **Cost** a string a second. */
  write(frame: Frame, out: TextSink): void {
    const seconds = frame.seconds;
    if (Number.isNaN(seconds) || this.#style === 'none') return;
    if (this.#style === 'delta' || this.#style === 'since-first') {
      this.#delta(seconds, frame.nanoseconds, out);
      return;
    }
    if (seconds !== this.#cachedSeconds) {
      this.#cachedSeconds = seconds;
      this.#cachedText = this.#whole(seconds);
    }
    // Seconds are floored: before 1970, a decimal number counts its fraction the other way.
    const backwards = frame.nanoseconds > 0 && this.#isNumber && seconds < 0;
    out.text(backwards ? `-${-(seconds + 1)}` : this.#cachedText);
    this.#fraction(backwards ? 1_000_000_000 - frame.nanoseconds : frame.nanoseconds, out);
  }

  #fraction(nanoseconds: number, out: TextSink): void {
    out.text('.');
    out.padded(this.#digits === 9 ? nanoseconds : Math.floor(nanoseconds / 1000), this.#digits);
    out.text(' ');
  }

  #whole(seconds: number): string {
    this.#isNumber = this.#style === 'epoch' || Math.abs(seconds) > MAX_DATE_SECONDS;
    if (this.#isNumber) return String(seconds);
    const date = new Date(seconds * 1000);
    const clock = `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
    if (this.#style === 'clock') return clock;
    const year = String(date.getFullYear()).padStart(4, '0');
    return `${year}-${two(date.getMonth() + 1)}-${two(date.getDate())} ${clock}`;
  }

  #delta(seconds: number, nanoseconds: number, out: TextSink): void {
    if (Number.isNaN(this.#baseSeconds)) {
      this.#baseSeconds = seconds;
      this.#baseNanoseconds = nanoseconds;
    }
    let wholes = seconds - this.#baseSeconds;
    let fraction = nanoseconds - this.#baseNanoseconds;
    const negative = wholes < 0 || (wholes === 0 && fraction < 0);
    if (negative) {
      wholes = -wholes;
      fraction = -fraction;
    }
    if (fraction < 0) {
      wholes--;
      fraction += 1_000_000_000;
    }
    if (this.#style === 'delta') {
      this.#baseSeconds = seconds;
      this.#baseNanoseconds = nanoseconds;
    }
    const clock = `${two(Math.floor(wholes / 3600))}:${two(Math.floor(wholes / 60) % 60)}:${two(wholes % 60)}`;
    out.text(negative ? '-' : ' ');
    out.text(clock);
    this.#fraction(fraction, out);
  }
}

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}
