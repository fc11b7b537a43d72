/**
 * When a capture goes on in another file, and what that is called: tcpdump's -C, -G and -W.
 */

/** What was asked for. */
export interface RotationOptions {
  /** Bytes after which the next file begins (-C); null: whatever the size. */
  readonly maxBytes: number | null;
  /** Seconds after which the next file begins (-G), by the frames' own times; null: never. */
  readonly everySeconds: number | null;
  /** Files (-W): with `maxBytes` they are written over in turn, with `everySeconds` alone the capture ends after so many. */
  readonly maxFiles: number | null;
}

/** Goes from file to file. */
export class Rotation {
  readonly #path: string;
  readonly #options: RotationOptions;
  /** How many digits the numbers behind the names have; 0 where the first has no number. */
  readonly #digits: number;
  #count = 0;
  #files = 1;
  /** Of the first frame's time in this file; NaN before it. */
  #startedSeconds = Number.NaN;

  /** @param path the file as it was named; with `everySeconds` its `%` letters stand for the time */
  constructor(path: string, options: RotationOptions) {
    this.#path = path;
    this.#options = options;
    const numbered = options.maxBytes !== null && options.maxFiles !== null;
    this.#digits = numbered ? String((options.maxFiles as number) - 1).length : 0;
  }

  /** Files begun so far. */
  get files(): number {
    return this.#files;
  }

  /** The present file's name. @param seconds the time that its name tells, since 1970 */
  name(seconds: number): string {
    const { everySeconds } = this.#options;
    const base = everySeconds === null ? this.#path : timeName(this.#path, seconds);
    if (this.#count === 0 && this.#digits === 0) return base;
    return base + String(this.#count).padStart(this.#digits, '0');
  }

  /**
   * Whether a frame belongs into another file: the present one is full, or its time is over.
   *
   * @param bytes of the present file
   * @param seconds the frame's time; NaN where it has none
   * @returns `stay`, `next`, or `end` where there may be no more files
   */
  step(bytes: number, seconds: number): 'stay' | 'next' | 'end' {
    const { maxBytes, everySeconds, maxFiles } = this.#options;
    if (everySeconds !== null && !Number.isNaN(seconds)) {
      if (Number.isNaN(this.#startedSeconds)) this.#startedSeconds = seconds;
      if (seconds - this.#startedSeconds >= everySeconds) {
        if (maxBytes === null && maxFiles !== null && this.#files >= maxFiles) return 'end';
        this.#startedSeconds = seconds;
        this.#count = 0;
        this.#files++;
        return 'next';
      }
    }
    if (maxBytes === null || bytes <= maxBytes) return 'stay';
    this.#count++;
    if (maxFiles !== null && this.#count >= maxFiles) this.#count = 0;
    this.#files++;
    return 'next';
  }
}

/** A name with strftime's letters put in: those that make up dates, times and the zone's offset. In the machine's zone. */
function timeName(path: string, seconds: number): string {
  const date = new Date(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, '0');
  const year = String(date.getFullYear());
  const month = two(date.getMonth() + 1);
  const day = two(date.getDate());
  const clock = [two(date.getHours()), two(date.getMinutes()), two(date.getSeconds())] as const;
  const letters: Readonly<Record<string, string>> = {
    Y: year,
    y: year.slice(-2),
    m: month,
    d: day,
    F: `${year}-${month}-${day}`,
    H: clock[0],
    M: clock[1],
    S: clock[2],
    T: clock.join(':'),
    s: String(Math.floor(seconds)),
    j: String(dayOfYear(date)).padStart(3, '0'),
    '%': '%',
  };
  return path.replace(/%(.)/g, (all, letter: string) => letters[letter] ?? all);
}

function dayOfYear(date: Date): number {
  const day = Date.UTC(date.getFullYear(), date.getMonth(), date.getDate());
  return (day - Date.UTC(date.getFullYear(), 0, 0)) / 86_400_000;
}
