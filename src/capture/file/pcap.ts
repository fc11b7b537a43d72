/**
 * Classic pcap files (draft-ietf-opsawg-pcap): microseconds or nanoseconds, either byte order, and Kuznetzov's
 * modified records.
 *
 * ```
 * file     magic 4 | major 2 | minor 2 | reserved 8 | snaplen 4 | FCS and link type 4
 * record   seconds 4 | fraction 4 | captured 4 | on the wire 4 | bytes
 * modified ... on the wire 4 | interface 4 | protocol 2 | type 1 | pad 1 | bytes
 * ```
 */
import { instantiate } from '../../assembly/memory.js';
import type { CaptureInterface, FrameBatch, SourceEnd } from '../source.js';
import type { ByteWindow } from './byte-window.js';
import { Magic } from './magic.js';
import { code } from './pcap.wasm';
import { CAPTURED_LEN, FRACTION, HEADER_LEN, WIRE_LEN } from './pcap-record.js';
import { frameLimit, type RecordWalker } from './record-walker.js';

/** Bytes of the file header. */
export const FILE_HEADER_LEN = 24;
/** The one version that is read. */
export const MAJOR_VERSION = 2;
const MAJOR = 4;
const SNAPLEN = 16;
const LINK_TYPE = 20;
/** The upper half of the field is about the frame check sequence. */
const LINK_TYPE_MASK = 0xffff;

const MODIFIED_HEADER_LEN = 24;

/** As pcap.as.ts says. */
type Walk = (from: number, end: number, limit: number, perSecond: number, nanosecondsEach: number) => number;

/** Whether a magic is of a classic pcap file. */
export function isPcap(magic: Magic): boolean {
  return magic >= Magic.PcapLittle && magic <= Magic.PcapModifiedBig;
}

/** The major version in a file header of 24 bytes. @returns 0..65,535 */
export function majorVersion(view: DataView, magic: Magic): number {
  return view.getUint16(MAJOR, isLittle(magic));
}

function isLittle(magic: Magic): boolean {
  return magic === Magic.PcapLittle || magic === Magic.PcapNanoLittle || magic === Magic.PcapModifiedLittle;
}

/** The walk over a classic file's records. */
export class PcapWalker implements RecordWalker {
  readonly format = 'pcap';
  readonly span = null;
  readonly timeDigits: 6 | 9;
  readonly interfaces: readonly CaptureInterface[];
  needed: number;
  corrupt: SourceEnd | null;
  readonly drops: null;
  readonly #little: boolean;
  readonly #headerLen: number;
  readonly #limit: number;
  readonly #linkType: number;
  /** Over the bytes that are walked; null where it does not apply. */
  #walk: Walk | null;
  #bytes: Uint8Array;

  /**
   * @param view starts with a file header of 24 bytes
   * @param magic what its first four bytes are
   */
  constructor(view: DataView, magic: Magic) {
    const little = isLittle(magic);
    const nano = magic === Magic.PcapNanoLittle || magic === Magic.PcapNanoBig;
    const modified = magic === Magic.PcapModifiedLittle || magic === Magic.PcapModifiedBig;
    const snaplen = view.getUint32(SNAPLEN, little);
    this.#linkType = view.getUint32(LINK_TYPE, little) & LINK_TYPE_MASK;
    this.timeDigits = nano ? 9 : 6;
    this.interfaces = [{ linkType: this.#linkType, snaplen, name: null }];
    this.needed = 0;
    this.corrupt = null;
    this.drops = null;
    this.#little = little;
    this.#headerLen = modified ? MODIFIED_HEADER_LEN : HEADER_LEN;
    this.#limit = frameLimit(snaplen);
    this.#walk = null;
    this.#bytes = new Uint8Array(0);
  }

  prepare(batch: FrameBatch): void {
    batch.linkType.fill(this.#linkType);
    batch.interfaceId.fill(0);
  }

  walk(window: ByteWindow, batch: FrameBatch): void {
    const { view, end } = window;
    const { at: ats, capturedLen: capturedLens, wireLen: wireLens, seconds, nanoseconds } = batch;
    const capacity = ats.length;
    const little = this.#little;
    const headerLen = this.#headerLen;
    const limit = this.#limit;
    const perSecond = this.timeDigits === 9 ? 1_000_000_000 : 1_000_000;
    const nanosecondsEach = this.timeDigits === 9 ? 1 : 1000;
    if (window.bytes !== this.#bytes) this.#hold(window.bytes);
    let at = window.start;
    let count = this.#walk?.(at, end, limit, perSecond, nanosecondsEach) ?? 0;
    if (count > 0) at = (ats[count - 1] as number) + (capturedLens[count - 1] as number);
    this.needed = 0;
    while (count < capacity) {
      if (end - at < headerLen) {
        this.needed = headerLen;
        break;
      }
      const capturedLen = view.getUint32(at + CAPTURED_LEN, little);
      if (capturedLen > limit) {
        const reason = `record claims a frame of ${capturedLen} bytes, the limit is ${limit}`;
        this.corrupt = { ended: 'corrupt', at: window.offset + at, reason };
        break;
      }
      const frameAt = at + headerLen;
      const next = frameAt + capturedLen;
      if (next > end) {
        this.needed = headerLen + capturedLen;
        break;
      }
      let second = view.getUint32(at, little);
      let fraction = view.getUint32(at + FRACTION, little);
      if (fraction >= perSecond) {
        // Not legal, but writers with a carry missing exist: the sum is still the time.
        const carried = Math.floor(fraction / perSecond);
        second += carried;
        fraction -= carried * perSecond;
      }
      ats[count] = frameAt;
      capturedLens[count] = capturedLen;
      wireLens[count] = view.getUint32(at + WIRE_LEN, little);
      seconds[count] = second;
      nanoseconds[count] = fraction * nanosecondsEach;
      count++;
      at = next;
    }
    window.start = at;
    batch.bytes = window.bytes;
    batch.count = count;
  }

  /** Takes other bytes. A batch beside them has its columns there, too. */
  #hold(bytes: Uint8Array): void {
    this.#bytes = bytes;
    const isPlain = this.#little && this.#headerLen === HEADER_LEN;
    this.#walk = isPlain ? (instantiate<{ walk: Walk }>(bytes, code)?.walk ?? null) : null;
  }

  finish(window: ByteWindow): SourceEnd {
    const left = window.left;
    if (left === 0) return { ended: 'complete', at: window.position, reason: '' };
    const what = left < this.#headerLen ? 'record header' : 'record';
    return { ended: 'cut', at: window.position, reason: `${what} needs ${this.needed} bytes, ${left} are left` };
  }
}
