/**
 * pcapng files (draft-ietf-opsawg-pcapng): sections, each with its own byte order and interfaces, and blocks.
 *
 * ```
 * any block           type 4 | total 4 | body, padded to 4 | total 4
 * section header      type | total | byte-order magic 4 | major 2 | minor 2 | section length 8 | options | total
 * interface           type | total | link type 2 | reserved 2 | snaplen 4 | options | total
 * enhanced            type | total | interface 4 | time 8 | captured 4 | on the wire 4 | bytes | options | total
 * packet (obsolete)   type | total | interface 2 | drops 2 | time 8 | captured 4 | on the wire 4 | bytes | options | total
 * simple              type | total | on the wire 4 | bytes | total
 * statistics          type | total | interface 4 | time 8 | options | total
 * ```
 * Of statistics we read between which times an interface was captured, and of them and of a frame's options what was
 * dropped. Names, comments and whatever we do not know are skipped, without being held in memory.
 */
import type { CaptureInterface, CaptureSpan, FrameBatch, SourceEnd } from '../source.js';
import type { ByteWindow } from './byte-window.js';
import { lengthFault, MAX_HEADER_BLOCK_LEN, TOTAL, TRAILER_LEN, trailerFault } from './pcapng-block.js';
import { InterfaceDrops } from './pcapng-drops.js';
import { INTERFACE_OPTIONS, MIN_INTERFACE_LEN, PcapngInterface } from './pcapng-interface.js';
import { PcapngOptions } from './pcapng-options.js';
import { SECTION_START_LEN, sectionFault, sectionStart } from './pcapng-section.js';
import { InterfaceSpan } from './pcapng-span.js';
import { MAX_FRAME_LIMIT, type RecordWalker } from './record-walker.js';

const SECTION_HEADER = 0x0a0d0d0a;
const INTERFACE = 1;
const OBSOLETE = 2;
const SIMPLE = 3;
const STATISTICS = 5;
const ENHANCED = 6;

const BLOCK_HEADER_LEN = 8;
const MIN_BLOCK_LEN = 12;

const INTERFACE_ID = 8;
const OBSOLETE_DROPS = 10;
const TIME_HIGH = 12;
const TIME_LOW = 16;
const CAPTURED_LEN = 20;
const WIRE_LEN = 24;
const ENHANCED_FRAME = 28;
const MIN_ENHANCED_LEN = 32;

const SIMPLE_WIRE_LEN = 8;
const SIMPLE_FRAME = 12;
const MIN_SIMPLE_LEN = 16;

const STATISTICS_OPTIONS = 20;
const MIN_STATISTICS_LEN = 24;

const OPTION_HEADER_LEN = 4;

/** The longest block of a frame: the longest frame, and 1 MiB of options. */
const MAX_FRAME_BLOCK_LEN = MAX_FRAME_LIMIT + 1_048_576;
/** The most interfaces of one file, over all its sections: it bounds memory. */
export const MAX_INTERFACES = 65_536;

/** Whether statistics are of a length that is worth holding; others are skipped. */
function isReadable(total: number): boolean {
  return lengthFault('statistics', total, MIN_STATISTICS_LEN, MAX_HEADER_BLOCK_LEN) === null;
}

/** The walk over a pcapng file's blocks, from its first section header on. */
export class PcapngWalker implements RecordWalker {
  readonly format: 'pcapng';
  timeDigits: 6 | 9;
  readonly interfaces: CaptureInterface[];
  needed: number;
  corrupt: SourceEnd | null;
  readonly #drops: InterfaceDrops;
  readonly #span: InterfaceSpan;
  /** Of the block at hand. */
  readonly #options: PcapngOptions;
  #little: boolean;
  /** Index in `interfaces` of the section's first interface. */
  #sectionBase = 0;
  /** What their frames are read by, by the index in `interfaces`. */
  readonly #known: PcapngInterface[];
  #frameSeen: boolean;
  /** Bytes of the block being skipped that are still to come, its trailing length left out; 0 outside of one. */
  #skipLeft = 0;
  /** Of the block being skipped: its length, and where it starts in the file. Length 0 outside of one. */
  #skipTotal = 0;
  #skipAt = 0;

  constructor() {
    this.format = 'pcapng';
    this.timeDigits = 6;
    this.interfaces = [];
    this.needed = 0;
    this.corrupt = null;
    this.#drops = new InterfaceDrops();
    this.#span = new InterfaceSpan();
    this.#options = new PcapngOptions();
    this.#little = true;
    this.#known = [];
    this.#frameSeen = false;
  }

  get span(): CaptureSpan | null {
    return this.#span.shared;
  }

  get drops(): number | null {
    return this.#drops.total;
  }

  prepare(): void {
    // No column is the same for every frame: interfaces may differ.
  }

  walk(window: ByteWindow, batch: FrameBatch): void {
    const { view, end } = window;
    const capacity = batch.at.length;
    batch.bytes = window.bytes;
    batch.count = 0;
    this.needed = 0;
    while (batch.count < capacity && this.corrupt === null) {
      if (this.#skipTotal > 0) {
        if (!this.#skip(window)) return;
        continue;
      }
      const at = window.start;
      if (end - at < BLOCK_HEADER_LEN) {
        this.needed = BLOCK_HEADER_LEN;
        return;
      }
      const type = view.getUint32(at, this.#little);
      const total = view.getUint32(at + TOTAL, this.#little);
      let whole: boolean;
      if (type === ENHANCED || type === OBSOLETE) whole = this.#enhanced(window, batch, type, total);
      else if (type === SIMPLE) whole = this.#simple(window, batch, total);
      else if (type === SECTION_HEADER) whole = this.#section(window);
      else if (type === INTERFACE) whole = this.#interface(window, total);
      else if (type === STATISTICS && isReadable(total)) whole = this.#statistics(window, total);
      else whole = this.#startSkip(window, total);
      if (!whole) return;
    }
  }

  finish(window: ByteWindow): SourceEnd {
    const left = window.left;
    if (this.#skipTotal > 0) {
      const there = this.#skipTotal - TRAILER_LEN - this.#skipLeft + left;
      return { ended: 'cut', at: this.#skipAt, reason: `block needs ${this.#skipTotal} bytes, ${there} are left` };
    }
    if (left === 0) return { ended: 'complete', at: window.position, reason: '' };
    const what = left < BLOCK_HEADER_LEN ? 'block header' : 'block';
    return { ended: 'cut', at: window.position, reason: `${what} needs ${this.needed} bytes, ${left} are left` };
  }

  /** Takes an enhanced or an obsolete packet block. @returns false where bytes are missing, or it is corrupt */
  #enhanced(window: ByteWindow, batch: FrameBatch, type: number, total: number): boolean {
    const at = window.start;
    const view = window.view;
    const little = this.#little;
    const fault = lengthFault('frame', total, MIN_ENHANCED_LEN, MAX_FRAME_BLOCK_LEN);
    if (fault !== null) return this.#fail(window, fault);
    // What the fixed part contradicts is found before the rest is waited for.
    if (!this.#arrived(window, ENHANCED_FRAME, total)) return false;
    const id =
      type === ENHANCED ? view.getUint32(at + INTERFACE_ID, little) : view.getUint16(at + INTERFACE_ID, little);
    const index = this.#sectionBase + id;
    const known = this.#known[index];
    if (known === undefined) return this.#noInterface(window, id);
    const { clock } = known;
    const capturedLen = view.getUint32(at + CAPTURED_LEN, little);
    if (!this.#frameFits(window, total - MIN_ENHANCED_LEN, capturedLen, known.limit)) return false;
    if (!this.#wholeBlock(window, 'frame', total)) return false;
    clock.set(view.getUint32(at + TIME_HIGH, little), view.getUint32(at + TIME_LOW, little));
    const row = batch.count++;
    batch.at[row] = at + ENHANCED_FRAME;
    batch.capturedLen[row] = capturedLen;
    batch.wireLen[row] = view.getUint32(at + WIRE_LEN, little);
    batch.seconds[row] = clock.seconds;
    batch.nanoseconds[row] = clock.nanoseconds;
    batch.linkType[row] = known.described.linkType;
    batch.interfaceId[row] = index;
    this.#frameSeen = true;
    if (type === OBSOLETE) this.#drops.beforeObsolete(index, view.getUint16(at + OBSOLETE_DROPS, little));
    const options = at + ENHANCED_FRAME + ((capturedLen + 3) & ~3);
    const end = at + total - TRAILER_LEN;
    if (end - options >= OPTION_HEADER_LEN) {
      this.#options.begin(view, options, end, little);
      this.#drops.readFrame(index, this.#options);
    }
    window.start = at + total;
    return true;
  }

  #simple(window: ByteWindow, batch: FrameBatch, total: number): boolean {
    const at = window.start;
    const fault = lengthFault('frame', total, MIN_SIMPLE_LEN, MAX_FRAME_BLOCK_LEN);
    if (fault !== null) return this.#fail(window, fault);
    if (!this.#arrived(window, SIMPLE_FRAME, total)) return false;
    const index = this.#sectionBase;
    const known = this.#known[index];
    if (known === undefined) return this.#noInterface(window, 0);
    const wireLen = window.view.getUint32(at + SIMPLE_WIRE_LEN, this.#little);
    const { snaplen, linkType } = known.described;
    const capturedLen = snaplen === 0 ? wireLen : Math.min(wireLen, snaplen);
    if (!this.#frameFits(window, total - MIN_SIMPLE_LEN, capturedLen, known.limit)) return false;
    if (!this.#wholeBlock(window, 'frame', total)) return false;
    const row = batch.count++;
    batch.at[row] = at + SIMPLE_FRAME;
    batch.capturedLen[row] = capturedLen;
    batch.wireLen[row] = wireLen;
    batch.seconds[row] = Number.NaN;
    batch.nanoseconds[row] = 0;
    batch.linkType[row] = linkType;
    batch.interfaceId[row] = index;
    this.#frameSeen = true;
    window.start = at + total;
    return true;
  }

  #section(window: ByteWindow): boolean {
    if (!this.#arrived(window, SECTION_START_LEN, SECTION_START_LEN)) return false;
    const start = sectionStart(window.view, window.start);
    if (start.fault !== null) return this.#fail(window, start.fault);
    if (!this.#arrived(window, start.total, start.total)) return false;
    const fault = sectionFault(window.view, window.start, start);
    if (fault !== null) return this.#fail(window, fault);
    this.#little = start.little;
    this.#sectionBase = this.interfaces.length;
    window.start += start.total;
    return true;
  }

  #interface(window: ByteWindow, total: number): boolean {
    const fault = lengthFault('interface', total, MIN_INTERFACE_LEN, MAX_HEADER_BLOCK_LEN);
    if (fault !== null) return this.#fail(window, fault);
    if (!this.#wholeBlock(window, 'interface', total)) return false;
    if (this.interfaces.length === MAX_INTERFACES) {
      return this.#fail(window, `interface: more than ${MAX_INTERFACES} in one file`);
    }
    const { view, start } = window;
    const options = this.#options;
    options.begin(view, start + INTERFACE_OPTIONS, start + total - TRAILER_LEN, this.#little);
    const known = new PcapngInterface(view, start, this.#little, options);
    if (options.fault !== null) return this.#fail(window, `interface: ${options.fault}`);
    this.interfaces.push(known.described);
    this.#known.push(known);
    // Text that has begun with six digits goes on with six.
    if (known.clock.fine && !this.#frameSeen) this.timeDigits = 9;
    window.start += total;
    return true;
  }

  /** Takes statistics: when an interface was captured, and what was dropped. What is wrong with them is no frame's. */
  #statistics(window: ByteWindow, total: number): boolean {
    if (!this.#wholeBlock(window, 'statistics', total)) return false;
    const { view, start } = window;
    const index = this.#sectionBase + view.getUint32(start + INTERFACE_ID, this.#little);
    const known = this.#known[index];
    if (known !== undefined) {
      const [from, end] = [start + STATISTICS_OPTIONS, start + total - TRAILER_LEN];
      this.#options.begin(view, from, end, this.#little);
      this.#drops.readStatistics(index, this.#options);
      this.#options.begin(view, from, end, this.#little);
      this.#span.read(this.#options, known.clock);
    }
    window.start += total;
    return true;
  }

  #startSkip(window: ByteWindow, total: number): boolean {
    const fault = lengthFault('block', total, MIN_BLOCK_LEN, Number.POSITIVE_INFINITY);
    if (fault !== null) return this.#fail(window, fault);
    this.#skipAt = window.position;
    this.#skipTotal = total;
    this.#skipLeft = total - TRAILER_LEN;
    return true;
  }

  /** Goes on skipping. @returns false where bytes are missing, or the block is corrupt */
  #skip(window: ByteWindow): boolean {
    const step = Math.min(this.#skipLeft, window.left);
    window.start += step;
    this.#skipLeft -= step;
    if (this.#skipLeft > 0) {
      this.needed = 1;
      return false;
    }
    if (!this.#arrived(window, TRAILER_LEN, TRAILER_LEN)) return false;
    const trailer = window.view.getUint32(window.start, this.#little);
    const fault = trailerFault('block', this.#skipTotal, trailer);
    if (fault !== null) {
      this.corrupt = { ended: 'corrupt', at: this.#skipAt, reason: fault };
      return false;
    }
    window.start += TRAILER_LEN;
    this.#skipTotal = 0;
    return true;
  }

  /** Whether a frame is no longer than it may be, and than the `room` in its block; notes it where it is. */
  #frameFits(window: ByteWindow, room: number, capturedLen: number, limit: number): boolean {
    if (capturedLen > limit) {
      return this.#fail(window, `frame: block claims a frame of ${capturedLen} bytes, the limit is ${limit}`);
    }
    if (capturedLen <= room) return true;
    return this.#fail(window, `frame: ${capturedLen} bytes in a block that has room for ${room}`);
  }

  /** Whether a block is there as a whole, and ends with its own length. */
  #wholeBlock(window: ByteWindow, what: string, total: number): boolean {
    if (!this.#arrived(window, total, total)) return false;
    const trailer = window.view.getUint32(window.start + total - TRAILER_LEN, this.#little);
    if (trailer === total) return true;
    return this.#fail(window, trailerFault(what, total, trailer) as string);
  }

  /** Whether `len` bytes of a block of `total` are there. */
  #arrived(window: ByteWindow, len: number, total: number): boolean {
    if (window.left >= len) return true;
    this.needed = total;
    return false;
  }

  #noInterface(window: ByteWindow, id: number): boolean {
    const count = this.interfaces.length - this.#sectionBase;
    return this.#fail(window, `frame: names interface ${id}, its section has ${count}`);
  }

  #fail(window: ByteWindow, reason: string): false {
    this.corrupt = { ended: 'corrupt', at: window.position, reason };
    return false;
  }
}
