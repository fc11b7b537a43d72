/**
 * An interface of pcapng (draft-ietf-opsawg-pcapng, section 4.2): what its block says, and what its frames are read by.
 */
import type { CaptureInterface } from '../source.js';
import type { PcapngOptions } from './pcapng-options.js';
import { DEFAULT_RESOLUTION, PcapngClock } from './pcapng-time.js';
import { frameLimit } from './record-walker.js';

const LINK_TYPE = 8;
const SNAPLEN = 12;
/** Where the block's options start. */
export const INTERFACE_OPTIONS = 16;
export const MIN_INTERFACE_LEN = 20;
const OPTION_NAME = 2;
const OPTION_RESOLUTION = 9;
const OPTION_OFFSET = 14;

/** One interface. */
export class PcapngInterface {
  readonly described: CaptureInterface;
  readonly clock: PcapngClock;
  /** Bytes of the longest frame that is read from it. */
  readonly limit: number;

  /**
   * Reads the block.
   *
   * @param at where it starts; it is there as a whole
   * @param options of the block; afterwards they tell whether one of them is broken
   */
  constructor(view: DataView, at: number, little: boolean, options: PcapngOptions) {
    let name: string | null = null;
    let resolution = DEFAULT_RESOLUTION;
    let offset = 0;
    while (options.next()) {
      const { code, len } = options;
      if (code === OPTION_NAME) name = options.text;
      else if (code === OPTION_RESOLUTION && len >= 1) resolution = options.uint8(0);
      else if (code === OPTION_OFFSET && len >= 8) offset = options.int64(0);
    }
    const linkType = view.getUint16(at + LINK_TYPE, little);
    const snaplen = view.getUint32(at + SNAPLEN, little);
    this.described = { linkType, snaplen, name };
    this.clock = new PcapngClock(resolution, offset);
    this.limit = frameLimit(snaplen);
  }
}
