/**
 * Between which times a pcapng file's interfaces were captured, as their statistics tell (draft-ietf-opsawg-pcapng,
 * section 4.6: isb_starttime, isb_endtime).
 */
import type { CaptureSpan } from '../source.js';
import type { PcapngOptions } from './pcapng-options.js';
import type { PcapngClock } from './pcapng-time.js';

const START_TIME = 2;
const END_TIME = 3;
const TIME_LEN = 8;

/** The time that all interfaces share. */
export class InterfaceSpan {
  /** ns since 1970; null where nothing tells. */
  #fromNs: bigint | null;
  #untilNs: bigint | null;

  constructor() {
    this.#fromNs = null;
    this.#untilNs = null;
  }

  /** When all interfaces were being captured; null where statistics do not tell. */
  get shared(): CaptureSpan | null {
    const [fromNs, untilNs] = [this.#fromNs ?? this.#untilNs, this.#untilNs ?? this.#fromNs];
    return fromNs === null || untilNs === null || fromNs > untilNs ? null : { fromNs, untilNs };
  }

  /** Reads the options of an interface's statistics. @param clock the interface's */
  read(options: PcapngOptions, clock: PcapngClock): void {
    while (options.next()) {
      const { code, len } = options;
      if ((code !== START_TIME && code !== END_TIME) || len !== TIME_LEN) continue;
      clock.set(options.uint32(0), options.uint32(4));
      const ns = BigInt(clock.seconds) * 1_000_000_000n + BigInt(clock.nanoseconds);
      if (code === START_TIME && (this.#fromNs === null || ns > this.#fromNs)) this.#fromNs = ns;
      if (code === END_TIME && (this.#untilNs === null || ns < this.#untilNs)) this.#untilNs = ns;
    }
  }
}
