/**
 * What a pcapng file says was dropped: by interface, in statistics (draft-ietf-opsawg-pcapng, section 4.6: isb_ifdrop,
 * isb_osdrop, from the start of the capture on), and frame by frame (section 4.3: epb_dropcount; the obsolete block's
 * drops count). Both may tell of the same drops, so of each interface the larger one counts.
 */
import type { PcapngOptions } from './pcapng-options.js';

const COUNTER_LEN = 8;
const FRAME_DROPS = 4;
const INTERFACE_DROPS = 5;
const SYSTEM_DROPS = 7;
/** The obsolete block's word for not knowing. */
const UNKNOWN = 0xffff;

/** Drops by interface, as they are read. */
export class InterfaceDrops {
  /** By interface: as frames tell, and as statistics do. */
  readonly #byFrames: number[];
  readonly #byStatistics: number[];
  #isTold: boolean;

  constructor() {
    this.#byFrames = [];
    this.#byStatistics = [];
    this.#isTold = false;
  }

  /** Frames dropped; null where the file does not tell. */
  get total(): number | null {
    if (!this.#isTold) return null;
    let total = 0;
    for (let index = 0; index < Math.max(this.#byFrames.length, this.#byStatistics.length); index++) {
      total += Math.max(this.#byFrames[index] ?? 0, this.#byStatistics[index] ?? 0);
    }
    return total;
  }

  /** Reads a frame's options. **Cost** no allocation. */
  readFrame(index: number, options: PcapngOptions): void {
    const count = sum(options, FRAME_DROPS, FRAME_DROPS);
    if (count < 0) return;
    this.#isTold = true;
    this.#byFrames[index] = (this.#byFrames[index] ?? 0) + count;
  }

  /** Takes the drops of an obsolete block. */
  beforeObsolete(index: number, count: number): void {
    if (count === UNKNOWN) return;
    this.#isTold = true;
    this.#byFrames[index] = (this.#byFrames[index] ?? 0) + count;
  }

  /** Reads the options of an interface's statistics; later ones take in what earlier ones said. */
  readStatistics(index: number, options: PcapngOptions): void {
    const count = sum(options, INTERFACE_DROPS, SYSTEM_DROPS);
    if (count < 0) return;
    this.#isTold = true;
    this.#byStatistics[index] = Math.max(this.#byStatistics[index] ?? 0, count);
  }
}

/** The sum of two options' counters; -1 where neither is there. What is wrong with options ends them. */
function sum(options: PcapngOptions, one: number, other: number): number {
  let total = -1;
  while (options.next()) {
    const { code, len } = options;
    if ((code === one || code === other) && len === COUNTER_LEN) total = Math.max(total, 0) + options.uint64(0);
  }
  return total;
}
